"""A security key as the rest of hwlock sees it."""

from __future__ import annotations

import os
from contextlib import contextmanager

from hwlock.crypto import sha2
from hwlock.devices.base import Description
from hwlock.devices.uri import make
from hwlock.errors import (
    BadAnswer,
    BadSignature,
    Busy,
    Cancelled,
    DeviceError,
    HwlockError,
    NotFound,
    PinRequired,
    Removed,
    UsageError,
)
from hwlock.evidence.claims import CHALLENGE_BYTES, Proof, proof_message
from hwlock.evidence.dongle import DongleClaims
from hwlock.evidence.fido2 import signed_message

from .enrollment import Enrollment
from .places import find, find_later

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import TypeVar

    from hwlock.devices.base import Interaction

    from .places import Place
    from .token import Assertion, Created, Token

    T = TypeVar("T")

__all__ = ["PARTS", "Fido2Attester"]

PARTS = ("aaguid", "serial", "path", "key")
_NAME_BYTES = 8


class Fido2Attester:
    """The keys that a URI names: one when it enrolls, whichever knows the credential later."""

    kind = "fido2"

    def __init__(self, uri: str, wanted: Mapping[str, str], person: Interaction | None) -> None:
        self.uri = uri
        self._wanted = wanted
        self._person = None if person is None else AskedOnce(person)
        self._label = ""

    def require(self) -> None:
        """Raise NotFound where no such key is here, and what keeps it from being used."""
        self._usable()

    def describe(self) -> Description:
        """Open the first of the keys and say what it is."""
        return self._each(self._described)

    def enroll(self) -> bytes:
        """Make a credential in the one key that fits; return its record. DeviceError.

        The key wants to be touched. UsageError where several keys fit.
        """
        places = self._usable()
        if len(places) > 1:
            found = ", ".join(make(self.kind, {"path": place.path}) for place in places)
            raise UsageError("HWL-FIDO2-SEVERAL", uris=found)
        return self._each(_enrolled).encode()

    def claims(self, record: bytes, challenge: bytes) -> DongleClaims:
        """Return what a request carries, over `challenge` (32 bytes); DeviceError.

        The maker's statement is in the claims where it is in the record; the record in the
        claims is without it.
        """
        proof = self.prove(record, challenge)
        enrollment = Enrollment.parse(record)
        named = {
            "aaguid": enrollment.aaguid.hex() if any(enrollment.aaguid) else "",
            "key": sha2.sha256(enrollment.credential)[:_NAME_BYTES].hex(),
        }
        return DongleClaims(
            kind=self.kind,
            uri=make(self.kind, named),
            label=self._label,
            key=enrollment.key,
            record=enrollment.lean.encode(),
            signature=proof.signature,
            data=proof.data,
            attestation=enrollment.attestation,
        )

    def prove(self, record: bytes, challenge: bytes) -> Proof:
        """Answer `challenge` (32 bytes) with the credential of `record`; DeviceError.

        Every key that fits is asked. A key that cannot answer now does not keep another one
        from doing so; a person's no, and a wrong PIN, end it.
        """
        enrollment = Enrollment.parse(record)
        digest = sha2.sha256(proof_message(challenge))
        # a silent question first, so that only the right one of several keys wants a touch
        silent = not enrollment.touch or len(self._usable()) > 1

        def answered(token: Token) -> Proof:
            signed = _sign(token, enrollment, digest, silent=silent)
            self._label = token.name
            return Proof(
                anchor=self.kind,
                public=enrollment.key.raw,
                signature=signed.signature,
                data=signed.data,
            )

        return self._each(answered)

    def close(self) -> None:
        """Forget the PIN; a key is open only as long as it is asked."""
        if self._person is not None:
            self._person.forget()

    def __enter__(self) -> Fido2Attester:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _usable(self) -> tuple[Place, ...]:
        """Return the places that fit and can be used; NotFound, or why none can.

        Those on USB; the readers where none is there.
        """
        fitting = self._fitting(find()) or self._fitting(find_later())
        if not fitting:
            raise NotFound("HWL-DEVICE-NONE", device="the security key")
        usable = tuple(place for place in fitting if place.problem is None)
        if not usable:
            assert fitting[0].problem is not None
            raise fitting[0].problem
        return usable

    def _fitting(self, found: tuple[Place, ...]) -> tuple[Place, ...]:
        path, serial = self._wanted.get("path"), self._wanted.get("serial")
        return tuple(
            place
            for place in found
            if path == place.path or (path is None and not place.shy)
            if serial in (None, place.serial)
        )

    def _each(self, act: Callable[[Token], T]) -> T:
        """Do something with the first key that fits and can; else say what was in the way."""
        from .token import Token

        problem: DeviceError = NotFound("HWL-DEVICE-NONE", device="the security key")
        for place in self._in_turn():
            try:
                with self._mindful(), Token.opened(place, self._person) as token:
                    if self._is_wanted(token):
                        return act(token)
            except (BadAnswer, Busy, NotFound, Removed) as exc:
                # what one key could not do is worth more than that another is the wrong one
                problem = exc if isinstance(problem, NotFound) else problem
        raise problem

    def _in_turn(self) -> Iterator[Place]:
        """Yield the places to try: what is on USB, and only then what is in a reader."""
        first = self._usable()
        yield from first
        for place in self._fitting(find_later()):
            if all(place.path != seen.path for seen in first):
                yield place

    def _is_wanted(self, token: Token) -> bool:
        wanted = self._wanted.get("aaguid")
        return wanted is None or wanted.lower().replace("-", "") == token.info.aaguid.hex()

    def _described(self, token: Token) -> Description:
        options = [name for name in ("clientPin", "uv", "alwaysUv") if token.info.can(name)]
        return Description(
            uri=make(self.kind, {"path": token.path}),
            kind=self.kind,
            name=token.name,
            assurance="attested",
            details=(
                ("model (AAGUID)", token.info.aaguid.hex()),
                ("versions", ", ".join(map(str, token.info.versions))),
                ("protected by", ", ".join(options) or "touch alone"),
            ),
        )

    @contextmanager
    def _mindful(self) -> Iterator[None]:
        """Forget the PIN when anything goes wrong: it may be wrong, or the key another one."""
        try:
            yield
        except HwlockError:
            self.close()
            raise


