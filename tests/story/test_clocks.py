"""A clock that is far off: whoever has it is told so, and nothing outlasts it."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest

from hwlock.testing.host_tree import LAPTOP

from .actors import Actor, Clock, at_machine

WRONG = [
    datetime(1, 1, 1, tzinfo=timezone.utc),
    datetime(1969, 12, 31, 23, 59, 59, tzinfo=timezone.utc),
    datetime(9998, 12, 31, tzinfo=timezone.utc),
    datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc),
]
FAR = [
    datetime(1970, 1, 1, tzinfo=timezone.utc),
    datetime(2038, 1, 19, 3, 14, 8, tzinfo=timezone.utc),
    datetime(2106, 2, 7, 6, 28, 16, tzinfo=timezone.utc),
    datetime(9000, 12, 31, tzinfo=timezone.utc),
]


@pytest.fixture
def machine(tmp_path: Path, clock: Clock, vendor: Actor, key: str) -> Actor:
    """A machine that is licensed."""
    customer = at_machine(tmp_path / "customer", clock, LAPTOP)
    activates(tmp_path, vendor, customer, key)
    return customer


@pytest.fixture
def key(vendor: Actor) -> str:
    """The key of what was sold."""
    sale = ("--product", "acme-cad", "--customer", "Globex", "--days", "30", "--bind", "host")
    return str(vendor.does("vendor", "entitlement", "add", *sale)["key"])


def activates(folder: Path, vendor: Actor, customer: Actor, key: str) -> None:
    """Let a customer ask, get an answer, and use it."""
    product = folder / "acme-cad.hwproduct"
    customer.does("request", "--product", product, "--key", key, "-o", folder / "my.hwreq")
    vendor.does("respond", folder / "my.hwreq", "-o", folder / "my.hwres")
    customer.does("activate", folder / "my.hwres")


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_clock_that_cannot_be_is_named_and_does_no_harm(
    wrong: datetime, tmp_path: Path, clock: Clock, vendor: Actor, machine: Actor, key: str
) -> None:
    """Every command that needs the time says what the clock says; set right, all is as before."""
    right = clock.begin
    clock.begin = wrong
    ask = ("request", "--product", tmp_path / "acme-cad.hwproduct", "--key", key)
    for who, words in (
        (machine, ("check",)),
        (machine, ("activate", tmp_path / "my.hwres")),
        (machine, (*ask, "-o", tmp_path / "late.hwreq")),
        (machine, ("return", "-o", tmp_path / "my.hwret")),
        (vendor, ("respond", tmp_path / "my.hwreq", "-o", tmp_path / "late.hwres")),
        (vendor, ("vendor", "product", "add", "acme-cam")),
        (vendor, ("vendor", "entitlement", "add", "--product", "acme-cad", "--customer", "X")),
    ):
        told = who.types(*words)
        if words[0] == "activate":  # no request waits, whatever the time
            assert "HWL-RESPONSE-USED" in told.codes
            continue
        assert "HWL-CLOCK-RANGE" in told.codes, (words, told)
        assert told.status in (1, 3)
    assert machine.types("status", "--json").status == 0
    assert machine.types("doctor", "--json").status == 1
    clock.begin = right
    assert machine.does("check")["allowed"]


@pytest.mark.parametrize("far", FAR, ids=str)
def test_a_clock_that_is_far_off_has_a_way_back(
    far: datetime, tmp_path: Path, clock: Clock, vendor: Actor, machine: Actor, key: str
) -> None:
    """A machine that ran with such a clock is licensed again by a new answer."""
    right = clock.begin
    clock.begin = far
    machine.types("check")
    clock.begin = right
    activates(tmp_path, vendor, machine, key)
    assert machine.does("check")["allowed"]


def test_a_desk_is_not_made_with_a_clock_that_cannot_be(tmp_path: Path, clock: Clock) -> None:
    """`vendor init` leaves nothing behind."""
    clock.begin = WRONG[0]
    somebody = at_machine(tmp_path, clock)
    somebody.environ = {"HWLOCK_VENDOR": str(tmp_path / "desk"), "HWLOCK_PASSPHRASE": "horse"}
    told = somebody.types("vendor", "init", "--name", "ACME")
    assert (told.status, "HWL-CLOCK-RANGE" in told.codes) == (3, True)
    assert not (tmp_path / "desk").exists()
