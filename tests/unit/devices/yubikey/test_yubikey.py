"""A YubiKey on a virtual bus: finding it, its record, and that its keyboard is given back."""

from __future__ import annotations

import errno
import itertools
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from hwlock.devices import registry
from hwlock.devices.yubikey import attester, wire
from hwlock.devices.yubikey.wire import UsbReports
from hwlock.errors import (
    AccessDenied,
    BadAnswer,
    BadKey,
    BadSignature,
    Busy,
    Cancelled,
    DeviceError,
    NotFound,
    Removed,
    UsageError,
)
from hwlock.evidence import yubikey
from hwlock.evidence.yubikey import PAIRS, YubikeyRecord, indices
from hwlock.testing.usb_bus import VirtualUsbBus, VirtualUsbDevice, failure
from hwlock.testing.yubikey import VirtualYubiKey

URI = "yubikey:serial=1234567;slot=2"
SECRET = bytes(range(20))


class Person:
    """Somebody who is told to touch."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def pin(self, device: str, attempts_left: int | None) -> str:
        """Never asked here."""
        raise AssertionError

    def touch(self, device: str) -> None:
        """Take note."""
        self.told.append(device)


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[VirtualUsbBus]:
    """Return the sockets of a machine; no slot has answered yet."""
    monkeypatch.setattr(attester, "_latest", {})
    with VirtualUsbBus() as opened:
        yield opened


@pytest.fixture
def key(bus: VirtualUsbBus) -> VirtualYubiKey:
    """Return a key that is plugged in and answers at once."""
    made = VirtualYubiKey(secret=SECRET)
    made.busy = 0
    bus.plug(made)
    return made


def test_scan_opens_nothing(bus: VirtualUsbBus, key: VirtualYubiKey) -> None:
    """A key is listed by what its descriptors say, even where nobody may open it."""
    key.readable = False
    bus.plug(VirtualUsbDevice(0x1050, 0x0402, interfaces=((3, 0, 0),)))  # one without slots
    bus.plug(VirtualUsbDevice(0x1234, 0x0407, interfaces=((3, 1, 1),)))  # another's keyboard
    (found,) = registry.scan(("yubikey",))
    assert (found.uri, found.assurance) == ("yubikey:slot=2", "shared")
    with pytest.raises(AccessDenied):
        registry.open(found.uri)


@pytest.mark.parametrize("uri", ["yubikey:", "yubikey:slot=2", "yubikey:serial=1234567", URI])
def test_the_slot_answers(bus: VirtualUsbBus, key: VirtualYubiKey, uri: str) -> None:
    """Enrolled once, each check is answered, and the driver has its keyboard again."""
    with registry.open_dongle(uri) as device:
        assert device.uri == URI
        assert device.describe().details == (("slot", "2"),)
        record = device.enroll()
        assert bus.driven(key)
        for _ in range(20):
            challenge = os.urandom(32)
            proof = device.prove(record, challenge)
            yubikey.verify(proof, record=record, challenge=challenge)
            assert bus.driven(key)
    claims = device.claims(record, bytes(32))
    yubikey.verify(claims.proof, record=claims.record, challenge=bytes(32))
    assert SECRET not in record


def test_never_the_same_twice_in_a_row(key: VirtualYubiKey) -> None:
    """The same challenge gets another answer the second time, over devices that are opened anew."""
    record = registry.open_dongle(URI).enroll()
    seen = [registry.open_dongle(URI).prove(record, bytes(32)).data[0] for _ in range(6)]
    first, second = indices(bytes(32), PAIRS)
    assert seen == [first, second] * 3


def test_many_checks_never_repeat(key: VirtualYubiKey) -> None:
    """Over many fresh challenges no answer follows itself."""
    device = registry.open_dongle(URI)
    record = device.enroll()
    seen = [device.prove(record, os.urandom(32)).data for _ in range(200)]
    assert all(one != other for one, other in itertools.pairwise(seen))
    assert len(set(seen)) > PAIRS // 2


def test_another_key_is_another(bus: VirtualUsbBus, key: VirtualYubiKey) -> None:
    """Another serial number is not found; the same number with another secret does not verify."""
    record = registry.open_dongle(URI).enroll()
    bus.unplug(key)
    bus.plug(VirtualYubiKey(7654321))
    with pytest.raises(NotFound):
        registry.open_dongle(URI)
    bus.plug(VirtualYubiKey(1234567, secret=b"\1" * 20))
    with registry.open_dongle(URI) as device, pytest.raises(BadSignature):
        yubikey.verify(device.prove(record, bytes(32)), record=record, challenge=bytes(32))


def test_a_copied_secret_passes(bus: VirtualUsbBus, key: VirtualYubiKey) -> None:
    """Whoever knows the secret makes a copy: that is why this is shared, and not key."""
    record = registry.open_dongle(URI).enroll()
    bus.unplug(key)
    bus.plug(VirtualYubiKey(1234567, secret=SECRET))
    proof = registry.open_dongle(URI).prove(record, bytes(32))
    yubikey.verify(proof, record=record, challenge=bytes(32))


def test_several_keys(bus: VirtualUsbBus, key: VirtualYubiKey) -> None:
    """Where several could be meant they are named; one that fails hides no other."""
    other = VirtualYubiKey(7654321)
    bus.plug(other)
    with pytest.raises(UsageError) as caught:
        registry.open_dongle("yubikey:")
    assert "yubikey:serial=7654321" in caught.value.message
    other.faults = {"crc"}
    assert registry.open_dongle(URI).uri == URI
    bus.unplug(key)
    with pytest.raises(BadAnswer):
        registry.open_dongle(URI)


@pytest.mark.parametrize(
    "uri",
    [
        "yubikey:slot=3",
        "yubikey:slot=",
        "yubikey:serial=",
        "yubikey:serial=x",
        "yubikey:serial=01",
        "yubikey:serial=²",
        "yubikey:serial=12345678901",
        "yubikey:pin=1",
    ],
)
def test_bad_names(bus: VirtualUsbBus, uri: str) -> None:
    """What names no slot is refused."""
    with pytest.raises(UsageError):
        registry.open(uri)


def test_an_empty_slot(key: VirtualYubiKey) -> None:
    """A slot that was never programmed cannot be enrolled, and says which other there is."""
    with registry.open_dongle("yubikey:slot=1") as device, pytest.raises(BadAnswer) as caught:
        device.enroll()
    assert "name the other one" in caught.value.hint


def test_a_constant_is_no_hmac(key: VirtualYubiKey, monkeypatch: pytest.MonkeyPatch) -> None:
    """A device that answers the same to everything is refused at enrollment."""
    monkeypatch.setattr(key, "_respond", lambda *_: key._say(bytes(20)))
    with registry.open_dongle(URI) as device, pytest.raises(BadKey):
        device.enroll()


def test_a_hidden_serial_number(key: VirtualYubiKey, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that does not tell its number says how to let it."""
    key.serial = 0
    said = key._say
    monkeypatch.setattr(key, "_say", lambda answer: None if len(answer) == 4 else said(answer))
    with pytest.raises(BadAnswer) as caught:
        registry.open_dongle("yubikey:")
    assert caught.value.code == "HWL-YUBIKEY-SERIAL"


