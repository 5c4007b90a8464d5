"""Linux's hidraw as the way to the reports: which node, and what its ioctl means.

The node is a file and the ioctl a function here; a real one needs a kernel with the device.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from hwlock.devices import libusb
from hwlock.devices.yubikey import finding, wire
from hwlock.devices.yubikey.wire import HidrawReports, UsbReports, opened
from hwlock.errors import AccessDenied, BadAnswer, Busy, Removed
from hwlock.testing.yubikey import VirtualYubiKey

DEVICE = SimpleNamespace(bus=1, address=7, port_numbers=(2, 3), iSerialNumber=0)


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the HID node of the keyboard of DEVICE, in a tree like that of /sys and /dev."""
    device = tmp_path / "sys" / "1-2.3"
    (device / "1-2.3:1.0" / "0003:1050:0407.0001" / "hidraw" / "hidraw4").mkdir(parents=True)
    (device / "1-2.3:1.1" / "0003:1050:0407.0002" / "hidraw" / "hidraw5").mkdir(parents=True)
    (device / "devnum").write_text("7\n")
    (tmp_path / "dev").mkdir()
    monkeypatch.setattr(libusb, "_SYS", str(tmp_path / "sys"))
    monkeypatch.setattr(libusb, "_DEV", str(tmp_path / "dev"))
    path = tmp_path / "dev" / "hidraw4"
    path.touch()
    return path


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> Iterator[VirtualYubiKey]:
    """Return a key that answers the ioctl of every file."""
    virtual = VirtualYubiKey()
    virtual.busy = 0

    def ioctl(_: int, request: int, report: bytearray) -> int:
        assert (len(report), report[0]) == (9, 0)
        if request == 0xC0094807:
            report[1:] = virtual.control(0xA1, 0x01, 0x0300, 0, bytes(8))
        else:
            assert request == 0xC0094806
            virtual.control(0x21, 0x09, 0x0300, 0, bytes(report[1:]))
        return 9

    monkeypatch.setattr(fcntl, "ioctl", ioctl)
    yield virtual


def test_the_keyboard_s_own_node(node: Path, key: VirtualYubiKey) -> None:
    """The node of the right interface is used, and the key answers through it."""
    assert libusb.hidraw_of(DEVICE, 0) == str(node)
    with opened(DEVICE, 0) as reports:
        assert isinstance(reports, HidrawReports)
        assert finding.serial_of(reports) == 1234567


def test_without_a_node_it_goes_by_pyusb(node: Path) -> None:
    """A node that is not there, or of a device that was plugged anew, is not used."""
    assert isinstance(opened(DEVICE, 1), UsbReports)
    for other in ({"address": 8}, {"port_numbers": ()}):
        assert isinstance(opened(SimpleNamespace(**{**vars(DEVICE), **other}), 0), UsbReports)
    node.unlink()
    assert isinstance(opened(DEVICE, 0), UsbReports)


@pytest.mark.parametrize(
    ("number", "kind"),
    [(errno.ENODEV, Removed), (errno.EIO, BadAnswer), (errno.EPIPE, BadAnswer)],
)
def test_an_ioctl_that_fails(
    node: Path, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[Exception]
) -> None:
    """What the kernel says becomes ours, for reading and for writing."""

    def ioctl(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "ioctl", ioctl)
    with HidrawReports(str(node)) as reports:
        with pytest.raises(kind):
            reports.receive()
        with pytest.raises(kind):
            reports.send(bytes(8))


def test_a_short_report(node: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report of another length is an answer that is wrong."""
    monkeypatch.setattr(fcntl, "ioctl", lambda *_: 5)
    with HidrawReports(str(node)) as reports, pytest.raises(BadAnswer):
        reports.receive()


@pytest.mark.parametrize(
    ("number", "kind"),
    [(errno.EACCES, AccessDenied), (errno.ENODEV, Removed), (errno.ENOENT, Removed)],
)
def test_a_node_that_does_not_open(
    node: Path, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[Exception]
) -> None:
    """What fails to open is let go of: the next one can."""

    def refuse(*_: object, **__: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(kind), HidrawReports(str(node)):
        pass
    monkeypatch.undo()
    with HidrawReports(str(node)):
        monkeypatch.setattr(wire, "_PATIENCE_S", 0.01)
        with pytest.raises(Busy), HidrawReports(str(node)):
            pass


def test_another_program_s_exchange_is_waited_for(node: Path) -> None:
    """Two programs never ask at the same time: one waits until the other is through."""
    with open(node) as theirs:
        fcntl.flock(theirs, fcntl.LOCK_EX)
        pauses = []

        def done(seconds: float) -> None:
            pauses.append(seconds)
            fcntl.flock(theirs, fcntl.LOCK_UN)

        with HidrawReports(str(node), pause=done), pytest.raises(BlockingIOError):
            fcntl.flock(theirs, fcntl.LOCK_EX | fcntl.LOCK_NB)
        assert len(pauses) == 1
        fcntl.flock(theirs, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_another_program_that_goes_on_and_on(node: Path) -> None:
    """It is told after a time, and nothing of ours stays locked."""
    now = iter(range(100))
    with open(node) as theirs:
        fcntl.flock(theirs, fcntl.LOCK_EX)
        patient = HidrawReports(str(node), pause=lambda _: None, clock=lambda: next(now))
        with pytest.raises(Busy), patient:
            pass
    with HidrawReports(str(node)):
        pass
