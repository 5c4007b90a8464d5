"""OpenPGP cards through the real service: the authentication key answers, after one PIN."""

from __future__ import annotations

import pytest

from hwlock.devices import registry
from hwlock.errors import AccessDenied, BadKey, Cancelled, NotFound, PinRequired, Removed
from hwlock.evidence.claims import proof_message
from hwlock.testing.cards.openpgp import VirtualOpenPgpCard

pytestmark = pytest.mark.device
CHALLENGE = bytes(range(32))
URI = "openpgp:serial=0006:12345678"


@pytest.fixture
def card():
    """Return a card with a P-256 key for authentication, not inserted."""
    card = VirtualOpenPgpCard()
    card.openpgp.put_key()
    return card


@pytest.mark.parametrize("algorithm", ["P-256", "Ed25519", "RSA-2048", "RSA-3072", "RSA-4096"])
def test_every_algorithm(service, person, card, algorithm):
    """Each kind of key is enrolled and proven; the PIN is asked once."""
    card.openpgp.put_key(algorithm)
    service.insert(card)
    (found,) = registry.scan(("openpgp",))
    assert (found.uri, found.assurance, found.problem) == (URI, "key", None)
    someone = person("123456")
    with registry.open_dongle(URI, someone) as device:
        record = device.enroll()
        claims = device.claims(record, CHALLENGE)
        proof = device.prove(record, CHALLENGE)
    claims.key.verify(claims.signature, proof_message(CHALLENGE))
    claims.key.verify(proof.signature, proof_message(CHALLENGE))
    assert (claims.uri, claims.label) == (URI, "OpenPGP card 0006:12345678")
    assert (proof.anchor, proof.public) == ("openpgp", claims.key.raw)
    assert someone.asked == [("OpenPGP card 0006:12345678", 3)]


def test_other_kinds(service, card, yubikey):
    """A PIV card is none, and the other way round."""
    service.insert(card)
    service.insert(yubikey, reader=1)
    assert [found.uri for found in registry.scan(("piv", "openpgp"))] == [
        "piv:serial=1234567",
        URI,
    ]


def test_wrong_and_blocked_pin(service, person, card):
    """A wrong PIN costs one try, and says how many are left; the last one blocks."""
    card.openpgp.tries = 2
    service.insert(card)
    someone = person("654321", "111111")
    with registry.open_dongle(URI, someone) as device:
        record = device.enroll()
        with pytest.raises(PinRequired) as caught:
            device.prove(record, CHALLENGE)
        assert caught.value.attempts_left == 1
        for _ in range(2):
            with pytest.raises(AccessDenied):
                device.prove(record, CHALLENGE)
    assert [left for _, left in someone.asked] == [2, 1]


def test_hashed_pin(service, person, card):
    """A card that wants the PIN hashed gets it so, and no try is lost."""
    from yubikit.openpgp import PW, KdfIterSaltedS2k

    kdf = KdfIterSaltedS2k.create(iteration_count=100000)
    card.openpgp.kdf = bytes(kdf)
    card.openpgp.pin = kdf.process(PW.USER, "123456")
    service.insert(card)
    with registry.open_dongle(URI, person("123456")) as device:
        assert device.prove(device.enroll(), CHALLENGE).signature
    assert card.openpgp.tries == 3


def test_nobody_to_ask(service, card):
    """Without a person the card cannot answer, and says why."""
    service.insert(card)
    with registry.open_dongle(URI) as device, pytest.raises(PinRequired) as caught:
        device.prove(device.enroll(), CHALLENGE)
    assert (caught.value.code, caught.value.attempts_left) == ("HWL-DEVICE-PIN", 3)


def test_touch(service, person, card):
    """A touch is told to the person; none in time is a no."""
    card.openpgp.wants_touch = True
    service.insert(card)
    someone = person("123456")
    with registry.open_dongle(URI, someone) as device:
        record = device.enroll()
        assert device.prove(record, CHALLENGE).signature
        card.openpgp.touch = lambda: False
        with pytest.raises(Cancelled):
            device.prove(record, CHALLENGE)
    assert len(someone.touches) == 2


@pytest.mark.parametrize("algorithm", ["RSA-1024", "P-384"])
def test_weak_and_unknown_keys(service, card, algorithm):
    """Keys that are too weak, or of another curve, are refused at enrollment."""
    card.openpgp.put_key(algorithm)
    service.insert(card)
    with registry.open_dongle(URI) as device, pytest.raises((BadKey, NotFound)):
        device.enroll()


def test_no_key(service, card):
    """A card without the key says how to make one."""
    card.openpgp.keys.clear()
    service.insert(card)
    with registry.open_dongle(URI) as device, pytest.raises(NotFound) as caught:
        device.enroll()
    assert caught.value.code == "HWL-SMARTCARD-OPENPGP-KEY"


def test_replaced_key(service, person, card):
    """A card with another key than the license's does not get the PIN."""
    service.insert(card)
    someone = person("123456")
    with registry.open_dongle(URI, someone) as device:
        record = device.enroll()
        card.openpgp.put_key()
        with pytest.raises(NotFound) as caught:
            device.prove(record, CHALLENGE)
    assert caught.value.code == "HWL-SMARTCARD-OTHER"
    assert someone.asked == []


def test_pulled(service, person, card):
    """A card that was pulled is there again when it is put back, and asks again."""
    inserted = service.insert(card)
    someone = person("123456", "123456")
    with registry.open_dongle(URI, someone) as device:
        record = device.enroll()
        device.prove(record, CHALLENGE)
        inserted.remove()
        with pytest.raises((Removed, NotFound)):
            device.prove(record, CHALLENGE)
        service.insert(card, reader=1)
        assert device.prove(record, CHALLENGE).signature
    assert len(someone.asked) == 2