def test_a_slot_that_wants_a_finger(bus: VirtualUsbBus, key: VirtualYubiKey) -> None:
    """The person is told for each answer; four are enough at enrollment."""
    key.program(2, SECRET, touch=True)
    person = Person()
    with registry.open_dongle(URI, person) as device:
        record = device.enroll()
        assert len(YubikeyRecord.parse(record).commitments) == attester.TOUCHED_PAIRS
        assert person.told == ["YubiKey 1234567"] * 4
        yubikey.verify(device.prove(record, bytes(32)), record=record, challenge=bytes(32))
    with registry.open_dongle(URI) as device, pytest.raises(Cancelled):
        device.prove(record, bytes(32))
    key.finger = False
    with registry.open_dongle(URI, person) as device, pytest.raises(Cancelled):
        device.prove(record, bytes(32))
    assert bus.driven(key)


def test_pulled_at_any_transfer(bus: VirtualUsbBus, key: VirtualYubiKey) -> None:
    """Whenever it is pulled, one DeviceError comes, and plugged again the next check works."""
    with registry.open_dongle(URI) as device:
        record = device.enroll()
    for count in range(0, 60, 3):
        left = [count]

        def pull(device: VirtualUsbDevice, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] < 0:
                bus.unplug(device)

        bus.before_transfer = pull
        try:
            registry.open_dongle(URI).prove(record, bytes(32))
        except DeviceError:
            pass
        bus.before_transfer = None
        bus.plug(key)
        proof = registry.open_dongle(URI).prove(record, bytes(32))
        yubikey.verify(proof, record=record, challenge=bytes(32))
        assert bus.driven(key)


