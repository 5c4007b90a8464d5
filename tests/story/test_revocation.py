"""What was sold is taken back: on machines that hear of it, and on those that must be told."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from hwlock.testing.host_tree import LAPTOP

from .actors import Actor, Clock, at_machine


@pytest.fixture
def sold(vendor: Actor) -> dict[str, object]:
    """Two seats."""
    sale = ("--product", "acme-cad", "--customer", "Globex", "--seats", "2", "--bind", "host")
    return vendor.does("vendor", "entitlement", "add", *sale, "--losses", "1")


@pytest.fixture
def machine(tmp_path: Path, clock: Clock, vendor: Actor, sold: dict[str, object]) -> Actor:
    """A machine that is licensed."""
    customer = at_machine(tmp_path / "customer", clock, LAPTOP)
    asks(tmp_path, customer, sold)
    answers(tmp_path, vendor)
    customer.does("activate", tmp_path / "my.hwres")
    return customer


def asks(folder: Path, customer: Actor, sold: dict[str, object]) -> None:
    """Let a customer make a request."""
    product = folder / "acme-cad.hwproduct"
    customer.does("request", "--product", product, "--key", sold["key"], "-o", folder / "my.hwreq")


def answers(folder: Path, vendor: Actor) -> None:
    """Let the vendor answer it."""
    vendor.does("respond", folder / "my.hwreq", "-o", folder / "my.hwres")


def license_of(vendor: Actor, sold: dict[str, object]) -> str:
    """Return the id of the newest license."""
    shown = vendor.does("vendor", "entitlement", "show", sold["id"])
    return str(shown["licenses"][-1]["id"])


def test_a_license_is_taken_back_and_stays_so(
    tmp_path: Path, vendor: Actor, machine: Actor, sold: dict[str, object]
) -> None:
    """By the list; without the list, or with an older one, the machine says that it is missing."""
    store = tmp_path / "customer" / "store" / "acme-cad"
    told = vendor.types("vendor", "revoke", "license", "00" * 16, "--reason", "typo")
    assert "HWL-DESK-REVOKE-ID" in told.codes
    license = license_of(vendor, sold)
    vendor.does("vendor", "revoke", "license", license, "--reason", "not paid")
    first = tmp_path / "first.hwcrl"
    vendor.does("vendor", "revocations", "acme-cad", "-o", first)
    assert machine.does("check")["allowed"]
    assert machine.does("import", first)["lists"] == [
        {"product": "acme-cad", "number": 1, "new": True}
    ]
    assert "HWL-REVOKED-LICENSE" in machine.types("check").codes
    assert machine.does("import", first)["lists"][0]["new"] is False
    vendor.does("vendor", "revoke", "device", "11" * 32, "--reason", "stolen")
    delta = tmp_path / "delta.hwcrl"
    vendor.does("vendor", "revocations", "acme-cad", "--since", "1", "-o", delta)
    machine.does("import", delta)
    assert "HWL-REVOKED-LICENSE" in machine.types("check").codes
    (store / "revocations.hwcrl").unlink()
    assert "HWL-REVOKED-LIST" in machine.types("check").codes
    assert "HWL-REVOKED-OLD" in machine.types("import", first).codes
    full = tmp_path / "full.hwcrl"
    vendor.does("vendor", "revocations", "acme-cad", "-o", full)
    machine.does("import", full)
    assert machine.types("check").codes >= {"HWL-REVOKED-LICENSE"}


def test_a_new_answer_brings_the_list_and_a_new_license(
    tmp_path: Path, vendor: Actor, machine: Actor, sold: dict[str, object]
) -> None:
    """The old answer is of no use any more; the way back is another request."""
    license = license_of(vendor, sold)
    vendor.does("vendor", "revoke", "license", license, "--reason", "not paid")
    again = vendor.types("respond", tmp_path / "my.hwreq", "-o", tmp_path / "again.hwres")
    assert "HWL-DESK-REQUEST-REVOKED" in again.codes
    asks(tmp_path, machine, sold)
    answers(tmp_path, vendor)
    machine.does("activate", tmp_path / "my.hwres")
    assert (tmp_path / "customer" / "store" / "acme-cad" / "revocations.hwcrl").exists()
    checked = machine.does("check")
    assert checked["allowed"]
    assert machine.does("inspect", tmp_path / "my.hwres")["revocation list"]["number"] == 1


def test_a_lost_machine_does_not_come_back(
    tmp_path: Path, clock: Clock, vendor: Actor, machine: Actor, sold: dict[str, object]
) -> None:
    """Its license is on the list, and the desk books only so many losses."""
    shutil.copytree(tmp_path / "customer" / "store", tmp_path / "stolen" / "store")
    stolen = at_machine(tmp_path / "stolen", clock, LAPTOP)
    vendor.does("vendor", "release", license_of(vendor, sold), "--reason", "stolen")
    vendor.does("vendor", "revocations", "acme-cad", "-o", tmp_path / "list.hwcrl")
    stolen.does("import", tmp_path / "list.hwcrl")
    assert "HWL-REVOKED-LICENSE" in stolen.types("check").codes
    asks(tmp_path, machine, sold)
    answers(tmp_path, vendor)
    again = license_of(vendor, sold)
    told = vendor.types("vendor", "release", again, "--reason", "stolen again")
    assert "HWL-DESK-LOSSES" in told.codes
    clock.ahead = timedelta(days=366)
    vendor.does("vendor", "release", again, "--reason", "stolen again")


def test_a_loss_beyond_the_limit_needs_a_word(
    tmp_path: Path, vendor: Actor, machine: Actor, sold: dict[str, object]
) -> None:
    """By --force, which the audit tells."""
    vendor.does("vendor", "release", license_of(vendor, sold), "--reason", "fire")
    asks(tmp_path, machine, sold)
    answers(tmp_path, vendor)
    vendor.does("vendor", "release", license_of(vendor, sold), "--reason", "flood", "--force")
    exported = tmp_path / "audit.jsonl"
    vendor.types("vendor", "audit", "export", "-o", exported)
    assert exported.read_text().count('"forced": true') == 1


def test_a_list_that_somebody_changed_is_refused(
    tmp_path: Path, vendor: Actor, machine: Actor, sold: dict[str, object]
) -> None:
    """At import nothing changes; in the store it denies until a genuine one comes."""
    vendor.does("vendor", "revoke", "device", "11" * 32, "--reason", "stolen")
    good = tmp_path / "list.hwcrl"
    vendor.does("vendor", "revocations", "acme-cad", "-o", good)
    machine.does("import", good)
    kept = tmp_path / "customer" / "store" / "acme-cad" / "revocations.hwcrl"
    data = bytearray(kept.read_bytes())
    data[-1] ^= 1
    kept.write_bytes(bytes(data))
    assert machine.types("check").status == 1
    machine.does("import", good)
    assert machine.does("check")["allowed"]
