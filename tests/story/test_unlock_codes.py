"""An unlock code by telephone: the desk gives it, the customer types it, the program runs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from hwlock.enforce.guard import Guard
from hwlock.testing.host_tree import DESKTOP, LAPTOP

from .actors import Actor, Clock, at_machine

DAY = timedelta(days=1)
SOLD = (
    "--product", "acme-cad", "--customer", "Globex", "--days", "30", "--bind", "host",
    "--seats", "2", "--counter", "exports=5",
    "--amend", "clock*2", "--amend", "extend:30d*2",
    "--amend", "counter:exports:+10", "--amend", "transfer",
)  # fmt: skip


@pytest.fixture
def key(vendor: Actor) -> str:
    """The key of what was sold."""
    return str(vendor.does("vendor", "entitlement", "add", *SOLD)["key"])


@pytest.fixture
def machine(tmp_path: Path, clock: Clock, vendor: Actor, key: str) -> Actor:
    """A machine that is licensed."""
    return licensed(tmp_path, "customer", clock, vendor, key)


def licensed(folder: Path, name: str, clock: Clock, vendor: Actor, key: str) -> Actor:
    """Return somebody whose machine asked, was answered, and is licensed."""
    hardware = LAPTOP if name == "customer" else DESKTOP
    customer = at_machine(folder / name, clock, hardware)
    product, asked, answered = (
        folder / "acme-cad.hwproduct",
        folder / f"{name}.hwreq",
        folder / f"{name}.hwres",
    )
    customer.does("request", "--product", product, "--key", key, "-o", asked)
    vendor.does("respond", asked, "-o", answered)
    customer.does("activate", answered)
    return customer


def license_of(machine: Actor) -> str:
    """Return the id of a machine's license, as status shows it whatever the verdict."""
    status = machine.types("status", "--json").json
    return str(status["products"][0]["unlock_codes"][0]["license"])


def code(vendor: Actor, machine: Actor, kind: str, *more: str) -> str:
    """Return the next code that the desk gives for a machine's license."""
    return str(vendor.does("vendor", "amend", license_of(machine), kind, *more)["code"])


def used(machine: Actor) -> list[str]:
    """Return the changes that were used on a machine."""
    changes = machine.does("status")["products"][0]["unlock_codes"][0]["changes"]
    return [change["change"] for change in changes if change["used"]]


@pytest.mark.parametrize("form", [(), ("--digits",)])
def test_a_locked_clock_is_unlocked_by_telephone(
    form: tuple[str, ...], clock: Clock, vendor: Actor, machine: Actor
) -> None:
    """The machine believed a clock that ran ahead; with the clock right, the code sets it free."""
    clock.ahead = 20 * DAY
    machine.does("check")
    clock.ahead = DAY
    assert "HWL-CLOCK-BACK" in machine.types("check").codes
    given = code(vendor, machine, "clock", *form)
    told = machine.does("redeem", given.lower().replace("-", " "))
    assert (told["allowed"], told["redeemed"]) == (True, "unlock the clock")
    machine.does("check")
    assert used(machine) == ["unlock the clock"]


def test_extensions_open_one_after_another(clock: Clock, vendor: Actor, machine: Actor) -> None:
    """Each moves the end by its days; the second waits for the first."""
    end = machine.does("check")["expires"]
    first, second = code(vendor, machine, "extend"), code(vendor, machine, "extend")
    assert "HWL-REDEEM-ORDER" in machine.types("redeem", second).codes
    clock.ahead = 31 * DAY
    assert "HWL-TERM-ENDED" in machine.types("check").codes
    machine.does("redeem", first)
    told = machine.does("redeem", second)
    assert told["expires"] > end
    clock.ahead = 89 * DAY
    machine.does("check")
    clock.ahead = 91 * DAY
    assert machine.types("check").status == 1


def test_a_counter_is_raised(tmp_path: Path, vendor: Actor, machine: Actor) -> None:
    """What was used up stays used up; the limit is higher."""
    product = tmp_path / "acme-cad.hwproduct"
    grant = Guard(product, machine=machine.machine).require()
    assert grant.use("exports", 5) == 0
    told = machine.does("redeem", code(vendor, machine, "counter:exports"))
    assert told["counters"] == {"exports": 10}
    assert Guard(product, machine=machine.machine).require().use("exports", 4) == 6


