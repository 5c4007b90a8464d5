"""The desk and kinds of license: what it sells, extends, and refuses."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from hwlock.errors import DeniedError, UsageError
from hwlock.exchange.request import Total
from hwlock.issue.responder import NEW, REACTIVATED, respond
from hwlock.issue.returns import receive
from hwlock.issue.selling import end_of_day
from hwlock.license.model import Counter, Feature, Model
from hwlock.record import replace
from hwlock.testing.customer import parts_of

DAY = timedelta(days=1)
TRIAL = {"model": Model(kind="trial"), "trial_days": 30, "seats": 100}


def codes(desk, request):
    """Return what stands against a request."""
    with pytest.raises(DeniedError) as caught:
        respond(desk, request)
    return [found.code for found in caught.value.findings]


# --- selling -------------------------------------------------------------------------------


def test_what_was_sold_is_what_the_license_says(desk, clock, sell, machine):
    """The model goes from the sale into the books, and from there into each license."""
    model = Model(
        kind="subscription",
        renew_days=30,
        grace_days=14,
        edition="Pro",
        features=(Feature(name="sim", parameters=(("cores", 8),)),),
        counters=(Counter(name="exports", limit=5, period="month"),),
    )
    sold = sell(model=model, expires_at=clock.now + 365 * DAY)
    assert desk.entitlement(sold.id)[0].model == model
    customer = machine(sold)
    license = customer.open(respond(desk, customer.ask()).response)
    assert license.terms.model == model
    assert license.terms.expires_at == clock.now + 365 * DAY


@pytest.mark.parametrize(
    "wrong",
    [
        {"model": Model(kind="subscription")},
        {"model": Model(kind="trial")},
        {"trial_days": 30},
        {"model": Model(kind="trial"), "trial_days": 40_000},
        {"model": Model(grace_days=3)},
        {"model": Model(kind="maintenance")},
        {"model": Model(features=(Feature(name="cam", parameters=(("a", 1),)),))},
        {"model": Model(counters=(Counter(name="jobs", limit=2**32),))},
        {"model": Model(edition="e" * 65)},
    ],
    ids=str,
)
def test_what_no_license_could_say_is_not_sold(desk, sell, wrong):
    """Found at the desk, not on a customer's machine."""
    with pytest.raises(UsageError) as caught:
        sell(**wrong)
    assert caught.value.code in ("HWL-DESK-MODEL", "HWL-DESK-NUMBER")
    assert desk.entitlements() == ()


# --- more time -----------------------------------------------------------------------------


def test_a_subscription_is_renewed_by_extending_it(desk, clock, sell, machine):
    """The machine asks again, keeps its seat, and gets the new end."""
    sold = sell(model=Model(kind="subscription"), expires_at=clock.now + 30 * DAY)
    customer = machine(sold)
    respond(desk, customer.ask())
    desk.extend(sold.id.lower(), days=365)
    answered = respond(desk, customer.ask())
    assert answered.kind == REACTIVATED
    assert customer.open(answered.response).terms.expires_at == clock.now + 395 * DAY


def test_maintenance_is_renewed_to_a_day(desk, sell):
    """To the last second of it."""
    model = Model(kind="maintenance", maintained_until=end_of_day(date(2027, 1, 1)))
    sold = sell(model=model)
    changed = desk.extend(sold.id, maintained_until=date(2028, 6, 30))
    assert changed.model.maintained_until == end_of_day(date(2028, 6, 30))
    assert desk.entitlement(sold.id)[0].model == changed.model


@pytest.mark.parametrize(
    ("sale", "more"),
    [
        ({}, {"days": 3}),
        ({}, {"until": date(2030, 1, 1)}),
        ({}, {"maintained_until": date(2030, 1, 1)}),
        ({}, {}),
        (TRIAL, {"until": date(2030, 1, 1)}),
        (TRIAL, {"days": 3, "until": date(2030, 1, 1)}),
        (TRIAL, {"days": 0}),
    ],
)
def test_what_has_no_such_end_is_not_extended(desk, sell, sale, more):
    """For good, for another reason, by two at once or by nothing."""
    sold = sell(**sale)
    with pytest.raises(UsageError):
        desk.extend(sold.id, **more)
    assert desk.entitlement(sold.id)[0] == sold


