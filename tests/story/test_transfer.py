"""A seat moves from machine to machine, and what the registry notices when a backup is put back."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from hwlock.testing.host_tree import DESKTOP, LAPTOP

from .actors import Actor, Clock, at_machine

DAY = timedelta(days=1)
SALE = ("--product", "acme-cad", "--customer", "Globex", "--bind", "host")


@pytest.fixture(autouse=True)
def _cheap_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Derive the desk's keys at the least cost."""
    from hwlock.issue import pkcs8

    monkeypatch.setattr(pkcs8, "COST", (2, 8, 1))


@pytest.fixture
def old(tmp_path: Path, clock: Clock) -> Actor:
    """The old machine."""
    return at_machine(tmp_path / "old", clock, LAPTOP)


@pytest.fixture
def new(tmp_path: Path, clock: Clock) -> Actor:
    """The new machine."""
    return at_machine(tmp_path / "new", clock, DESKTOP)


def sells(vendor: Actor, *more: object) -> dict[str, object]:
    """Sell one seat."""
    return vendor.does("vendor", "entitlement", "add", *SALE, *more)


def asks(folder: Path, machine: Actor, sold: dict[str, object], *more: object) -> Path:
    """Let a machine make a request."""
    product, file = folder / "acme-cad.hwproduct", folder / "my.hwreq"
    machine.does("request", "--product", product, "--key", sold["key"], "-o", file, *more)
    return file


def activates(folder: Path, vendor: Actor, machine: Actor, sold: dict[str, object]) -> str:
    """Let a machine ask, get an answer, and use it; return the license's id."""
    answered = vendor.does("respond", asks(folder, machine, sold), "-o", folder / "my.hwres")
    machine.does("activate", folder / "my.hwres")
    return str(answered["license"])


def audited(folder: Path, vendor: Actor) -> str:
    """Return the audit."""
    vendor.types("vendor", "audit", "export", "-o", folder / "audit.jsonl")
    vendor.does("vendor", "audit", "verify")
    return (folder / "audit.jsonl").read_text()


def put_back(folder: Path) -> None:
    """Put the backup of the old machine's store in its place."""
    shutil.rmtree(folder / "old" / "store")
    shutil.copytree(folder / "backup", folder / "old" / "store")


def test_a_receipt_and_a_request_move_the_seat(
    tmp_path: Path, vendor: Actor, old: Actor, new: Actor
) -> None:
    """The receipt travels inside the request; one answer books both, and the audit tells."""
    sold = sells(vendor)
    first = activates(tmp_path, vendor, old, sold)
    receipt = tmp_path / "back.hwret"
    assert "--receipt" in old.types("return", "-o", receipt).out
    asked = asks(tmp_path, new, sold, "--receipt", receipt)
    assert vendor.does("inspect", asked)["receipts"] == [first]
    answered = vendor.does("respond", asked, "-o", tmp_path / "my.hwres")
    assert (answered["kind"], answered["moved"], answered["taken"]) == ("new", [first], 1)
    assert new.does("activate", tmp_path / "my.hwres")["allowed"]
    assert old.types("check").status == 1
    shown = vendor.does("vendor", "entitlement", "show", sold["id"])
    assert shown["licenses"][0]["moved_to"] == answered["license"]
    assert vendor.does("vendor", "receive", receipt)["again"]
    assert audited(tmp_path, vendor).count('"transfer"') == 1
    again = vendor.does("respond", asked, "-o", tmp_path / "my.hwres")
    assert (again["kind"], again["moved"]) == ("repeated", [])


def test_transfers_have_a_limit_and_a_way_around_it(
    tmp_path: Path, clock: Clock, vendor: Actor, old: Actor, new: Actor
) -> None:
    """Beyond what was agreed nothing is booked, the reason is told, and a person may decide."""
    sold = sells(vendor, "--transfers", "1", "--transfer-wait-days", "0")
    activates(tmp_path, vendor, old, sold)
    to, receipt = tmp_path / "my.hwres", tmp_path / "back.hwret"
    for giver, taker in ((old, new), (new, old)):
        giver.does("return", "-o", receipt)
        asked = asks(tmp_path, taker, sold)
        told = vendor.types("respond", asked, "--receipt", receipt, "-o", to)
        if taker is old:
            assert told.codes >= {"HWL-DESK-REFUSED", "HWL-DESK-TRANSFERS"}
            assert "--transfer" in told.err
            taken = vendor.does("vendor", "entitlement", "show", sold["id"])["taken"]
            assert taken == 1  # the refusal booked nothing
            vendor.does("respond", asked, "--receipt", receipt, "--transfer", "-o", to)
        taker.does("activate", to)
    assert audited(tmp_path, vendor).count('"forced": true') == 1
    clock.ahead = 366 * DAY
    old.does("return", "-o", receipt)
    asked = asks(tmp_path, new, sold, "--receipt", receipt)
    assert vendor.does("respond", asked, "-o", to)["moved"]


