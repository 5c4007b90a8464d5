"""A store with damaged or foreign things in it: everything else is still told."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwlock.testing.host_tree import LAPTOP

from .actors import Actor, Clock, at_machine


@pytest.fixture
def machine(tmp_path: Path, clock: Clock, vendor: Actor) -> Actor:
    """A machine that is licensed, with a second request on its way."""
    customer = at_machine(tmp_path / "customer", clock, LAPTOP)
    sale = ("--product", "acme-cad", "--customer", "Globex", "--bind", "host")
    key = vendor.does("vendor", "entitlement", "add", *sale)["key"]
    ask = ("request", "--product", tmp_path / "acme-cad.hwproduct", "--key", key)
    customer.does(*ask, "-o", tmp_path / "my.hwreq")
    vendor.does("respond", tmp_path / "my.hwreq", "-o", tmp_path / "my.hwres")
    customer.does("activate", tmp_path / "my.hwres")
    customer.does(*ask, "-o", tmp_path / "second.hwreq")
    return customer


@pytest.mark.parametrize("name", ["pending/*.hwpend", "product.hwproduct", "devices/host.cbor"])
def test_one_damaged_file_hides_nothing_else(name: str, tmp_path: Path, machine: Actor) -> None:
    """`status` and `doctor` say what cannot be read, and go on."""
    (damaged,) = (tmp_path / "customer/store/acme-cad").glob(name)
    damaged.write_bytes(b"?")
    told = machine.types("status", "--json")
    assert told.status == 0
    (product,) = told.json["products"]
    assert product["product"] == "acme-cad"
    if name == "pending/*.hwpend":
        assert product["verdict"]["allowed"]
        assert product["problems"]
    examined = machine.types("doctor", "--json").json["examined"]
    assert {"hwlock", "store"} <= {one["what"] for one in examined}
    assert machine.types("status").status == 0


def test_a_plain_file_in_the_home_is_no_product(tmp_path: Path, machine: Actor) -> None:
    """A note, or what a file manager leaves, does not make the product ambiguous."""
    (tmp_path / "customer/store/notes.txt").write_text("renew in May")
    assert machine.does("check")["allowed"]
    assert [one["product"] for one in machine.does("status")["products"]] == ["acme-cad"]


def test_who_returns_a_damaged_license_is_told_which_file_it_is(
    tmp_path: Path, machine: Actor
) -> None:
    """There is a license, only not a readable one: both are said."""
    (license,) = (tmp_path / "customer/store/acme-cad/licenses").iterdir()
    license.write_bytes(b"?")
    told = machine.types("return", "-o", tmp_path / "my.hwret")
    assert {"HWL-RETURN-NOTHING", "HWL-LICENSE-FILE"} <= told.codes
    assert license.name in told.err
