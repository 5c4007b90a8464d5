"""A renewal that no machine asked for: it comes in the place of the license that is there."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hwlock.testing.host_tree import LAPTOP

from .actors import Actor, Clock, at_machine


@pytest.fixture
def sold(vendor: Actor) -> dict[str, Any]:
    """Thirty days."""
    sale = ("--product", "acme-cad", "--customer", "Globex", "--days", "30", "--bind", "host")
    return vendor.does("vendor", "entitlement", "add", *sale)


@pytest.fixture
def machine(tmp_path: Path, clock: Clock, vendor: Actor, sold: dict[str, Any]) -> Actor:
    """A machine that is licensed."""
    customer = at_machine(tmp_path / "customer", clock, LAPTOP)
    product = tmp_path / "acme-cad.hwproduct"
    customer.does(
        "request", "--product", product, "--key", sold["key"], "-o", tmp_path / "my.hwreq"
    )
    vendor.does("respond", tmp_path / "my.hwreq", "-o", tmp_path / "my.hwres")
    customer.does("activate", tmp_path / "my.hwres")
    return customer


def renews(vendor: Actor, sold: dict[str, Any], to: Path, days: int = 30) -> dict[str, Any]:
    """Extend what was sold, and push the newest license."""
    vendor.does("vendor", "entitlement", "extend", sold["id"], "--days", days)
    shown = vendor.does("vendor", "entitlement", "show", sold["id"])
    return vendor.does("vendor", "renew", shown["licenses"][-1]["id"], "-o", to)


def test_a_missed_renewal_is_repaired_by_the_next(
    tmp_path: Path, clock: Clock, vendor: Actor, machine: Actor, sold: dict[str, Any]
) -> None:
    """The first never arrives; the second is taken, once, and the first is of no use after it."""
    clock.ahead = timedelta(days=1)
    renews(vendor, sold, tmp_path / "first.hwres")
    clock.ahead = timedelta(days=2)
    second = renews(vendor, sold, tmp_path / "second.hwres")
    done = machine.does("activate", tmp_path / "second.hwres")
    assert (done["license"], done["days_left"]) == (second["license"], 88)
    folder = tmp_path / "customer" / "store" / "acme-cad" / "licenses"
    assert [file.stem for file in folder.iterdir()] == [second["license"]]
    for late in ("second.hwres", "first.hwres"):
        assert "HWL-RENEWAL-OLD" in machine.types("activate", tmp_path / late).codes
    clock.ahead = timedelta(days=60)
    assert machine.does("check")["allowed"]
    taken = vendor.does("vendor", "entitlement", "show", sold["id"])["taken"]
    machine.does("return", "-o", tmp_path / "my.hwret")
    assert (taken, vendor.does("vendor", "receive", tmp_path / "my.hwret")["taken"]) == (1, 0)


def test_a_renewal_is_for_its_machine(
    tmp_path: Path, clock: Clock, vendor: Actor, machine: Actor, sold: dict[str, Any]
) -> None:
    """A machine without that license refuses, and no memory is set by it."""
    clock.ahead = timedelta(days=1)
    renews(vendor, sold, tmp_path / "new.hwres")
    other = at_machine(tmp_path / "other", clock, LAPTOP)
    product = tmp_path / "acme-cad.hwproduct"
    other.does("request", "--product", product, "--key", sold["key"], "-o", tmp_path / "x.hwreq")
    assert "HWL-RENEWAL-OTHER" in other.types("activate", tmp_path / "new.hwres").codes
    clock.ahead = timedelta(days=20)
    machine.does("check")
    clock.ahead = timedelta(days=2)
    assert "HWL-CLOCK-BACK" in machine.types("activate", tmp_path / "new.hwres").codes
    clock.ahead = timedelta(days=21)
    assert machine.does("activate", tmp_path / "new.hwres")["activated"]
    assert machine.does("inspect", tmp_path / "new.hwres")["genuine"] == "yes"


def test_what_may_not_run_is_not_renewed(
    tmp_path: Path, vendor: Actor, machine: Actor, sold: dict[str, Any]
) -> None:
    """Suspended, taken back, unknown: the desk says why."""
    license = vendor.does("vendor", "entitlement", "show", sold["id"])["licenses"][-1]["id"]
    ask = ("vendor", "renew", license, "-o", tmp_path / "new.hwres")
    vendor.does("vendor", "entitlement", "suspend", sold["id"])
    assert "HWL-DESK-RENEW" in vendor.types(*ask).codes
    vendor.does("vendor", "entitlement", "resume", sold["id"])
    vendor.does("vendor", "revoke", "license", license, "--reason", "not paid")
    assert "HWL-DESK-RENEW" in vendor.types(*ask).codes
    unknown = ("vendor", "renew", "00" * 16, "-o", tmp_path / "new.hwres")
    assert "HWL-DESK-RENEW" in vendor.types(*unknown).codes
