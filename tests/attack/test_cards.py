"""What somebody without the card tries: replay, another card, a card made of software."""

from __future__ import annotations

import os

import pytest

from hwlock.crypto.keys import VerificationKey
from hwlock.crypto.rsa import RsaKey
from hwlock.devices.smartcard.piv import PivAttester
from hwlock.errors import BadAnswer, BadKey, BadSignature, NotFound
from hwlock.evidence.card import CardRecord
from hwlock.evidence.claims import claims_challenge, proof_message
from hwlock.testing.cards.wire import CardWire, cards
from hwlock.testing.cards.yubikey import VirtualYubiKey

GENERAL_AUTHENTICATE = 0x87
EXCHANGES = 1000


@pytest.fixture
def enrolled():
    """Return a wire to a card, a driver, and the record of its key."""
    card = VirtualYubiKey()
    card.piv.put_key(0x9E)
    wire = CardWire(card)
    device = PivAttester("piv:", find=cards(wire))
    return wire, device, device.enroll()


def test_a_recorder_is_refused_a_thousand_times(enrolled):
    """A thousand recorded answers are worth nothing for the next thousand challenges."""
    wire, device, record = enrolled
    recorded = []

    def listen(command, answer):
        if command[1] == GENERAL_AUTHENTICATE:
            recorded.append(answer)
        return answer

    wire.lie = listen
    proofs = [device.prove(record, os.urandom(32)) for _ in range(EXCHANGES)]
    assert len(set(recorded)) == EXCHANGES
    replayed = iter(recorded)
    wire.lie = lambda command, answer: (
        next(replayed) if command[1] == GENERAL_AUTHENTICATE else answer
    )
    refused = 0
    for _ in range(EXCHANGES):
        with pytest.raises(BadAnswer) as caught:
            device.prove(record, os.urandom(32))
        refused += caught.value.code == "HWL-SMARTCARD-SIGNATURE"
    assert refused == EXCHANGES
    # who patches the driver out has the proofs themselves, and they answer no other challenge
    key = CardRecord.parse(record).key
    for proof in proofs:
        with pytest.raises(BadSignature):
            key.verify(proof.signature, proof_message(os.urandom(32)))


def test_claims_of_one_request_are_none_of_another(enrolled):
    """A proof that was made for one machine's request does not fit another's."""
    _, device, record = enrolled
    nonce, mine, theirs = os.urandom(32), os.urandom(16), os.urandom(16)
    claims = device.claims(record, claims_challenge(nonce, mine))
    claims.key.verify(claims.signature, proof_message(claims_challenge(nonce, mine)))
    for other in (claims_challenge(nonce, theirs), claims_challenge(os.urandom(32), mine)):
        with pytest.raises(BadSignature):
            claims.key.verify(claims.signature, proof_message(other))


def test_a_card_with_copied_words(enrolled):
    """Serial, certificate and metadata can be copied; the private key cannot."""
    wire, device, record = enrolled
    fake = VirtualYubiKey()
    fake.piv.objects = dict(wire.card.piv.objects)
    fake.piv.put_key(0x9E, certificate=False)
    genuine = wire.card
    wire.lie = lambda command, answer: (
        answer if command[1] != GENERAL_AUTHENTICATE else fake.transmit(command)
    )
    fake.transmit(bytes.fromhex("00a4040005a000000308"))
    with pytest.raises(BadAnswer):
        device.prove(record, os.urandom(32))
    wire.lie, wire.card = None, fake
    device.close()
    with pytest.raises(NotFound):
        device.prove(record, os.urandom(32))
    wire.card = genuine
    assert device.prove(record, os.urandom(32)).signature


def _roca(bits):
    """Return a number of the form of a weak modulus: a power of 65537 modulo small primes."""
    product = 1
    for prime in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73,
                  79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157,
                  163, 167):  # fmt: skip
        product *= prime
    value = pow(65537, 12345, product)
    number = value + product * ((1 << (bits - 1)) // product + 1)
    return (number + (product if number % 2 == 0 else 0)).to_bytes(bits // 8, "big")


@pytest.mark.parametrize(("modulus", "code"), [
    (_roca(2048), "HWL-KEY-ROCA"),
    (((1 << 2040) + 1).to_bytes(256, "big").lstrip(b"\0"), "HWL-KEY-RSA"),
    (((1 << 1023) + 1).to_bytes(128, "big"), "HWL-KEY-RSA"),
])  # fmt: skip
def test_weak_keys_of_cards(enrolled, modulus, code):
    """A key of a flawed chip, or a short one, is refused at enrollment, whatever it signs."""
    wire, device, _ = enrolled
    metadata = bytes([1, 1, 7, 2, 2, 1, 1, 3, 1, 1])
    size = len(modulus).to_bytes(2, "big")
    public = b"\x81\x82" + size + modulus + b"\x82\x03\x01\x00\x01"
    said = metadata + b"\x04\x82" + len(public).to_bytes(2, "big") + public

    def lie(command, answer):
        if command[1] == 0xF7:
            lie.rest = said
            return b"\x61\xff"
        if command[1] == 0xC0:
            piece, lie.rest = lie.rest[:255], lie.rest[255:]
            return piece + (b"\x61\xff" if lie.rest else b"\x90\0")
        return answer

    wire.lie = lie
    device.close()
    with pytest.raises(BadKey) as caught:
        device.enroll()
    assert caught.value.code == code


def test_kinds_of_keys_are_not_mixed_up():
    """A modulus is no point, nor the other way round: the record says which it is."""
    raw = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    assert VerificationKey(raw) != RsaKey(((1 << 2047) + 1).to_bytes(256, "big"))