class AskedOnce:
    """A person who is asked once: the PIN of the device that wanted it last is kept."""

    def __init__(self, person: Interaction) -> None:
        self._person = person
        self._typed: tuple[str, str] | None = None

    def pin(self, device: str, attempts_left: int | None) -> str:
        """Return the PIN that was typed for `device`, or ask."""
        if self._typed is None or self._typed[0] != device:
            self._typed = device, self._person.pin(device, attempts_left)
        return self._typed[1]

    def touch(self, device: str) -> None:
        """Pass it on."""
        self._person.touch(device)

    def forget(self) -> None:
        """Ask again the next time."""
        self._typed = None


def _enrolled(token: Token) -> Enrollment:
    """Make a credential and try it."""
    from hwlock.evidence.fido2.attestation import CLIENT_DATA_HASH

    created = _make(token, CLIENT_DATA_HASH)
    assert created.data.key is not None
    enrollment = Enrollment(
        credential=created.data.credential,
        key=created.data.key,
        aaguid=created.data.aaguid,
        touch=False,
        attestation=created.attestation,
    )
    return _tried(token, enrollment)


def _make(token: Token, digest: bytes) -> Created:
    """Make a credential, with the PIN where the key is set so that it wants it."""
    pin = token.info.can("clientPin")
    if pin and (token.info.can("alwaysUv") or not token.info.can("makeCredUvNotRqd")):
        return token.make_credential(digest, token.permission(digest))
    return token.make_credential(digest, None)


def _sign(token: Token, enrollment: Enrollment, digest: bytes, *, silent: bool) -> Assertion:
    """Let the key sign: without a touch where it does, without the PIN where it does."""
    permission = None
    up = not silent
    for _ in range(3):
        try:
            return token.get_assertion(enrollment.credential, digest, permission, up=up)
        except Cancelled:
            if up:
                raise
            up = True
        except PinRequired:
            if permission is not None or not token.info.can("clientPin"):
                raise
            permission = token.permission(digest)
    return token.get_assertion(enrollment.credential, digest, permission, up=up)


def _tried(token: Token, enrollment: Enrollment) -> Enrollment:
    """Sign once without a touch: does the key do that, and is it the key that it showed?"""
    from hwlock.record import replace

    challenge = os.urandom(CHALLENGE_BYTES)
    digest = sha2.sha256(proof_message(challenge))
    try:
        signed = token.get_assertion(enrollment.credential, digest, None, up=False)
    except (Cancelled, PinRequired):
        return replace(enrollment, touch=True)
    except NotFound as exc:
        raise BadAnswer(
            "HWL-FIDO2-ANSWER", device=token.name, fault="it forgot its new credential"
        ) from exc
    try:
        enrollment.key.verify(signed.signature, signed_message(signed.data, challenge))
    except BadSignature as exc:
        raise BadAnswer("HWL-FIDO2-ANSWER", device=token.name, fault=exc.message) from exc
    return enrollment
