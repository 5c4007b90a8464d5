"""Plain USB on a virtual bus: what is found, what is opened, and how easily it is copied."""

from __future__ import annotations

import errno
from collections.abc import Iterator

import pytest

from hwlock.codec.fields import Fields
from hwlock.devices import registry
from hwlock.devices.usb.attester import UsbAttester
from hwlock.errors import (
    AccessDenied,
    BadAnswer,
    HwlockError,
    NotFound,
    Removed,
    UnsupportedError,
    UsageError,
)
from hwlock.evidence.dongle import DongleClaims
from hwlock.testing.usb_bus import VirtualUsbBus, VirtualUsbDevice, failure

URI = "usb:vid=1234;pid=abcd;serial=A1"


@pytest.fixture
def bus() -> Iterator[VirtualUsbBus]:
    """Return the sockets of a machine."""
    with VirtualUsbBus() as opened:
        yield opened


@pytest.fixture
def dongle(bus: VirtualUsbBus) -> VirtualUsbDevice:
    """Return a dongle that is plugged in."""
    return bus.plug(VirtualUsbDevice(0x1234, 0xABCD, serial="A1"))


def test_scan_opens_nothing(bus: VirtualUsbBus, dongle: VirtualUsbDevice) -> None:
    """Even what this user may not open is listed, by its numbers; the serial is read later."""
    dongle.readable = False
    bus.plug(VirtualUsbDevice(0x1234, 0x0001))  # no serial number
    bus.plug(VirtualUsbDevice(0x1234, 0x0002, serial="hub", device_class=9))
    (found,) = registry.scan(("usb",))
    assert (found.uri, found.assurance) == ("usb:vid=1234;pid=abcd", "identifier")
    assert [note.code for note in found.notes] == ["HWL-USB-UNREAD"]


def test_scan_without_a_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing extra is a line of the list, not an exception."""

    def none(*_: object) -> None:
        raise UnsupportedError("HWL-USB-LIBRARY")

    monkeypatch.setattr("hwlock.devices.libusb.find", none)
    for kind in ("usb", "yubikey"):
        (found,) = registry.scan((kind,))
        assert isinstance(found.problem, UnsupportedError)


@pytest.mark.parametrize("uri", ["usb:", "usb:vid=1234", "usb:serial=A1", "usb:pid=abcd", URI])
def test_a_uri_may_say_less(dongle: VirtualUsbDevice, uri: str) -> None:
    """What a URI does not say is open; the device's own says all."""
    with registry.open_dongle(uri) as device:
        assert device.uri == URI
        assert device.describe().uri == URI


def test_serial_numbers_with_any_character(bus: VirtualUsbBus) -> None:
    """A serial number is escaped where a URI needs it, and trimmed."""
    bus.plug(VirtualUsbDevice(1, 2, serial=" Ä;=%/1 "))
    with registry.open_dongle("usb:") as device:
        uri = device.uri
    assert uri == "usb:vid=0001;pid=0002;serial=%C3%84%3B=%25%2F1"
    with registry.open_dongle(uri) as device:
        assert device.uri == uri


@pytest.mark.parametrize(
    ("serial", "shown"), [("A1", "A1"), ("1" * 126, "1" * 40 + "…"), ("A\u202e1\n2", "A12…")]
)
def test_the_label_tells_it_from_others_of_its_make(
    bus: VirtualUsbBus, serial: str, shown: str
) -> None:
    """The serial number is in it, short and fit for a license, whatever the device says."""
    bus.plug(VirtualUsbDevice(0x1234, 0xABCD, serial=serial))
    with registry.open_dongle("usb:") as device:
        claims = device.claims(b"", bytes(32))
    assert claims.label == f"USB device 1234:abcd (serial {shown})"
    assert DongleClaims.parse(Fields(claims.encode(), "dongle")) == claims


def test_presence_is_the_proof(bus: VirtualUsbBus, dongle: VirtualUsbDevice) -> None:
    """A proof says what is here now; after a pull there is none, after a plug there is."""
    with registry.open_dongle(URI) as device:
        proof = device.prove(device.enroll(), bytes(32))
        assert (proof.anchor, proof.public, proof.signature) == ("usb", b"", b"")
        assert proof.data == URI.encode()
        bus.unplug(dongle)
        with pytest.raises(NotFound):
            device.prove(b"", bytes(32))
        bus.plug(dongle)
        assert device.prove(b"", bytes(32)) == proof
        claims = device.claims(b"", bytes(32))
    assert (claims.kind, claims.uri, claims.key, claims.proof) == ("usb", URI, None, proof)


