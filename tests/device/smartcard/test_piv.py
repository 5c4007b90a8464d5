"""PIV cards through the real service: enrolled, believed, and asked for a PIN politely."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from hwlock.crypto.rsa import RsaKey
from hwlock.devices import registry
from hwlock.errors import (
    AccessDenied,
    BadAnswer,
    BadKey,
    Cancelled,
    NotFound,
    PinRequired,
    Removed,
    UsageError,
)
from hwlock.evidence.card import CardRecord
from hwlock.evidence.claims import proof_message
from hwlock.evidence.piv import verify_attestation
from hwlock.testing.cards.keys import generate
from hwlock.testing.cards.yubikey import VirtualPivCard, VirtualYubiKey

pytestmark = pytest.mark.device
CHALLENGE = bytes(range(32))
NOW = datetime(2030, 1, 1, tzinfo=timezone.utc)
VERIFY = 0x20


def sent_pins(card):
    """Return how many commands carried a PIN to the card."""
    return sum(apdu[1] == VERIFY and len(apdu) > 5 for apdu in card.log)


def test_workstation_card(service, yubikey, maker):
    """A key in 9e is enrolled, attested and proven without anybody being asked."""
    service.insert(yubikey)
    with registry.open_dongle("piv:serial=1234567") as device:
        record = device.enroll()
        claims = device.claims(record, CHALLENGE)
        proof = device.prove(record, CHALLENGE)
    assert claims.uri == "piv:serial=1234567;slot=9e"
    assert claims.label == "YubiKey 1234567"
    claims.key.verify(claims.signature, proof_message(CHALLENGE))
    claims.key.verify(proof.signature, proof_message(CHALLENGE))
    assert (proof.anchor, proof.public, proof.data) == ("piv", claims.key.raw, b"")
    said = verify_attestation(claims.attestation, claims.key, trusted=(maker.root,), at=NOW)
    assert (said.serial, said.firmware, said.pin_policy) == (1234567, (5, 7, 1), "never")


@pytest.mark.parametrize("algorithm", ["P-256", "Ed25519", "RSA-2048", "RSA-3072"])
@pytest.mark.parametrize("slot", ["9a", "82"])
def test_every_algorithm(service, person, yubikey, algorithm, slot):
    """Each kind of key answers, after one PIN."""
    yubikey.piv.put_key(int(slot, 16), algorithm)
    service.insert(yubikey)
    someone = person("123456")
    with registry.open_dongle(f"piv:serial=1234567;slot={slot}", someone) as device:
        record = device.enroll()
        claims = device.claims(record, CHALLENGE)
        claims.key.verify(claims.signature, proof_message(CHALLENGE))
    assert isinstance(claims.key, RsaKey) == algorithm.startswith("RSA")
    assert someone.asked == [("YubiKey 1234567", 3)]


@pytest.mark.parametrize("algorithm", ["P-256", "RSA-2048"])
def test_plain_card(service, person, algorithm):
    """A card without a maker's additions is known by its GUID and its certificate."""
    card = VirtualPivCard(bytes(range(1, 17)))
    card.piv.put_key(0x9A, algorithm)
    service.insert(card)
    (found,) = registry.scan(("piv",))
    assert found.uri == "piv:serial=0102030405060708090a0b0c0d0e0f10"
    assert found.assurance == "key"
    someone = person("123456")
    with registry.open_dongle(found.uri, someone) as device:
        record = device.enroll()
        for _ in range(3):
            claims = device.claims(record, CHALLENGE)
    assert claims.uri == found.uri + ";slot=9a"
    assert claims.attestation == b""
    assert len(someone.asked) == 1


def test_card_without_a_serial(service, person):
    """A card that says nothing of itself is listed by its reader, and known by its key."""
    card = VirtualPivCard()
    card.piv.put_key(0x9E)
    card.piv.objects.pop(0x5FC102)
    service.insert(card)
    (found,) = registry.scan(("piv",))
    assert found.uri == "piv:reader=Virtual%20PCD%2000%2000"
    with registry.open_dongle(found.uri) as device:
        record = device.enroll()
        uri = device.claims(record, CHALLENGE).uri
    assert uri == "piv:slot=9e"
    with registry.open_dongle(uri) as device:
        assert device.prove(record, CHALLENGE).signature


@pytest.mark.parametrize("firmware", [(5, 2, 4), (4, 3, 5)])
def test_attestation_without_metadata(service, maker, person, firmware):
    """Firmware 4.3 to 5.2 tells no metadata: the attestation tells key and, before 5, serial."""
    card = VirtualYubiKey(firmware=firmware, token=maker.token())
    card.piv.put_key(0x9A, certificate=False)
    service.insert(card)
    with registry.open_dongle("piv:serial=1234567;slot=9a", person("123456")) as device:
        claims = device.claims(device.enroll(), CHALLENGE)
    said = verify_attestation(claims.attestation, claims.key, trusted=(maker.root,), at=NOW)
    assert (said.serial, said.firmware) == (1234567, firmware)


