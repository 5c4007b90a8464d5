"""Yubico's own library programs and asks the same virtual key: it agrees with our driver."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import usb.core
import usb.util
from yubikit.core.otp import (  # type: ignore[import-untyped,unused-ignore]
    CommandRejectedError,
    OtpConnection,
)
from yubikit.yubiotp import (  # type: ignore[import-untyped,unused-ignore]
    SLOT,
    HmacSha1SlotConfiguration,
    YubiOtpSession,
)

from hwlock.devices import registry
from hwlock.evidence import yubikey
from hwlock.evidence.yubikey import YubikeyRecord, commitment
from hwlock.testing.usb_bus import VirtualUsbBus
from hwlock.testing.yubikey import VirtualYubiKey

pytestmark = pytest.mark.device


class PyusbConnection(OtpConnection):  # type: ignore[misc,unused-ignore]
    """What yubikit wants of a USB key: eight bytes out, eight bytes in."""

    def __init__(self, bus: VirtualUsbBus) -> None:
        self.device: Any = usb.core.find(backend=bus.backend, idVendor=0x1050)
        self.device.detach_kernel_driver(0)
        usb.util.claim_interface(self.device, 0)

    def receive(self) -> bytes:
        """Read the feature report."""
        return bytes(self.device.ctrl_transfer(0xA1, 0x01, 0x0300, 0, 8))

    def send(self, data: bytes) -> None:
        """Write the feature report."""
        self.device.ctrl_transfer(0x21, 0x09, 0x0300, 0, data)

    def close(self) -> None:
        """Give the key back."""
        usb.util.release_interface(self.device, 0)
        self.device.attach_kernel_driver(0)
        usb.util.dispose_resources(self.device)


@pytest.fixture
def bus() -> Iterator[VirtualUsbBus]:
    """Return a bus with a key whose slots are empty."""
    with VirtualUsbBus() as opened:
        opened.plug(VirtualYubiKey(4711, secret=b""))
        yield opened


def session(bus: VirtualUsbBus) -> tuple[PyusbConnection, YubiOtpSession]:
    """Return yubikit at the key."""
    connection = PyusbConnection(bus)
    return connection, YubiOtpSession(connection)


@pytest.mark.parametrize("slot", [1, 2])
@pytest.mark.parametrize("short", [True, False])
def test_both_get_the_same_answers(bus: VirtualUsbBus, slot: int, short: bool) -> None:
    """What yubikit programs, we enroll; what we commit to, yubikit answers."""
    connection, theirs = session(bus)
    assert (theirs.get_serial(), str(theirs.version)) == (4711, "5.4.3")
    with pytest.raises(CommandRejectedError):
        theirs.calculate_hmac_sha1(SLOT(slot), b"x")
    theirs.put_configuration(SLOT(slot), HmacSha1SlotConfiguration(os.urandom(20)).lt64(short))
    connection.close()

    with registry.open_dongle(f"yubikey:serial=4711;slot={slot}") as device:
        record = YubikeyRecord.parse(device.enroll())
        proof = device.prove(record.encode(), bytes(32))
    yubikey.verify(proof, record=record.encode(), challenge=bytes(32))

    connection, theirs = session(bus)
    assert theirs.get_config_state().is_configured(SLOT(slot))
    for index in (0, 5, 31):
        challenge = record.challenge(index)
        answer = theirs.calculate_hmac_sha1(SLOT(slot), challenge)
        assert commitment(challenge, answer) == record.commitments[index]
    connection.close()


def test_touch_as_yubikit_sees_it(bus: VirtualUsbBus) -> None:
    """A slot that wants a finger tells yubikit so as well."""
    connection, theirs = session(bus)
    theirs.put_configuration(SLOT.TWO, HmacSha1SlotConfiguration(bytes(20)).require_touch(True))
    told: list[int] = []
    assert len(theirs.calculate_hmac_sha1(SLOT.TWO, b"x", on_keepalive=told.append)) == 20
    assert 2 in told  # STATUS_UPNEEDED
    connection.close()
