"""A token as the rest of hwlock sees it."""

from __future__ import annotations

from pkcs11 import PROTECTED_AUTH, Attribute, TokenFlag

from hwlock.devices.base import Description
from hwlock.errors import (
    AccessDenied,
    BadAnswer,
    BadKey,
    HwlockError,
    NotFound,
    PinRequired,
    UsageError,
)
from hwlock.evidence.claims import Proof, proof_message
from hwlock.evidence.dongle import DongleClaims
from hwlock.record import replace

from .enrollment import Enrollment
from .keys import private_keys, public_key, sign, wants_pin_each_time
from .module import Module, session
from .uri import TokenUri

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from pkcs11 import PrivateKey, Session, Token

    from hwlock.devices.base import Interaction

    T = TypeVar("T")

__all__ = ["Pkcs11Attester", "described"]


class Pkcs11Attester:
    """The token, and perhaps the key on it, that a URI names."""

    kind = "pkcs11"

    def __init__(self, uri: str, person: Interaction | None) -> None:
        self.uri = uri
        self._wanted = TokenUri.parse(uri)
        self._person = person
        self._pin: str | None = None
        self._module = Module.find(self._wanted.module_path)

    def describe(self) -> Description:
        """Say what the token says of itself, with no session on it."""
        return described(self._token())

    def enroll(self) -> bytes:
        """Choose the key that the URI names, or the only one; return its record.

        The token may ask for its PIN. NotFound without such a key, UsageError with several,
        BadKey for one that is not accepted.
        """
        token = self._token()
        wanted = self._wanted

        def choose(opened: Session, _: str | None) -> bytes | None:
            found = private_keys(opened, wanted.object, wanted.id)
            usable = _usable(opened, found)
            if not usable:
                return None
            if len(usable) > 1:
                raise UsageError("HWL-PKCS11-SEVERAL", uris=_named(token, usable))
            return usable[0].encode()

        return self._on(token, choose)

    def claims(self, record: bytes, challenge: bytes) -> DongleClaims:
        """Return what a request carries, over `challenge` (32 bytes); DeviceError."""
        enrollment = Enrollment.parse(record)
        token = self._token()
        proof = self.prove(record, challenge)
        return DongleClaims(
            kind=self.kind,
            uri=_uri(token, enrollment.identity).write(),
            label=_name(token),
            key=enrollment.key,
            record=record,
            signature=proof.signature,
        )

    def prove(self, record: bytes, challenge: bytes) -> Proof:
        """Answer `challenge` (32 bytes) with the key of `record`; DeviceError."""
        enrollment = Enrollment.parse(record)
        message = proof_message(challenge)
        label = "" if enrollment.identity else enrollment.label

        def answer(opened: Session, pin: str | None) -> bytes | None:
            for key in private_keys(opened, label, enrollment.identity):
                if pin is None and wants_pin_each_time(key):
                    return None
                again = pin if wants_pin_each_time(key) else None
                return sign(key, enrollment.key, message, again)
            return None

        signature = self._on(self._token(), answer)
        if len(signature) != _signature_bytes(enrollment):
            raise BadAnswer(
                "HWL-PKCS11-ANSWER", device=self.uri, fault="its signature has a wrong length"
            )
        return Proof(anchor=self.kind, public=enrollment.key.raw, signature=signature)

    def close(self) -> None:
        """Forget the PIN; there is no session between two proofs."""
        self._pin = None

    def __enter__(self) -> Pkcs11Attester:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _token(self) -> Token:
        """Return the one token that fits; NotFound, UsageError."""
        wanted = self._wanted
        found = [
            token
            for token in self._module.tokens()
            if wanted.token in ("", token.label)
            and wanted.serial in ("", _serial(token))
            and wanted.model in ("", token.model)
            and wanted.manufacturer in ("", token.manufacturer_id)
        ]
        if not found:
            raise NotFound("HWL-DEVICE-NONE", device=f"the token {self.uri}")
        if len(found) > 1:
            uris = ", ".join(_uri(token).write() for token in found)
            raise UsageError("HWL-PKCS11-TOKENS", uris=uris)
        return found[0]

    def _on(self, token: Token, act: Callable[[Session, str | None], T | None]) -> T:
        """Do something in a session: without the PIN where that is enough, else with it.

        `act` returns None where it needs the PIN to find or to use the key.
        """
        name = _name(token)
        try:
            with self._module.used(name), session(token, None) as opened:
                done = act(opened, None)
            if done is not None:
                return done
        except PinRequired:
            pass
        if not token.flags & TokenFlag.LOGIN_REQUIRED:
            raise NotFound("HWL-PKCS11-KEY", device=name)
        try:
            with self._module.used(name), session(token, self._asked(token)) as opened:
                done = act(opened, self._pin)
        except PinRequired as exc:
            self.close()
            raise self._wrong(token) from exc
        except HwlockError:
            self.close()
            raise
        if done is None:
            raise NotFound("HWL-PKCS11-KEY", device=name)
        return done

    def _asked(self, token: Token) -> str | object:
        """Return the PIN, asked for once; what stands for it where the reader has a pad."""
        name, flags = _name(token), token.slot.get_token().flags
        if flags & TokenFlag.USER_PIN_LOCKED:
            raise AccessDenied("HWL-DEVICE-PIN-BLOCKED", device=name)
        left = 1 if flags & TokenFlag.USER_PIN_FINAL_TRY else None
        if self._person is None:
            raise PinRequired("HWL-DEVICE-PIN", device=name, attempts_left=left)
        if flags & TokenFlag.PROTECTED_AUTHENTICATION_PATH:
            self._person.touch(name)
            return PROTECTED_AUTH
        if self._pin is None:
            self._pin = self._person.pin(name, left)
        return self._pin

    def _wrong(self, token: Token) -> HwlockError:
        """Return what to say after the token did not take the PIN."""
        name = _name(token)
        if self._person is None:
            return PinRequired("HWL-DEVICE-PIN", device=name)
        with self._module.used(name):
            flags = token.slot.get_token().flags
        if flags & TokenFlag.USER_PIN_LOCKED:
            return AccessDenied("HWL-DEVICE-PIN-BLOCKED", device=name)
        if flags & TokenFlag.USER_PIN_FINAL_TRY:
            return PinRequired(
                "HWL-PKCS11-PIN-WRONG", device=name, left="one try is left", attempts_left=1
            )
        return PinRequired(
            "HWL-PKCS11-PIN-WRONG", device=name, left="the token does not say how many are left"
        )


