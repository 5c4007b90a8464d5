"""The PIV application of a virtual card: plain (SP 800-73-4), or as a YubiKey has it."""

from __future__ import annotations

import secrets

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from hwlock.devices.smartcard import tlv
from hwlock.record import Record

from .iso import Application, Command, Status
from .keys import generate, public_tlv, raw_rsa, self_signed, sign_digest
from .management_key import ManagementKey

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .keys import PrivateKey
    from .maker import TokenKey

__all__ = ["PivApplication", "SlotKey"]

ALGORITHMS = {
    "RSA-1024": 0x06,
    "RSA-2048": 0x07,
    "RSA-3072": 0x05,
    "RSA-4096": 0x16,
    "P-256": 0x11,
    "P-384": 0x14,
    "Ed25519": 0xE0,
}
_NAMES = {number: name for name, number in ALGORITHMS.items()}
_PIN_POLICIES = ("default", "never", "once", "always")
_TOUCH_POLICIES = ("default", "never", "always", "cached")
_CERTIFICATES = {0x9A: 0x5FC105, 0x9C: 0x5FC10A, 0x9D: 0x5FC10B, 0x9E: 0x5FC101, 0xF9: 0x5FFF01}
_CERTIFICATES |= {slot: 0x5FC10D + slot - 0x82 for slot in range(0x82, 0x96)}
_CHUID, _DISCOVERY = 0x5FC102, 0x7E
_AID = bytes.fromhex("a000000308000010000100")
_TRIES = 3


class SlotKey(Record):
    """A key in a slot, and what must happen before it is used."""

    private: PrivateKey
    algorithm: str
    pin_policy: str = "default"
    touch_policy: str = "never"
    generated: bool = True


