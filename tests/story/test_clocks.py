"""A clock that is far off: whoever has it is told so, and nothing outlasts it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from hwlock.record import replace
from hwlock.testing.host_tree import LAPTOP
from hwlock.testing.swtpm import SoftwareTpm

from .actors import Actor, Clock, at_machine

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

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


# --- the matrix: what happens to clocks, and what the person meets ------------------------------


@pytest.mark.parametrize(
    ("back", "allowed", "codes"),
    [
        (HOUR, True, {"HWL-CLOCK-SLACK"}),
        (2 * HOUR, True, {"HWL-CLOCK-ZONE"}),
        (14 * HOUR, True, {"HWL-CLOCK-ZONE"}),
        (26 * HOUR, True, {"HWL-CLOCK-ZONE"}),
        (3 * DAY, True, {"HWL-CLOCK-RESUMED"}),
        (10 * DAY, False, {"HWL-CLOCK-BACK"}),
        (365 * DAY, False, {"HWL-CLOCK-BACK"}),
    ],
    ids=["an hour", "a zone", "the farthest zones", "a day", "a resume", "to the issue", "a year"],
)
def test_a_clock_set_back_is_graded_and_set_right_is_enough(
    machine: Actor, clock: Clock, back: timedelta, allowed: bool, codes: set[str]
) -> None:
    """No answer of the vendor is needed where the clock is simply set right again."""
    clock.ahead = 10 * DAY
    machine.does("check")
    clock.ahead = 10 * DAY - back
    told = machine.types("check")
    assert (told.status == 0, told.codes) == (allowed, codes)
    clock.ahead = 10 * DAY + HOUR
    assert machine.does("check")["findings"] == []


def test_forward_then_back_is_undone_by_an_answer(
    tmp_path: Path, clock: Clock, vendor: Actor, machine: Actor, key: str
) -> None:
    """Somebody typed a wrong year, the program ran, the clock was set right."""
    clock.ahead = 25 * DAY
    machine.does("check")
    clock.ahead = HOUR
    denied = machine.types("check", "--json").json
    assert "activate again" in denied["next_step"]
    activates(tmp_path, vendor, machine, key)
    assert machine.does("check")["findings"] == []


def test_an_ended_license_does_not_live_in_the_slack(machine: Actor, clock: Clock) -> None:
    """What is tolerated of the clock is not given to the term."""
    clock.ahead = 30 * DAY + HOUR
    assert machine.types("check").codes == {"HWL-TERM-ENDED"}
    for back in (HOUR, 20 * HOUR, 6 * DAY):
        clock.ahead = 30 * DAY + HOUR - back
        assert "HWL-TERM-ENDED" in machine.types("check").codes


def test_a_deleted_memory_begins_anew(machine: Actor, clock: Clock) -> None:
    """Without a TPM that counts, the issue of the license is the floor that is left."""
    clock.ahead = 20 * DAY
    machine.does("check")
    (Path(machine.machine.user_root) / "acme-cad" / "state.cbor").unlink()
    clock.ahead = 2 * DAY
    assert machine.does("check")["findings"] == []
    (Path(machine.machine.user_root) / "acme-cad" / "state.cbor").unlink()
    clock.ahead = -40 * DAY
    assert machine.types("check").codes == {"HWL-CLOCK-EARLY"}
    clock.ahead = 3 * DAY
    assert machine.does("check")["allowed"]


def test_a_restored_backup_knows_less(machine: Actor, clock: Clock) -> None:
    """Without a TPM the older mark is believed: the threat model says so."""
    state = Path(machine.machine.user_root) / "acme-cad" / "state.cbor"
    machine.does("check")
    backup = state.read_bytes()
    clock.ahead = 20 * DAY
    machine.does("check")
    state.write_bytes(backup)
    clock.ahead = 10 * DAY
    assert machine.does("check")["findings"] == []


def test_a_dead_battery_at_the_first_start(
    tmp_path: Path, clock: Clock, vendor: Actor, key: str
) -> None:
    """A request of 1970 is answered; the clock set right, the answer is taken."""
    customer = at_machine(tmp_path / "old", clock, LAPTOP)
    right = clock.begin
    clock.begin = datetime(1970, 1, 1, tzinfo=timezone.utc)
    product = tmp_path / "acme-cad.hwproduct"
    customer.does("request", "--product", product, "--key", key, "-o", tmp_path / "o.hwreq")
    clock.begin = right
    vendor.does("respond", tmp_path / "o.hwreq", "-o", tmp_path / "o.hwres")
    clock.begin = datetime(1970, 1, 1, 0, 5, tzinfo=timezone.utc)
    refused = customer.types("activate", tmp_path / "o.hwres")
    assert "HWL-CLOCK-BACK" in refused.codes
    clock.begin = right + HOUR
    customer.does("activate", tmp_path / "o.hwres")
    assert customer.does("check")["findings"] == []


def test_a_year_too_far_does_no_harm_where_it_cannot_be(machine: Actor, clock: Clock) -> None:
    """2106 ends the license for as long as it lasts, and leaves no mark."""
    right = clock.begin
    clock.begin = datetime(2106, 2, 7, tzinfo=timezone.utc)
    assert machine.types("check").codes == {"HWL-CLOCK-AHEAD", "HWL-TERM-ENDED"}
    clock.begin = right + HOUR
    assert machine.does("check")["findings"] == []


def test_two_systems_on_one_machine(machine: Actor, clock: Clock) -> None:
    """One keeps local time, two hours ahead, the other UTC: told, and never locked."""
    for day in range(20):
        for ahead in (2 * HOUR, timedelta(), 3 * HOUR):
            clock.ahead = day * DAY + ahead
            assert machine.types("check").codes <= {"HWL-CLOCK-ZONE", "HWL-TERM-ENDING"}


def test_a_fresh_answer_counts_although_the_program_ran_meanwhile(
    tmp_path: Path, clock: Clock, vendor: Actor, machine: Actor, key: str
) -> None:
    """Checks between request and answer do not take the way back away."""
    clock.ahead = 25 * DAY
    machine.does("check")
    clock.ahead = HOUR
    product = tmp_path / "acme-cad.hwproduct"
    machine.types("check")
    machine.does("request", "--product", product, "--key", key, "-o", tmp_path / "b.hwreq")
    for minutes in (1, 30, 50):
        clock.ahead = HOUR + timedelta(minutes=minutes)
        assert machine.types("check").codes == {"HWL-CLOCK-BACK"}
    vendor.does("respond", tmp_path / "b.hwreq", "-o", tmp_path / "b.hwres")
    machine.does("activate", tmp_path / "b.hwres")
    assert machine.does("check")["findings"] == []


def test_the_administrator_sets_the_mark_of_every_user_right(
    tmp_path: Path, clock: Clock, vendor: Actor, key: str
) -> None:
    """Users share a license; a wrong clock drove one mark astray; one activation mends it."""
    admin = at_machine(tmp_path / "shared", clock, LAPTOP)
    user = at_machine(tmp_path / "shared", clock)
    user.machine = replace(admin.machine, user_root=str(tmp_path / "user" / "store"))
    product = tmp_path / "acme-cad.hwproduct"

    def activated() -> None:
        asked, answered = tmp_path / "s.hwreq", tmp_path / "s.hwres"
        request = ("request", "--system", "--product", product, "--key", key)
        admin.does(*request, "-o", asked)
        vendor.does("respond", asked, "-o", answered)
        admin.does("activate", answered)

    activated()
    assert user.does("check", "--product", product)["allowed"]
    clock.ahead = 25 * DAY
    user.does("check", "--product", product)
    clock.ahead = HOUR
    assert user.types("check", "--product", product).codes == {"HWL-CLOCK-BACK"}
    activated()
    assert user.does("check", "--product", product)["findings"] == []
    clock.ahead = 3 * HOUR
    user.does("check", "--product", product)
    clock.ahead = 5 * DAY
    user.does("check", "--product", product)
    clock.ahead = HOUR  # the answer was heeded, and is not heeded again
    assert user.types("check", "--product", product).codes == {"HWL-CLOCK-RESUMED"}


# --- with the clock of a TPM --------------------------------------------------------------------


@pytest.fixture
def with_tpm(
    tmp_path: Path, clock: Clock, vendor: Actor, tpms: tuple[SoftwareTpm, SoftwareTpm]
) -> Iterator[tuple[Actor, SoftwareTpm]]:
    """A machine whose license is bound to its TPM."""
    customer = at_machine(tmp_path / "tpm-customer", clock, LAPTOP, tpms[0].uri)
    sale = ("--product", "acme-cad", "--customer", "Globex", "--days", "30", "--bind", "tpm2")
    key = vendor.does("vendor", "entitlement", "add", *sale)["key"]
    activates(tmp_path, vendor, customer, str(key))
    yield customer, tpms[0]


@pytest.mark.parametrize("orderly", [True, False], ids=["shut down", "power cut"])
def test_a_tpm_that_restarts_is_no_alarm(
    with_tpm: tuple[Actor, SoftwareTpm], clock: Clock, orderly: bool
) -> None:
    """Its clock goes on, or falls back unsafe: neither is anybody's fault."""
    customer, tpm = with_tpm
    for _ in range(3):
        clock.ahead += DAY
        assert customer.does("check")["findings"] == []
        tpm.stop(orderly=orderly)
        tpm.start()
        clock.ahead += HOUR
        assert customer.does("check")["findings"] == []


def test_a_virtual_machine_that_is_resumed_goes_on(
    with_tpm: tuple[Actor, SoftwareTpm], clock: Clock
) -> None:
    """Three days asleep: the clock is behind until the network sets it; it is told and runs."""
    customer, _ = with_tpm
    clock.ahead = 5 * DAY
    customer.does("check")
    clock.ahead = 2 * DAY
    told = customer.does("check")
    assert (told["allowed"], told["degraded"]) == (True, True)
    clock.ahead = 5 * DAY + HOUR
    assert customer.does("check")["degraded"] is False


def test_a_tpm_that_is_gone_is_a_clock_less(
    with_tpm: tuple[Actor, SoftwareTpm], clock: Clock
) -> None:
    """The reason that is told is the missing TPM, not a clock."""
    customer, tpm = with_tpm
    tpm.stop()
    told = customer.types("check")
    assert told.status == 1
    assert not any("CLOCK" in code or "MEMORY" in code for code in told.codes)
    tpm.start()
    assert customer.does("check")["findings"] == []
