"""The OpenPGP application of a virtual card (3.4.1): three keys, two PINs."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from hwlock.devices.smartcard import tlv

from .iso import Application, Command, Status, VirtualCard
from .keys import generate, public_tlv, raw_rsa, sign_digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .keys import PrivateKey

__all__ = ["OpenPgpApplication", "VirtualOpenPgpCard"]

_CURVES = {256: bytes.fromhex("2a8648ce3d030107"), 384: bytes.fromhex("2b81040022")}
_ED25519 = bytes.fromhex("2b06010401da470f01")
_X25519 = bytes.fromhex("2b060104019755010501")
_HISTORICAL = bytes.fromhex("0031c573c00180059000")
_EXTENDED = bytes.fromhex("7d000be0080008000000")
_TRIES = 3
_SIGN, _DECIPHER, _AUTHENTICATE = 0xB6, 0xB8, 0xA4
_ATR = bytes.fromhex("3bda18ff81b1fe751f030031c573c001400090000c")


def _second(x: bytes) -> bytes:
    """Return one of the two y of P-256 that belong to `x` (SEC 1, 2.3.4)."""
    p = 2**256 - 2**224 + 2**192 + 2**96 - 1
    b = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
    number = int.from_bytes(x, "big")
    return pow(number**3 - 3 * number + b, (p + 1) // 4, p).to_bytes(32, "big")


class OpenPgpApplication(Application):
    """An OpenPGP application; keys by their control reference tag, a4 for authentication.

    `whole_point` makes it answer an agreement with all of the point, as some cards do.

    `touch` answers whether the person touched it, `wants_touch` whether it is asked;
    `pin` and `admin_pin` are in plain sight.
    """

    def __init__(self, *, serial: int = 0x12345678, maker: int = 6, pin: str = "123456") -> None:
        super().__init__()
        number = maker.to_bytes(2, "big") + serial.to_bytes(4, "big")
        self.aid = bytes.fromhex("d276000124010304") + number + b"\0\0"
        self.pin = pin.encode()
        self.admin_pin = b"12345678"
        self.tries = _TRIES
        self.kdf = b"\x81\1\0"  # the PIN is sent as it is
        self.wants_touch = False
        self.whole_point = False
        self.touch: Callable[[], bool] = lambda: True
        self.keys: dict[int, PrivateKey] = {}
        self._verified: set[int] = set()
        self.commands = {
            0x20: self._verify,
            0xCA: self._get_data,
            0x47: self._generate,
            0x88: self._internal_authenticate,
            0x2A: self._operate,
            0xF1: lambda _: b"\x05\x07\x01",  # the firmware, as YubiKeys tell it
        }

    def put_key(self, algorithm: str = "P-256", *, tag: int = _AUTHENTICATE) -> PrivateKey:
        """Put a new key into a place: for authentication, b6 for signatures, b8 to decrypt."""
        self.keys[tag] = generate(algorithm)
        return self.keys[tag]

    def reset(self) -> None:
        """Forget who proved what."""
        self._verified.clear()

    def _verify(self, command: Command) -> bytes:
        who = command.p2
        if command.p1 == 0xFF:
            self._verified.discard(who)
            return b""
        if not command.data:
            if who in self._verified:
                return b""
            raise self._left()
        if who == 0x83:
            if command.data != self.admin_pin:
                raise Status(0x63C2)
        else:
            self._check(command.data)
        self._verified.add(who)
        return b""

    def _check(self, pin: bytes) -> None:
        if self.tries == 0:
            raise Status(0x6983)
        if pin != self.pin:
            self.tries -= 1
            self._verified.clear()
            raise self._left()
        self.tries = _TRIES

    def _left(self) -> Status:
        return Status(0x63C0 | self.tries if self.tries else 0x6983)

    def _get_data(self, command: Command) -> bytes:
        number = command.p1 << 8 | command.p2
        found = self._objects().get(number)
        if found is None:
            raise Status(0x6A88)
        return found

    def _objects(self) -> dict[int, bytes]:
        status = bytes([0, 127, 127, 127, self.tries, 0, _TRIES])
        flags = bytes([1 if self.wants_touch else 0, 0x20])
        discretionary = tlv.write(
            0x73,
            tlv.write(0xC0, _EXTENDED),
            *(
                tlv.write(tag, self._attributes(place))
                for tag, place in ((0xC1, _SIGN), (0xC2, _DECIPHER), (0xC3, _AUTHENTICATE))
            ),
            tlv.write(0xC4, status),
            tlv.write(0xC5, self._per_key(20)),
            tlv.write(0xC6, bytes(60)),
            tlv.write(0xCD, self._per_key(4)),
            tlv.write(0xDE, bytes([1, _SIGN in self.keys, 2, 0, 3, _AUTHENTICATE in self.keys])),
            *(tlv.write(tag, flags) for tag in (0xD6, 0xD7, 0xD8)),
        )
        person = tlv.write(0x5B, b"Doe<<Jo") + tlv.write(0x5F2D, b"en") + tlv.write(0x5F35, b"9")
        return {
            0x4F: self.aid,
            0x5F52: _HISTORICAL,
            0x5E: b"",
            0x5F50: b"",
            0x65: tlv.write(0x65, person),
            0x6E: tlv.write(
                0x6E, tlv.write(0x4F, self.aid), tlv.write(0x5F52, _HISTORICAL), discretionary
            ),
            0x7A: tlv.write(0x7A, tlv.write(0x93, bytes(3))),
            0xC4: status,
            0xF9: self.kdf,
            **dict.fromkeys((0xD6, 0xD7, 0xD8), flags),
        }

    def _per_key(self, size: int) -> bytes:
        """Return something for each key that is there, in place of fingerprint or time."""
        return b"".join(
            (b"\1" if place in self.keys else b"\0") * size
            for place in (_SIGN, _DECIPHER, _AUTHENTICATE)
        )

    def _attributes(self, place: int) -> bytes:
        """Return the algorithm attributes of a key (4.4.3.9)."""
        key = self.keys.get(place)
        if isinstance(key, ed25519.Ed25519PrivateKey):
            return b"\x16" + _ED25519
        if isinstance(key, x25519.X25519PrivateKey):
            return b"\x12" + _X25519
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return (b"\x12" if place == _DECIPHER else b"\x13") + _CURVES[key.key_size]
        size = key.key_size if isinstance(key, rsa.RSAPrivateKey) else 2048
        return b"\1" + size.to_bytes(2, "big") + b"\0\x20\0"

    def _generate(self, command: Command) -> bytes:
        place = command.data[0] if command.data else 0
        if command.p1 == 0x80:
            if 0x83 not in self._verified:
                raise Status(0x6982)
            self.put_key(tag=place)
        if place not in self.keys:
            raise Status(0x6A88)
        return tlv.write(0x7F49, public_tlv(self.keys[place]))

    def _internal_authenticate(self, command: Command) -> bytes:
        return self._use(_AUTHENTICATE, 0x82, command.data)

    def _operate(self, command: Command) -> bytes:
        if (command.p1, command.p2) == (0x9E, 0x9A):
            return self._use(_SIGN, 0x81, command.data)
        if (command.p1, command.p2) == (0x80, 0x86):
            return self._decipher(command.data)
        raise Status(0x6D00)

    def _decipher(self, data: bytes) -> bytes:
        """Decrypt (7.2.11): agree with the point of a cipher object, or undo the padding of RSA."""
        key = self._allowed(_DECIPHER, 0x82)
        if isinstance(key, rsa.RSAPrivateKey):
            return key.decrypt(data[1:], padding.PKCS1v15())
        cipher = tlv.read(tlv.read_one(data, 0xA6, "cipher"), "cipher")
        point = tlv.read(cipher.get(0x7F49, b""), "cipher").get(0x86, b"")
        try:
            if isinstance(key, x25519.X25519PrivateKey):
                peer = x25519.X25519PublicKey.from_public_bytes(point[-32:])
                return key.exchange(peer)
            assert isinstance(key, ec.EllipticCurvePrivateKey)
            other = ec.EllipticCurvePublicKey.from_encoded_point(key.curve, point)
        except ValueError as exc:
            raise Status(0x6A80) from exc
        agreed = key.exchange(ec.ECDH(), other)
        return b"\4" + agreed + _second(agreed) if self.whole_point else agreed

    def _allowed(self, place: int, who: int) -> PrivateKey:
        """Return a key that may be used now."""
        key = self.keys.get(place)
        if key is None:
            raise Status(0x6A88)
        if who not in self._verified or (self.wants_touch and not self.touch()):
            raise Status(0x6982)
        return key

    def _use(self, place: int, who: int, payload: bytes) -> bytes:
        key = self._allowed(place, who)
        if isinstance(key, ed25519.Ed25519PrivateKey):
            return key.sign(payload)
        if isinstance(key, rsa.RSAPrivateKey):
            size = key.key_size // 8
            if len(payload) > size * 4 // 10:
                raise Status(0x6A80)
            return raw_rsa(key, b"\0\1" + b"\xff" * (size - 3 - len(payload)) + b"\0" + payload)
        if len(payload) != 32 or not isinstance(key, ec.EllipticCurvePrivateKey):
            raise Status(0x6A80)
        r, s = decode_dss_signature(sign_digest(key, payload))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


class VirtualOpenPgpCard(VirtualCard):
    """An OpenPGP card; `openpgp` is its application."""

    def __init__(self, serial: int = 0x12345678) -> None:
        self.openpgp = OpenPgpApplication(serial=serial)
        super().__init__(self.openpgp, atr=_ATR)
