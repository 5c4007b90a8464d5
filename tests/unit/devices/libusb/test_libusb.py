"""The adapter of pyusb: its exceptions, its absence, and what Linux shows without opening."""

from __future__ import annotations

import errno
import inspect
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import usb.core
import usb.libloader

from hwlock.devices import libusb
from hwlock.errors import (
    AccessDenied,
    BadAnswer,
    Busy,
    HwlockError,
    NotFound,
    Removed,
    UnsupportedError,
)

CLASSES = [
    kind
    for module in (usb.core, usb.libloader)
    for _, kind in inspect.getmembers(module, inspect.isclass)
    if issubclass(kind, Exception) and kind.__module__.startswith("usb")
]


@pytest.mark.parametrize("kind", CLASSES)
def test_every_exception_of_pyusb_has_a_class(kind: type[Exception]) -> None:
    """Nothing that pyusb defines leaves the adapter as it is."""
    with pytest.raises(HwlockError) as caught, libusb.converted("dongle"):
        raise kind("why")
    assert caught.value.__cause__ is not None


def test_the_classes_were_found() -> None:
    """The test above is not empty."""
    assert usb.core.USBError in CLASSES
    assert usb.libloader.LibraryException in CLASSES


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENODEV, Removed),
        (errno.EACCES, AccessDenied),
        (errno.EPERM, AccessDenied),
        (errno.EBUSY, Busy),
        (errno.EIO, BadAnswer),
        (errno.EPIPE, BadAnswer),
        (errno.ETIMEDOUT, BadAnswer),
        (None, BadAnswer),
    ],
)
def test_errors_by_their_number(number: int | None, kind: type[HwlockError]) -> None:
    """The number of the system decides what it is."""
    with pytest.raises(HwlockError) as caught, libusb.converted("dongle"):
        raise usb.core.USBError("why", -1, number)
    assert type(caught.value) is kind


def test_what_a_system_cannot_do() -> None:
    """pyusb says NotImplementedError where libusb cannot; our own errors pass as they are."""
    with pytest.raises(UnsupportedError) as caught, libusb.converted("dongle"):
        raise NotImplementedError
    assert caught.value.code == "HWL-USB-SYSTEM"
    ours = NotFound("HWL-DEVICE-NONE", device="dongle")
    with pytest.raises(NotFound) as same, libusb.converted("dongle"):
        raise ours
    assert same.value is ours


def test_without_pyusb(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing extra says what to install."""
    monkeypatch.setitem(sys.modules, "usb", None)
    with pytest.raises(UnsupportedError) as caught:
        libusb.find("usb")
    assert "pip install 'hwlock[usb]'" in caught.value.hint


def test_without_libusb(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing library says how each system gets it."""

    def none(**_: object) -> None:
        raise usb.core.NoBackendError("No backend available")

    monkeypatch.setattr(usb.core, "find", none)
    with pytest.raises(UnsupportedError) as caught:
        libusb.find("usb")
    assert caught.value.code == "HWL-USB-LIBRARY"
    assert "apt install libusb-1.0-0" in caught.value.hint
    assert libusb._addresses() == ()


def test_linux_shows_the_serial_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What /sys shows is taken for the device with the same address only."""
    folder = tmp_path / "1-2.3"
    folder.mkdir()
    (folder / "devnum").write_text("7\n")
    (folder / "serial").write_text(" A1\n")
    monkeypatch.setattr(libusb, "_SYS", str(tmp_path))
    device = SimpleNamespace(bus=1, address=7, port_numbers=(2, 3), iSerialNumber=3)
    assert libusb._shown(device, "serial") == "A1"
    for other in ({"address": 8}, {"port_numbers": (2,)}, {"port_numbers": None}):
        assert libusb._shown(SimpleNamespace(**{**vars(device), **other}), "serial") is None
    assert libusb.serial_of(SimpleNamespace(iSerialNumber=0), "x", may_open=False) == ""
