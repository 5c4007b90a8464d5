"""A plugged USB device as a DongleAttester: it is here, and that is all it shows."""

from __future__ import annotations

from hwlock.devices.base import Description
from hwlock.errors import Finding
from hwlock.evidence.claims import Proof
from hwlock.evidence.dongle import DongleClaims

from .identity import Identity, named

__all__ = ["UsbAttester", "described"]


class UsbAttester:
    """A USB device that was here a moment ago; each proof looks again."""

    kind = "usb"

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        self.uri = identity.uri

    @classmethod
    def open(cls, uri: str) -> UsbAttester:
        """Find the device that `uri` names; DeviceError, UsageError."""
        return cls(named(uri)[0])

    def describe(self) -> Description:
        """Say what the device says of itself."""
        return described(self.identity, len(named(self.uri)))

    def enroll(self) -> bytes:
        """Return an empty record: the URI says all."""
        return b""

    def claims(self, record: bytes, challenge: bytes) -> DongleClaims:
        """Return the statement that this device is here; `challenge` does not enter."""
        proof = self.prove(record, challenge)
        return DongleClaims(
            kind=self.kind,
            uri=self.uri,
            label=self.identity.name,
            key=None,
            record=record,
            signature=proof.signature,
            data=proof.data,
        )

    def prove(self, record: bytes, challenge: bytes) -> Proof:
        """Look again, and say what is here; NotFound where it went."""
        present = named(self.uri)[0].uri
        return Proof(anchor=self.kind, public=b"", signature=b"", data=present.encode())

    def __enter__(self) -> UsbAttester:
        return self

    def __exit__(self, *exc: object) -> None:
        """Nothing was kept open."""


def described(identity: Identity, count: int) -> Description:
    """Return what `hwlock device list` shows of a device of which `count` are here."""
    notes = []
    if identity.serial is None:
        notes.append(Finding("HWL-USB-UNREAD", "note"))
    elif count > 1:
        notes.append(Finding("HWL-USB-TWICE", "note", count=count))
    return Description(
        uri=identity.uri,
        kind="usb",
        name=identity.name,
        assurance="identifier",
        notes=tuple(notes),
    )