def test_a_license_moves_to_another_machine(
    tmp_path: Path, clock: Clock, vendor: Actor, machine: Actor, key: str
) -> None:
    """License file and code on a new machine: it runs there, and a copy of that store nowhere."""
    given = code(vendor, machine, "transfer")
    fresh = at_machine(tmp_path / "fresh", clock, DESKTOP)
    carry(machine, fresh)
    assert fresh.types("check").status == 1
    assert fresh.does("redeem", given)["allowed"]
    fresh.does("check")
    assert machine.does("check")["allowed"]  # the code was not used there: see the threat model
    third = at_machine(tmp_path / "third", clock)
    carry(fresh, third, everything=True)
    assert third.types("check").status == 1


def carry(source: Actor, target: Actor, *, everything: bool = False) -> None:
    """Copy product and license files of a store, or all of it."""
    old, new = Path(source.machine.user_root), Path(target.machine.user_root)
    files = [one for one in old.rglob("*") if one.is_file()]
    if not everything:
        files = [one for one in files if one.suffix in (".hwproduct", ".hwlic")]
    for one in files:
        to = new / one.relative_to(old)
        to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        to.write_bytes(one.read_bytes())
        to.chmod(0o600)


def test_a_code_works_once(vendor: Actor, machine: Actor) -> None:
    """Used again it is known as used, and changes nothing; the desk can say it again."""
    given = code(vendor, machine, "clock")
    machine.does("redeem", given)
    assert "HWL-REDEEM-USED" in machine.types("redeem", given).codes
    assert code(vendor, machine, "clock", "--again") == given
    assert code(vendor, machine, "clock") != given
    told = vendor.types("vendor", "amend", license_of(machine), "clock")
    assert (told.status, told.codes) == (2, {"HWL-DESK-AMEND-NONE"})


def test_a_code_of_another_license_opens_nothing(
    tmp_path: Path, clock: Clock, vendor: Actor, machine: Actor, key: str
) -> None:
    """Not even of the same entitlement."""
    other = licensed(tmp_path, "other", clock, vendor, key)
    given = code(vendor, other, "clock")
    assert "HWL-REDEEM-WRONG" in machine.types("redeem", given).codes
    other.does("redeem", given)


def test_guessing_slows_down(
    tmp_path: Path, clock: Clock, vendor: Actor, machine: Actor, key: str
) -> None:
    """Three wrong codes are free; then even the right one waits, never longer than an hour."""
    wrong = code(vendor, licensed(tmp_path, "other", clock, vendor, key), "clock")
    right = code(vendor, machine, "clock")
    for _ in range(3):
        assert "HWL-REDEEM-WRONG" in machine.types("redeem", wrong).codes
    for _ in range(10):
        assert "HWL-REDEEM-WAIT" in machine.types("redeem", right).codes
        clock.ahead += timedelta(hours=1)
        assert "HWL-REDEEM-WRONG" in machine.types("redeem", wrong).codes
    clock.ahead += timedelta(hours=1)
    machine.does("redeem", right)


def test_a_typing_error_is_named_and_costs_no_pause(vendor: Actor, machine: Actor) -> None:
    """The group that is wrong is named, as often as it happens."""
    right = code(vendor, machine, "clock")
    typo = ("Z" if right[0] != "Z" else "Y") + right[1:]
    for _ in range(5):
        told = machine.types("redeem", typo)
        assert (told.status, told.codes) == (4, {"HWL-CODE-GROUP"})
    machine.does("redeem", right)


def test_the_desk_books_what_it_gives(tmp_path: Path, vendor: Actor, machine: Actor) -> None:
    """The list shows what was given and when, the audit who gave it; never the code."""
    license_id = license_of(machine)
    given = code(vendor, machine, "clock")
    listed = vendor.does("vendor", "amend", license_id)["amendments"]
    assert [one["kind"] for one in listed if one["given"]] == ["clock"]
    vendor.types("vendor", "audit", "export", "-o", tmp_path / "audit.jsonl")
    audited = (tmp_path / "audit.jsonl").read_text()
    assert '"amend"' in audited
    assert given not in audited
    vendor.does("vendor", "audit", "verify")


def test_words_that_say_no_change_are_refused(vendor: Actor) -> None:
    """Unreadable ones, and those that do not fit what is sold."""
    sale = ("--product", "acme-cad", "--customer", "Globex")
    for word in (
        "extend:30",
        "clock*0",
        "counter:x:5",
        "extend:30d",
        "counter:none:+5",
        "clock*33",
    ):
        told = vendor.types("vendor", "entitlement", "add", *sale, "--amend", word)
        assert told.status == 2, word
        assert told.codes <= {"HWL-DESK-AMEND-WORD", "HWL-DESK-NUMBER"}
    assert vendor.does("vendor", "entitlement", "add", *sale, "--amend", "none")["amend"] == []
    assert vendor.does("vendor", "entitlement", "add", *sale)["amend"] == ["clock*2"]