def test_pin_is_asked_once(service, yubikey, person):
    """A session asks once, also where the card wants the PIN each time."""
    yubikey.piv.put_key(0x9C)
    service.insert(yubikey)
    someone = person("123456")
    with registry.open_dongle("piv:serial=1234567;slot=9c", someone) as device:
        record = device.enroll()
        for _ in range(3):
            device.prove(record, CHALLENGE)
    assert len(someone.asked) == 1
    assert sent_pins(yubikey) == 3  # the policy of 9c: always


def test_verified_pin_is_used(service, yubikey, person):
    """Where the card has the PIN already, nobody is asked and none is sent."""
    yubikey.piv.put_key(0x9A)
    service.insert(yubikey)
    someone = person("123456")
    with registry.open_dongle("piv:serial=1234567;slot=9a", someone) as device:
        record = device.enroll()
        for _ in range(3):
            device.prove(record, CHALLENGE)
    assert sent_pins(yubikey) == 1


def test_wrong_pin_is_not_tried_again(service, yubikey, person):
    """A wrong PIN costs one try, says how many are left, and is forgotten."""
    yubikey.piv.put_key(0x9A)
    service.insert(yubikey)
    someone = person("654321", "123456")
    with registry.open_dongle("piv:serial=1234567;slot=9a", someone) as device:
        record = device.enroll()
        with pytest.raises(PinRequired) as caught:
            device.prove(record, CHALLENGE)
        assert (caught.value.code, caught.value.attempts_left) == ("HWL-DEVICE-PIN-WRONG", 2)
        assert sent_pins(yubikey) == 1
        assert device.prove(record, CHALLENGE).signature
    assert [left for _, left in someone.asked] == [3, 2]


def test_blocked_pin(service, yubikey, person):
    """The last wrong PIN blocks; afterwards nobody is asked, nothing is sent."""
    yubikey.piv.put_key(0x9A)
    yubikey.piv.tries = 1
    service.insert(yubikey)
    someone = person("654321")
    with registry.open_dongle("piv:serial=1234567;slot=9a", someone) as device:
        record = device.enroll()
        for _ in range(2):
            with pytest.raises(AccessDenied) as caught:
                device.prove(record, CHALLENGE)
            assert caught.value.code == "HWL-DEVICE-PIN-BLOCKED"
    assert len(someone.asked) == sent_pins(yubikey) == 1


@pytest.mark.parametrize(
    ("typed", "kind"), [("", Cancelled), ("12345", PinRequired), ("123456789", PinRequired)]
)
def test_what_is_no_pin_is_not_sent(service, yubikey, person, typed, kind):
    """An empty PIN is a no, one of a wrong length a typing error: neither costs a try."""
    yubikey.piv.put_key(0x9A)
    service.insert(yubikey)
    with registry.open_dongle("piv:serial=1234567;slot=9a", person(typed)) as device:
        record = device.enroll()
        with pytest.raises(kind):
            device.prove(record, CHALLENGE)
    assert sent_pins(yubikey) == 0
    assert yubikey.piv.tries == 3


def test_nobody_to_ask(service, yubikey):
    """Without a person, a key with a PIN says so and how many tries there are."""
    yubikey.piv.put_key(0x9A)
    service.insert(yubikey)
    with registry.open_dongle("piv:serial=1234567;slot=9a") as device:
        record = device.enroll()
        with pytest.raises(PinRequired) as caught:
            device.prove(record, CHALLENGE)
    assert (caught.value.code, caught.value.attempts_left) == ("HWL-DEVICE-PIN", 3)


@pytest.mark.parametrize("policy", ["always", "cached"])
def test_touch(service, yubikey, person, policy):
    """A key that wants a touch is told to the person; no touch in time is a no."""
    yubikey.piv.put_key(0x9A, pin_policy="never", touch_policy=policy)
    service.insert(yubikey)
    someone = person()
    with registry.open_dongle("piv:serial=1234567;slot=9a", someone) as device:
        record = device.enroll()
        assert device.prove(record, CHALLENGE).signature
        yubikey.piv.touch = lambda: False
        with pytest.raises(Cancelled):
            device.prove(record, CHALLENGE)
        yubikey.piv.touch = lambda: True
        assert device.prove(record, CHALLENGE).signature
    assert someone.touches == ["YubiKey 1234567"] * 3


def test_pin_is_never_shown_to_another_card(service, yubikey, person):
    """A card whose slot holds another key than the license's does not get the PIN."""
    yubikey.piv.put_key(0x9A)
    service.insert(yubikey)
    someone = person("123456", "123456")
    with registry.open_dongle("piv:serial=1234567;slot=9a", someone) as device:
        record = device.enroll()
        yubikey.piv.put_key(0x9A)
        with pytest.raises(NotFound) as caught:
            device.prove(record, CHALLENGE)
    assert caught.value.code == "HWL-SMARTCARD-OTHER"
    assert someone.asked == []


