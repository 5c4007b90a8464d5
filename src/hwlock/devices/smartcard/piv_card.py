"""The PIV application on a card (NIST SP 800-73-4 part 2), and what YubiKeys add to it.

Reads only what is there: keys are made with the maker's tool. The additions (YubiKey PIV
developer documentation) are asked for and, where a card does not know them, done without:
GET VERSION (FD), GET SERIAL (F8, firmware 5), GET METADATA (F7, 5.3), ATTEST (F9, 4.3).
"""

from __future__ import annotations

import zlib

from hwlock.crypto import p256, sha2
from hwlock.crypto.keys import VerificationKey
from hwlock.crypto.rsa import EXPONENT, RsaKey
from hwlock.errors import BadAnswer, BadKey, FormatError, NotFound, UntrustedError
from hwlock.evidence.piv import stated_serial
from hwlock.evidence.x509.certificate import Certificate
from hwlock.evidence.x509.spki import read_key
from hwlock.record import Record

from . import tlv
from .apdu import SUCCESS, Answer, digest_info, refused, tries_left
from .attester import Demands

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hwlock.crypto.anchor_key import AnchorKey

    from .apdu import Channel

__all__ = ["ATTESTER", "MAIN_SLOTS", "SLOTS", "Metadata", "PivCard"]

AID = bytes.fromhex("a000000308")
ATTESTER = 0xF9
MAIN_SLOTS = (0x9E, 0x9A, 0x9C, 0x9D)  # in the order in which a key is looked for
SLOTS: tuple[int, ...] = (*MAIN_SLOTS, *range(0x82, 0x96))
_OBJECTS = {0x9A: 0x5FC105, 0x9C: 0x5FC10A, 0x9D: 0x5FC10B, 0x9E: 0x5FC101, ATTESTER: 0x5FFF01}
_OBJECTS |= {slot: 0x5FC10D + slot - 0x82 for slot in range(0x82, 0x96)}
_CHUID = 0x5FC102
_GUID = 0x34

SELECT, VERIFY, AUTHENTICATE, GET_DATA = 0xA4, 0x20, 0x87, 0xCB
GET_METADATA, GET_SERIAL, ATTEST, GET_VERSION = 0xF7, 0xF8, 0xF9, 0xFD
_PIN = 0x80
_PIN_BYTES = 8

P256, ED25519 = 0x11, 0xE0
RSA_SIZES = {0x07: 256, 0x05: 384, 0x16: 512}
_ALGORITHMS = {0x06: "RSA-1024", 0x14: "P-384", 0xE1: "X25519"}  # those that cannot be used
_MAX_CERTIFICATE_BYTES = 8192
_P256_BYTES = 32


class Metadata(Record):
    """What a YubiKey says of a slot; policies are "default never once always cached".

    `generated` tells that the key was made in the slot, so that it can be attested.
    """

    algorithm: int
    generated: bool
    pin_policy: str
    touch_policy: str
    public_key: bytes


