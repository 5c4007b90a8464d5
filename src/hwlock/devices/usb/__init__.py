"""Any USB device, by the numbers that it says of itself: `usb:vid=1234;pid=abcd;serial=…`.

Presence and no proof: whoever has twenty lines of firmware, or the kernel, says the same
numbers (docs/howto/usb.md). Assurance `identifier`, the lowest there is.

`vid` and `pid` are four lower-case hexadecimal digits; the serial number is as the device says
it, without white space around. A device without a serial number is not accepted: every other
of its make would do.
"""

from __future__ import annotations

from hwlock.devices.base import Description
from hwlock.errors import HwlockError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hwlock.devices.base import Changes, Interaction

    from .attester import UsbAttester

__all__ = ["changes", "open", "scan"]


def scan() -> Iterator[Description]:
    """Yield the USB devices with a serial number, without opening any."""
    from .attester import described
    from .identity import candidates

    try:
        found = candidates()
    except HwlockError as exc:
        yield Description(uri="usb:", kind="usb", name="USB devices", problem=exc)
        return
    for identity in found:
        yield described(identity, found.count(identity))


def open(uri: str, person: Interaction | None = None) -> UsbAttester:
    """Open the device that `uri` names; DeviceError, UsageError, UnsupportedError."""
    from .attester import UsbAttester

    return UsbAttester.open(uri)


def changes() -> Changes:
    """Return what tells that a USB device was plugged in or pulled."""
    from hwlock.devices import libusb

    return libusb.changes()