# --- trials --------------------------------------------------------------------------------


def test_a_trial_begins_on_each_machine_with_its_first_request(desk, clock, sell, machine):
    """Two machines, two weeks apart."""
    sold = sell(**TRIAL)
    one, two = machine(sold, "alpha"), machine(sold, "beta")
    first = one.open(respond(desk, one.ask()).response)
    assert (first.terms.model.kind, first.terms.expires_at) == ("trial", clock.now + 30 * DAY)
    clock.advance(days=14)
    second = two.open(respond(desk, two.ask()).response)
    assert second.terms.expires_at == clock.now + 30 * DAY


def test_a_trial_does_not_begin_again(desk, clock, sell, machine):
    """A new installation, a return, other keys: the end stays where it was."""
    sold = sell(**TRIAL)
    customer = machine(sold)
    license = customer.open(respond(desk, customer.ask()).response)
    clock.advance(days=10)
    reinstalled = machine(sold, seed=bytes(range(32)))
    again = reinstalled.open(respond(desk, reinstalled.ask()).response)
    assert again.terms.expires_at == license.terms.expires_at
    receive(desk, reinstalled.give_back(again))
    answered = respond(desk, reinstalled.ask())
    assert answered.kind == NEW
    assert reinstalled.open(answered.response).terms.expires_at == license.terms.expires_at
    clock.advance(days=20)
    assert codes(desk, reinstalled.ask()) == ["HWL-DESK-TRIAL-USED"]
    assert codes(desk, machine(sold, seed=bytes(32)).ask()) == ["HWL-DESK-TRIAL-USED"]


def test_half_of_its_own_parts_is_the_same_machine(desk, clock, sell, machine):
    """One of two is replaced; with none left it is another machine."""
    sold = sell(**TRIAL)
    respond(desk, machine(sold).ask())
    clock.advance(days=31)
    alpha, other = dict(parts_of("alpha")), dict(parts_of("other"))
    repaired = tuple((alpha | {"nic": other["nic"]}).items())
    rebuilt = tuple((alpha | {"nic": other["nic"], "disk": other["disk"]}).items())
    assert codes(desk, machine(sold, "x", parts=repaired).ask()) == ["HWL-DESK-TRIAL-USED"]
    assert respond(desk, machine(sold, "y", parts=rebuilt).ask()).kind == NEW


def test_a_trial_is_extended_by_its_vendor(desk, clock, sell, machine):
    """The days are added to what each machine has."""
    sold = sell(**TRIAL)
    customer = machine(sold)
    began = clock.now
    respond(desk, customer.ask())
    clock.advance(days=31)
    assert codes(desk, customer.ask()) == ["HWL-DESK-TRIAL-USED"]
    desk.extend(sold.id, days=15)
    license = customer.open(respond(desk, customer.ask()).response)
    assert license.terms.expires_at == began + 45 * DAY


def test_a_trial_says_nothing_against_buying(desk, clock, sell, machine):
    """The same machine, another entitlement."""
    tried, bought = sell(**TRIAL), sell()
    respond(desk, machine(tried).ask())
    clock.advance(days=31)
    assert respond(desk, machine(bought).ask()).kind == NEW


# --- what was used up ----------------------------------------------------------------------


def test_the_desk_keeps_the_largest_total_of_each_machine(desk, clock, sell, machine):
    """Of the entitlement that is asked for, and of no other."""
    sold, other = sell(seats=2), sell()
    one, two = machine(sold, "alpha"), machine(sold, "beta")

    def tells(customer, total, entitlement=sold):
        said = Total(entitlement_id=entitlement.id, name="exports", total=total)
        respond(desk, customer.ask(replace(customer.asking(), usage=(said,))))

    tells(one, 40)
    tells(two, 7)
    clock.advance(days=1)
    tells(one, 41)
    tells(one, 5)
    tells(one, 99, other)
    assert {(used.key, used.total) for used in desk.usage(sold.id)} == {
        (one.signer.key.raw, 41),
        (two.signer.key.raw, 7),
    }
    assert desk.usage(other.id) == ()