class PivCard:
    """The application, selected; `firmware` is that of a YubiKey, else empty."""

    pin_bytes = _PIN_BYTES

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.serial = ""
        self.firmware: tuple[int, ...] = ()

    @classmethod
    def select(cls, channel: Channel) -> PivCard:
        """Select the application; NotFound where the card has none."""
        card = cls(channel)
        card.select_again()
        version = channel.send(GET_VERSION, 0, 0)
        if version.sw == SUCCESS and len(version.data) == 3:
            card.firmware = tuple(version.data)
        card.serial = card._serial()
        return card

    def demands(self, slot: int) -> Demands:
        """Return what the key in a slot wants: what it says, or what the slot is for."""
        said = self.metadata(slot)
        policy = said.pin_policy if said else "default"
        if policy == "default":
            policy = {0x9E: "never", 0x9C: "always"}.get(slot, "once")
        return Demands(pin=policy, touch=said is not None and said.touch_policy != "never")

    @property
    def name(self) -> str:
        """What a person calls it."""
        return f"{'YubiKey' if self.firmware else 'PIV card'} {self.serial}".rstrip()

    def select_again(self) -> None:
        """Select the application; other programs may have selected another."""
        if self._channel.send(SELECT, 0x04, 0x00, AID).sw != SUCCESS:
            raise NotFound("HWL-SMARTCARD-EMPTY", reader=self._channel.wire.reader)

    def metadata(self, slot: int) -> Metadata | None:
        """Return what the card says of a slot; None where it does not tell such things.

        NotFound where it tells that the slot is empty.
        """
        if not self.firmware:
            return None
        answer = self._channel.send(GET_METADATA, 0, slot)
        if answer.sw in (0x6A88, 0x6A80):
            raise _no_key(slot)
        if answer.sw != SUCCESS:
            return None
        said = tlv.read(answer.data, "metadata")
        policy = said.get(2, b"\0\0")
        if len(said.get(1, b"")) != 1 or len(policy) != 2 or 4 not in said:
            raise BadAnswer("HWL-SMARTCARD-ANSWER", fault="metadata: it is not complete")
        return Metadata(
            algorithm=said[1][0],
            generated=said.get(3) == b"\1",
            pin_policy={1: "never", 2: "once", 3: "always", 4: "once", 5: "always"}.get(
                policy[0], "default"
            ),
            touch_policy={2: "always", 3: "cached"}.get(policy[1], "never"),
            public_key=said[4],
        )

    def key(self, slot: int) -> AnchorKey:
        """Return the public key in a slot; NotFound where there is none, BadKey."""
        known = self.metadata(slot)
        try:
            if known is not None:
                return _bare_key(known)
            der = self.attestation(slot) or self.certificate(slot)
            if der is None:
                raise _no_key(slot)
            return read_key(Certificate.parse(der).spki)
        except FormatError as exc:
            raise BadAnswer("HWL-SMARTCARD-ANSWER", fault=exc.message) from exc

    def certificate(self, slot: int) -> bytes | None:
        """Return the certificate (DER) that stands in a slot; None where there is none."""
        answer = self._object(_OBJECTS[slot])
        if answer.sw in (0x6A82, 0x6A88) or (answer.sw == SUCCESS and len(answer.data) <= 2):
            return None
        if answer.sw != SUCCESS:
            raise refused(answer.sw)
        said = tlv.read(tlv.read_one(answer.data, 0x53, "certificate"), "certificate")
        der = said.get(0x70, b"")
        return _unpacked(der) if said.get(0x71, b"\0") == b"\1" else der or None

    def is_attested(self, slot: int) -> bool:
        """Tell whether the maker's key speaks for a slot, without asking it where possible."""
        said = self.metadata(slot)
        return said.generated if said is not None else self.attestation(slot) is not None

    def attestation(self, slot: int) -> bytes | None:
        """Return what the maker's key says of a slot (DER); None where there is no such thing."""
        if self.firmware < (4, 3):
            return None
        answer = self._channel.send(ATTEST, slot, 0)
        return answer.data if answer.sw == SUCCESS and answer.data else None

    def pin_state(self) -> tuple[bool, int | None]:
        """Return whether the PIN was verified, and how many tries are left where it says so."""
        answer = self._channel.send(VERIFY, 0, _PIN, le=False)
        if answer.sw == SUCCESS:
            return True, None
        return False, tries_left(answer)

    def verify(self, pin: str) -> int | None:
        """Verify the PIN; None where it was right, else how many tries are left."""
        data = pin.encode()
        assert 0 < len(data) <= _PIN_BYTES, "an empty PIN would ask, a long one would fail"
        answer = self._channel.send(VERIFY, 0, _PIN, data.ljust(_PIN_BYTES, b"\xff"), le=False)
        if answer.sw == SUCCESS:
            return None
        left = tries_left(answer)
        if left is None:
            raise refused(answer.sw)
        return left

    def sign(self, slot: int, key: AnchorKey, message: bytes) -> bytes:
        """Sign `message` with the key in a slot: raw r‖s, Ed25519 or RSA. BadAnswer."""
        algorithm, payload = _payload(key, message)
        request = tlv.write(0x7C, tlv.write(0x82), tlv.write(0x81, payload))
        answer = self._channel.ask(AUTHENTICATE, algorithm, slot, request)
        signature = tlv.read_one(tlv.read_one(answer, 0x7C, "signature"), 0x82, "signature")
        if algorithm != P256:
            return signature
        try:
            return p256.signature_from_der(signature)
        except FormatError as exc:
            raise BadAnswer("HWL-SMARTCARD-ANSWER", fault=exc.message) from exc

    def agree(self, slot: int, point: bytes) -> bytes:
        """Return x (32 bytes) of the ECDH of a P-256 key with `point` (x‖y). BadAnswer.

        SP 800-73-4 part 2, appendix A.4: as signing, with the other's point under tag 85.
        """
        request = tlv.write(0x7C, tlv.write(0x82), tlv.write(0x85, b"\4" + point))
        answer = self._channel.ask(AUTHENTICATE, P256, slot, request)
        agreed = tlv.read_one(tlv.read_one(answer, 0x7C, "agreement"), 0x82, "agreement")
        if len(agreed) != _P256_BYTES:
            fault = f"agreement: it has {len(agreed)} bytes"
            raise BadAnswer("HWL-SMARTCARD-ANSWER", fault=fault)
        return agreed

    def _serial(self) -> str:
        """Return the number on a YubiKey, else the card's GUID in hex, else nothing."""
        if self.firmware >= (5,):
            answer = self._channel.send(GET_SERIAL, 0, 0)
            if answer.sw == SUCCESS and len(answer.data) == 4:
                return str(int.from_bytes(answer.data, "big"))
        if (4, 3) <= self.firmware < (5,):
            for leaf in filter(None, map(self.attestation, MAIN_SLOTS)):
                return self._stated_serial(leaf)
        answer = self._object(_CHUID)
        if answer.sw != SUCCESS or len(answer.data) <= 2:
            return ""
        said = tlv.read(tlv.read_one(answer.data, 0x53, "card holder id"), "card holder id")
        guid = said.get(_GUID, b"")
        return guid.hex() if any(guid) else ""

    def _stated_serial(self, leaf: bytes) -> str:
        """Return the number that older YubiKeys tell in an attestation only."""
        try:
            return str(stated_serial(leaf))
        except (FormatError, UntrustedError) as exc:
            raise BadAnswer("HWL-SMARTCARD-ANSWER", fault=exc.message) from exc

    def _object(self, number: int) -> Answer:
        data = tlv.write(0x5C, number.to_bytes(3, "big"))
        return self._channel.send(GET_DATA, 0x3F, 0xFF, data)


