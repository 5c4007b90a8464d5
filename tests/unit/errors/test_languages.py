"""Sentences in other languages say what the English ones say; English costs nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import catalogs as tool
import pytest

from hwlock import errors
from hwlock.errors import Finding, UsageError, catalogs
from hwlock.errors.table import TABLE

FOLDER = Path(catalogs.SHIPPED)
VARIABLES = ("HWLOCK_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
TYPED = re.compile(
    r"--[a-z]+|[A-Z]+_[A-Z0-9_]+"
    r"|hwlock (?:activate|check|demo|device|doctor|inspect|request|return|status|vendor)\b"
)
NONE = Finding("HWL-LICENSE-NONE", "deny", product="acme-cad")
ENGLISH = "there is no license for acme-cad on this machine"
GERMAN = "auf diesem Rechner ist keine Lizenz für acme-cad"


@pytest.fixture(autouse=True)
def _english_again():
    """Speak English after each test."""
    yield
    errors.speak("en")


@pytest.fixture
def environ(monkeypatch):
    """Return what sets the variables that choose a language, and clears the others."""

    def set_to(**variables):
        for name in VARIABLES:
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return errors.speak()

    return set_to


def write(folder, language, source):
    """Write the catalog of a language under `folder`."""
    path = folder / language / "LC_MESSAGES" / "hwlock.po"
    path.parent.mkdir(parents=True)
    path.write_text(source, encoding="utf-8")
    return path


def entry(text):
    """Return the source of an entry of HWL-LICENSE-NONE."""
    english = TABLE["HWL-LICENSE-NONE"][1]
    return f'msgctxt "HWL-LICENSE-NONE"\nmsgid "{english}"\nmsgstr "{text}"\n'


# --- the catalogs of hwlock ------------------------------------------------------------


@pytest.fixture(scope="module", params=errors.LANGUAGES)
def catalog(request):
    """Return each catalog that comes with hwlock, read."""
    return catalogs.read(catalogs.SHIPPED, request.param)


def test_every_catalog_is_known():
    """The languages that are looked for are the folders that there are."""
    assert sorted(errors.LANGUAGES) == sorted(path.name for path in FOLDER.iterdir())


def test_no_entry_is_stale(catalog):
    """Every entry is of a code that exists, and of the English that stands in the table."""
    assert tool.stale(catalog) == []


def test_every_catalog_is_of_use(catalog):
    """At least 120 codes are translated, each with its hint."""
    contexts = {context for context, _ in catalog}
    codes = {context for context in contexts if not context.endswith(".hint")}
    assert len(codes) >= 120
    assert {code for code in codes if TABLE[code][2]} == {
        context.removesuffix(".hint") for context in contexts - codes
    }


def test_a_translation_is_written_like_the_english(catalog):
    """Printable, one line, without a full stop; what is filled in is the same."""
    for (context, english), text in catalog.items():
        assert text.isprintable(), context
        assert text == text.strip() and "  " not in text, context
        assert not text.endswith((".", "。")), context
        assert catalogs.particulars(text) == catalogs.particulars(english), context
        assert "}" not in catalogs.particulars(text), context


def test_commands_are_not_translated(catalog):
    """A command that a hint names is typed as it is in every language."""
    for (context, english), text in catalog.items():
        assert set(TYPED.findall(english)) == set(TYPED.findall(text)), context


def test_every_english_template_can_be_translated():
    """No sentence has a brace that the reader would take for another particular."""
    for context, english in tool.entries():
        assert "}" not in catalogs.particulars(english), context


def test_the_template_is_a_catalog_of_everything():
    """hwlock.pot is read by the same reader, and has no translation yet."""
    assert catalogs.parse(tool.template(), "hwlock.pot") == {}
    for context, _ in tool.entries():
        assert f'msgctxt "{context}"' in tool.template()
    assert len(tool.missing({})) == len(set(tool.entries()))


# --- which language --------------------------------------------------------------------


def test_a_finding_is_said_in_the_language_that_is_spoken():
    """A finding has no language of its own: it is said when it is read."""
    assert NONE.message == ENGLISH
    assert errors.speak("de") == "de"
    assert NONE.message == GERMAN
    assert NONE.hint.startswith("erstellen Sie eine Anforderung mit: hwlock request")
    assert errors.speak("ja") == "ja"
    assert NONE.message == "このマシンには acme-cad のライセンスがありません"
    assert NONE.code == "HWL-LICENSE-NONE"


def test_an_error_keeps_its_language():
    """What was raised and logged does not change afterwards."""
    errors.speak("de")
    error = errors.DeniedError("HWL-FEATURE-MISSING", feature="sim")
    errors.speak("en")
    assert str(error) == error.message == "die Lizenz umfasst die Funktion sim nicht"
    assert error.hint == "bitten Sie den Hersteller um eine Lizenz mit sim"


@pytest.mark.parametrize(
    ("variables", "spoken"),
    [
        ({}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "de"),
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "de_AT@euro"}, "de"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": ""}, "de"),
        ({"LANG": "de_DE.UTF-8", "LC_MESSAGES": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "de_DE.UTF-8", "HWLOCK_LANG": "en"}, "en"),
        ({"HWLOCK_LANG": "de"}, "de"),
        ({"HWLOCK_LANG": "../../de"}, "en"),
    ],
)
def test_the_environment_chooses(environ, variables, spoken):
    """HWLOCK_LANG, else LC_ALL, else LC_MESSAGES, else LANG; the first that is not empty."""
    assert environ(**variables) == spoken


@pytest.mark.parametrize("name", ["de", "DE", "de-DE", "de_CH.ISO-8859-1"])
def test_a_language_has_several_names(name):
    """Names are taken as gettext, browsers and window systems write them."""
    assert errors.speak(name) == "de"


def test_a_language_that_nobody_has_is_english():
    """An application may pass on whatever its user chose."""
    errors.speak("de")
    assert errors.speak("tlh") == "en"
    assert NONE.message == ENGLISH


def test_what_is_not_translated_is_english(tmp_path):
    """A catalog may be a small one."""
    write(tmp_path, "de", entry("nichts für {product}"))
    errors.speak("de", folder=str(tmp_path))
    assert NONE.message == "nichts für acme-cad"
    assert NONE.hint.startswith("make a request with")


def test_english_loads_nothing():
    """Who speaks English, or a language that we lack, pays for no catalog."""
    program = (
        "import sys; from hwlock.errors import Finding; "
        "before = set(sys.modules); "
        "Finding('HWL-LICENSE-NONE', 'deny', product='x').message; "
        "print(*sorted(set(sys.modules) - before))"
    )
    for language in ("en_US.UTF-8", "C", "fr_FR.UTF-8"):
        environ = {name: value for name, value in os.environ.items() if name not in VARIABLES}
        run = subprocess.run(
            [sys.executable, "-I", "-c", program],
            env={**environ, "LANG": language},
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout.split() == ["hwlock.errors.table"]


# --- catalogs of vendors, and damaged ones -----------------------------------------------


def test_a_vendor_adds_a_language(tmp_path):
    """A folder of the application is asked first, and hwlock's own languages stay."""
    write(tmp_path, "fr", entry("{product} : aucune licence ici"))
    assert errors.speak("fr_FR", folder=str(tmp_path)) == "fr"
    assert NONE.message == "acme-cad : aucune licence ici"
    assert errors.speak("de", folder=str(tmp_path)) == "de"
    assert NONE.message == GERMAN


