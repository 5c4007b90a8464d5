"""USB devices through pyusb: the one place that knows its functions and its exceptions.

Finding a device opens nothing. A serial number is a string that the device must be asked for,
which needs permission to open it; Linux asks once, when it is plugged in, and shows the answer
to everybody in /sys, so there nothing is opened either.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import contextmanager

from hwlock.devices import hotplug
from hwlock.errors import (
    AccessDenied,
    BadAnswer,
    Busy,
    HwlockError,
    Removed,
    UnsupportedError,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Protocol

    from hwlock.devices.base import Changes

    class Bus(Protocol):
        """What stands in for the sockets of this machine: a pyusb backend, and its events."""

        @property
        def backend(self) -> Any:
            """A `usb.backend.IBackend`."""

        def changes(self) -> Changes:
            """Return what tells that a device was plugged in or pulled."""


__all__ = [
    "changes",
    "converted",
    "denied",
    "dispose",
    "find",
    "hidraw_of",
    "serial_of",
    "string_of",
    "use",
]

_SYS = "/sys/bus/usb/devices"
_DEV = "/dev"
_MAX_STRING = 126  # characters of a string descriptor (USB 2.0, 9.6.7)
_GONE = (errno.ENODEV, errno.ENXIO, errno.ESHUTDOWN)
_DENIED = (errno.EACCES, errno.EPERM)
_HUB = 9  # bDeviceClass

_stand_in: Bus | None = None


@contextmanager
def use(bus: Bus) -> Iterator[None]:
    """Look at `bus` instead of this machine's sockets meanwhile, in the whole process."""
    global _stand_in
    before, _stand_in = _stand_in, bus
    try:
        yield
    finally:
        _stand_in = before


def changes() -> Changes:
    """Return what tells that a USB device was plugged in or pulled."""
    return hotplug.changes(look=_addresses) if _stand_in is None else _stand_in.changes()


def find(kind: str, vendor: int | None = None, product: int | None = None) -> list[Any]:
    """Return the devices (pyusb's) with these numbers, hubs left out; opens none.

    UnsupportedError where pyusb, for devices of `kind`, or libusb are missing.
    """
    core = _core(kind)
    wanted = {"idVendor": vendor, "idProduct": product}
    numbers = {name: value for name, value in wanted.items() if value is not None}
    backend = None if _stand_in is None else _stand_in.backend
    with converted("USB"):
        found = list(core.find(find_all=True, backend=backend, **numbers))
    return [device for device in found if device.bDeviceClass != _HUB]


def serial_of(device: Any, name: str, *, may_open: bool) -> str | None:
    """Return a device's serial number, "" where it has none.

    None where only opening it would tell and `may_open` is not set; DeviceError.
    """
    if not device.iSerialNumber:
        return ""
    if _stand_in is None and sys.platform == "linux":
        shown = _shown(device, "serial")
        if shown is not None:
            return shown
    return string_of(device, device.iSerialNumber, name) if may_open else None


def hidraw_of(device: Any, interface: int) -> str | None:
    """Return Linux's HID node of an interface, if there is one that this user may use."""
    if _stand_in is not None or not device.port_numbers:
        return None
    import glob

    folder = _folder(device)
    if _shown(device, "devnum") is None:
        return None
    for found in glob.glob(f"{folder}/{os.path.basename(folder)}:*.{interface}/*/hidraw/hidraw*"):
        path = f"{_DEV}/{os.path.basename(found)}"
        if os.access(path, os.R_OK | os.W_OK):
            return path
    return None


def denied(device: Any, name: str) -> AccessDenied | None:
    """Return what keeps this user from opening a device, as far as its node on Linux tells."""
    if _stand_in is not None or sys.platform != "linux":
        return None
    node = f"{_DEV}/bus/usb/{device.bus:03}/{device.address:03}"
    if not os.path.exists(node) or os.access(node, os.R_OK | os.W_OK):
        return None
    return AccessDenied("HWL-USB-DENIED", device=name)


def string_of(device: Any, index: int, name: str) -> str:
    """Ask the device for its string `index`, trimmed; DeviceError."""
    from usb import util

    try:
        with converted(name):
            languages = util.get_langids(device)
            text = util.get_string(device, index, languages[0]) if languages else ""
    except (IndexError, UnicodeDecodeError) as exc:
        detail = "a text that is none"
        raise BadAnswer("HWL-USB-IO", device=name, detail=detail) from exc
    finally:
        dispose(device)
    return _trimmed(text or "")


def dispose(device: Any) -> None:
    """Close what was opened of a device; never fails."""
    from usb import util

    try:
        util.dispose_resources(device)
    except OSError:  # it is gone, so it is closed
        pass


@contextmanager
def converted(name: str) -> Iterator[None]:
    """Raise what pyusb raises meanwhile as ours; `name` is what a person calls the device."""
    try:
        yield
    except HwlockError:
        raise
    except NotImplementedError as exc:
        raise UnsupportedError("HWL-USB-SYSTEM", device=name) from exc
    except OSError as exc:
        raise _error(exc, name) from exc
    except UnicodeDecodeError:
        raise  # a ValueError as well; whoever reads a text knows what it means
    except ValueError as exc:  # NoBackendError
        raise UnsupportedError("HWL-USB-LIBRARY") from exc


def _error(exc: OSError, name: str) -> HwlockError:
    from usb.libloader import LibraryException

    if isinstance(exc, LibraryException):
        return UnsupportedError("HWL-USB-LIBRARY")
    if exc.errno in _GONE:
        return Removed("HWL-DEVICE-GONE", device=name)
    if exc.errno in _DENIED:
        return AccessDenied("HWL-USB-DENIED", device=name)
    if exc.errno == errno.EBUSY:
        return Busy("HWL-USB-BUSY", device=name)
    detail = exc.strerror or type(exc).__name__
    return BadAnswer("HWL-USB-IO", raw_code=exc.errno, device=name, detail=detail)


def _core(kind: str) -> Any:
    try:
        from usb import core
    except ImportError as exc:
        raise UnsupportedError("HWL-DEVICE-EXTRA", kind=kind, package="pyusb", extra="usb") from exc
    return core


def _addresses() -> object:
    try:
        return tuple(sorted((each.bus, each.address) for each in find("USB")))
    except HwlockError:  # what cannot be listed never changes
        return ()


def _shown(device: Any, name: str) -> str | None:
    """Return what Linux shows of a device; None where this is not that device."""
    if not device.port_numbers:
        return None
    folder = _folder(device)
    try:
        if int(_read(f"{folder}/devnum")) != device.address:
            return None
        return _trimmed(_read(f"{folder}/{name}"))
    except (OSError, ValueError):
        return None


def _folder(device: Any) -> str:
    return f"{_SYS}/{device.bus}-{'.'.join(map(str, device.port_numbers))}"


def _read(path: str) -> str:
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read(4 * _MAX_STRING)


def _trimmed(text: str) -> str:
    return text.replace("\0", "").strip()[:_MAX_STRING]
