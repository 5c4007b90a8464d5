"""A receipt comes back, and the seat is free again."""

from __future__ import annotations

import pytest

from hwlock.codec import armor
from hwlock.errors import BadSignature, DeniedError, FormatError, UntrustedError
from hwlock.exchange import receipt
from hwlock.issue.records import RETURNED
from hwlock.issue.responder import respond
from hwlock.issue.returns import receive
from hwlock.record import replace


@pytest.fixture
def returned(desk, sell, machine):
    """A customer, their license, and its receipt."""
    customer = machine(sell())
    license = customer.open(respond(desk, customer.ask()).response)
    return customer, license, customer.give_back(license)


def refusal(error, desk, file):
    """Return the code of the refusal, and that it stands in the audit."""
    with pytest.raises(error) as caught:
        receive(desk, file)
    with desk.registry.reading() as books:
        tail = books.audit_tail()
    assert (tail.action, tail.outcome) == ("receive", caught.value.code)
    return caught.value.code


def test_a_receipt_frees_the_seat(desk, clock, returned):
    """The license is booked as returned, with the date."""
    booked = receive(desk, armor.encode(returned[2], "RECEIPT").encode())
    assert (booked.again, booked.entitlement.taken) == (False, 0)
    assert booked.activation.state == RETURNED
    assert booked.returned_at == clock.now


def test_a_receipt_is_booked_once(desk, clock, returned):
    """A second time changes nothing, and tells the first date."""
    first = receive(desk, returned[2])
    records = desk.verify_audit().records
    clock.advance(days=1)
    second = receive(desk, returned[2])
    assert second.again and second.returned_at == first.returned_at
    assert desk.verify_audit().records == records


def test_a_released_license_can_still_be_returned(desk, returned):
    """The receipt is the better proof."""
    _customer, license, file = returned
    desk.release(license.terms.id, reason="stolen")
    assert receive(desk, file).activation.state == RETURNED


def test_a_receipt_of_a_replaced_license_frees_nothing(desk, returned):
    """While a newer license of that machine lives, its seat stays taken."""
    customer, _license, file = returned
    respond(desk, customer.ask())
    assert refusal(DeniedError, desk, file) == "HWL-DESK-RECEIPT-REPLACED"


def test_a_receipt_by_another_key_is_refused(desk, machine, returned):
    """Only the machine that has the license can give it back."""
    _customer, license, _ = returned
    stranger = machine(desk.entitlements()[0], "beta")
    assert refusal(UntrustedError, desk, stranger.give_back(license)) == "HWL-KEY-OTHER"


def test_a_receipt_with_a_changed_signature_is_refused(desk, returned):
    """A receipt is worth its signature."""
    file = bytearray(returned[2])
    file[-1] ^= 1
    assert refusal(BadSignature, desk, bytes(file)).startswith("HWL-")


def test_a_receipt_for_other_bytes_is_refused(desk, returned):
    """The receipt names the license by its digest."""
    customer, _license, _ = returned
    says = receipt.UnverifiedReceipt.parse(returned[2]).says
    other = receipt.give_back(replace(says, license_digest=bytes(32)), customer.signer)
    assert refusal(UntrustedError, desk, other) == "HWL-RECEIPT-OTHER"


def test_a_receipt_of_another_product_is_refused(desk, returned):
    """The product that the receipt names is the license's."""
    customer, _license, _ = returned
    says = receipt.UnverifiedReceipt.parse(returned[2]).says
    other = receipt.give_back(replace(says, product_id="acme-cam"), customer.signer)
    assert refusal(UntrustedError, desk, other) == "HWL-PRODUCT-OTHER"


def test_a_receipt_of_another_desk_is_refused(desk, returned):
    """A license that this desk never issued has no seat here."""
    customer, _license, _ = returned
    says = receipt.UnverifiedReceipt.parse(returned[2]).says
    other = receipt.give_back(replace(says, license_id=bytes(16)), customer.signer)
    assert refusal(DeniedError, desk, other) == "HWL-DESK-RECEIPT-UNKNOWN"


def test_a_request_is_no_receipt(desk, returned):
    """Another kind of file is told as such."""
    with pytest.raises(FormatError):
        receive(desk, returned[0].ask())
