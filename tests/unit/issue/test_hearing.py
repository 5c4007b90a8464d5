"""What machines tell of their licenses, and what follows at the desk."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hwlock.crypto import sha2
from hwlock.errors import DeniedError
from hwlock.exchange import receipt
from hwlock.exchange.request import Held, use_proof
from hwlock.exchange.response import UnverifiedResponse
from hwlock.issue import hearing
from hwlock.issue.responder import respond
from hwlock.issue.returns import receive
from hwlock.license.model import Counter, Model
from hwlock.record import replace

DAY = timedelta(days=1)
EXPORTS = Model(counters=(Counter(name="exports", limit=5),))


@pytest.fixture
def sold(sell, clock):
    """One seat for thirty days, with codes."""
    amend = ("extend:30d*2", "counter:exports:+10", "transfer")
    return sell(expires_at=clock.now + 30 * DAY, model=EXPORTS, amend=amend)


@pytest.fixture
def customer(machine, sold):
    """A machine."""
    return machine(sold)


@pytest.fixture
def license(desk, customer):
    """Its license."""
    return customer.open(respond(desk, customer.ask()).response)


def telling(customer, license_id, *codes):
    """Return what a machine asks that has a license and used some of its codes."""
    asks = customer.asking()
    used = tuple(
        (one.index, use_proof(asks.nonce, license_id, one.index, int.from_bytes(one.code, "big")))
        for one in codes
    )
    return replace(asks, held=(Held(license_id=license_id, used=used),))


def codes_of(answered):
    """Return the codes of what was noticed."""
    return [found.code for found in answered.notes if found.code.startswith("HWL-DESK-REUSED")]


def test_a_used_extension_extends_the_entitlement(desk, sold, customer, license):
    """To the end that the machine has; once, however often it is told."""
    code = desk.amend(license.terms.id, "extend")
    for _ in range(2):
        answered = respond(desk, customer.ask(telling(customer, license.terms.id, code)))
        assert answered.entitlement.expires_at == sold.expires_at + 30 * DAY
    assert customer.open(answered.response).terms.expires_at == sold.expires_at + 30 * DAY
    assert [one.used_at is not None for one in desk.amendments(license.terms.id)].count(True) == 1
    assert sum('"redeemed"' in line for line in desk.export_audit()) == 1


def test_the_later_of_two_ends_counts(desk, sold, customer, license):
    """What the vendor gave meanwhile is not shortened, and not added to."""
    code = desk.amend(license.terms.id, "extend")
    desk.extend(sold.id, days=365)
    answered = respond(desk, customer.ask(telling(customer, license.terms.id, code)))
    assert answered.entitlement.expires_at == sold.expires_at + 365 * DAY


def test_a_raised_counter_stays_raised(desk, customer, license):
    """In the entitlement, and so in each license to come."""
    code = desk.amend(license.terms.id, "counter")
    answered = respond(desk, customer.ask(telling(customer, license.terms.id, code)))
    terms = customer.open(answered.response).terms
    assert [one.limit for one in terms.model.counters] == [15]


def test_a_code_that_was_only_given_is_not_lost(desk, customer, license):
    """The next license has a lock for it."""
    given = desk.amend(license.terms.id, "extend")
    new = customer.open(respond(desk, customer.ask(telling(customer, license.terms.id))).response)
    assert desk.amendments(new.terms.id)[0].code == given.code


def test_a_wrong_proof_books_nothing(desk, sold, customer, license):
    """Neither a proof for another request, nor one of a change that the license has not."""
    code = desk.amend(license.terms.id, "extend")
    asks = customer.asking()
    proof = use_proof(bytes(32), license.terms.id, 0, int.from_bytes(code.code, "big"))
    held = Held(license_id=license.terms.id, used=((0, proof), (31, proof)))
    answered = respond(desk, customer.ask(replace(asks, held=(held,))))
    assert answered.entitlement.expires_at == sold.expires_at


def test_codes_of_a_trial_are_of_its_machine(desk, sell, machine, clock):
    """Its next license ends as the codes left it; the entitlement's days stay."""
    trial = sell(
        seats=9, trial_days=30, model=Model(kind="trial"), amend=("extend:30d",), bind="host"
    )
    alpha, beta = machine(trial), machine(trial, "beta")
    license = alpha.open(respond(desk, alpha.ask()).response)
    code = desk.amend(license.terms.id, "extend")
    clock.advance(days=40)
    asks = telling(alpha, license.terms.id, code)
    again = alpha.open(respond(desk, alpha.ask(asks)).response).terms
    assert again.expires_at == license.terms.expires_at + 30 * DAY
    fresh = beta.open(respond(desk, beta.ask()).response).terms
    assert fresh.expires_at == clock.now + 30 * DAY


