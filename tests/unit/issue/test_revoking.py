"""What the desk takes back, and the list that says so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hwlock.crypto.keys import VerificationKey
from hwlock.errors import DeniedError, UsageError
from hwlock.exchange.response import UnverifiedResponse
from hwlock.issue import revoking
from hwlock.issue.responder import respond
from hwlock.license.revocation import UnverifiedList, device_subject


@pytest.fixture
def licensed(desk, sell, machine):
    """A customer and their license."""
    customer = machine(sell())
    return customer, customer.open(respond(desk, customer.ask()).response)


def code_of(call, *arguments, **more):
    """Return the code of the UsageError that a call must raise."""
    with pytest.raises(UsageError) as caught:
        call(*arguments, **more)
    return caught.value.code


def test_a_license_is_taken_back_once(desk, clock, licensed):
    """It gets the first number; the seat stays taken; a second time is refused."""
    _, license = licensed
    added = revoking.revoke(desk, "license", license.terms.id, reason="not paid", after_days=3)
    assert [(one.number, one.since) for one in added] == [(1, clock.now + timedelta(days=3))]
    assert desk.entitlement(license.terms.entitlement_id)[0].taken == 1
    again = code_of(revoking.revoke, desk, "license", license.terms.id, reason="not paid")
    assert again == "HWL-DESK-REVOKE-ID"


@pytest.mark.parametrize(
    ("kind", "subject"), [("license", bytes(16)), ("license", bytes(3)), ("device", bytes(16))]
)
def test_what_is_unknown_or_misshapen_is_refused(desk, kind, subject):
    """A license that this desk never issued, an id of another size."""
    assert code_of(revoking.revoke, desk, kind, subject, reason="typo") == "HWL-DESK-REVOKE-ID"


def test_the_desk_does_not_take_back_its_own_key(desk):
    """It signs the list."""
    own = VerificationKey(desk.settings.issuer).kid
    assert code_of(revoking.revoke, desk, "issuer", own, reason="x") == "HWL-DESK-REVOKE-OWN"


def test_a_device_is_taken_back_for_every_product(desk):
    """Each product has numbers of its own."""
    desk.add_product("acme-cam")
    added = revoking.revoke(desk, "device", bytes(32), reason="stolen")
    assert [(one.product_id, one.number) for one in added] == [("acme-cad", 1), ("acme-cam", 1)]


def test_a_machine_whose_key_was_taken_back_is_refused(desk, licensed):
    """Its requests are answered no more, with day and reason."""
    customer, _ = licensed
    subject = device_subject(customer.signer.key.raw)
    revoking.revoke(desk, "device", subject, reason="stolen", after_days=0)
    with pytest.raises(DeniedError) as caught:
        respond(desk, customer.ask())
    assert "HWL-DESK-REVOKED" in {found.code for found in caught.value.findings}


def test_a_list_is_full_or_what_was_added(desk, product, licensed):
    """Numbers go up; nothing to say is said; what travels in a response is the full list."""
    customer, license = licensed
    assert code_of(revoking.make_list, desk, "acme-cad") == "HWL-DESK-REVOKE-NONE"
    revoking.revoke(desk, "license", license.terms.id, reason="not paid")
    revoking.revoke(desk, "device", bytes(32), reason="stolen")
    full, raw = revoking.make_list(desk, "acme-cad")
    delta, _ = revoking.make_list(desk, "acme-cad", base=1)
    assert (full.number, full.base, len(full.entries)) == (2, 0, 2)
    assert (delta.number, delta.base, len(delta.entries)) == (2, 1, 1)
    assert UnverifiedList.parse(raw).verify(product).listed == full
    assert code_of(revoking.make_list, desk, "acme-cad", base=2) == "HWL-DESK-REVOKE-NONE"
    answered = UnverifiedResponse.parse(respond(desk, customer.ask()).response).says
    carried = UnverifiedList.parse(answered.revocations).verify(product).listed
    assert carried.entries == full.entries


def test_a_list_holds_so_many_entries(desk, monkeypatch):
    """More is refused, and the hint says how they are sent."""
    monkeypatch.setattr(revoking, "MAX_ENTRIES", 1)
    for number in (1, 2):
        revoking.revoke(desk, "device", bytes([number]) * 32, reason="stolen")
    assert code_of(revoking.make_list, desk, "acme-cad") == "HWL-DESK-REVOKE-MANY"
    assert revoking.make_list(desk, "acme-cad", base=1)[0].number == 2


def test_taking_back_is_audited(desk, licensed):
    """With reason and numbers."""
    _, license = licensed
    revoking.revoke(desk, "license", license.terms.id, reason="not paid")
    line = [line for line in desk.export_audit() if '"revoke"' in line][-1]
    assert "not paid" in line
    assert license.terms.id.hex() in line
