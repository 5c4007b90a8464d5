"""Feature reports of a YubiKey's keyboard interface, over pyusb.

The interface belongs to the system's keyboard driver. It is taken for one exchange and given
back, whatever happens: a YubiKey that cannot type any more would be a disservice. Who else
uses it meanwhile is waited for a moment and never pushed aside.

GET_REPORT and SET_REPORT: USB HID 1.11, 7.2; feature report 0, 8 bytes.
"""

from __future__ import annotations

import threading
import time

from hwlock.devices import libusb
from hwlock.errors import BadAnswer, Busy, HwlockError, UnsupportedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from typing_extensions import Self

    class Reports(Protocol):
        """What moves feature reports; the one thing that a fake replaces."""

        def receive(self) -> bytes:
            """Return the 8 bytes of the feature report; DeviceError."""

        def send(self, report: bytes) -> None:
            """Set the feature report (8 bytes); DeviceError."""

else:
    Reports = object

__all__ = ["REPORT_BYTES", "Reports", "UsbReports", "keyboard_of"]

REPORT_BYTES = 8
_TIMEOUT_MS = 1000
_GET, _SET = (0xA1, 0x01), (0x21, 0x09)  # bmRequestType, bRequest
_FEATURE = 0x0300  # report type 3, report 0
_HID, _KEYBOARD = 3, 1  # bInterfaceClass, bInterfaceProtocol
_PATIENCE_S = 2.0  # other programs' exchanges take some 100 ms

# One exchange at a time in this process: two handles of one process disturb each other too.
_ours = threading.Lock()


def keyboard_of(device: Any) -> int | None:
    """Return the number of the keyboard interface; None where there is none. Opens nothing."""
    with libusb.converted("YubiKey"):
        for configuration in device:
            for interface in configuration:
                if (interface.bInterfaceClass, interface.bInterfaceProtocol) == (_HID, _KEYBOARD):
                    number: int = interface.bInterfaceNumber
                    return number
    return None


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
            self._take()
        except BaseException:
            self._give_back()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        self._give_back()

    def _take(self) -> None:
        end = self._clock() + _PATIENCE_S
        while True:
            try:
                return self._claim()
            except Busy:
                if self._clock() >= end:
                    raise
                self._pause(0.05)

    def _claim(self) -> None:
        from usb import util

        with libusb.converted("YubiKey"):
            try:
                if self._device.is_kernel_driver_active(self._interface):
                    self._device.detach_kernel_driver(self._interface)
            except NotImplementedError:
                pass  # where drivers cannot be detached, the claim says whether it may be used
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
            except (HwlockError, UnsupportedError):
                pass  # it is gone, has its driver already, or the system has no such thing
        libusb.dispose(self._device)
        _ours.release()
