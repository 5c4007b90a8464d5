"""A fingerprint license in a computer that is repaired, replaced, or wrong about the time.

One user's files, licensed in the machine of the session and carried to other computers.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from vm.computer import Computer, Hardware, make_home

from .conftest import Boot, Desk, Person, as_it_came_up

pytestmark = pytest.mark.vm

OURS = Hardware()
ANOTHER = Hardware(
    maker="Fabrikam",
    model="Tower 3",
    board="F-1",
    disk="WX41A7012345",
    mac="00:1b:21:77:00:02",
)
REPAIRED = OURS._replace(maker=ANOTHER.maker, model=ANOTHER.model, board=ANOTHER.board)
PARTS = ("mainboard model", "disk", "network adapter")


@pytest.fixture(scope="module")
def files(booted: Computer, desk: Desk) -> bytes:
    """Ada's files as an archive, licensed in a computer of `OURS`."""
    with as_it_came_up(booted) as computer:
        ada = Person(computer.agent, "ada")
        ada.activates(desk, "host")
        assert ada.does("check")["allowed"] is True
        packed = computer.agent.run("busybox", "tar", "-cf", "/tmp/ada.tar", "-C", "/home", "ada")
        assert packed.status == 0, packed
        return computer.agent.read("/tmp/ada.tar")


@contextmanager
def ada_at(boot: Boot, folder: Path, files: bytes, **parts: Any) -> Iterator[Person]:
    """Boot a computer of these parts, with Ada's files in it."""
    with boot(make_home(str(folder / "home")), scratch=True, **parts) as computer:
        computer.agent.write("/tmp/ada.tar", files)
        unpacked = computer.agent.run("busybox", "tar", "-xf", "/tmp/ada.tar", "-C", "/home")
        assert unpacked.status == 0, unpacked
        yield Person(computer.agent, "ada")


def test_a_repaired_computer_whose_clock_lost_a_year(
    boot: Boot, tmp_path: Path, files: bytes
) -> None:
    """It is told that its clock is back; put right, it is licensed, and the new part is named."""
    year_ago = datetime.now(timezone.utc) - timedelta(days=365)
    with ada_at(boot, tmp_path, files, hardware=REPAIRED, clock=year_ago) as ada:
        assert "HWL-CLOCK-BACK" in ada.codes("check")
        set_right = ada.agent.run("busybox", "date", "-u", "-s", f"@{int(time.time())}")
        assert set_right.status == 0, set_right
        assert ada.does("check")["allowed"] is True
        assert PARTS[0] in ada.codes("check")["HWL-HOST-CHANGED"]


def test_another_computer_is_refused_and_every_part_named(
    boot: Boot, tmp_path: Path, files: bytes
) -> None:
    """The same files in a computer of other parts: no, and which parts are others."""
    with ada_at(boot, tmp_path, files, hardware=ANOTHER) as ada:
        refused = ada.types("check", "--json")
    assert refused.status == 1, refused
    said = {each["code"]: each["message"] for each in refused.json["findings"]}
    text = " ".join(said.values())
    assert set(said) & {"HWL-HOST-OTHER", "HWL-HOST-TOO-CHANGED"}, said
    for part in PARTS:
        assert part in text, said
