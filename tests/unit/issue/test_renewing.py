"""Renewals that no machine asked for: for one license, and for all of an entitlement."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hwlock.errors import FormatError, UsageError
from hwlock.exchange.renewal import UnverifiedRenewal
from hwlock.issue import renewing, revoking
from hwlock.issue.records import ACTIVE, SUPERSEDED
from hwlock.issue.responder import respond
from hwlock.license.amendment import Redeemed, amended
from hwlock.license.license import UnverifiedLicense
from hwlock.license.model import Model


@pytest.fixture
def sold(sell, clock):
    """Two seats for thirty days, with codes."""
    end = clock.now + timedelta(days=30)
    return sell(seats=2, expires_at=end, amend=("extend:30d*2", "clock"))


@pytest.fixture
def license(desk, sold, machine):
    """The license of one machine."""
    customer = machine(sold)
    return customer.open(respond(desk, customer.ask()).response)


def inside(renewed, product):
    """Return the genuine license in a renewal."""
    says = UnverifiedRenewal.parse(renewed.file).verify(product)
    return UnverifiedLicense.parse(says.license).verify(product)


def why(desk, license_id):
    """Return why a license is not renewed."""
    with pytest.raises(UsageError) as caught:
        renewing.push(desk, license_id)
    assert caught.value.code == "HWL-DESK-RENEW"
    return caught.value.details["why"]


def test_a_renewal_has_the_present_terms(desk, product, sold, license):
    """For the same hardware and key; the old license hands its seat over, and says to which."""
    desk.extend(sold.id, days=365)
    renewed = renewing.push(desk, license.terms.id)
    new = inside(renewed, product).terms
    assert new.expires_at == sold.expires_at + timedelta(days=365)
    assert (new.binding, new.key) == (license.terms.binding, license.terms.key)
    after, activations = desk.entitlement(sold.id)
    assert after.taken == 1
    assert [one.state for one in activations] == [SUPERSEDED, ACTIVE]
    assert activations[0].replaced_by == new.id == activations[1].id


def test_codes_that_were_given_open_the_new_license(desk, product, sold, license):
    """Those of no use to anybody yet are fresh; what was given stays given."""
    given = desk.amend(license.terms.id, "extend")
    new = inside(renewing.push(desk, license.terms.id), product).terms
    number = int.from_bytes(given.code, "big")
    used = Redeemed(license_id=license.terms.id, index=0, number=number)
    assert amended(new, (used,)).expires_at == new.expires_at + timedelta(days=30)
    before, after = desk.amendments(license.terms.id), desk.amendments(new.id)
    assert [one.code == two.code for one, two in zip(before, after, strict=True)] == [
        True,
        False,
        False,
    ]
    assert [one.given_at for one in after] == [given.given_at, None, None]


def test_what_may_not_run_is_not_renewed(desk, clock, sold, license):
    """Unknown, suspended, ended, without a seat, taken back: each with its reason."""
    assert "not known" in why(desk, bytes(16))
    desk.suspend(sold.id)
    assert "suspended" in why(desk, license.terms.id)
    desk.resume(sold.id)
    clock.advance(days=31)
    assert "ended" in why(desk, license.terms.id)
    desk.extend(sold.id, days=365)
    desk.release(license.terms.id, reason="fire")
    assert "no seat" in why(desk, license.terms.id)


def test_a_license_that_was_taken_back_is_not_renewed(desk, license):
    """The list would take the new one for good."""
    revoking.revoke(desk, "license", license.terms.id, reason="not paid")
    assert "taken back" in why(desk, license.terms.id)


def test_a_trial_is_not_renewed(desk, sell, machine):
    """It is once for each machine."""
    customer = machine(sell(trial_days=30, model=Model(kind="trial"), seats=9))
    license = customer.open(respond(desk, customer.ask()).response)
    assert "trial" in why(desk, license.terms.id)


def test_all_machines_of_an_entitlement(desk, product, sold, license, machine):
    """By its id or its key; what cannot be renewed is told, and the others are."""
    other = machine(sold, "beta")
    second = other.open(respond(desk, other.ask()).response)
    renewed, refused = renewing.push_all(desk, str(sold.key))
    assert [one.renews for one in renewed] == [license.terms.id, second.terms.id]
    assert refused == ()
    revoking.revoke(desk, "license", renewed[0].activation.id, reason="not paid")
    again, refused = renewing.push_all(desk, sold.id.lower())
    assert [one.renews for one in again] == [renewed[1].activation.id]
    assert [found.code for found in refused] == ["HWL-DESK-RENEW"]
    assert inside(again[0], product).terms.key == second.terms.key


@pytest.mark.parametrize(
    ("said", "error", "code"),
    [
        ("E-00000000", UsageError, "HWL-DESK-ENTITLEMENT-NONE"),
        ("04HM7-ASW98-NF6Y2-Y093N-8NKRV", UsageError, "HWL-DESK-ENTITLEMENT-NONE"),
        ("04HM7-ASW98-NF6Y2-Y093N-8NKRW", FormatError, "HWL-CODE-GROUP"),
    ],
)
def test_an_entitlement_that_is_none(desk, said, error, code):
    """Unknown ids and keys, and a key with a typing error."""
    with pytest.raises(error) as caught:
        renewing.push_all(desk, said)
    assert caught.value.code == code


def test_nothing_to_renew(desk, sold):
    """Nobody has asked yet."""
    with pytest.raises(UsageError) as caught:
        renewing.push_all(desk, sold.id)
    assert caught.value.code == "HWL-DESK-RENEW-NONE"
