"""Activation where no file can travel: by pictures, by pasted parts, by voice."""

from __future__ import annotations

from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from hwlock.testing.host_tree import DESKTOP
from tests.story.actors import Actor, Clock, at_desk, at_machine


@pytest.fixture
def people(tmp_path: Path) -> tuple[Actor, Actor, str, str]:
    """Return desk, machine, the path of the product file, and an activation key."""
    clock = Clock()
    desk, machine = at_desk(tmp_path / "v", clock), at_machine(tmp_path / "m", clock, DESKTOP)
    product = str(tmp_path / "acme-cad.hwproduct")
    desk.does("vendor", "product", "export", "acme-cad", "-o", product)
    sold = desk.does("vendor", "entitlement", "add", "--product", "acme-cad", "--customer", "Meyer")
    return desk, machine, product, str(sold["key"])


def test_there_and_back_by_pictures(people: tuple[Actor, Actor, str, str], tmp_path: Path) -> None:
    """The machine shows codes, the desk reads the picture and answers with one."""
    desk, machine, product, key = people
    asked, answered = tmp_path / "asked.png", tmp_path / "answered.png"
    made = machine.does("request", "--product", product, "--key", key, "--qr", asked)
    assert (made["file"], made["qr"]) == (None, str(asked))
    desk.does("respond", asked, "--qr", answered)
    assert machine.does("inspect", answered)["kind"] == "response"
    assert machine.does("activate", answered)["allowed"]


def test_there_by_a_phone_that_knows_nothing_of_us(
    people: tuple[Actor, Actor, str, str], tmp_path: Path
) -> None:
    """Its camera makes text of each code; the person mails the texts, in any order."""
    desk, machine, product, key = people
    asked, mail, answered = (tmp_path / name for name in ("asked.png", "mail.txt", "answered.png"))
    machine.does("request", "--product", product, "--key", key, "--qr", asked)
    with Image.open(asked) as picture:
        texts = [code.text for code in zxingcpp.read_barcodes(picture)]
    mail.write_text("Hello,\n\n" + "\n> ".join(reversed(texts)) + "\n\nMeyer\n", encoding="utf-8")
    desk.does("respond", mail, "--qr", answered)
    # the answer comes as two screenshots
    with Image.open(answered) as picture:
        middle = picture.height // 2
        picture.crop((0, 0, picture.width, middle)).save(tmp_path / "1.png")
        picture.crop((0, middle, picture.width, picture.height)).save(tmp_path / "2.png")
    half = machine.types("activate", tmp_path / "1.png")
    assert (half.status, half.codes) == (4, {"HWL-PARTS-MISSING"})
    assert machine.does("activate", tmp_path / "2.png", tmp_path / "1.png")["allowed"]


@pytest.mark.parametrize("digits", [(), ("--digits",)], ids=["letters", "digits"])
def test_there_and_back_by_voice(
    people: tuple[Actor, Actor, str, str], tmp_path: Path, digits: tuple[str, ...]
) -> None:
    """What one reads out the other types; a slip is named by its line and group."""
    desk, machine, product, key = people
    asked, typed = tmp_path / "my.hwreq", tmp_path / "typed.txt"
    machine.does("request", "--product", product, "--key", key, "-o", asked)
    machine.does("code", "write", asked, "-o", typed, *digits)
    heard = typed.read_text(encoding="utf-8")
    last = "1" if heard[-2] == "0" else "0"
    typed.write_text(f"{heard[:-2]}{last}\n", encoding="utf-8")
    slip = desk.types("code", "read", typed, "-o", tmp_path / "heard.hwreq", *digits)
    assert (slip.status, slip.codes) == (4, {"HWL-CODE-LINE"})
    typed.write_text(heard, encoding="utf-8")
    told = desk.does("code", "read", typed, "-o", tmp_path / "heard.hwreq", *digits)
    assert told["kind"] == "request"
    desk.does("respond", tmp_path / "heard.hwreq", "-o", tmp_path / "my.hwres")
    machine.does("code", "write", tmp_path / "my.hwres", "-o", typed, *digits)
    machine.does("code", "read", typed, "-o", tmp_path / "typed.hwres", *digits)
    assert machine.does("activate", tmp_path / "typed.hwres")["allowed"]


def test_mistakes_of_the_person(people: tuple[Actor, Actor, str, str], tmp_path: Path) -> None:
    """Nowhere to write, two files that are not one, a picture of something else."""
    desk, machine, product, key = people
    ask = ("request", "--product", product, "--key", key)
    assert machine.types(*ask).codes == {"HWL-FILE-NOWHERE"}
    assert machine.types(*ask, "-o", "-", "--qr", "-").codes == {"HWL-FILE-BOTH"}
    machine.does(*ask, "-o", tmp_path / "my.hwreq", "--qr", tmp_path / "my.png")
    both = desk.types("respond", tmp_path / "my.hwreq", product, "-o", tmp_path / "x")
    assert both.codes == {"HWL-FILE-SEVERAL"}
    Image.new("L", (64, 64), 255).save(tmp_path / "blank.png")
    blank = desk.types("respond", tmp_path / "blank.png", "-o", tmp_path / "x")
    assert blank.codes == {"HWL-QR-NONE"}
    wrong = machine.types("activate", tmp_path / "my.png")
    assert wrong.codes == {"HWL-PARTS-LABEL"}
    assert machine.types("code", "write", tmp_path / "my.png").status == 4