def test_the_environment_cannot_lead_out_of_a_folder(environ, tmp_path, monkeypatch):
    """A language is a name, and never a path."""
    write(tmp_path / "outside", "de", entry("{product}"))
    monkeypatch.setenv("HWLOCK_LANG", "../outside/de")
    (tmp_path / "inside").mkdir()
    assert errors.speak(folder=str(tmp_path / "inside")) == "en"


GOOD = entry("nichts für {product}")


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        (entry("nichts"), "line 1: HWL-LICENSE-NONE names other particulars"),
        (entry("{product.__class__}"), "line 1: HWL-LICENSE-NONE names other particulars"),
        (entry("{product!r}"), "line 1: HWL-LICENSE-NONE names other particulars"),
        (entry("{product} {"), "line 1: HWL-LICENSE-NONE names other particulars"),
        (entry("{product} }"), "line 1: HWL-LICENSE-NONE names other particulars"),
        (GOOD + "\n" + GOOD, "line 5: HWL-LICENSE-NONE stands there twice"),
        (GOOD + GOOD, "line 4: msgctxt is not expected"),
        (GOOD + 'msgid_plural "x"\n', "line 4: msgid_plural is not expected"),
        ('msgid "x"\n', "line 1: the entry is not whole"),
        ('"x"\n', "line 1: no text in quotes"),
        ('\n\nmsgid "x\n', "line 3: no text in quotes"),
        ('msgid "x"y"\nmsgstr ""', "line 1: a quote or an escape that is none"),
        ('msgid "\\q"\nmsgstr ""', "line 1: a quote or an escape that is none"),
        ('msgid "\\"\nmsgstr ""', "line 1: a quote or an escape that is none"),
    ],
)
def test_a_damaged_catalog_is_refused(tmp_path, source, fault):
    """Where the application names a folder, its maker learns which line is wrong."""
    path = write(tmp_path, "xx", source)
    with pytest.raises(UsageError) as caught:
        errors.speak("xx", folder=str(tmp_path))
    assert caught.value.code == "HWL-LANGUAGE-FILE"
    assert caught.value.details == {"path": str(path), "fault": fault}


def test_bytes_that_are_no_text_are_refused(tmp_path):
    """A catalog is UTF-8, and nothing else."""
    write(tmp_path, "xx", "").write_bytes(entry("für {product}").encode("latin-1"))
    with pytest.raises(UsageError, match="cannot be used"):
        errors.speak("xx", folder=str(tmp_path))


def test_a_shipped_catalog_that_is_gone_is_english(environ, tmp_path, monkeypatch):
    """A program that was packed without the catalogs still says why it does not start."""
    monkeypatch.setattr(catalogs, "SHIPPED", str(tmp_path))
    assert environ(LANG="de_DE.UTF-8") == "en"
    assert NONE.message == ENGLISH


def test_a_catalog_is_read_as_translators_tools_write_it():
    """Comments, fuzzy and obsolete entries, wrapped texts, carriage returns and escapes."""
    source = """# somebody
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"

#. a comment
#: a/place:1
#, python-brace-format
msgctxt "A"
msgid ""
"one {x} "
"and \\"two\\" \\\\"
msgstr ""
"eins {x} "
"und \\"zwei\\" \\\\"

#, fuzzy, python-brace-format
#| msgid "old"
msgctxt "B"
msgid "b"
msgstr "guessed"

msgctxt "C"
msgid "c"
msgstr ""

#~ msgctxt "D"
#~ msgid "d"
#~ msgstr "gone"
"""
    expected = {("A", 'one {x} and "two" \\'): 'eins {x} und "zwei" \\'}
    assert catalogs.parse(source, "x.po") == expected
    assert catalogs.parse(source.replace("\n", "\r\n"), "x.po") == expected