def test_a_returned_license_is_noticed_and_taken_back(desk, clock, customer, license):
    """Told with its day; on the list in the same answer; each contact is audited."""
    receive(desk, customer.give_back(license))
    answered = respond(desk, customer.ask(telling(customer, license.terms.id)))
    assert codes_of(answered) == ["HWL-DESK-REUSED", "HWL-DESK-REUSED-REVOKED"]
    assert answered.notes[0].details["day"] == clock.now.date()
    says = UnverifiedResponse.parse(answered.response).says
    assert says.revocations is not None
    assert says.ended == (license.terms.id,)
    assert sum('"reuse"' in line for line in desk.export_audit()) == 1


def test_a_refusal_tells_it_too(desk, customer, license):
    """And what was noticed is kept, although the request is refused."""
    receive(desk, customer.give_back(license))
    desk.suspend(license.terms.entitlement_id)
    with pytest.raises(DeniedError) as caught:
        respond(desk, customer.ask(telling(customer, license.terms.id)))
    assert {"HWL-DESK-SUSPENDED", "HWL-DESK-REUSED"} <= {one.code for one in caught.value.findings}
    with desk.registry.reading() as books:
        assert books.revoked("acme-cad", "license", (license.terms.id,))


def test_a_lost_machine_that_asks_is_noticed(desk, customer, license):
    """It was on the list before."""
    desk.release(license.terms.id, reason="fire")
    answered = respond(desk, customer.ask(telling(customer, license.terms.id)))
    assert codes_of(answered) == ["HWL-DESK-REUSED-LOST", "HWL-DESK-REUSED-REVOKED"]


def test_an_older_license_of_a_returned_one_is_noticed(desk, customer, license):
    """What took over its seat was returned."""
    newer = customer.open(respond(desk, customer.ask()).response)
    assert codes_of(respond(desk, customer.ask(telling(customer, license.terms.id)))) == []
    newest = desk.entitlement(license.terms.entitlement_id)[1][-1]
    assert newest.id != newer.terms.id
    desk.release(newest.id, reason="fire")
    answered = respond(desk, customer.ask(telling(customer, license.terms.id)))
    assert "HWL-DESK-REUSED-LOST" in codes_of(answered)


def test_it_can_be_only_told(desk, sell, machine):
    """Where the entitlement says so, nothing is taken back."""
    customer = machine(sell(on_reuse="tell"))
    license = customer.open(respond(desk, customer.ask()).response)
    receive(desk, customer.give_back(license))
    answered = respond(desk, customer.ask(telling(customer, license.terms.id)))
    assert codes_of(answered) == ["HWL-DESK-REUSED"]
    assert UnverifiedResponse.parse(answered.response).says.revocations is None


def test_a_second_receipt_says_that_it_ran_again(desk, customer, license):
    """The same receipt twice says nothing; another of a later time does, once."""
    receive(desk, customer.give_back(license))
    assert receive(desk, customer.give_back(license)).notes == ()
    later = receipt.Returning(
        product_id="acme-cad",
        license_id=license.terms.id,
        license_digest=sha2.sha256(license.raw),
        returned_at=license.terms.issued_at + 9 * DAY,
    )
    file = receipt.give_back(later, customer.signer)
    assert receive(desk, file).notes[0].code == "HWL-DESK-REUSED-AGAIN"
    assert receive(desk, file).notes == ()


def test_unknown_licenses_are_nobodys_business(desk, customer):
    """Of another vendor, or made up."""
    answered = respond(desk, customer.ask(telling(customer, bytes(16))))
    assert codes_of(answered) == []
    with desk.registry.writing() as books:
        assert hearing.notice(desk, books, (bytes(16),), by="diagnostic") == ()


def test_a_moved_license_takes_its_seat_along(desk, sold, customer, license, machine):
    """By the proof of its code; the old license is taken back, and the seat is not doubled."""
    code = desk.amend(license.terms.id, "transfer")
    other = machine(sold, "beta")
    with pytest.raises(DeniedError):
        respond(desk, other.ask(telling(other, license.terms.id)))
    answered = respond(desk, other.ask(telling(other, license.terms.id, code)))
    assert (answered.kind, answered.entitlement.taken) == ("reactivated", 1)
    with desk.registry.reading() as books:
        assert books.revoked("acme-cad", "license", (license.terms.id,))
    with pytest.raises(DeniedError) as caught:
        respond(desk, customer.ask(telling(customer, license.terms.id)))
    assert "HWL-DESK-SEATS" in {found.code for found in caught.value.findings}
