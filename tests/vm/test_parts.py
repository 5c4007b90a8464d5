"""A fingerprint license in a computer that is repaired, replaced, or wrong about the time.

One user's files, on a disk that is carried from one computer to the next.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from vm.computer import Computer, Hardware, make_home

from .conftest import Boot, Desk, Person

pytestmark = pytest.mark.vm

OURS = Hardware()
ANOTHER = Hardware(
    maker="Fabrikam",
    model="Tower 3",
    board="F-1",
    disk="WX41A7012345",
    mac="00:1b:21:77:00:02",
)
REPAIRS = {
    "mainboard model": OURS._replace(maker="Fabrikam", model="Tower 3", board="F-1"),
    "disk": OURS._replace(disk=ANOTHER.disk),
    "network adapter": OURS._replace(mac=ANOTHER.mac),
}


@pytest.fixture(scope="module")
def home(boot: Boot, desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The disk of Ada's files, licensed in a computer of `OURS`."""
    disk = make_home(str(tmp_path_factory.mktemp("parts") / "home"))
    with boot(disk) as computer:
        ada = Person(computer.agent, "ada")
        ada.activates(desk, "host")
        assert ada.does("check")["allowed"] is True
        computer.shut_down()
    return disk


def at(computer: Computer) -> Person:
    """Return Ada at a computer."""
    return Person(computer.agent, "ada")


@pytest.mark.parametrize("part", REPAIRS)
def test_one_new_part_is_tolerated_and_named(part: str, boot: Boot, home: str) -> None:
    """A repaired computer stays licensed; a warning names the part and how much is left."""
    with boot(home, hardware=REPAIRS[part], scratch=True) as computer:
        verdict = at(computer).does("check")
    assert verdict["allowed"] is True
    said = {each["code"]: each["message"] for each in verdict["findings"]}
    assert part in said["HWL-HOST-CHANGED"], said


def test_another_computer_is_refused_and_every_part_named(boot: Boot, home: str) -> None:
    """The same files in a computer of other parts: no, and which parts are others."""
    with boot(home, hardware=ANOTHER, scratch=True) as computer:
        refused = at(computer).types("check", "--json")
    assert refused.status == 1, refused
    said = {each["code"]: each["message"] for each in refused.json["findings"]}
    text = " ".join(said.values())
    assert set(said) & {"HWL-HOST-OTHER", "HWL-HOST-TOO-CHANGED"}, said
    for part in REPAIRS:
        assert part in text, said


def test_a_clock_that_starts_a_year_back_is_told(boot: Boot, home: str) -> None:
    """A computer whose real-time clock lost a year starts; the check says what the clock did."""
    year_ago = datetime.now(timezone.utc) - timedelta(days=365)
    with boot(home, clock=year_ago, scratch=True) as computer:
        told = at(computer).types("check", "--json")
        said = {each["code"]: each["message"] for each in told.json["findings"]}
        assert "HWL-CLOCK-BACK" in said, told
        computer.set_clock(datetime.now(timezone.utc))
        assert at(computer).does("check")["allowed"] is True
