"""Kinds of license, each from the sale to its end, as people meet them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from hwlock.enforce.guard import Guard
from hwlock.errors import DeniedError
from hwlock.testing.host_tree import DESKTOP, LAPTOP
from hwlock.testing.swtpm import SoftwareTpm

from .actors import Actor, Clock, at_machine

DAY = timedelta(days=1)


@pytest.fixture
def product(tmp_path: Path, vendor: Actor) -> Path:
    """The product file that everybody has."""
    return tmp_path / "acme-cad.hwproduct"


@pytest.fixture
def machine(tmp_path: Path, clock: Clock) -> Actor:
    """A machine that has nothing yet."""
    return at_machine(tmp_path / "machine", clock, LAPTOP)


def sells(vendor: Actor, *more: object) -> dict[str, Any]:
    """Sell something to Globex."""
    return vendor.does(
        "vendor", "entitlement", "add", "--product", "acme-cad", "--customer", "Globex", *more
    )


def activates(vendor: Actor, machine: Actor, product: Path, key: object) -> dict[str, Any]:
    """Let a machine ask, get an answer, and use it."""
    folder = Path(machine.machine.user_root).parent
    asked, answered = folder / "my.hwreq", folder / "my.hwres"
    machine.does("request", "--product", product, "--key", key, "-o", asked)
    vendor.does("respond", asked, "-o", answered)
    return machine.does("activate", answered)


def test_a_subscription_is_renewed_in_its_grace(
    vendor: Actor, machine: Actor, product: Path, clock: Clock
) -> None:
    """Announced in its window, counted down in its grace, ended; extended, it goes on."""
    sold = sells(
        vendor, "--subscription", "--days", "90", "--renew-days", "30", "--grace-days", "10",
        "--bind", "host",
    )  # fmt: skip
    assert activates(vendor, machine, product, sold["key"])["standing"] == "active"
    clock.ahead = 61 * DAY
    assert machine.does("check")["standing"] == "renewing"
    clock.ahead = 93 * DAY
    told = machine.does("check")
    assert (told["standing"], told["grace_days_left"]) == ("grace", 7)
    assert "7 days of grace left" in machine.types("check").out
    clock.ahead = 100 * DAY + timedelta(minutes=5)
    assert machine.types("check").codes == {"HWL-TERM-ENDED"}
    vendor.does("vendor", "entitlement", "extend", sold["id"], "--days", "365")
    told = activates(vendor, machine, product, sold["key"])
    assert (told["standing"], told["days_left"]) == ("active", 355)


def test_maintenance_stops_new_versions_only(
    vendor: Actor, machine: Actor, product: Path, clock: Clock
) -> None:
    """Ten years later the old version still runs; a new one asks for renewal and gets it."""
    until = (clock.begin + 365 * DAY).date()
    sold = sells(vendor, "--maintenance-until", until, "--bind", "host")
    activates(vendor, machine, product, sold["key"])
    clock.ahead = 3600 * DAY
    machine.does("check", "--released", until)
    later = until + timedelta(days=1)
    assert machine.types("check", "--released", later).codes == {"HWL-MAINTENANCE-ENDED"}
    newer = Guard(str(product), released=later, machine=machine.machine)
    with pytest.raises(DeniedError):
        newer.require()
    extend = ("vendor", "entitlement", "extend", sold["id"], "--maintenance-until")
    vendor.does(*extend, later + timedelta(days=365))
    activates(vendor, machine, product, sold["key"])
    newer.require()


def test_a_trial_comes_once(
    tmp_path: Path, vendor: Actor, machine: Actor, product: Path, clock: Clock
) -> None:
    """A deleted store does not begin it anew; another machine has its own; more is a favor."""
    sold = sells(vendor, "--trial-days", "30", "--seats", "1000", "--bind", "host")
    activates(vendor, machine, product, sold["key"])
    clock.ahead = 20 * DAY
    machine.machine = at_machine(tmp_path / "reinstalled", clock, LAPTOP).machine
    assert activates(vendor, machine, product, sold["key"])["days_left"] == 10
    clock.ahead = 31 * DAY
    assert machine.types("check").codes == {"HWL-TRIAL-ENDED"}
    asked = tmp_path / "again.hwreq"
    machine.does("request", "--product", product, "--key", sold["key"], "-o", asked)
    refused = vendor.types("respond", asked, "-o", tmp_path / "no.hwres")
    assert "HWL-DESK-TRIAL-USED" in refused.codes
    assert f"extend {sold['id']}" in refused.err
    other = at_machine(tmp_path / "other", clock, DESKTOP)
    assert activates(vendor, other, product, sold["key"])["days_left"] == 30
    vendor.does("vendor", "entitlement", "extend", sold["id"], "--days", "7")
    assert activates(vendor, machine, product, sold["key"])["days_left"] == 6


def test_features_carry_parameters_and_end_alone(
    vendor: Actor, machine: Actor, product: Path, clock: Clock
) -> None:
    """What was typed at the sale is what the program reads."""
    ends = (clock.begin + 30 * DAY).date()
    sold = sells(
        vendor, "--edition", "Pro", "--feature", "max-points=5000",
        "--feature", "solver=cores:8,mode:fast", "--feature", f"sim@{ends}", "--bind", "host",
    )  # fmt: skip
    activates(vendor, machine, product, sold["key"])
    grant = Guard(str(product), machine=machine.machine).require("sim")
    assert (grant.edition, grant.parameter("max-points")) == ("Pro", 5000)
    assert (grant.parameter("cores"), grant.parameter("mode", feature="solver")) == (8, "fast")
    clock.ahead = 32 * DAY
    told = machine.types("check")
    assert (told.status, told.codes) == (0, {"HWL-FEATURE-ENDED"})
    assert machine.types("check", "--feature", "sim").status == 1


def test_an_addon_enlarges_what_is_there(
    vendor: Actor, machine: Actor, product: Path, tmp_path: Path
) -> None:
    """Alone it says what it belongs to; with its base, one grant has both."""
    base = sells(vendor, "--feature", "max-points=100", "--feature", "cad", "--bind", "host")
    addon = sells(
        vendor, "--feature", "max-points=900", "--feature", "sim", "--addon-to", base["id"],
        "--bind", "host",
    )  # fmt: skip
    activates(vendor, machine, product, addon["key"])
    assert machine.types("check").codes == {"HWL-ADDON-BASE"}
    activates(vendor, machine, product, base["key"])
    grant = Guard(str(product), machine=machine.machine).require("sim")
    assert grant.has("cad")
    assert grant.parameter("max-points") == 900


def test_what_is_counted_runs_out_and_is_told_to_the_vendor(
    vendor: Actor, machine: Actor, product: Path, clock: Clock
) -> None:
    """Three a month; setting the clock back opens no month again; a renewal goes on counting."""
    sold = sells(vendor, "--counter", "exports=3/month", "--bind", "host")
    tenth = (clock.begin + 31 * DAY).replace(day=10) - clock.begin
    clock.ahead = tenth
    activates(vendor, machine, product, sold["key"])
    grant = Guard(str(product), machine=machine.machine).require()
    assert [grant.use("exports"), grant.use("exports", 2)] == [2, 0]
    with pytest.raises(DeniedError) as caught:
        grant.use("exports")
    assert caught.value.code == "HWL-COUNTER-SPENT"
    told = machine.types("check")
    assert (told.status, told.codes) == (0, {"HWL-COUNTER-SPENT"})
    assert machine.does("check")["counters"] == {"exports": 0}
    clock.ahead = tenth + 31 * DAY
    grant = Guard(str(product), machine=machine.machine).require()
    assert grant.use("exports", 2) == 1
    with pytest.raises(DeniedError) as caught:
        grant.use("exports", 2)
    assert caught.value.code == "HWL-COUNTER-LEFT"
    activates(vendor, machine, product, sold["key"])
    assert Guard(str(product), machine=machine.machine).require().left("exports") == 1
    shown = vendor.does("vendor", "entitlement", "show", sold["id"])
    assert [(one["counter"], one["total"]) for one in shown["usage"]] == [("exports", 5)]
    assert "exports" in vendor.types("vendor", "entitlement", "show", sold["id"]).out
    clock.ahead = tenth
    with pytest.raises(DeniedError) as caught:
        grant.use("exports")
    assert caught.value.code == "HWL-COUNTER-CLOCK"


def test_who_only_warns_never_refuses(
    vendor: Actor, machine: Actor, product: Path, clock: Clock
) -> None:
    """The term is over, the counter is overdrawn: all is told, and the program runs."""
    sold = sells(vendor, "--days", "30", "--level", "warn", "--counter", "jobs=1", "--bind", "host")
    activates(vendor, machine, product, sold["key"])
    clock.ahead = 40 * DAY
    told = machine.types("check")
    assert (told.status, told.codes) == (0, {"HWL-TERM-ENDED"})
    grant = Guard(str(product), machine=machine.machine).require()
    assert (grant.use("jobs", 5), grant.use("jobs")) == (0, 0)


def test_a_floating_license_says_what_it_lacks(
    vendor: Actor, machine: Actor, product: Path, tmp_path: Path
) -> None:
    """It cannot be activated on a machine: there is no lease."""
    sold = sells(vendor, "--floating", "--seats", "5", "--bind", "host")
    asked, answered = tmp_path / "f.hwreq", tmp_path / "f.hwres"
    machine.does("request", "--product", product, "--key", sold["key"], "-o", asked)
    vendor.does("respond", asked, "-o", answered)
    assert machine.types("activate", answered).codes == {"HWL-DENIED", "HWL-FLOATING-LEASE"}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--subscription",), "HWL-DESK-MODEL"),
        (("--subscription", "--trial-days", "9", "--days", "9"), "HWL-VENDOR-KIND"),
        (("--counter", "exports"), "HWL-VENDOR-COUNTER"),
        (("--counter", "exports=9/week"), "HWL-VENDOR-COUNTER"),
        (("--feature", "=5"), "HWL-VENDOR-FEATURE"),
        (("--feature", "a=b:1,c"), "HWL-VENDOR-FEATURE"),
        (("--grace-days", "5"), "HWL-DESK-MODEL"),
    ],
)
def test_what_cannot_be_sold_says_why(vendor: Actor, words: tuple[str, ...], code: str) -> None:
    """Nothing is written where the words contradict each other."""
    sale = ("--product", "acme-cad", "--customer", "Globex")
    told = vendor.types("vendor", "entitlement", "add", *sale, *words)
    assert (told.status, told.codes) == (2, {code})


def test_a_sale_is_shown_as_it_was_made(vendor: Actor) -> None:
    """Every member in JSON, and in the lines that a person reads."""
    until = date(2031, 12, 31)
    sold = sells(
        vendor, "--subscription", "--until", until, "--grace-days", "14", "--edition", "Pro",
        "--feature", f"max-points=5000@{until}", "--counter", "exports=10/day",
        "--level", "advisory", "--addon-to", "cad",
    )  # fmt: skip
    assert (sold["kind"], sold["grace_days"], sold["edition"]) == ("subscription", 14, "Pro")
    (detail,) = sold["feature_details"]
    assert detail["parameters"] == {"max-points": 5000}
    assert sold["counters"] == [{"name": "exports", "limit": 10, "period": "day"}]
    text = vendor.types("vendor", "entitlement", "show", sold["id"]).out
    for word in ("runs 14 days more", "Pro", "max-points 5000", "10 a day", "advisory", "cad"):
        assert word in text


# --- with a TPM ----------------------------------------------------------------------------


def test_a_restored_backup_is_noticed_where_a_tpm_counts(
    tmp_path: Path,
    vendor: Actor,
    product: Path,
    clock: Clock,
    tpms: tuple[SoftwareTpm, SoftwareTpm],
) -> None:
    """Used up, put back, found out; a fresh answer is the way back. Deleted: the same."""
    machine = at_machine(tmp_path / "m", clock, LAPTOP, tpms[0].uri)
    sold = sells(vendor, "--counter", "exports=50", "--bind", "tpm2")
    activates(vendor, machine, product, sold["key"])
    state = Path(machine.machine.user_root) / "acme-cad" / "state.cbor"
    backup = state.read_bytes()
    grant = Guard(str(product), machine=machine.machine).require()
    grant.use("exports", 20)
    assert machine.does("check")["counters"] == {"exports": 30}
    grant.use("exports", 20)
    state.write_bytes(backup)
    assert machine.types("check").codes == {"HWL-MEMORY-RESTORED"}
    told = activates(vendor, machine, product, sold["key"])
    assert told["allowed"]
    state.unlink()
    assert machine.types("check").codes == {"HWL-MEMORY-LOST"}
    assert activates(vendor, machine, product, sold["key"])["allowed"]
