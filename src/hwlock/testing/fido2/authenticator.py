"""The inside of a virtual security key: CTAP 2.1 requests in, answers out.

Written with python-fido2's CBOR and PIN arithmetic and not with hwlock's own, so that the
driver meets bytes that another program wrote. Everything is in memory.
"""

from __future__ import annotations

import hmac
import os
import struct

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.ctap import STATUS, CtapError
from fido2.ctap2.pin import PinProtocolV1, PinProtocolV2

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from typing import Any, TypeAlias

    from .maker import Batch, Maker

    PrivateKey: TypeAlias = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
    # yields what it waits for (a STATUS), returns the parts of the answer
    Steps: TypeAlias = Generator[int, None, dict[int, Any]]

__all__ = ["AAGUID", "Authenticator"]

AAGUID = bytes.fromhex("68776c6f636b2d7669727475616c2d31")
_ERR = CtapError.ERR
_UP, _UV, _AT = 0x01, 0x04, 0x40
_ATTEMPTS = 8
_PAUSE_AFTER = 3
_MAKES, _SIGNS = 0x01, 0x02


class Authenticator:
    """A security key.

    `pin` is what protects it; `algorithms` (COSE) are what it can do; `silent` tells whether
    it signs without a touch, `always_uv` that it wants the PIN for everything, `pin_to_make`
    that it wants it for new credentials. `maker` certifies it; without one it vouches for
    itself. `flags` are set in everything that it signs, `form` names its attestation's format.
    `finger` is asked for a touch again and again until it returns True; `tamper` may change
    each answer: it gets the command's number and the bytes.
    """

    def __init__(
        self,
        *,
        pin: str | None = None,
        algorithms: tuple[int, ...] = (-7, -8),
        aaguid: bytes = AAGUID,
        maker: Maker | None = None,
        silent: bool = True,
        always_uv: bool = False,
        pin_to_make: bool = True,
    ) -> None:
        self.algorithms = algorithms
        self.aaguid = aaguid
        self.silent = silent
        self.always_uv = always_uv
        self.pin_to_make = pin_to_make
        self.flags = 0
        self.batch: Batch | None = maker.batch(aaguid) if maker else None
        self.form = "packed"
        self.finger: Callable[[], bool] = lambda: True
        self.tamper: Callable[[int, bytes], bytes] = lambda _, answer: answer
        self.cancelled = False
        self.touches = 0
        self.attempts_left = _ATTEMPTS
        self._wrong_in_a_row = 0
        self._pin_hash = _pin_hash(pin) if pin else None
        self._agreement = ec.generate_private_key(ec.SECP256R1())
        self._token = os.urandom(32)
        self._permissions = 0
        self._keys: dict[bytes, tuple[bytes, PrivateKey]] = {}
        self._counter = 0

    def run(self, request: bytes) -> Generator[int, None, bytes]:
        """Work on one request; yields a STATUS as long as it waits, returns the answer."""
        self.cancelled = False
        command = request[0] if request else 0
        handlers = {0x01: self._make, 0x02: self._assert, 0x04: self._info, 0x06: self._pin}
        try:
            if command not in handlers:
                raise CtapError(_ERR.INVALID_COMMAND)
            said: Any = cbor.decode(request[1:]) if request[1:] else {}
            answer = yield from handlers[command](said)
            raw = b"\0" + cbor.encode(answer)
        except CtapError as exc:
            raw = bytes((exc.code,))
        return self.tamper(command, raw)

    def replug(self) -> None:
        """Do what losing power does: wrong PINs may be tried again, the PIN is forgotten."""
        self._wrong_in_a_row = 0
        self._token, self._permissions = os.urandom(32), 0

    def _info(self, _: dict[int, Any]) -> Steps:
        yield from ()
        options = {"rk": False, "up": True, "plat": False, "clientPin": self._pin_hash is not None}
        options["pinUvAuthToken"] = True
        options["makeCredUvNotRqd"] = not self.pin_to_make
        if self.always_uv:
            options["alwaysUv"] = True
        return {
            1: ["FIDO_2_0", "FIDO_2_1"],
            3: self.aaguid,
            4: options,
            5: 1200,
            6: [2, 1],
            10: [{"alg": alg, "type": "public-key"} for alg in self.algorithms],
        }

    def _make(self, said: dict[int, Any]) -> Steps:
        digest, rp, wanted = said[1], said[2]["id"], said[4]
        options = said.get(7, {})
        if "up" in options and not options["up"]:
            raise CtapError(_ERR.INVALID_OPTION)
        fitting = [one["alg"] for one in wanted if one["alg"] in self.algorithms]
        if not fitting:
            raise CtapError(_ERR.UNSUPPORTED_ALGORITHM)
        verified = self._verified(said.get(9), said.get(8), digest, _MAKES)
        if self._pin_hash and not verified and (self.pin_to_make or self.always_uv):
            raise CtapError(_ERR.PUAT_REQUIRED)
        yield from self._touched()
        key = _generate(fitting[0])
        credential = os.urandom(32)
        self._keys[credential] = (rp.encode(), key)
        public = cbor.encode(_cose(key))
        flags = self.flags | _UP | _AT | (_UV if verified else 0)
        attested = self.aaguid + struct.pack(">H", len(credential)) + credential + public
        data = self._data(rp.encode(), flags) + attested
        return {1: self.form, 2: data, 3: self._statement(key, data, digest, credential)}

    def _statement(
        self, key: PrivateKey, data: bytes, digest: bytes, credential: bytes
    ) -> dict[str, Any]:
        if self.form == "none":
            return {}
        if self.batch is None:
            return {"alg": _cose(key)[3], "sig": _sign(key, data + digest)}
        certificates = list(self.batch.certificates)
        if self.form == "fido-u2f":
            cose = _cose(key)
            message = b"\0" + data[:32] + digest + credential + b"\4" + cose[-2] + cose[-3]
            return {"sig": self.batch.sign(message), "x5c": certificates}
        return {"alg": -7, "sig": self.batch.sign(data + digest), "x5c": certificates}

    def _assert(self, said: dict[int, Any]) -> Steps:
        rp, digest = said[1].encode(), said[2]
        up = said.get(5, {}).get("up", True)
        verified = self._verified(said.get(7), said.get(6), digest, _SIGNS)
        if self.always_uv and not verified:
            raise CtapError(_ERR.PUAT_REQUIRED)
        if not up and not self.silent:
            raise CtapError(_ERR.UP_REQUIRED)
        known = [one["id"] for one in said.get(3, ()) if self._keys.get(one["id"], (b"",))[0] == rp]
        if not known:
            raise CtapError(_ERR.NO_CREDENTIALS)
        if up:
            yield from self._touched()
        _, key = self._keys[known[0]]
        self._counter += 1
        data = self._data(rp, self.flags | (_UP if up else 0) | (_UV if verified else 0))
        signature = _sign(key, data + digest)
        return {1: {"id": known[0], "type": "public-key"}, 2: data, 3: signature}

    def _pin(self, said: dict[int, Any]) -> Steps:
        yield from ()
        sub = said[2]
        if sub == 0x01:
            return {3: self.attempts_left, 4: self._wrong_in_a_row >= _PAUSE_AFTER}
        if sub == 0x02:
            return {1: {**_cose(self._agreement), 3: -25}}
        if sub in (0x05, 0x09):
            return {2: self._pin_token(said)}
        raise CtapError(_ERR.INVALID_SUBCOMMAND)

    def _pin_token(self, said: dict[int, Any]) -> bytes:
        if self._pin_hash is None:
            raise CtapError(_ERR.PIN_NOT_SET)
        if self.attempts_left == 0:
            raise CtapError(_ERR.PIN_BLOCKED)
        if self._wrong_in_a_row >= _PAUSE_AFTER:
            raise CtapError(_ERR.PIN_AUTH_BLOCKED)
        protocol = _protocol(said[1])
        secret = self._secret(protocol, said[3])
        self.attempts_left -= 1
        if not hmac.compare_digest(protocol.decrypt(secret, said[6]), self._pin_hash):
            self._agreement = ec.generate_private_key(ec.SECP256R1())
            self._wrong_in_a_row += 1
            if self.attempts_left == 0:
                raise CtapError(_ERR.PIN_BLOCKED)
            if self._wrong_in_a_row >= _PAUSE_AFTER:
                raise CtapError(_ERR.PIN_AUTH_BLOCKED)
            raise CtapError(_ERR.PIN_INVALID)
        self.attempts_left, self._wrong_in_a_row = _ATTEMPTS, 0
        self._token = os.urandom(32)
        self._permissions = said.get(9, _MAKES | _SIGNS)
        encrypted: bytes = protocol.encrypt(secret, self._token)
        return encrypted

    def _secret(self, protocol: Any, peer: dict[int, Any]) -> bytes:
        x, y = (int.from_bytes(peer[label], "big") for label in (-2, -3))
        public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
        secret: bytes = protocol.kdf(self._agreement.exchange(ec.ECDH(), public))
        return secret

    def _verified(self, number: int | None, given: bytes | None, digest: bytes, may: int) -> bool:
        if given is None or number is None:
            return False
        expected = _protocol(number).authenticate(self._token, digest)
        if not self._permissions & may or not hmac.compare_digest(given, expected):
            raise CtapError(_ERR.PIN_AUTH_INVALID)
        return True

    def _touched(self) -> Generator[int, None, None]:
        """Wait for a touch, as a real key does: it says so, and gives up when told to."""
        yield STATUS.UPNEEDED
        while not self.finger():
            if self.cancelled:
                raise CtapError(_ERR.KEEPALIVE_CANCEL)
            yield STATUS.UPNEEDED
        self.touches += 1

    def _data(self, rp: bytes, flags: int) -> bytes:
        digest = hashes.Hash(SHA256())
        digest.update(rp)
        return digest.finalize() + struct.pack(">BI", flags, self._counter)


def _protocol(number: int) -> Any:
    """Return the arithmetic of a PIN/UV protocol; its functions have no types."""
    if number not in (1, 2):
        raise CtapError(_ERR.INVALID_PARAMETER)
    return PinProtocolV2() if number == 2 else PinProtocolV1()


def _pin_hash(pin: str) -> bytes:
    digest = hashes.Hash(SHA256())
    digest.update(pin.encode())
    return digest.finalize()[:16]


def _generate(alg: int) -> PrivateKey:
    if alg == -7:
        return ec.generate_private_key(ec.SECP256R1())
    return ed25519.Ed25519PrivateKey.generate()


def _cose(key: PrivateKey) -> Mapping[int, Any]:
    """Return the public key as a COSE_Key."""
    numbers: dict[int, Any]
    if isinstance(key, ec.EllipticCurvePrivateKey):
        point = key.public_key().public_numbers()
        x, y = point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")
        numbers = {1: 2, 3: -7, -1: 1, -2: x, -3: y}
    else:
        numbers = {1: 1, 3: -8, -1: 6, -2: key.public_key().public_bytes_raw()}
    return numbers


def _sign(key: PrivateKey, message: bytes) -> bytes:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(message, ec.ECDSA(SHA256()))
    return key.sign(message)