def test_anybody_can_say_the_same(bus: VirtualUsbBus, dongle: VirtualUsbDevice) -> None:
    """Ten lines make a device that proves the same: that is why it is an identifier only."""
    with registry.open_dongle(URI) as device:
        genuine = device.prove(b"", bytes(32))
    bus.unplug(dongle)
    bus.plug(VirtualUsbDevice(0x1234, 0xABCD, serial="A1"))
    with registry.open_dongle(URI) as device:
        assert device.prove(b"", bytes(32)) == genuine
        assert device.describe().assurance == "identifier"


def test_two_of_the_same_number(bus: VirtualUsbBus, dongle: VirtualUsbDevice) -> None:
    """Two devices with one serial number work, and are told of."""
    bus.plug(VirtualUsbDevice(0x1234, 0xABCD, serial="A1"))
    with registry.open_dongle(URI) as device:
        assert [note.code for note in device.describe().notes] == ["HWL-USB-TWICE"]


def test_several_could_be_meant(bus: VirtualUsbBus, dongle: VirtualUsbDevice) -> None:
    """A URI that fits different devices names them; the full one still works."""
    bus.plug(VirtualUsbDevice(0x1234, 0xABCD, serial="B2"))
    with pytest.raises(UsageError) as caught:
        registry.open_dongle("usb:vid=1234")
    assert URI in caught.value.message
    assert registry.open_dongle(URI).uri == URI


def test_another_may_be_unreadable(bus: VirtualUsbBus, dongle: VirtualUsbDevice) -> None:
    """One that cannot be opened hides no other; where it is the only one, it says so."""
    closed = bus.plug(VirtualUsbDevice(0x1234, 0xABCD, serial="B2", readable=False))
    assert registry.open_dongle(URI).uri == URI
    with pytest.raises(AccessDenied) as caught:
        registry.open_dongle("usb:vid=1234;serial=B2")
    assert "udev" in caught.value.hint
    bus.unplug(dongle)
    bus.unplug(closed)
    with pytest.raises(NotFound):
        registry.open_dongle("usb:")


def test_without_a_serial_number_it_is_none(bus: VirtualUsbBus) -> None:
    """Every other of its make would do as well."""
    bus.plug(VirtualUsbDevice(0x1234, 0xABCD))
    with pytest.raises(NotFound):
        registry.open_dongle("usb:vid=1234")


@pytest.mark.parametrize(
    "uri",
    [
        "usb:vid=12345",
        "usb:vid=ABCD",
        "usb:vid=0x12",
        "usb:pid=",
        "usb:vid=1234;vid=1234",
        "usb:port=1",
        "usb:serial",
        "usb:serial=%4",
    ],
)
def test_bad_names(bus: VirtualUsbBus, uri: str) -> None:
    """What names no USB device is refused before any is looked at."""
    with pytest.raises(UsageError):
        registry.open(uri)


@pytest.mark.parametrize("number", [errno.ENODEV, errno.EIO, errno.EPIPE])
def test_a_device_that_fails(bus: VirtualUsbBus, dongle: VirtualUsbDevice, number: int) -> None:
    """A device that goes, or does not answer, ends in one DeviceError; the next look works."""

    def fail(_: VirtualUsbDevice) -> None:
        raise failure(number)

    bus.before_transfer = fail
    with pytest.raises((Removed, BadAnswer)):
        registry.open_dongle(URI)
    bus.before_transfer = None
    assert registry.open_dongle(URI).uri == URI


@pytest.mark.parametrize(
    "text", [b"", b"\x02", b"\x03\x03a", b"\xff\x03a\x00", b"\x04\x03\x00\xd8"]
)
def test_a_lying_text(
    bus: VirtualUsbBus, dongle: VirtualUsbDevice, monkeypatch: pytest.MonkeyPatch, text: bytes
) -> None:
    """A string descriptor that is cut, too long or no text raises nothing but ours."""
    genuine = dongle.string
    monkeypatch.setattr(dongle, "string", lambda number: text if number else genuine(0))
    try:
        assert registry.open_dongle("usb:vid=1234").uri.startswith("usb:vid=1234;pid=abcd")
    except HwlockError:
        pass


def test_pulled_between(bus: VirtualUsbBus, dongle: VirtualUsbDevice) -> None:
    """A pull during the first transfer is a removal."""
    bus.before_transfer = bus.unplug
    with pytest.raises(Removed):
        UsbAttester.open(URI)


def test_events(bus: VirtualUsbBus, dongle: VirtualUsbDevice) -> None:
    """Whoever listens hears of plugs and pulls on this bus."""
    with registry.changes("usb") as changes, registry.changes("yubikey") as others:
        bus.unplug(dongle)
        assert changes.wait(60)
        assert others.wait(60)
        assert not changes.wait(0.001)
