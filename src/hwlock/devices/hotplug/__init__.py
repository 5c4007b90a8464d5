"""USB and HID devices that come and go, as the operating system tells it.

==========  =================================================================================
Linux       the events of the kernel and of udev (netlink); every user may listen
Windows     CM_Register_Notification, from Windows 8
macOS       the numbers of the I/O registry's USB devices, looked at twice a second
else        what `look` returns, looked at twice a second; without it, a guess every 2 s
==========  =================================================================================

An event is a hint and never a proof: whoever is told looks at the device again. So a forged,
lost or doubled event costs one look, or one interval of delay, and nothing else.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hwlock.devices.base import Changes

__all__ = ["HID", "USB", "changes"]

# Which devices to hear of. A HID device is usable a moment later than the USB device it sits on.
USB = ("usb",)
HID = ("usb", "hidraw")


def changes(subsystems: tuple[str, ...] = USB, look: Callable[[], object] | None = None) -> Changes:
    """Return what tells that a device of `subsystems` came or went; never fails.

    `look` returns what is here as a value that compares, and is only called on a system
    whose events we do not know.
    """
    from .polling import Polling, guess

    opened = _native(subsystems)
    if opened is not None:
        return opened
    return Polling(look) if look is not None else Polling(guess, interval_s=2.0)


def _native(subsystems: tuple[str, ...]) -> Changes | None:
    """Return this system's own events; None where it has none or does not let us listen."""
    system: str = sys.platform  # a name of its own: type checkers know which system they run on
    if system == "linux":
        from .linux import UeventChanges, usb_tree
        from .polling import Polling

        try:
            return UeventChanges(subsystems)
        except OSError:  # a sandbox without netlink still shows /sys
            return Polling(usb_tree)
    if system == "win32":
        from .windows import NotifiedChanges

        return NotifiedChanges.listening(subsystems)
    if system == "darwin":
        from .macos import usb_devices
        from .polling import Polling

        return Polling(usb_devices)
    return None