def test_a_receipt_of_something_else_moves_nothing(
    tmp_path: Path, vendor: Actor, old: Actor, new: Actor
) -> None:
    """Of another entitlement: refused at the desk; of no receipt at all: at the machine."""
    sold, other = sells(vendor), sells(vendor)
    activates(tmp_path, vendor, old, other)
    receipt = tmp_path / "back.hwret"
    old.does("return", "-o", receipt)
    asked = asks(tmp_path, new, sold, "--receipt", receipt)
    told = vendor.types("respond", asked, "-o", tmp_path / "my.hwres")
    assert "HWL-DESK-TRANSFER-OTHER" in told.codes
    product = tmp_path / "acme-cad.hwproduct"
    wrong = ("--product", product, "--key", sold["key"], "--receipt", asked, "-o", asked)
    assert new.types("request", *wrong).status == 4


def test_the_registry_notices_a_license_that_came_back(
    tmp_path: Path, clock: Clock, vendor: Actor, old: Actor, new: Actor
) -> None:
    """Without a TPM a backup revives it, until the machine's next request: told, and taken back."""
    sold = sells(vendor)
    license = activates(tmp_path, vendor, old, sold)
    shutil.copytree(tmp_path / "old" / "store", tmp_path / "backup")
    receipt = tmp_path / "back.hwret"
    old.does("return", "-o", receipt)
    vendor.does("vendor", "receive", receipt)
    activates(tmp_path, vendor, new, sold)
    put_back(tmp_path)
    assert old.does("check")["allowed"]
    asked = asks(tmp_path, old, sold)
    told = vendor.types("respond", asked, "-o", tmp_path / "my.hwres")
    assert told.codes >= {"HWL-DESK-SEATS", "HWL-DESK-REUSED", "HWL-DESK-REUSED-REVOKED"}
    assert f"still has license {license}, which was returned on" in told.err
    assert '"reuse"' in audited(tmp_path, vendor)
    vendor.does("vendor", "revocations", "acme-cad", "-o", tmp_path / "list.hwcrl")
    old.does("import", tmp_path / "list.hwcrl")
    assert "HWL-REVOKED-LICENSE" in old.types("check").codes
    new.does("import", tmp_path / "list.hwcrl")
    assert new.does("check")["allowed"]


def test_a_diagnostic_file_and_a_second_receipt_tell_as_well(
    tmp_path: Path, clock: Clock, vendor: Actor, old: Actor
) -> None:
    """`inspect` at the desk and `receive` notice; with --on-reuse tell, nothing is taken back."""
    sold = sells(vendor, "--on-reuse", "tell")
    license = activates(tmp_path, vendor, old, sold)
    shutil.copytree(tmp_path / "old" / "store", tmp_path / "backup")
    receipt = tmp_path / "back.hwret"
    old.does("return", "-o", receipt)
    assert vendor.does("vendor", "receive", receipt)["notes"] == []
    assert vendor.does("vendor", "receive", receipt)["notes"] == []
    put_back(tmp_path)
    old.types("doctor", "-o", tmp_path / "my.hwdiag")
    told = vendor.does("inspect", tmp_path / "my.hwdiag")
    assert [line.rpartition("[")[2] for line in told["at this desk"]] == ["HWL-DESK-REUSED]"]
    assert license in told["at this desk"][0]
    clock.ahead = DAY
    old.does("return", "-o", receipt)
    noticed = vendor.does("vendor", "receive", receipt)
    assert [one["code"] for one in noticed["notes"]] == ["HWL-DESK-REUSED-AGAIN"]
    assert vendor.types("vendor", "revocations", "acme-cad", "-o", receipt).status == 2


def test_a_newer_license_takes_the_place_of_the_older(
    tmp_path: Path, vendor: Actor, old: Actor
) -> None:
    """The answer names what it replaces: after the return of the newer none runs."""
    sold = sells(vendor)
    first = activates(tmp_path, vendor, old, sold)
    second = activates(tmp_path, vendor, old, sold)
    assert old.does("inspect", tmp_path / "my.hwres")["replaces"] == [first]
    folder = tmp_path / "old" / "store" / "acme-cad" / "licenses"
    assert [file.stem for file in folder.iterdir()] == [second]
    old.does("return", "-o", tmp_path / "back.hwret")
    assert vendor.does("vendor", "receive", tmp_path / "back.hwret")["taken"] == 0
    assert old.types("check").status == 1


