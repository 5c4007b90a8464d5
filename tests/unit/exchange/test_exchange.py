"""Request, response, receipt: each accepted as it was made, refused where it is not ours."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hwlock.crypto import sha2
from hwlock.errors import BadSignature, DeniedError, FormatError, UntrustedError
from hwlock.exchange import receipt, request, response
from hwlock.exchange.activation_key import ActivationKey
from hwlock.record import replace
from hwlock.testing.customer import Customer
from hwlock.testing.vendor import SOLD_AT, CardSigner, Vendor, seeded

KEY = ActivationKey(number=5)
NONCE, ASKED = bytes(range(32)), sha2.sha256(b"a request")
NOW = SOLD_AT + timedelta(hours=1)


@pytest.fixture
def vendor() -> Vendor:
    """The vendor of acme-cad."""
    return Vendor()


@pytest.fixture
def customer(vendor: Vendor) -> Customer:
    """A customer with a machine."""
    return Customer(vendor.product, KEY)


# --- the request ---------------------------------------------------------------------------


def test_a_request_proves_its_key(customer):
    """Its signer holds the key that it names; its digest names its bytes."""
    raw = customer.ask()
    found = request.UnverifiedRequest.parse(raw).verify()
    assert found.asks.key == customer.signer.key
    assert found.digest == sha2.sha256(raw) == request.digest(raw)


def test_a_request_proves_its_activation_key(customer):
    """The proof is for this key, this nonce and this signer, and for nothing else."""
    asking = customer.asking()
    assert asking.proves(KEY)
    assert not asking.proves(ActivationKey(number=6))
    assert not replace(asking, nonce=NONCE).proves(KEY)
    assert not replace(asking, key=seeded("thief").key).proves(KEY)


def test_a_request_does_not_hold_its_activation_key(customer):
    """Neither as typed, nor as a number, nor as the secret made of it."""
    raw = customer.ask()
    secret = sha2.sha256(b"hwlock activation key v1\0" + KEY.number.to_bytes(13, "big"))
    for hidden in (str(KEY).encode(), KEY.number.to_bytes(13, "big"), secret):
        assert hidden not in raw


def test_a_request_shows_no_serial_number(customer):
    """What the machine is made of travels as digests only."""
    raw = customer.ask()
    assert not [value for _, value in customer.parts if value in raw]


def test_a_changed_request_is_refused(customer):
    """One other letter in the software's name."""
    raw = customer.ask().replace(b"hwlock testing", b"hwlock resting")
    with pytest.raises(BadSignature):
        request.UnverifiedRequest.parse(raw).verify()


def test_a_request_without_evidence_is_refused(customer):
    """There is nothing that a license could be bound to."""
    raw = customer.ask(replace(customer.asking(), host=None))
    with pytest.raises(FormatError) as caught:
        request.UnverifiedRequest.parse(raw)
    assert caught.value.code == "HWL-FIELD-EMPTY"


def test_a_device_signs_with_its_own_algorithm(customer):
    """A request by a P-256 key is verified like one by software."""
    card = CardSigner("card")
    raw = request.ask(replace(customer.asking(), key=card.key), card)
    assert request.UnverifiedRequest.parse(raw).verify().asks.key == card.key


# --- the response --------------------------------------------------------------------------


def verify(vendor, raw, *, nonce=NONCE, asked=ASKED, now=NOW):
    """Verify a response as the machine that asked does."""
    found = response.UnverifiedResponse.parse(raw)
    return found.verify(vendor.product, nonce=nonce, request=asked, now=now)


def test_a_response_is_accepted_by_who_asked(vendor):
    """It holds the license, and names its issuer."""
    raw = vendor.answer(b"the license", nonce=NONCE, request=ASKED)
    found = verify(vendor, raw)
    assert found.answers.license == b"the license"
    assert found.issuer.key == vendor.issuer.key


def test_rule_1_a_response_for_another_product(vendor):
    """It is named as that, whoever signed it."""
    raw = Vendor("acme-cam").answer(b"", nonce=NONCE, request=ASKED)
    with pytest.raises(UntrustedError) as caught:
        verify(vendor, raw)
    assert caught.value.code == "HWL-PRODUCT-OTHER"


