"""What commands say in German and in Japanese, and what they say to machines."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from rich.cells import cell_len

from hwlock import errors
from hwlock.cli.words import columns, label, padded, plural
from hwlock.errors import Finding
from hwlock.exchange.diagnostic import Diagnosed
from hwlock.testing.host_tree import DESKTOP
from tests.story.actors import Actor, Clock, at_desk, at_machine


@pytest.fixture
def people(tmp_path: Path) -> tuple[Actor, Actor, Clock]:
    """Return the vendor's desk, somebody whose machine is licensed there, and their clock."""
    clock = Clock()
    vendor = at_desk(tmp_path / "vendor", clock)
    product, asked, answered = (tmp_path / name for name in ("a.hwproduct", "a.hwreq", "a.hwres"))
    vendor.does("vendor", "product", "export", "acme-cad", "-o", product)
    sale = ("--product", "acme-cad", "--customer", "Meyer", "--days", "30", "--bind", "host")
    key = vendor.does("vendor", "entitlement", "add", *sale)["key"]
    person = at_machine(tmp_path / "m", clock, DESKTOP)
    person.does("request", "--product", product, "--key", key, "-o", asked)
    vendor.does("respond", asked, "-o", answered)
    person.does("activate", answered)
    return vendor, person, clock


@pytest.mark.parametrize(
    ("language", "ok", "lines"),
    [
        ("en", "ok:   ", ("store: licenses are kept in ", "acme-cad: it is licensed")),
        ("de", "ok:      ", ("Ablage: Lizenzen liegen in ", "acme-cad: es ist lizenziert")),
        ("ja", "正常: ", ("ストア: ライセンスの保管場所: ", "acme-cad: ライセンスは有効です")),
    ],
)
def test_doctor_speaks(people, tmp_path, language, ok, lines):
    """What is well and what is not, and the file for support."""
    _, person, _ = people
    with errors.speaking(language):
        told = person.types("doctor", "-o", tmp_path / "a.hwdiag")
    assert told.status == 0, told.out
    for line in lines:
        assert ok + line in told.out
    assert "licensed" not in told.out or language == "en"
    assert str(tmp_path / "a.hwdiag") in told.out


def test_a_file_for_support_is_read_in_the_language_of_who_reads_it(people, tmp_path):
    """Written by somebody who speaks Japanese, read by a German; their own words come back."""
    vendor, person, _ = people
    with errors.speaking("ja"):
        person.types("doctor", "-o", tmp_path / "a.hwdiag")
    with errors.speaking("de"):
        told = vendor.types("inspect", tmp_path / "a.hwdiag")
    assert "läuft:            ja, aktiv\n" in told.out
    assert "Ursache wohl:     mit dieser Lizenz ist alles in Ordnung" in told.out
    with errors.speaking("ja"):
        told = vendor.types("inspect", tmp_path / "a.hwdiag")
    assert "実行可否:           はい, 有効\n" in told.out


def test_a_line_of_a_file_is_said_when_it_is_read():
    """The file holds the code and what it names."""
    line = Diagnosed(
        what="acme-cad",
        mark="mind",
        code="HWL-TERM-ENDING",
        details=(("day", "2026-12-24"), ("days", 1)),
    )
    with errors.speaking("de"):
        assert line.said == "die Lizenz endet am 2026-12-24; noch 1 Tag"
    assert line.said == "the license ends on 2026-12-24; 1 day left"


@pytest.mark.parametrize("language", errors.LANGUAGES)
@pytest.mark.parametrize("command", ["check", "status", "doctor", "device list"])
def test_json_is_the_same_in_every_language(people, language, command):
    """Nothing that a script reads depends on who runs it; afterwards the language is back."""
    _, person, _ = people
    words = (*command.split(), "--json")
    english = person.types(*words).out
    with errors.speaking(language):
        assert person.types(*words).out == english
        assert Finding("HWL-DOCTOR-LICENSED", "note").message != "it is licensed"
    assert json.loads(english)


def test_json_of_an_error_is_english(people):
    """Also what a command ends with."""
    _, person, _ = people
    with errors.speaking("de"):
        told = person.types("check", "--product", "other-cad", "--json")
    assert json.loads(told.out)["error"]["message"] == "this machine knows no product other-cad"


@pytest.mark.parametrize(
    ("days", "english", "german", "japanese"),
    [
        (29, "(1 day left)", "(noch 1 Tag)", "(残り 1 日)"),
        (27, "(3 days left)", "(noch 3 Tage)", "(残り 3 日)"),
    ],
)
def test_days_are_counted(people, days, english, german, japanese):
    """One day, and three."""
    _, person, clock = people
    clock.ahead = timedelta(days=days)
    for language, said in (("en", english), ("de", german), ("ja", japanese)):
        with errors.speaking(language):
            assert said in person.types("check").out


@pytest.mark.parametrize("text", ["kind:", "Sicherheitsstufe:", "種類:", "ｱﾄ", "e\u0301", ""])
def test_columns_are_those_of_a_terminal(text):
    """Kana and ideographs take two columns, half-width kana one, accents none."""
    assert columns(text) == cell_len(text)
    assert columns(padded(text, 20)) == 20
    assert padded(text, 1).startswith(text + " ")


def test_values_stand_below_each_other_in_every_language(people, tmp_path):
    """The names before them are of any script."""
    vendor, _, _ = people
    vendor.types("vendor", "product", "export", "acme-cad", "-o", tmp_path / "p.hwproduct")
    for language in ("en", *errors.LANGUAGES):
        with errors.speaking(language):
            lines = vendor.types("inspect", tmp_path / "p.hwproduct").out.splitlines()
        names = [line[: len(line) - len(line.partition(":")[2].lstrip())] for line in lines]
        assert len(lines) > 4
        assert len({columns(name) for name in names}) == 1, language


def test_a_fact_that_is_numbered_keeps_its_number():
    """The second license is the second in every language."""
    with errors.speaking("de"):
        assert (label("license 2"), label("license")) == ("Lizenz 2", "Lizenz")
        assert plural("{n} answer set it", "{n} answers set it", 2) == "2 Antworten stellten sie"


def test_tables_hold_names_of_any_script(people):
    """A customer's name in ideographs moves no column of the desk's tables."""
    vendor, _, _ = people
    sale = ("--product", "acme-cad", "--days", "30", "--bind", "host", "--customer")
    vendor.does("vendor", "entitlement", "add", *sale, "株式会社アクメ")
    lines = vendor.types("vendor", "entitlement", "list").out.splitlines()
    places = {cell_len(line[: line.index("acme-cad")]) for line in lines if "acme-cad" in line}
    ends = {
        cell_len(line[: line.index(name) + len(name)].rstrip()) - cell_len(name)
        for line in lines
        for name in ("Meyer", "株式会社アクメ")
        if name in line
    }
    assert len([line for line in lines if "acme-cad" in line]) == 2
    assert (len(places), len(ends)) == (1, 1)
