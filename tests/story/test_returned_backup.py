"""A license is given back, and a backup from before is put in its place."""

from __future__ import annotations

import shutil
from pathlib import Path

from hwlock.testing.host_tree import LAPTOP
from hwlock.testing.swtpm import SoftwareTpm

from .actors import Actor, Clock, at_machine


def activates(folder: Path, vendor: Actor, customer: Actor, key: object) -> None:
    """Let a customer ask, get an answer, and use it."""
    product = folder / "acme-cad.hwproduct"
    customer.does("request", "--product", product, "--key", key, "-o", folder / "my.hwreq")
    vendor.does("respond", folder / "my.hwreq", "-o", folder / "my.hwres")
    customer.does("activate", folder / "my.hwres")


def sells(vendor: Actor, bind: str) -> object:
    """Return the key of one seat."""
    sale = ("--product", "acme-cad", "--customer", "Globex", "--bind", bind)
    return vendor.does("vendor", "entitlement", "add", *sale)["key"]


def test_a_tpm_remembers_what_was_given_back(
    tmp_path: Path, clock: Clock, vendor: Actor, tpms: tuple[SoftwareTpm, SoftwareTpm]
) -> None:
    """Neither the whole store, nor a copy elsewhere, nor the old answer revives the license."""
    customer = at_machine(tmp_path / "customer", clock, LAPTOP, tpms[0].uri)
    key = sells(vendor, "tpm2")
    product, store = tmp_path / "acme-cad.hwproduct", tmp_path / "customer" / "store"
    customer.does("request", "--product", product, "--key", key, "-o", tmp_path / "my.hwreq")
    shutil.copytree(store, tmp_path / "asked")
    vendor.does("respond", tmp_path / "my.hwreq", "-o", tmp_path / "first.hwres")
    customer.does("activate", tmp_path / "first.hwres")
    shutil.copytree(store, tmp_path / "backup")
    assert customer.does("check")["allowed"]
    customer.does("return", "-o", tmp_path / "my.hwret")
    vendor.does("vendor", "receive", tmp_path / "my.hwret")

    shutil.rmtree(store)
    shutil.copytree(tmp_path / "backup", store)
    assert "HWL-RETURN-DEAD" in customer.types("check").codes
    elsewhere = at_machine(tmp_path / "elsewhere", clock, LAPTOP, tpms[0].uri)
    shutil.copytree(tmp_path / "backup", tmp_path / "elsewhere" / "store")
    assert "HWL-RETURN-DEAD" in elsewhere.types("check").codes
    shutil.rmtree(store)
    shutil.copytree(tmp_path / "asked", store)
    assert "HWL-RETURN-DEAD" in customer.types("activate", tmp_path / "first.hwres").codes
    activates(tmp_path, vendor, customer, key)
    assert customer.does("check")["allowed"]


def test_without_a_tpm_the_list_is_what_ends_it(
    tmp_path: Path, clock: Clock, vendor: Actor
) -> None:
    """A restored backup runs until the machine hears that the license was taken back."""
    customer = at_machine(tmp_path / "customer", clock, LAPTOP)
    activates(tmp_path, vendor, customer, sells(vendor, "host"))
    store = tmp_path / "customer" / "store"
    shutil.copytree(store, tmp_path / "backup")
    license = customer.does("check")["license"]
    customer.does("return", "-o", tmp_path / "my.hwret")
    vendor.does("vendor", "receive", tmp_path / "my.hwret")
    shutil.rmtree(store)
    shutil.copytree(tmp_path / "backup", store)
    assert customer.does("check")["allowed"]
    vendor.does("vendor", "revoke", "license", license, "--reason", "runs after its return")
    vendor.does("vendor", "revocations", "acme-cad", "-o", tmp_path / "list.hwcrl")
    customer.does("import", tmp_path / "list.hwcrl")
    assert "HWL-REVOKED-LICENSE" in customer.types("check").codes