@pytest.mark.parametrize("algorithm", ["RSA-1024", "P-384"])
def test_weak_and_unknown_keys(service, yubikey, algorithm):
    """Keys that are too weak, or of another curve, are refused at enrollment."""
    yubikey.piv.put_key(0x9A, algorithm)
    service.insert(yubikey)
    with (
        registry.open_dongle("piv:serial=1234567;slot=9a") as device,
        pytest.raises(BadKey),
    ):
        device.enroll()


def test_no_key(service, maker):
    """A token without a key says how to make one."""
    service.insert(VirtualYubiKey(token=maker.token()))
    (found,) = registry.scan(("piv",))
    assert found.problem.code == "HWL-SMARTCARD-KEY"
    with registry.open_dongle("piv:") as device, pytest.raises(NotFound) as caught:
        device.enroll()
    assert "ykman piv keys generate" in caught.value.hint


def test_two_cards(service, yubikey, plain):
    """With two cards a serial says which; without one, that is asked for."""
    service.insert(yubikey)
    service.insert(plain, reader=1)
    assert len(list(registry.scan(("piv",)))) == 2
    with registry.open_dongle("piv:serial=1234567") as device:
        assert device.describe().name == "YubiKey 1234567"
    with registry.open_dongle("piv:") as device, pytest.raises(UsageError) as caught:
        device.enroll()
    assert caught.value.code == "HWL-SMARTCARD-SEVERAL"


def anonymous():
    """Return a PIV card with a key in 9e and no number of its own."""
    card = VirtualPivCard()
    card.piv.put_key(0x9E)
    card.piv.objects.pop(0x5FC102, None)
    return card


@pytest.mark.parametrize("reader", [0, 1])
def test_a_card_without_a_number_is_known_by_its_key(service, yubikey, reader):
    """Beside another card, in either reader; and beside one that is as nameless as itself."""
    card = anonymous()
    inserted = service.insert(card, reader=reader)
    with registry.open_dongle("piv:") as device:
        record = device.enroll()
        assert device.claims(record, CHALLENGE).uri == "piv:slot=9e"
    for other in (yubikey, anonymous()):
        beside = service.insert(other, reader=1 - reader)
        with registry.open_dongle("piv:slot=9e") as device:
            proof = device.prove(record, CHALLENGE)
            CardRecord.parse(record).key.verify(proof.signature, proof_message(CHALLENGE))
            inserted.remove()
            with pytest.raises((NotFound, Removed)):
                device.prove(record, CHALLENGE)
            with pytest.raises(NotFound) as caught:
                device.prove(record, CHALLENGE)
            assert caught.value.code == "HWL-SMARTCARD-OTHER"
            inserted = service.insert(card, reader=reader)
            assert device.prove(record, CHALLENGE).signature
        beside.remove()


def test_two_cards_of_one_serial(service, maker):
    """Whoever copies a serial hides no card: the one that holds the key answers."""
    cards = [VirtualYubiKey(serial=1234567, token=maker.token()) for _ in range(2)]
    for reader, card in enumerate(cards):
        card.piv.put_key(0x9E)
        inserted = service.insert(card, reader=reader)
    inserted.remove()
    with registry.open_dongle("piv:serial=1234567") as device:
        first = device.enroll()
    service.eject()
    service.insert(cards[1])
    with registry.open_dongle("piv:serial=1234567") as device:
        second = device.enroll()
    service.insert(cards[0], reader=1)
    for record in (first, second):
        with registry.open_dongle("piv:serial=1234567") as device:
            assert device.prove(record, CHALLENGE).signature


def test_lying_card(service, yubikey):
    """A card that signs with another key than it shows gives no proof."""
    service.insert(yubikey)
    with registry.open_dongle("piv:serial=1234567") as device:
        record = device.enroll()
        sign, other = yubikey.piv.run, generate("P-256")

        def lie(command):
            if command.ins == 0x87:
                held = yubikey.piv.keys[0x9E]
                yubikey.piv.put_key(0x9E, private=other)
                answer = sign(command)
                yubikey.piv.keys[0x9E] = held
                return answer
            return sign(command)

        yubikey.piv.run = lie
        with pytest.raises(BadAnswer) as caught:
            device.prove(record, CHALLENGE)
        assert caught.value.code == "HWL-SMARTCARD-SIGNATURE"
        yubikey.piv.run = sign
        assert device.prove(record, CHALLENGE).signature


@pytest.mark.parametrize("uri", ["piv:slot=9b", "piv:slot=f9", "piv:serial=1;x=2", "piv:slot"])
def test_bad_uris(uri):
    """A URI that names no slot for keys is refused before any card is looked for."""
    with pytest.raises(UsageError):
        registry.open_dongle(uri)


def test_no_card(service):
    """Where the card is not, that is said with its serial."""
    with pytest.raises(NotFound, match="PIV card 7654321 is not plugged in"):
        registry.open_dongle("piv:serial=7654321")
