"""The OpenPGP application on a card (OpenPGP smart card application 3.4.1): two of its keys.

The third one, for authentication, signs what it is given; the second one, for decryption,
agrees on secrets. The first one belongs to a person's signatures. Everything about the card
stands in one object (6E).
"""

from __future__ import annotations

from hwlock.crypto import p256, sha2
from hwlock.crypto.agreement_key import P256_BYTES, X25519_BYTES, AgreementKey
from hwlock.crypto.keys import VerificationKey
from hwlock.crypto.rsa import EXPONENT, RsaKey
from hwlock.errors import BadAnswer, BadKey, FormatError, NotFound
from hwlock.record import Record

from . import tlv
from .apdu import SUCCESS, digest_info, refused, tries_left
from .attester import Demands
from .openpgp_kdf import pin_block

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hwlock.crypto.anchor_key import AnchorKey

    from .apdu import Channel

__all__ = ["AID", "DECRYPTION", "CardData", "OpenPgpCard"]

AID = bytes.fromhex("d27600012401")
SELECT, VERIFY, GET_DATA = 0xA4, 0x20, 0xCA
GENERATE, INTERNAL_AUTHENTICATE = 0x47, 0x88
_READ = 0x81  # P1 of GENERATE: read the public key, make none
_AUTHENTICATION = b"\xa4\0"  # the control reference template of the third key (4.2)
DECRYPTION = 0xB8  # and of the second one, by which it is named here
PERFORM_SECURITY_OPERATION = 0x2A
_PLAIN, _CIPHERED = 0x80, 0x86
_PW1_OTHER = 0x82
_KDF, _KDF_OBJECT = 0x01, 0xF9

_RSA, _ECDH, _ECDSA, _EDDSA = 0x01, 0x12, 0x13, 0x16
_CURVES = {
    bytes.fromhex("2a8648ce3d030107"): "P-256",
    bytes.fromhex("2b06010401da470f01"): "Ed25519",
    bytes.fromhex("2b6570"): "Ed25519",
    bytes.fromhex("2b060104019755010501"): "X25519",
    bytes.fromhex("2b656e"): "X25519",
}


class CardData(Record):
    """What stands in the application related data (4.4.1).

    `algorithm` is that of the third key ("RSA", "P-256", "Ed25519", or what it is else),
    `agreement` that of the second ("P-256", "X25519", …), `touch` and `touch_agreement` tell
    which of these two wants one; `pin_bytes` how long the PIN may be, `tries_left` how often it
    may be wrong still; `hashes_pins` says that the card may want PINs hashed (its KDF object
    tells).
    """

    version: tuple[int, int]
    serial: str
    algorithm: str
    agreement: str
    pin_bytes: int
    tries_left: int
    touch: bool
    touch_agreement: bool
    hashes_pins: bool

    @classmethod
    def parse(cls, data: bytes) -> CardData:
        """Read the object 6E; BadAnswer."""
        said = tlv.read(tlv.read_one(data, 0x6E, "card data"), "card data")
        aid = said.get(0x4F, b"")
        discretionary = tlv.read(said.get(0x73, b""), "card data")
        status = discretionary.get(0xC4, b"")
        attributes = discretionary.get(0xC3, b"")
        if len(aid) != 16 or not aid.startswith(AID) or len(status) != 7 or not attributes:
            raise BadAnswer("HWL-SMARTCARD-ANSWER", fault="card data: it is not complete")
        return cls(
            version=(aid[6], aid[7]),
            serial=f"{aid[8:10].hex()}:{aid[10:14].hex()}",
            algorithm=_algorithm(attributes),
            agreement=_algorithm(discretionary.get(0xC2) or b"\0"),
            pin_bytes=status[1] & 0x7F,  # the first bit tells the form of the PIN block
            tries_left=status[4],
            hashes_pins=bool((discretionary.get(0xC0) or b"\0")[0] & _KDF),
            touch=discretionary.get(0xD8, b"\0")[:1] not in (b"", b"\0"),
            touch_agreement=discretionary.get(0xD7, b"\0")[:1] not in (b"", b"\0"),
        )


