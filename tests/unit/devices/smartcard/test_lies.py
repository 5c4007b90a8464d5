"""Cards that lie: each lie is one error of ours, and the next check works."""

from __future__ import annotations

import pytest

from hwlock.crypto.keys import VerificationKey
from hwlock.devices.smartcard.openpgp import OpenPgpAttester
from hwlock.devices.smartcard.openpgp_kdf import pin_block
from hwlock.devices.smartcard.piv import PivAttester
from hwlock.errors import BadAnswer, BadKey, DeviceError, FormatError, NotFound, Removed
from hwlock.evidence.card import CardRecord, agreement_of
from hwlock.testing.cards.openpgp import VirtualOpenPgpCard
from hwlock.testing.cards.wire import CardWire, cards
from hwlock.testing.cards.yubikey import VirtualPivCard, VirtualYubiKey

CHALLENGE = bytes(range(32))


class Person:
    """Somebody who knows the PIN."""

    def pin(self, device, attempts_left):
        """Type it."""
        return "123456"

    def touch(self, device):
        """Touch it."""


def devices():
    """Yield a driver over each kind of virtual card."""
    yubikey = VirtualYubiKey()
    yubikey.piv.put_key(0x9E)
    wire = CardWire(yubikey)
    yield wire, PivAttester("piv:", find=cards(wire))
    plain = VirtualPivCard()
    plain.piv.put_key(0x9A, "RSA-2048")
    wire = CardWire(plain)
    yield wire, PivAttester("piv:slot=9a", Person(), find=cards(wire))
    openpgp = VirtualOpenPgpCard()
    openpgp.openpgp.put_key("Ed25519")
    wire = CardWire(openpgp)
    yield wire, OpenPgpAttester("openpgp:", Person(), find=cards(wire))


@pytest.fixture(scope="module", params=[0, 1, 2], ids=["yubikey", "piv", "openpgp"])
def enrolled(request):
    """Return a wire, a driver over it, and the record of its key."""
    wire, device = list(devices())[request.param]
    return wire, device, device.enroll()


LIES = {
    "nothing": lambda command, answer: b"",
    "one byte": lambda command, answer: answer[:1],
    "no data": lambda command, answer: answer[-2:],
    "cut short": lambda command, answer: answer[: len(answer) // 2] + answer[-2:],
    "one too many": lambda command, answer: answer[:-2] + b"\0" + answer[-2:],
    "zeros": lambda command, answer: bytes(len(answer) - 2) + answer[-2:],
    "ones": lambda command, answer: b"\xff" * (len(answer) - 2) + answer[-2:],
    "always more": lambda command, answer: answer[:-2] + b"\x61\xff",
    "more of nothing": lambda command, answer: b"\x61\x00",
    "wrong length for ever": lambda command, answer: b"\x6c\x01",
    "refused": lambda command, answer: b"\x6f\x00",
    "not found": lambda command, answer: b"\x6a\x82",
    "success": lambda command, answer: b"\x90\x00",
    "long": lambda command, answer: bytes(60000) + b"\x90\x00",
    "bit": lambda command, answer: (
        bytes([*answer[:-3], answer[-3] ^ 1, *answer[-2:]]) if len(answer) > 2 else answer
    ),
}


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("only", [None, 0xA4, 0x87, 0x88, 0xCB, 0xCA, 0xF7, 0x47, 0x20])
def test_one_error_and_on(enrolled, lie, only):
    """Whatever is answered, and to which command: an error of ours or a genuine proof."""
    wire, device, record = enrolled
    device.close()
    true = LIES[lie]
    wire.lie = lambda command, answer: (
        true(command, answer) if only in (None, command[1]) else answer
    )
    key = CardRecord.parse(record).key
    try:
        proof = device.prove(record, CHALLENGE)
        key.verify(proof.signature, b"hwlock proof v1\0" + CHALLENGE)
    except DeviceError:
        pass
    finally:
        wire.lie = None
    wire.card._applications[0].tries = 3
    device.close()
    assert device.prove(record, CHALLENGE).signature


def agreeing(kind):
    """Return a wire, a driver that agrees on secrets, its record, and a point of its curve."""
    if kind == "piv":
        card = VirtualYubiKey()
        card.piv.put_key(0x9E)
        wire = CardWire(card)
        device = PivAttester("piv:", find=cards(wire))
    else:
        card = VirtualOpenPgpCard()
        card.openpgp.put_key("Ed25519")
        card.openpgp.put_key(kind, tag=0xB8)
        wire = CardWire(card)
        device = OpenPgpAttester("openpgp:", Person(), find=cards(wire))
    record = device.enroll()
    return wire, device, record, agreement_of(device.kind, CardRecord.parse(record).key, record)


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("only", [None, 0xA4, 0x87, 0x2A, 0x47])
@pytest.mark.parametrize("kind", ["piv", "P-256", "X25519"])
def test_an_agreement_is_32_bytes_or_an_error(kind, lie, only):
    """What a card gives as a secret has the length of one; whether it is right, the share says."""
    wire, device, record, point = agreeing(kind)
    true = device.agree(record, point)
    device.close()
    wire.lie = lambda command, answer: (
        LIES[lie](command, answer) if only in (None, command[1]) else answer
    )
    try:
        assert len(device.agree(record, point)) == 32
    except DeviceError:
        pass
    wire.lie = None
    wire.card._applications[0].tries = 3
    device.close()
    assert device.agree(record, point) == true


def test_answers_after_removal(enrolled):
    """A card that is pulled at any command is gone; back again it answers."""
    wire, device, record = enrolled
    wire.card.log.clear()
    device.close()
    device.prove(record, CHALLENGE)
    for moment in range(len(wire.card.log)):
        device.close()
        left = [moment]

        def pull(command, answer, left=left):
            if left[0] == 0:
                wire.present = False
                return b"\x90\0"  # what comes after removal is not believed
            left[0] -= 1
            return answer

        wire.lie = pull
        with pytest.raises((Removed, NotFound, BadAnswer)):
            device.prove(record, CHALLENGE)
        wire.lie, wire.present = None, True
        assert device.prove(record, CHALLENGE).signature


def test_records():
    """A record is one of ours or is refused; it says no more than it must."""
    key = VerificationKey(
        bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    )
    for slot in (0, 0x9E):
        record = CardRecord(slot=slot, key=key)
        assert CardRecord.parse(record.encode()) == record
    for data in (b"", b"\xa0", b"\xa1\x01\x18\x9e", CardRecord(slot=0, key=key).encode() + b"\0"):
        with pytest.raises(FormatError):
            CardRecord.parse(data)
    with pytest.raises((FormatError, BadKey)):
        CardRecord.parse(b"\xa1\x02\xa0")


@pytest.mark.parametrize(
    "kdf",
    ["810102", "81010382010983010a8400", "810103820108830401", "8101038201088304ffffffff8400"],
)
def test_unknown_forms_of_a_pin(kdf):
    """A form of PIN that is not known is not guessed at: a wrong one costs a try."""
    with pytest.raises(BadAnswer):
        pin_block(bytes.fromhex(kdf), "123456")


def test_forms_of_a_pin():
    """Plain, hashed, with the tag of the object around it or without."""
    assert pin_block(b"", "123456") == pin_block(b"\x81\1\0", "123456") == b"123456"
    hashed = bytes.fromhex("8101038201088301648408") + b"saltsalt"
    whole = pin_block(hashed, "123456")
    assert len(whole) == 32
    assert pin_block(b"\xf9" + bytes([len(hashed)]) + hashed, "123456") == whole