def _payload(key: AnchorKey, message: bytes) -> tuple[int, bytes]:
    """Return the card's number of the algorithm, and what it is to compute with."""
    if isinstance(key, VerificationKey):
        return (P256, sha2.sha256(message)) if len(key.raw) == 64 else (ED25519, message)
    size = len(key.raw)
    numbers = [number for number, known in RSA_SIZES.items() if known == size]
    if not numbers:
        raise BadKey("HWL-SMARTCARD-ALGORITHM", algorithm=f"RSA-{size * 8}")
    info = digest_info(message)
    return numbers[0], b"\0\1" + b"\xff" * (size - 3 - len(info)) + b"\0" + info


def _bare_key(known: Metadata) -> AnchorKey:
    """Read the public key of metadata (SP 800-73-4 part 2, table 11)."""
    said = tlv.read(known.public_key, "public key")
    if known.algorithm == P256:
        return VerificationKey(p256.point_from_sec1(said.get(0x86, b"")))
    if known.algorithm == ED25519:
        return VerificationKey(said.get(0x86, b""))
    if known.algorithm in RSA_SIZES:
        if int.from_bytes(said.get(0x82, b""), "big") != EXPONENT:
            raise BadKey("HWL-KEY-CURVE")
        return RsaKey(said.get(0x81, b"").lstrip(b"\0"))
    name = _ALGORITHMS.get(known.algorithm, f"number {known.algorithm:#04x}")
    raise BadKey("HWL-SMARTCARD-ALGORITHM", algorithm=name)


def _unpacked(packed: bytes) -> bytes:
    """Return a gzip-packed certificate, unpacked as far as a certificate may be long."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        return unpacker.decompress(packed, _MAX_CERTIFICATE_BYTES)
    except zlib.error as exc:
        raise BadAnswer("HWL-SMARTCARD-ANSWER", fault="a packed certificate is damaged") from exc


def _no_key(slot: int) -> NotFound:
    return NotFound("HWL-SMARTCARD-KEY", slot=f"{slot:02x}")