class OpenPgpCard:
    """The application, selected; what it says of itself was read then."""

    def __init__(self, channel: Channel, data: CardData) -> None:
        self._channel = channel
        self.data = data

    @classmethod
    def select(cls, channel: Channel) -> OpenPgpCard:
        """Select the application; NotFound where the card has none."""
        _select(channel)
        return cls(channel, _card_data(channel))

    @property
    def serial(self) -> str:
        """Maker and serial number, as GnuPG shows them ("0006:12345678")."""
        return self.data.serial

    @property
    def name(self) -> str:
        """What a person calls it."""
        return f"OpenPGP card {self.serial}"

    @property
    def pin_bytes(self) -> int:
        """How long the PIN may be."""
        return self.data.pin_bytes

    def select_again(self) -> None:
        """Select the application; other programs may have selected another."""
        _select(self._channel)

    def key(self, slot: int) -> AnchorKey:
        """Return the public key for authentication; NotFound, BadKey."""
        assert slot == 0
        said = self._public(_AUTHENTICATION)
        try:
            return _key(self.data.algorithm, said)
        except FormatError as exc:
            raise BadAnswer("HWL-SMARTCARD-ANSWER", fault=exc.message) from exc

    def agreement_key(self) -> AgreementKey:
        """Return the public key for decryption; NotFound, BadKey where it is of another kind."""
        if self.data.agreement not in ("P-256", "X25519"):
            raise BadKey("HWL-SMARTCARD-ALGORITHM", algorithm=self.data.agreement)
        point = self._public(bytes((DECRYPTION, 0))).get(0x86, b"")
        if self.data.agreement == "X25519":
            if len(point) not in (X25519_BYTES, X25519_BYTES + 1):
                raise BadAnswer("HWL-SMARTCARD-ANSWER", fault="public key: it is cut")
            return AgreementKey(raw=point[-X25519_BYTES:])
        try:
            return AgreementKey(raw=VerificationKey(p256.point_from_sec1(point)).raw)
        except FormatError as exc:
            raise BadAnswer("HWL-SMARTCARD-ANSWER", fault=exc.message) from exc

    def _public(self, template: bytes) -> dict[int, bytes]:
        """Return the public key template of a key (7.2.14); NotFound."""
        answer = self._channel.send(GENERATE, _READ, 0, template)
        if answer.sw in (0x6A88, 0x6A82, 0x6985):
            raise NotFound("HWL-SMARTCARD-OPENPGP-KEY", device=self.name)
        if answer.sw != SUCCESS:
            raise refused(answer.sw)
        return tlv.read(tlv.read_one(answer.data, 0x7F49, "public key"), "public key")

    def demands(self, slot: int) -> Demands:
        """Return what a key wants: always a PIN, and a touch where that is switched on."""
        assert slot in (0, DECRYPTION)
        touch = self.data.touch_agreement if slot == DECRYPTION else self.data.touch
        return Demands(pin="once", touch=touch)

    def pin_state(self) -> tuple[bool, int | None]:
        """Return whether the PIN was verified, and how many tries are left."""
        if self._channel.send(VERIFY, 0, _PW1_OTHER, le=False).sw == SUCCESS:
            return True, None
        # the status word says it with newer cards only
        return False, _card_data(self._channel).tries_left

    def verify(self, pin: str) -> int | None:
        """Verify the PIN; None where it was right, else how many tries are left."""
        assert pin, "an empty PIN would only ask"
        answer = self._channel.send(VERIFY, 0, _PW1_OTHER, self._pin_block(pin), le=False)
        if answer.sw == SUCCESS:
            return None
        left = tries_left(answer)
        if left is None and answer.sw == 0x6982:  # what older cards say of a wrong one
            left = _card_data(self._channel).tries_left
        if left is None:
            raise refused(answer.sw)
        return left

    def _pin_block(self, pin: str) -> bytes:
        """Return what is sent in place of the PIN; a PIN sent in the wrong form costs a try."""
        if not self.data.hashes_pins:
            return pin.encode()
        answer = self._channel.send(GET_DATA, 0, _KDF_OBJECT)
        if answer.sw in (0x6A88, 0x6A82):
            return pin.encode()
        if answer.sw != SUCCESS:
            raise refused(answer.sw)
        return pin_block(answer.data, pin)

    def sign(self, slot: int, key: AnchorKey, message: bytes) -> bytes:
        """Sign `message` with the key: raw r‖s, Ed25519 or RSA; BadAnswer."""
        assert slot == 0
        if not isinstance(key, VerificationKey):
            payload = digest_info(message)
        else:
            payload = sha2.sha256(message) if len(key.raw) == 64 else message
        return self._channel.ask(INTERNAL_AUTHENTICATE, 0, 0, payload)

    def agree(self, point: bytes) -> bytes:
        """Return what the ECDH of the key for decryption with `point` gives; BadAnswer.

        PSO: DECIPHER with a cipher object (7.2.11). Of P-256 (x‖y) the result is x: some cards
        give the whole point.
        """
        given = b"\4" + point if len(point) == P256_BYTES else point
        public = tlv.write(0x7F49, tlv.write(0x86, given))
        cipher = tlv.write(0xA6, public)
        agreed = self._channel.ask(PERFORM_SECURITY_OPERATION, _PLAIN, _CIPHERED, cipher)
        if len(agreed) == 1 + P256_BYTES and agreed[:1] == b"\4":
            agreed = agreed[1 : 1 + P256_BYTES // 2]
        if len(agreed) != 32:
            fault = f"agreement: it has {len(agreed)} bytes"
            raise BadAnswer("HWL-SMARTCARD-ANSWER", fault=fault)
        return agreed


def _select(channel: Channel) -> None:
    answer = channel.send(SELECT, 0x04, 0x00, AID)
    if answer.sw != SUCCESS:
        raise NotFound("HWL-SMARTCARD-EMPTY", reader=channel.wire.reader)


def _card_data(channel: Channel) -> CardData:
    return CardData.parse(channel.ask(GET_DATA, 0, 0x6E))


def _algorithm(attributes: bytes) -> str:
    """Read the algorithm attributes of a key (4.4.3.9)."""
    kind, rest = attributes[0], attributes[1:]
    if kind == _RSA:
        return "RSA"
    if kind in (_ECDH, _ECDSA, _EDDSA):
        # a last byte ff only tells how the key is imported
        return _CURVES.get(rest.removesuffix(b"\xff"), "of another curve")
    return f"of kind {kind:#04x}"


def _key(algorithm: str, said: dict[int, bytes]) -> AnchorKey:
    """Read a public key template (7.2.14)."""
    if algorithm == "RSA":
        if int.from_bytes(said.get(0x82, b""), "big") != EXPONENT:
            raise BadKey("HWL-KEY-CURVE")
        return RsaKey(said.get(0x81, b"").lstrip(b"\0"))
    point = said.get(0x86, b"")
    if algorithm == "P-256":
        return VerificationKey(p256.point_from_sec1(point))
    if algorithm == "Ed25519" and len(point) in (32, 33):
        return VerificationKey(point[-32:])  # some put the byte 40 of OpenPGP files before it
    raise BadKey("HWL-SMARTCARD-ALGORITHM", algorithm=algorithm)
