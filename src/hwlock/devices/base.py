"""The two seams of every device: bytes below, statements above."""

from __future__ import annotations

from hwlock.evidence.claims import Component, Proof
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol

    from typing_extensions import Self

    from hwlock.errors import Finding, HwlockError
    from hwlock.evidence.dongle import DongleClaims
else:
    Protocol = object

__all__ = [
    "AgreeingDongle",
    "Attester",
    "Backend",
    "Changes",
    "Description",
    "DongleAttester",
    "DongleBackend",
    "HostReader",
    "Interaction",
    "KeyAttester",
    "Transport",
]


class Transport(Protocol):
    """A wire: one command out, one answer back. Raises only DeviceError."""

    def exchange(self, command: bytes) -> bytes:
        """Send `command`, wait for the whole answer, return it."""

    def close(self) -> None:
        """Let go of the device; a second call does nothing."""


class Description(Record):
    """One device as a person sees it in `hwlock device list`.

    `assurance` is the strongest that this device can reach here (a word of ASSURANCE), or
    empty where it is good for nothing as it is; `problem` then says why. `notes` are
    findings of level "note": what was left out, who the maker is.
    """

    uri: str
    kind: str
    name: str
    assurance: str = ""
    problem: HwlockError | None = None
    notes: tuple[Finding, ...] = ()
    details: tuple[tuple[str, str], ...] = ()


class Backend(Protocol):
    """How one kind of device is found. A module of that kind has these two functions."""

    def scan(self) -> Iterator[Description]:
        """Yield what is here without opening it; a bad device comes with its problem."""

    def open(self, uri: str) -> Attester:
        """Open the device that `uri` names; NotFound, AccessDenied, UsageError."""


class Attester(Protocol):
    """One open device that can speak for a machine; a context manager that closes it."""

    kind: str
    uri: str

    def describe(self) -> Description:
        """Say what this device is, having opened it."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...


class KeyAttester(Attester, Protocol):
    """A device that holds keys.

    An *enrollment* is an opaque record of bytes that the store keeps for the device (for a
    TPM: wrapped key blobs): worthless on another machine, and needed again on this one.
    """

    def enroll(self) -> bytes:
        """Make the keys of this machine for one product; return the enrollment."""

    def public(self, enrollment: bytes) -> bytes:
        """Return the raw public key (P-256: x‖y, 64 bytes) of an enrollment."""

    def sign(self, enrollment: bytes, message: bytes) -> bytes:
        """Sign `message` with the device key: raw 64-byte signature (ES256)."""

    def claims(self, enrollment: bytes, nonce: bytes) -> Record:
        """Return what a request carries: the evidence of this kind, tied to `nonce`."""

    def prove(self, enrollment: bytes, challenge: bytes) -> Proof:
        """Answer `challenge` (32 bytes) with the device key."""

    def agreement(self, enrollment: bytes) -> bytes:
        """Return the public key (P-256, x‖y) by which the device agrees on secrets."""

    def agree(self, enrollment: bytes, point: bytes) -> bytes:
        """Return x (32 bytes) of that key's ECDH with `point` (P-256, x‖y); DeviceError."""

    def open_credential(self, enrollment: bytes, credential: bytes) -> bytes:
        """Return the secret of a credential that was made for this device alone."""


class HostReader(Attester, Protocol):
    """What reads a machine's fingerprint."""

    def components(self) -> tuple[Component, ...]:
        """Return the components that tell this machine from others."""


class Interaction(Protocol):
    """The only way from a device to the person in front of it."""

    def pin(self, device: str, attempts_left: int | None) -> str:
        """Ask for the PIN of `device`; Cancelled where the person will not or cannot.

        `attempts_left` is what the device says, None where it does not say. A driver asks
        once and tries once: a wrong PIN is an error, never a second try.
        """

    def touch(self, device: str) -> None:
        """Say that `device` waits to be touched; returns at once."""


class DongleAttester(Attester, Protocol):
    """A device that a person carries: a card, a token, a security key, a USB dongle.

    What it needs in order to prove itself again, its *record*, is public and opaque (at most
    8192 bytes; a slot, a key's id, a credential's id): it travels in the request and stands in
    the license, so that the dongle works on every machine that has the license.
    """

    def enroll(self) -> bytes:
        """Choose (or, where the kind needs it, make) the key; return the record. BadKey.

        An existing key is used as it is; nothing on the device is ever overwritten.
        """

    def claims(self, record: bytes, challenge: bytes) -> DongleClaims:
        """Return what a request carries of this dongle, over `challenge` (32 bytes)."""

    def prove(self, record: bytes, challenge: bytes) -> Proof:
        """Answer `challenge` (32 bytes) freshly; DeviceError."""


class AgreeingDongle(DongleAttester, Protocol):
    """A dongle that agrees on secrets as well as it signs."""

    def agree(self, record: bytes, point: bytes) -> bytes:
        """Return what the ECDH of its key with `point` gives (32 bytes); DeviceError.

        `point` is x‖y of P-256, and the result x; or both are of X25519 (32 bytes).
        """


class DongleBackend(Protocol):
    """How one kind of dongle is found, opened and noticed; a module has these functions."""

    def scan(self) -> Iterator[Description]:
        """Yield what is here; a bad device comes with its problem, a missing extra as one."""

    def open(self, uri: str, person: Interaction | None = None) -> DongleAttester:
        """Open the dongle that `uri` names; DeviceError, UsageError, UnsupportedError.

        Without a `person` a device that needs a PIN raises PinRequired.
        """

    def changes(self) -> Changes:
        """Return what tells that a device of this kind was plugged in or pulled."""


class Changes(Protocol):
    """Plugging and pulling as events; a context manager.

    An event says that something may have changed, not what: whoever waits looks again.
    """

    def wait(self, timeout_s: float) -> bool:
        """Return True as soon as something changed, False after `timeout_s` or `wake`."""

    def wake(self) -> None:
        """End a wait from another thread, at once; every later wait returns False."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...
