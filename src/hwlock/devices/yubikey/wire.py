"""Feature reports of a YubiKey's keyboard interface: over Linux's hidraw, else over pyusb.

hidraw leaves the keyboard to the system's driver and is shared with other programs; two that
ask at the same time would take each other's answers, so the node is locked (flock(2)) for one
exchange. Where the node is not there or not permitted, the interface is taken from the driver
for one exchange and given back, whatever happens: a YubiKey that cannot type any more would be
a disservice. Who else holds it meanwhile is waited for a moment and never pushed aside.

GET_REPORT and SET_REPORT: USB HID 1.11, 7.2; feature report 0, 8 bytes. hidraw puts the number
of the report before them (Linux, hidraw.h: HIDIOCSFEATURE, HIDIOCGFEATURE).
"""

from __future__ import annotations

import errno
import os
import threading
import time

from hwlock.devices import libusb
from hwlock.errors import BadAnswer, Busy, HwlockError, Removed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from typing_extensions import Self

    class Opened(Protocol):
        """Reports that are ours for as long as a context lasts."""

        def __enter__(self) -> Reports: ...

        def __exit__(self, *exc: object) -> None: ...

    class Reports(Protocol):
        """What moves feature reports; the one thing that a fake replaces."""

        def receive(self) -> bytes:
            """Return the 8 bytes of the feature report; DeviceError."""

        def send(self, report: bytes) -> None:
            """Set the feature report (8 bytes); DeviceError."""

else:
    Opened = Reports = object

__all__ = ["REPORT_BYTES", "HidrawReports", "Reports", "UsbReports", "keyboard_of", "opened"]

REPORT_BYTES = 8
_TIMEOUT_MS = 1000
_GET, _SET = (0xA1, 0x01), (0x21, 0x09)  # bmRequestType, bRequest
_FEATURE = 0x0300  # report type 3, report 0
_HIDIOCSFEATURE, _HIDIOCGFEATURE = 0xC0094806, 0xC0094807  # for 9 bytes
_HID, _KEYBOARD = 3, 1  # bInterfaceClass, bInterfaceProtocol
_PATIENCE_S = 2.0  # other programs' exchanges take some 100 ms

# One exchange at a time in this process: two handles of one process disturb each other too.
_ours = threading.Lock()


def _open(path: str) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError as exc:  # it was there a moment ago
        raise Removed("HWL-DEVICE-GONE", device="YubiKey") from exc


def keyboard_of(device: Any) -> int | None:
    """Return the number of the keyboard interface; None where there is none. Opens nothing."""
    with libusb.converted("YubiKey"):
        for configuration in device:
            for interface in configuration:
                if (interface.bInterfaceClass, interface.bInterfaceProtocol) == (_HID, _KEYBOARD):
                    number: int = interface.bInterfaceNumber
                    return number
    return None


def opened(device: Any, interface: int) -> Opened:
    """Return what reaches the reports of `interface`, a context; nothing is opened yet."""
    node = libusb.hidraw_of(device, interface)
    return UsbReports(device, interface) if node is None else HidrawReports(node)


def _patiently(
    step: Callable[[], None], pause: Callable[[float], None], clock: Callable[[], float]
) -> None:
    """Take `step`, again and again while another program keeps it from succeeding; Busy."""
    end = clock() + _PATIENCE_S
    while True:
        try:
            return step()
        except Busy:
            if clock() >= end:
                raise
            pause(0.05)


class HidrawReports:
    """The reports behind the node `path`, open and locked for as long as this context lasts."""

    def __init__(
        self,
        path: str,
        *,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path = path
        self._fd = -1
        self._pause = pause
        self._clock = clock

    def receive(self) -> bytes:
        """Return the 8 bytes of the feature report; DeviceError."""
        import fcntl

        report = bytearray(1 + REPORT_BYTES)
        with libusb.converted("YubiKey"):
            size = fcntl.ioctl(self._fd, _HIDIOCGFEATURE, report)
        if size != len(report):
            raise BadAnswer("HWL-YUBIKEY-BAD", fault=f"a report of {size} bytes")
        return bytes(report[1:])

    def send(self, report: bytes) -> None:
        """Set the feature report (8 bytes); DeviceError."""
        import fcntl

        assert len(report) == REPORT_BYTES
        with libusb.converted("YubiKey"):
            fcntl.ioctl(self._fd, _HIDIOCSFEATURE, bytearray(b"\0" + report))

    def __enter__(self) -> Self:
        if not _ours.acquire(timeout=2 * _PATIENCE_S):
            raise Busy("HWL-USB-BUSY", device="YubiKey")
        try:
            with libusb.converted("YubiKey"):
                self._fd = _open(self._path)
            _patiently(self._lock, self._pause, self._clock)
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        self._close()

    def _lock(self) -> None:
        import fcntl

        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise Busy("HWL-USB-BUSY", device="YubiKey") from exc

    def _close(self) -> None:
        """Close the node, which frees its lock."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)
        _ours.release()


class UsbReports:
    """The reports of `interface`, claimed for as long as this context lasts."""

    def __init__(
        self,
        device: Any,
        interface: int,
        *,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._device = device
        self._interface = interface
        self._pause = pause
        self._clock = clock

    def receive(self) -> bytes:
        """Return the 8 bytes of the feature report; DeviceError."""
        with libusb.converted("YubiKey"):
            data = bytes(
                self._device.ctrl_transfer(
                    *_GET, _FEATURE, self._interface, REPORT_BYTES, _TIMEOUT_MS
                )
            )
        if len(data) != REPORT_BYTES:
            raise BadAnswer("HWL-YUBIKEY-BAD", fault=f"a report of {len(data)} bytes")
        return data

    def send(self, report: bytes) -> None:
        """Set the feature report (8 bytes); DeviceError."""
        assert len(report) == REPORT_BYTES
        with libusb.converted("YubiKey"):
            self._device.ctrl_transfer(*_SET, _FEATURE, self._interface, report, _TIMEOUT_MS)

    def __enter__(self) -> Self:
        if not _ours.acquire(timeout=2 * _PATIENCE_S):
            raise Busy("HWL-USB-BUSY", device="YubiKey")
        try:
            _patiently(self._claim, self._pause, self._clock)
        except BaseException:
            self._give_back()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        self._give_back()

    def _claim(self) -> None:
        from usb import util

        with libusb.converted("YubiKey"):
            try:
                if self._device.is_kernel_driver_active(self._interface):
                    self._device.detach_kernel_driver(self._interface)
            except NotImplementedError:
                pass  # where drivers cannot be detached, the claim says whether it may be used
            except OSError as exc:
                if exc.errno != errno.ENOENT:  # another program was quicker to detach it
                    raise
            util.claim_interface(self._device, self._interface)

    def _give_back(self) -> None:
        """Release, and attach the keyboard's driver, even where it was not we who took it.

        Somebody else may have detached it and be unable to attach it while we hold it.
        """
        from usb import util

        for step, *arguments in (
            (util.release_interface, self._device, self._interface),
            (self._device.attach_kernel_driver, self._interface),
        ):
            try:
                with libusb.converted("YubiKey"):
                    step(*arguments)
            except HwlockError:
                pass  # it is gone, has its driver already, or the system has no such thing
        libusb.dispose(self._device)
        _ours.release()
