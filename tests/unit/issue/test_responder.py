"""From a request to a response, or to the reasons why not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hwlock.codec import armor
from hwlock.errors import DeniedError, FormatError, UntrustedError
from hwlock.issue.records import ACTIVE, SUPERSEDED
from hwlock.issue.responder import NEW, REACTIVATED, REPEATED, respond
from hwlock.issue.returns import receive
from hwlock.issue.selling import expiry
from hwlock.record import replace
from hwlock.testing.customer import parts_of


def codes(error):
    """Return the codes of everything that stands against a request."""
    return [found.code for found in error.findings]


def test_a_request_becomes_a_license(desk, clock, sell, machine):
    """The response opens on the machine that asked, and the license says what was sold."""
    sold = sell(seats=3, expires_at=expiry(clock.now, days=30))
    customer = machine(sold)
    answered = respond(desk, customer.ask())
    license = customer.open(answered.response)
    assert (answered.kind, answered.sealed) == (NEW, False)
    assert answered.entitlement.taken == 1
    assert license.terms.customer == "Globex"
    assert license.terms.features == ("sim",)
    assert license.terms.seats == 3
    assert license.terms.expires_at == clock.now + timedelta(days=30)
    assert license.terms.key == customer.signer.key
    assert license.terms.binding.assurance == "fingerprint"
    assert answered.expires_at == clock.now + timedelta(days=14)


def test_an_armored_request_is_read(desk, sell, machine):
    """What was pasted from a mail is as good as the file."""
    pasted = "Hello!\r\n" + armor.encode(machine(sell()).ask(), "REQUEST") + "\r\nRegards"
    assert respond(desk, pasted.encode()).kind == NEW


def test_the_same_request_gives_the_same_license(desk, clock, sell, machine):
    """Answering twice costs no seat and makes no second license."""
    sold = sell(seats=1)
    customer = machine(sold)
    request = customer.ask()
    first = respond(desk, request)
    clock.advance(days=20)
    second = respond(desk, request)
    assert second.kind == REPEATED
    assert customer.open(first.response) == customer.open(second.response)
    assert second.entitlement.taken == 1
    assert second.expires_at == clock.now + timedelta(days=14)


def test_the_same_machine_keeps_its_seat(desk, sell, machine):
    """A machine that lost its files asks again and gets a new license for its own seat."""
    sold = sell(seats=1)
    first = respond(desk, machine(sold).ask())
    again = respond(desk, machine(sold, seed=bytes(range(32))).ask())
    assert again.kind == REACTIVATED
    assert again.entitlement.taken == 1
    states = {one.id: one.state for one in desk.entitlement(sold.id)[1]}
    assert states == {first.activation.id: SUPERSEDED, again.activation.id: ACTIVE}


def test_a_machine_with_a_new_disk_keeps_its_seat(desk, sell, machine):
    """What a license tolerates, the seat tolerates."""
    sold = sell(seats=1)
    respond(desk, machine(sold).ask())
    parts = (("disk", b"a new disk"), *parts_of("alpha")[1:])
    assert respond(desk, machine(sold, parts=parts).ask()).kind == REACTIVATED


def test_a_copied_key_is_not_the_machine(desk, sell, machine):
    """A software key that was copied to another computer takes no seat over."""
    sold = sell(seats=1)
    respond(desk, machine(sold).ask())
    with pytest.raises(DeniedError) as caught:
        respond(desk, machine(sold, parts=parts_of("beta")).ask())
    assert codes(caught.value) == ["HWL-DESK-SEATS"]


def test_seats_run_out(desk, sell, machine):
    """The third machine of two seats is refused, and a returned seat is free again."""
    sold = sell(seats=2)
    first = machine(sold, "alpha")
    license = first.open(respond(desk, first.ask()).response)
    respond(desk, machine(sold, "beta").ask())
    third = machine(sold, "gamma")
    with pytest.raises(DeniedError) as caught:
        respond(desk, third.ask())
    assert codes(caught.value) == ["HWL-DESK-SEATS"]
    assert "2 of 2" in caught.value.findings[0].message
    receive(desk, first.give_back(license))
    assert respond(desk, third.ask()).kind == NEW


def test_a_refusal_says_everything(desk, clock, sell, machine):
    """Suspended, over, unbound and full are told together."""
    sold = sell(seats=1, bind="tpm2", expires_at=expiry(clock.now, days=1))
    full = sell(seats=1, expires_at=expiry(clock.now, days=1))
    respond(desk, machine(full).ask())
    clock.advance(days=2)
    desk.suspend(sold.id)
    desk.suspend(full.id)
    with pytest.raises(DeniedError) as caught:
        respond(desk, machine(sold).ask())
    assert codes(caught.value) == [
        "HWL-DESK-SUSPENDED",
        "HWL-DESK-ENDED",
        "HWL-BIND-UNMET",
        "HWL-BIND-NOT-OFFERED",
    ]
    with pytest.raises(DeniedError) as caught:
        respond(desk, machine(full, "beta").ask())
    assert codes(caught.value) == ["HWL-DESK-SUSPENDED", "HWL-DESK-ENDED", "HWL-DESK-SEATS"]


def test_a_resumed_entitlement_is_answered(desk, sell, machine):
    """Suspending is not forever."""
    sold = sell()
    desk.suspend(sold.id)
    assert desk.resume(sold.id.lower()).state == ACTIVE
    assert respond(desk, machine(sold).ask()).kind == NEW


def test_a_request_that_was_returned_is_used_up(desk, clock, sell, machine):
    """After the return, the old request gives nothing, and says when it gave something."""
    customer = machine(sell())
    request = customer.ask()
    license = customer.open(respond(desk, request).response)
    clock.advance(days=3)
    receive(desk, customer.give_back(license))
    with pytest.raises(DeniedError, match=r"on 2026-03-01.* returned on 2026-03-04") as caught:
        respond(desk, request)
    assert caught.value.code == "HWL-DESK-REQUEST-RETURNED"


def test_a_request_that_a_newer_one_replaced_is_used_up(desk, sell, machine):
    """Only the newest request of a machine is answered again."""
    customer = machine(sell())
    old = customer.ask()
    respond(desk, old)
    respond(desk, customer.ask())
    with pytest.raises(DeniedError) as caught:
        respond(desk, old)
    assert caught.value.code == "HWL-DESK-REQUEST-REPLACED"


def test_a_released_seat_is_free(desk, sell, machine):
    """Where no receipt can come, the vendor frees the seat and says why."""
    sold = sell(seats=1)
    customer = machine(sold)
    request = customer.ask()
    answered = respond(desk, request)
    desk.release(answered.activation.id, reason="mainboard died")
    assert respond(desk, machine(sold, "beta").ask()).kind == NEW
    with pytest.raises(DeniedError) as caught:
        respond(desk, request)
    assert caught.value.code == "HWL-DESK-REQUEST-LOST"


def test_a_product_of_others_is_refused(desk, sell, machine):
    """A request for a product that this desk does not have says so."""
    customer = machine(sell())
    with pytest.raises(DeniedError) as caught:
        respond(desk, customer.ask(replace(customer.asking(), product_id="other-cad")))
    assert caught.value.code == "HWL-DESK-REQUEST-PRODUCT"


def test_the_key_of_another_product_is_refused(desk, sell, machine):
    """An activation key opens its own product only."""
    desk.add_product("acme-cam")
    sold = sell(product_id="acme-cam")
    with pytest.raises(DeniedError) as caught:
        respond(desk, machine(sold).ask())
    assert caught.value.code == "HWL-DESK-REQUEST-KEY"


def test_too_weak_a_fingerprint_is_not_offered(desk, sell, machine):
    """A machine that shows nothing of its own gets no license, and the reason is told."""
    customer = machine(sell(), parts=(("board", b"common"), ("cpu", b"common")))
    with pytest.raises(DeniedError) as caught:
        respond(desk, customer.ask())
    assert "HWL-HOST-WEAK" in codes(caught.value)


def test_what_is_no_request_is_nobodys(desk):
    """A file that cannot be read is refused without a record."""
    before = desk.verify_audit().records
    with pytest.raises(FormatError):
        respond(desk, b"not a request")
    assert desk.verify_audit().records == before


def test_every_decision_is_audited(desk, sell, machine):
    """Answers and refusals stand in the audit, signed."""
    sold = sell(seats=1)
    respond(desk, machine(sold).ask())
    with pytest.raises(DeniedError):
        respond(desk, machine(sold, "beta").ask())
    with desk.registry.reading() as books:
        answered, refused = list(books.audit())[-2:]
    assert (answered.action, answered.subject, answered.outcome) == ("respond", sold.id, "ok")
    assert refused.outcome == "HWL-DESK-REFUSED"
    assert "HWL-DESK-SEATS" in refused.details
    assert answered.actor == "agent"
    assert desk.verify_audit().signed_until == refused.sequence


def test_a_delegation_is_renewed_in_its_last_year(desk, clock, sell, machine):
    """A desk that has its root key goes on signing after five years."""
    sold = sell(seats=2)
    clock.advance(days=6 * 365)
    customer = machine(sold)
    assert customer.open(respond(desk, customer.ask()).response).issuer.valid_from == clock.now


def test_a_desk_without_its_root_key_ends(desk, tmp_path, clock, sell, machine):
    """Without the root, answers go on until the delegation's end and not beyond."""
    sold = sell(seats=2)
    (tmp_path / "desk" / "root.key").unlink()
    clock.advance(days=5 * 365, seconds=-1)
    respond(desk, machine(sold).ask())
    clock.advance(seconds=1)
    with pytest.raises(DeniedError) as caught:
        respond(desk, machine(sold, "beta").ask())
    assert caught.value.code == "HWL-DESK-ISSUER-ENDED"


def test_a_wrong_passphrase_is_not_the_customers_fault(desk, tmp_path, sell, machine):
    """A desk that cannot sign refuses nobody: nothing is audited."""
    from hwlock.issue.desk import Desk

    request = machine(sell()).ask()
    locked = Desk.open(str(tmp_path / "desk"), passphrase=lambda: "wrong", actor="agent")
    before = desk.verify_audit().records
    with pytest.raises(UntrustedError) as caught:
        respond(locked, request)
    assert caught.value.code == "HWL-DESK-PASSPHRASE"
    assert desk.verify_audit().records == before