def test_pulled_in_the_middle_is_removed(bus: VirtualUsbBus, key: VirtualYubiKey) -> None:
    """A transfer to what is gone is Removed."""
    with registry.open_dongle(URI) as device:
        record = device.enroll()
        bus.before_transfer = bus.unplug
        with pytest.raises(Removed):
            device.prove(record, bytes(32))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for other programs but a moment."""
    monkeypatch.setattr(wire, "_PATIENCE_S", 0.05)


def test_held_by_another_program(bus: VirtualUsbBus, key: VirtualYubiKey, impatient: None) -> None:
    """What another program has claimed stays its own; when it is done, we go on."""
    (handle,) = bus.backend.enumerate_devices()
    bus.detach(handle, 0)
    bus.claim(handle, 0)
    with pytest.raises(Busy):
        registry.open_dongle(URI)
    assert not bus.driven(key)
    bus.release(handle, 0)
    assert registry.open_dongle(URI).uri == URI
    assert bus.driven(key)


def test_another_program_ends_soon(bus: VirtualUsbBus, key: VirtualYubiKey) -> None:
    """A short exchange of another program is waited for."""
    (handle,) = bus.backend.enumerate_devices()
    bus.detach(handle, 0)
    bus.claim(handle, 0)
    waited = threading.Event()

    def pause(_: float) -> None:
        bus.release(handle, 0)
        waited.set()

    from hwlock.devices.yubikey.finding import keys

    ((device, interface),) = keys()
    with UsbReports(device, interface, pause=pause) as reports:
        assert len(reports.receive()) == 8
    assert waited.is_set()
    assert bus.driven(key)


def test_many_threads(bus: VirtualUsbBus, key: VirtualYubiKey) -> None:
    """Threads of one program take turns; each answer verifies."""
    record = registry.open_dongle(URI).enroll()

    def check(number: int) -> None:
        challenge = number.to_bytes(32, "big")
        proof = registry.open_dongle(URI).prove(record, challenge)
        yubikey.verify(proof, record=record, challenge=challenge)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(check, range(40)))
    assert bus.driven(key)


def test_a_system_without_drivers_to_detach(
    bus: VirtualUsbBus, key: VirtualYubiKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where libusb cannot detach, the claim decides."""

    def cannot(*_: object) -> None:
        raise NotImplementedError

    monkeypatch.setattr(bus.backend, "is_kernel_driver_active", cannot)
    monkeypatch.setattr(bus.backend, "attach_kernel_driver", cannot)
    bus._drivers.clear()
    assert registry.open_dongle(URI).uri == URI


def test_short_reports(
    bus: VirtualUsbBus, key: VirtualYubiKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report of another length is an answer that is wrong."""
    monkeypatch.setattr(key, "_report", lambda: bytes(7))
    with pytest.raises(BadAnswer):
        registry.open_dongle(URI)
    monkeypatch.undo()
    bus.before_transfer = lambda _: (_ for _ in ()).throw(failure(errno.EIO))
    with pytest.raises(BadAnswer):
        registry.open_dongle(URI)
    bus.before_transfer = None
    assert bus.driven(key)
