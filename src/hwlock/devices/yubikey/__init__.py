"""The HMAC-SHA1 slots of a YubiKey: `yubikey:serial=1234567;slot=2`.

wire
    the 8-byte feature reports of its keyboard interface, by hidraw or pyusb
frames
    one command and its answer in such reports: sequence numbers, CRC, touch
finding, attester
    which key it is, and what it is to the rest of hwlock

The secret stays in the slot; what a license holds instead is `hwlock.evidence.yubikey`. Slot 2
is meant where no slot is said: slot 1 is the maker's own from the factory on.
"""

from __future__ import annotations

from hwlock.devices.base import Description
from hwlock.errors import HwlockError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hwlock.devices.base import Changes, Interaction

    from .attester import YubikeyAttester

__all__ = ["changes", "open", "scan"]


def scan() -> Iterator[Description]:
    """Yield the YubiKeys that have slots, without opening any; only then is a serial known."""
    from hwlock.devices import libusb

    from .finding import PLAIN_URI, keys

    try:
        found = keys()
    except HwlockError as exc:
        yield Description(uri=PLAIN_URI, kind="yubikey", name="YubiKeys", problem=exc)
        return
    for device, interface in found:
        may = libusb.hidraw_of(device, interface) is not None
        problem = None if may else libusb.denied(device, "YubiKey")
        yield Description(
            uri=PLAIN_URI,
            kind="yubikey",
            name="YubiKey",
            assurance="" if problem else "shared",
            problem=problem,
        )


def open(uri: str, person: Interaction | None = None) -> YubikeyAttester:
    """Open the YubiKey that `uri` names; DeviceError, UsageError, UnsupportedError."""
    from .attester import YubikeyAttester

    return YubikeyAttester.open(uri, person)


def changes() -> Changes:
    """Return what tells that a USB device was plugged in or pulled."""
    from hwlock.devices import libusb

    return libusb.changes()
