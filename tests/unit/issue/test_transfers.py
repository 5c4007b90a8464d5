"""A receipt and a request move a seat, in one transaction, within what was agreed."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from hwlock.codec import armor
from hwlock.errors import DeniedError, FormatError, UntrustedError
from hwlock.issue.allowances import next_allowed, said
from hwlock.issue.records import ACTIVE, RETURNED
from hwlock.issue.responder import respond
from hwlock.issue.returns import receive
from hwlock.record import replace
from hwlock.testing.customer import Customer

NOW = datetime(2026, 3, 1, tzinfo=timezone.utc)
DAY = timedelta(days=1)


def licensed(desk, customer):
    """Return the license of a customer's machine."""
    return customer.open(respond(desk, customer.ask()).response)


def refusal(desk, file, **more):
    """Return the codes of a refusal, which must have booked nothing."""
    with pytest.raises(DeniedError) as caught:
        respond(desk, file, **more)
    return {found.code for found in caught.value.findings}


@pytest.mark.parametrize("inside", [True, False])
def test_a_receipt_makes_room(desk, sell, machine, inside):
    """Inside the request, or beside it, armored or binary."""
    sold = sell()
    old, new = machine(sold), machine(sold, "beta")
    license = licensed(desk, old)
    receipt = old.give_back(license)
    if inside:
        answered = respond(desk, new.ask(replace(new.asking(), receipts=(receipt,))))
    else:
        text = armor.encode(receipt, "RECEIPT").encode()
        answered = respond(desk, new.ask(), receipts=(text, receipt))
    assert [one.id for one in answered.moved] == [license.terms.id]
    after, (first, second) = desk.entitlement(sold.id)
    assert (after.taken, first.state, second.state) == (1, RETURNED, ACTIVE)
    assert first.moved_to == second.id
    assert any('"transfer"' in line for line in desk.export_audit())
    desk.verify_audit()


def test_transfers_wait_and_are_counted(desk, clock, sell, machine):
    """So many a year, so many days apart; a refusal books nothing; a person may decide."""
    sold = sell(transfers=2, transfer_wait_days=7)
    machines = [machine(sold, name) for name in ("a", "b", "c", "d")]
    license = licensed(desk, machines[0])
    steps = [(0, False, set()), (1, False, {"HWL-DESK-TRANSFERS"})]
    steps += [(7, False, set()), (30, False, {"HWL-DESK-TRANSFERS"})]
    at = 0
    for days, decided, expected in steps:
        clock.advance(days=days)
        giver, taker = machines[at], machines[at + 1]
        receipts = (giver.give_back(license),)
        if expected:
            found = refusal(desk, taker.ask(), receipts=receipts, transfer=decided)
            assert found == expected
            assert desk.entitlement(sold.id)[0].taken == 1
            continue
        license = taker.open(respond(desk, taker.ask(), receipts=receipts).response)
        at += 1
    taker = machines[at + 1]
    receipts = (machines[at].give_back(license),)
    assert respond(desk, taker.ask(), receipts=receipts, transfer=True).moved
    assert sum('"forced": true' in line for line in desk.export_audit()) == 1


def test_none_were_agreed(desk, sell, machine):
    """Then a person decides, or books the return and answers."""
    sold = sell(transfers=0)
    old, new = machine(sold), machine(sold, "beta")
    receipt = old.give_back(licensed(desk, old))
    assert "HWL-DESK-TRANSFERS" in refusal(desk, new.ask(), receipts=(receipt,))
    receive(desk, receipt)
    answered = respond(desk, new.ask(), receipts=(receipt,))
    assert answered.moved == ()
    assert answered.entitlement.taken == 1


def test_a_receipt_of_another_entitlement_moves_nothing(desk, sell, machine):
    """Nor one of a license that nobody knows."""
    sold, other = sell(), sell()
    old, new = machine(other), machine(sold, "beta")
    receipt = old.give_back(licensed(desk, old))
    assert refusal(desk, new.ask(), receipts=(receipt,)) == {"HWL-DESK-TRANSFER-OTHER"}
    assert desk.entitlement(other.id)[0].taken == 1


def test_a_false_receipt_is_refused(desk, sell, machine, product):
    """Signed by another key, or no receipt at all."""
    sold = sell()
    old, new = machine(sold), machine(sold, "beta")
    license = licensed(desk, old)
    thief = Customer(product, sold.key, name="thief")
    with pytest.raises(UntrustedError):
        respond(desk, new.ask(), receipts=(thief.give_back(license),))
    with pytest.raises(FormatError):
        respond(desk, new.ask(replace(new.asking(), receipts=(b"\0",))))
    assert desk.entitlement(sold.id)[0].taken == 1


@pytest.mark.parametrize(
    ("booked", "most", "wait", "expected"),
    [
        ([], 3, 7, None),
        ([0], 3, 7, 7),
        ([-8], 3, 7, None),
        ([-300, -200, -100], 3, 7, 65),
        ([-400, -200, -100], 3, 7, None),
        ([-300, -200, -1], 3, 90, 89),
    ],
)
def test_when_the_next_is_allowed(booked, most, wait, expected):
    """By the wait after the last, and by the year after the oldest of so many."""
    times = [NOW + at * DAY for at in booked]
    found = next_allowed(times, most=most, wait_days=wait, now=NOW)
    assert found == (None if expected is None else NOW + expected * DAY)


def test_never_and_from_a_day_on():
    """In words."""
    never = next_allowed([], most=0, wait_days=0, now=NOW)
    assert never is not None
    assert said(never) == "never"
    assert said(NOW) == "from 2026-03-01 on"
