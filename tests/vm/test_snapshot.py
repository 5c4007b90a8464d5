"""A machine that is put back to an earlier state, its TPM included: what is said of it today.

The threat model names the limit: a snapshot that holds a virtual TPM brings back all that the
machine knew. What is shown here is what is true of it.
"""

from __future__ import annotations

import pytest
from vm.computer import Computer

from .conftest import Desk, Person

pytestmark = pytest.mark.vm


def test_a_restored_machine_runs_again_and_the_desk_books_its_return_once(
    station: Computer, desk: Desk
) -> None:
    """A license that was given back lives again after a restore of everything; no seat does."""
    root = Person(station.agent)
    root.activates(desk, "tpm2(virtual)@attested")
    station.save("licensed")
    root.does("return", "-o", "back.hwret")
    first = desk.receives(station.agent.read("/root/back.hwret"))
    assert (first["again"], first["taken"]) == (False, 0)
    assert root.types("check").status == 1
    station.load("licensed")
    assert root.does("check")["allowed"] is True
    root.does("return", "-o", "back.hwret")
    second = desk.receives(station.agent.read("/root/back.hwret"))
    assert (second["again"], second["taken"]) == (True, 0)
    assert second["license"] == first["license"]