def test_a_code_that_was_used_reaches_the_desk(
    tmp_path: Path, clock: Clock, vendor: Actor, old: Actor
) -> None:
    """The next answer is not shorter, and has fresh codes; the raised counter stays raised."""
    codes = ("--amend", "extend:30d*2", "--amend", "counter:exports:+10")
    sold = sells(vendor, "--days", "30", "--counter", "exports=5", *codes)
    license = activates(tmp_path, vendor, old, sold)
    for kind in ("extend", "counter"):
        old.does("redeem", vendor.does("vendor", "amend", license, kind)["code"])
    ends = old.does("check")["expires"]
    second = activates(tmp_path, vendor, old, sold)
    now = old.does("check")
    assert (now["expires"], now["counters"]) == (ends, {"exports": 15})
    shown = vendor.does("vendor", "entitlement", "show", sold["id"])
    assert shown["counters"][0]["limit"] == 15
    listed = vendor.does("vendor", "amend", license)["amendments"]
    assert [one["kind"] for one in listed if one["used"]] == ["extend", "counter"]
    listed = vendor.does("vendor", "amend", second)["amendments"]
    assert not any(one["given"] or one["used"] for one in listed)


def test_a_renewal_loses_no_code(tmp_path: Path, clock: Clock, vendor: Actor, old: Actor) -> None:
    """A code that was used or only given before a push counts for the license that comes."""
    sold = sells(vendor, "--days", "30", "--amend", "extend:30d*2")
    license = activates(tmp_path, vendor, old, sold)
    given = [vendor.does("vendor", "amend", license, "extend")["code"] for _ in range(2)]
    old.does("redeem", given[0])
    ends = old.does("check")["expires"]
    clock.ahead = DAY
    vendor.does("vendor", "renew", "--entitlement", sold["key"], "-o", tmp_path / "all.hwres")
    old.does("import", tmp_path / "all.hwres")
    assert old.does("check")["expires"] == ends
    assert "HWL-REDEEM-USED" in old.types("redeem", given[0]).codes
    assert old.does("redeem", given[1])["expires"] > ends


def test_a_code_moves_the_seat_when_the_new_machine_asks(
    tmp_path: Path, clock: Clock, vendor: Actor, old: Actor, new: Actor
) -> None:
    """The desk learns who has it now; the old machine stops with the list."""
    sold = sells(vendor, "--amend", "transfer")
    license = activates(tmp_path, vendor, old, sold)
    for name in ("product.hwproduct", f"licenses/{license}.hwlic"):
        target = tmp_path / "new" / "store" / "acme-cad" / name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copy(tmp_path / "old" / "store" / "acme-cad" / name, target)
    (tmp_path / "new" / "store").chmod(0o700)
    new.does("redeem", vendor.does("vendor", "amend", license, "transfer")["code"])
    answered = vendor.does("respond", asks(tmp_path, new, sold), "-o", tmp_path / "my.hwres")
    assert (answered["kind"], answered["taken"]) == ("reactivated", 1)
    assert new.does("activate", tmp_path / "my.hwres")["allowed"]
    vendor.does("vendor", "revocations", "acme-cad", "-o", tmp_path / "list.hwcrl")
    old.does("import", tmp_path / "list.hwcrl")
    assert "HWL-REVOKED-LICENSE" in old.types("check").codes


def test_an_entitlement_is_renewed_as_a_whole(
    tmp_path: Path, clock: Clock, vendor: Actor, old: Actor, new: Actor
) -> None:
    """One file for all machines, or a folder; each takes its own, a stranger nothing."""
    sold = sells(vendor, "--days", "30", "--seats", "2")
    licenses = [activates(tmp_path, vendor, one, sold) for one in (old, new)]
    stranger = at_machine(tmp_path / "stranger", clock, DESKTOP)
    asks(tmp_path, stranger, sold)
    renew = ("vendor", "renew", "--entitlement", sold["id"], "-o")
    clock.ahead = DAY
    missed = vendor.does(*renew, f"{tmp_path}/each/")
    assert [one["renews"] for one in missed["renewals"]] == licenses
    assert sorted(file.name for file in (tmp_path / "each").iterdir()) == sorted(
        f"renewal-{one}.hwres" for one in licenses
    )
    clock.ahead = 2 * DAY
    vendor.does("vendor", "entitlement", "extend", sold["id"], "--days", "30")
    told = vendor.does(*renew, tmp_path / "all.hwres")
    assert told["files"] == [str(tmp_path / "all.hwres")]
    assert old.does("activate", tmp_path / "all.hwres")["days_left"] == 58
    assert new.does("import", tmp_path / "all.hwres")["renewed"]
    assert "HWL-RENEWAL-NONE" in stranger.types("import", tmp_path / "all.hwres").codes
    assert "HWL-RENEWAL-OLD" in old.types("activate", tmp_path / "all.hwres").codes
    for wrong in (("vendor", "renew"), ("vendor", "renew", licenses[0], *renew[2:4])):
        assert "HWL-VENDOR-RENEW" in vendor.types(*wrong, "-o", tmp_path / "x").codes
    old.does("return", "-o", tmp_path / "back.hwret")
    new.does("return", "-o", tmp_path / "too.hwret")
    for receipt in ("back.hwret", "too.hwret"):
        vendor.does("vendor", "receive", tmp_path / receipt)
    assert "HWL-DESK-RENEW-NONE" in vendor.types(*renew, tmp_path / "x").codes