class PivApplication(Application):
    """A PIV application. `firmware` makes it a YubiKey's; `token` attests its keys.

    `touch` answers whether the person touched it; `pin` and `puk` are in plain sight.
    """

    aid = _AID

    def __init__(
        self,
        *,
        serial: int = 1234567,
        guid: bytes = b"",
        firmware: tuple[int, ...] = (),
        token: TokenKey | None = None,
        pin: str = "123456",
    ) -> None:
        super().__init__()
        self.serial = serial
        self.guid = guid or secrets.token_bytes(16)
        self.firmware = firmware
        self.pin = pin.encode()
        self.puk = b"12345678"
        self.tries = _TRIES
        self.touch: Callable[[], bool] = lambda: True
        self.keys: dict[int, SlotKey] = {}
        self.objects: dict[int, bytes] = {_CHUID: _chuid(self.guid)}
        self._token = token
        if token is not None:
            self.objects[_CERTIFICATES[0xF9]] = _certificate_object(token.der)
        self._verified = self._fresh = False
        self._manager = ManagementKey(old=firmware < (5, 7))
        self.commands = {
            0x20: self._verify,
            0x24: self._change,
            0x2C: self._unblock,
            0x87: self._authenticate,
            0xCB: self._get_data,
            0xDB: self._put_data,
            0x47: self._generate,
        }
        if firmware:
            self.commands |= {0xFD: lambda _: bytes(firmware)}
            self.commands |= {0xF8: self._get_serial} if firmware >= (5,) else {}
            self.commands |= {0xF7: self._metadata, 0xF9: self._attest}

    def put_key(
        self,
        slot: int,
        algorithm: str = "P-256",
        *,
        private: PrivateKey | None = None,
        pin_policy: str = "default",
        touch_policy: str = "never",
        certificate: bool = True,
    ) -> SlotKey:
        """Put a key into a slot, as the maker's tool does: made there, or `private`."""
        key = SlotKey(
            private=private or generate(algorithm),
            algorithm=algorithm,
            pin_policy=pin_policy,
            touch_policy=touch_policy,
            generated=private is None,
        )
        self.keys[slot] = key
        if certificate:
            der = self_signed(key.private, f"slot {slot:02x}")
            self.objects[_CERTIFICATES[slot]] = _certificate_object(der)
        return key

    def select(self) -> bytes:
        """Return the application property template (part 2, 3.1.1)."""
        authority = tlv.write(0x79, tlv.write(0x4F, _AID[:5]))
        return tlv.write(0x61, tlv.write(0x4F, _AID[5:]), authority)

    def reset(self) -> None:
        """Forget who proved what."""
        self._verified = self._fresh = False
        self._manager.forget()

    def run(self, command: Command) -> bytes:
        """Do it; a PIN for one use is good for the very next command only."""
        fresh, self._fresh = self._fresh, False
        if command.ins == 0x87 and command.p2 != 0x9B:
            return self._use(command, fresh)
        return super().run(command)

    def _verify(self, command: Command) -> bytes:
        if command.p1 == 0xFF:
            self._verified = False
            return b""
        if not command.data:
            if self._verified:
                return b""
            raise self._left()
        self._check(command.data)
        self._verified = self._fresh = True
        return b""

    def _check(self, padded: bytes) -> None:
        if self.tries == 0:
            raise Status(0x6983)
        if padded != self.pin.ljust(8, b"\xff"):
            self.tries -= 1
            self._verified = False
            raise self._left()
        self.tries = _TRIES

    def _left(self) -> Status:
        return Status(0x63C0 | self.tries if self.tries else 0x6983)

    def _change(self, command: Command) -> bytes:
        self._check(command.data[:8])
        self.pin = command.data[8:].rstrip(b"\xff")
        return b""

    def _unblock(self, command: Command) -> bytes:
        if command.data[:8] != self.puk.ljust(8, b"\xff"):
            raise Status(0x63C2)
        self.pin, self.tries = command.data[8:].rstrip(b"\xff"), _TRIES
        return b""

    def _use(self, command: Command, fresh: bool) -> bytes:
        key = self.keys.get(command.p2)
        if key is None or ALGORITHMS[key.algorithm] != command.p1:
            raise Status(0x6A80)
        policy = key.pin_policy
        if policy == "default":
            policy = {0x9E: "never", 0x9C: "always"}.get(command.p2, "once")
        if (policy == "once" and not self._verified) or (policy == "always" and not fresh):
            raise Status(0x6982)
        if key.touch_policy != "never" and not self.touch():
            raise Status(0x6982)
        said = tlv.read(tlv.read_one(command.data, 0x7C, "request"), "request")
        if 0x85 in said:
            done = _agreement(key.private, said[0x85])
        else:
            done = _signature(key.private, said.get(0x81, b""))
        return tlv.write(0x7C, tlv.write(0x82, done))

    def _authenticate(self, command: Command) -> bytes:
        return self._manager.authenticate(command)

    def _get_data(self, command: Command) -> bytes:
        number = int.from_bytes(tlv.read_one(command.data, 0x5C, "name"), "big")
        if number == _DISCOVERY:
            return tlv.write(0x7E, tlv.write(0x4F, _AID), tlv.write(0x5F2F, b"\x40\0"))
        if number not in self.objects:
            raise Status(0x6A82)
        return tlv.write(0x53, self.objects[number])

    def _put_data(self, command: Command) -> bytes:
        self._manager.check()
        said = tlv.read(command.data, "object")
        self.objects[int.from_bytes(said[0x5C], "big")] = said[0x53]
        return b""

    def _generate(self, command: Command) -> bytes:
        self._manager.check()
        said = tlv.read(tlv.read_one(command.data, 0xAC, "template"), "template")
        key = self.put_key(
            command.p2,
            _NAMES[said[0x80][0]],
            pin_policy=_PIN_POLICIES[said.get(0xAA, b"\0")[0]],
            touch_policy=_TOUCH_POLICIES[said.get(0xAB, b"\1")[0]],
            certificate=False,
        )
        return tlv.write(0x7F49, public_tlv(key.private))

    def _get_serial(self, command: Command) -> bytes:
        return self.serial.to_bytes(4, "big")

    def _metadata(self, command: Command) -> bytes:
        if self.firmware < (5, 3):
            raise Status(0x6D00)
        if command.p2 in (0x80, 0x81):
            tries = self.tries if command.p2 == 0x80 else _TRIES
            default = b"\1" if self.pin == b"123456" else b"\0"
            return bytes([1, 1, 0xFF, 5, 1]) + default + bytes([6, 2, _TRIES, tries])
        if command.p2 == 0x9B:
            return self._manager.metadata()
        key = self.keys.get(command.p2)
        if key is None:
            raise Status(0x6A88)
        policy = (_PIN_POLICIES.index(key.pin_policy), _TOUCH_POLICIES.index(key.touch_policy))
        return (
            bytes([1, 1, ALGORITHMS[key.algorithm], 2, 2, *policy])
            + bytes([3, 1, 1 if key.generated else 2])
            + tlv.write(4, public_tlv(key.private))
        )

    def _attest(self, command: Command) -> bytes:
        key = self.keys.get(command.p1)
        if key is None or not key.generated or self._token is None:
            raise Status(0x6A80)
        default = {0x9E: "never", 0x9C: "always"}.get(command.p1, "once")
        policy = default if key.pin_policy == "default" else key.pin_policy
        return self._token.attest(
            key.private.public_key(),
            serial=self.serial,
            firmware=self.firmware,
            pin_policy=policy,
            touch_policy=key.touch_policy,
            slot=command.p1,
        )


def _signature(private: PrivateKey, payload: bytes) -> bytes:
    if isinstance(private, rsa.RSAPrivateKey):
        if len(payload) != private.key_size // 8:
            raise Status(0x6A80)
        return raw_rsa(private, payload)
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return private.sign(payload)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    if len(payload) != private.key_size // 8:
        raise Status(0x6A80)
    return sign_digest(private, payload)


def _agreement(private: PrivateKey, sec1: bytes) -> bytes:
    """Return x of an ECDH (SP 800-73-4 part 2, appendix A.4)."""
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise Status(0x6A80)
    try:
        peer = ec.EllipticCurvePublicKey.from_encoded_point(private.curve, sec1)
    except ValueError as exc:
        raise Status(0x6A80) from exc
    return private.exchange(ec.ECDH(), peer)


def _certificate_object(der: bytes) -> bytes:
    return tlv.write(0x70, der) + tlv.write(0x71, b"\0") + tlv.write(0xFE)


def _chuid(guid: bytes) -> bytes:
    """Return a card holder unique identifier (part 1, 3.1.2)."""
    nobody = bytes.fromhex("d4e739da739ced39ce739d836858210842108421c84210c3eb")
    parts = ((0x30, nobody), (0x34, guid), (0x35, b"20500101"), (0x3E, b""), (0xFE, b""))
    return b"".join(tlv.write(tag, value) for tag, value in parts)