def test_rule_2_a_response_by_somebody_else(vendor):
    """Another vendor's response for a product of the same name is not genuine."""
    raw = Vendor(name="pirate").answer(b"", nonce=NONCE, request=ASKED)
    with pytest.raises(UntrustedError) as caught:
        verify(vendor, raw)
    assert caught.value.code == "HWL-TRUST-ROOT"


@pytest.mark.parametrize("given", [{"nonce": bytes(32)}, {"asked": bytes(32)}])
def test_rule_3_a_response_to_another_request(vendor, given):
    """Genuine, and no answer to this request: denied, not untrusted."""
    raw = vendor.answer(b"", nonce=NONCE, request=ASKED)
    with pytest.raises(DeniedError) as caught:
        verify(vendor, raw, **given)
    assert caught.value.code == "HWL-RESPONSE-OTHER"
    assert caught.value.row.exit_status == 1


def test_rule_4_a_response_is_good_until_the_second_of_its_expiry(vendor):
    """One second before it is accepted, on it it is not."""
    raw = vendor.answer(b"", nonce=NONCE, request=ASKED)
    expires_at = response.UnverifiedResponse.parse(raw).says.expires_at
    verify(vendor, raw, now=expires_at - timedelta(seconds=1))
    with pytest.raises(DeniedError) as caught:
        verify(vendor, raw, now=expires_at)
    assert caught.value.code == "HWL-RESPONSE-EXPIRED"


def test_a_machine_whose_clock_is_behind_may_use_a_response(vendor):
    """A response is not refused for being of the future: it brings the time along."""
    raw = vendor.answer(b"", nonce=NONCE, request=ASKED)
    verify(vendor, raw, now=SOLD_AT - timedelta(days=1000))


def test_a_seal_opens_for_its_key_and_request_only():
    """Another key, another request, one changed byte: nothing comes out."""
    key = sha2.sha256(b"key")
    sealed = response.Sealed.close(
        b"the license", key=key, iv=bytes(12), credential=b"blob", request=ASKED
    )
    assert sealed.open(key, ASKED) == b"the license"
    assert b"the license" not in sealed.ciphertext
    changed = replace(sealed, ciphertext=b"\0" + sealed.ciphertext[1:])
    for one, with_key, asked in (
        (sealed, sha2.sha256(b"other"), ASKED),
        (sealed, key[:31], ASKED),
        (sealed, b"", ASKED),
        (sealed, key, NONCE),
        (changed, key, ASKED),
        (replace(sealed, iv=b"\1" * 12), key, ASKED),
    ):
        with pytest.raises(UntrustedError) as caught:
            one.open(with_key, asked)
        assert caught.value.code == "HWL-RESPONSE-SEAL"


# --- the receipt ---------------------------------------------------------------------------


def returned(signer, digest):
    """Return a receipt by `signer` for the license with this digest."""
    says = receipt.Returning(
        product_id="acme-cad", license_id=bytes(16), license_digest=digest, returned_at=NOW
    )
    return receipt.UnverifiedReceipt.parse(receipt.give_back(says, signer))


def test_a_receipt_is_by_the_key_of_its_license():
    """Software or device: whichever key the license names."""
    for signer in (seeded("machine"), CardSigner("card")):
        found = returned(signer, ASKED).verify(signer.key, license_digest=ASKED)
        assert found.returns.license_digest == ASKED


def test_a_receipt_by_another_key_is_refused():
    """Nobody gives back what is not theirs."""
    with pytest.raises(UntrustedError) as caught:
        returned(seeded("thief"), ASKED).verify(seeded("owner").key, license_digest=ASKED)
    assert caught.value.code == "HWL-KEY-OTHER"


def test_a_receipt_for_another_license_is_refused():
    """The digest names one license file, byte for byte."""
    with pytest.raises(UntrustedError) as caught:
        returned(seeded("owner"), ASKED).verify(seeded("owner").key, license_digest=NONCE)
    assert caught.value.code == "HWL-RECEIPT-OTHER"