def described(token: Token) -> Description:
    """Return what a token says of itself."""
    flags = token.flags
    locked = bool(flags & TokenFlag.USER_PIN_LOCKED)
    pin = "no PIN"
    if flags & TokenFlag.LOGIN_REQUIRED:
        pin = "not set" if not flags & TokenFlag.USER_PIN_INITIALIZED else "set"
    if flags & TokenFlag.USER_PIN_COUNT_LOW:
        pin = "was wrong at least once"
    if flags & TokenFlag.USER_PIN_FINAL_TRY:
        pin = "one try is left"
    return Description(
        uri=_uri(token).write(),
        kind="pkcs11",
        name=_name(token),
        assurance="" if locked else "key",
        problem=AccessDenied("HWL-DEVICE-PIN-BLOCKED", device=_name(token)) if locked else None,
        details=(
            ("manufacturer", _plain(token.manufacturer_id)),
            ("model", _plain(token.model)),
            ("serial", _serial(token)),
            ("PIN", "blocked" if locked else pin),
        ),
    )


def _usable(opened: Session, found: list[PrivateKey]) -> list[Enrollment]:
    """Return the keys that can be an anchor; the only one's BadKey is raised, not skipped."""
    usable, refused = [], None
    for private in found:
        try:
            key = public_key(opened, private)
        except BadKey as exc:
            refused = exc
            continue
        identity, label = bytes(private[Attribute.ID]), _plain(str(private[Attribute.LABEL]))
        usable.append(Enrollment(identity=identity, label=label, key=key))
    if refused is not None and not usable:
        raise refused
    return usable


def _signature_bytes(enrollment: Enrollment) -> int:
    """Return how long a signature is: 64, or the size of the modulus."""
    size = len(enrollment.key.raw)
    return size if size > 64 else 64


def _named(token: Token, keys: list[Enrollment]) -> str:
    return ", ".join(replace(_uri(token), object=k.label, id=k.identity).write() for k in keys)


def _uri(token: Token, identity: bytes = b"") -> TokenUri:
    return TokenUri(token=token.label, serial=_serial(token), id=identity)


def _name(token: Token) -> str:
    return _plain(token.label) or "the token"


def _serial(token: Token) -> str:
    return _plain(token.serial.decode("utf-8", "replace"))


def _plain(text: str) -> str:
    """Return what a token calls itself, fit to be shown and to travel: one line, short."""
    return "".join(char for char in text if char.isascii() and char.isprintable()).strip()[:64]
