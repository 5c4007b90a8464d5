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
else:
    Protocol = object

__all__ = ["Attester", "Backend", "Description", "HostReader", "KeyAttester", "Transport"]


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

    def open_credential(self, enrollment: bytes, credential: bytes) -> bytes:
        """Return the secret of a credential that was made for this device alone."""


class HostReader(Attester, Protocol):
    """What reads a machine's fingerprint."""

    def components(self) -> tuple[Component, ...]:
        """Return the components that tell this machine from others."""
