"""Dongles that are plugged in and pulled out while the guest runs: what its kernel makes of them.

These are the ground under the product's own watch: libusb and hidraw of a real kernel.
"""

from __future__ import annotations

import pytest
from vm.computer import Computer
from vm.dongles import CtapHid, Echo, Keyboard

from hwlock.testing.cards.yubikey import VirtualPivCard

from .conftest import Person

pytestmark = pytest.mark.vm

VID, PID = 0x1209, 0x4857

# Waits until the device with the serial number that is its first word is there, or until none is.
FIND = """
import sys, time, usb.core
wanted = sys.argv[1]
deadline = time.monotonic() + 20
while True:
    device = usb.core.find(idVendor=0x1209, idProduct=0x4857)
    found = device.serial_number if device else "none"
    if found == wanted or time.monotonic() > deadline:
        break
    time.sleep(0.02)
print(found)
if "echo" in sys.argv:
    device.write(0x01, b"over and out")
    print(bytes(device.read(0x81, 64)))
if "report" in sys.argv:
    if device.is_kernel_driver_active(0):
        device.detach_kernel_driver(0)
    device.ctrl_transfer(0x21, 0x09, 0x0300, 0, b"12345678")
    print(bytes(device.ctrl_transfer(0xA1, 0x01, 0x0300, 0, 8)))
"""
WAIT = """
import errno, time, usb.core
deadline = time.monotonic() + 20
while not (device := usb.core.find(idVendor=0x1209, idProduct=0x4857)):
    assert time.monotonic() < deadline
    time.sleep(0.02)
print("reading", flush=True)
try:
    device.read(0x81, 64, timeout=60000)
except usb.core.USBError as exc:
    print("error", errno.errorcode[exc.errno], flush=True)
"""
HIDRAW = """
import os, time
deadline = time.monotonic() + 10
while not os.path.exists("/dev/hidraw0") and time.monotonic() < deadline:
    time.sleep(0.02)
node = os.open("/dev/hidraw0", os.O_RDWR)
os.write(node, b"\\0" + b"ping".ljust(64, b"\\0"))
print(os.read(node, 64).rstrip(b"\\0"))
"""
# Waits for a card, then selects an application that does not exist; names what it sees.
PCSC = """
from smartcard import scard
from smartcard.CardRequest import CardRequest
from smartcard.CardType import AnyCardType
service = CardRequest(timeout=20, cardType=AnyCardType()).waitforcard()
service.connection.connect()
print(bytes(service.connection.getATR()), flush=True)
data, sw1, sw2 = service.connection.transmit([0x00, 0xA4, 0x04, 0x00, 0x03, 1, 2, 3])
print(f"{sw1:02x}{sw2:02x}", flush=True)
reader = service.connection.getReader()
_, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
state = scard.SCARD_STATE_PRESENT | scard.SCARD_STATE_INUSE
while not state & scard.SCARD_STATE_EMPTY:
    status, states = scard.SCardGetStatusChange(context, 20000, [(reader, state)])
    assert status == 0, scard.SCardGetErrorMessage(status)
    state = states[0][1]
print("gone", flush=True)
"""


def test_a_vendors_device_is_seen_spoken_to_and_missed(station: Computer) -> None:
    """libusb finds the serial number, bulk data goes both ways, and a pulled device is gone."""
    root = Person(station.agent)
    assert root.python(FIND, "none").out == "none\n"
    station.plug_dongle(Echo(VID, PID, "E-1"))
    found = root.python(FIND, "E-1", "echo")
    assert found.out == "E-1\nb'over and out'\n", found
    station.unplug_dongle()
    assert root.python(FIND, "none").out == "none\n"
    station.plug_dongle(Echo(VID, PID, "E-2"))
    assert root.python(FIND, "E-2").out == "E-2\n"


def test_a_read_that_waits_ends_when_the_device_is_pulled(station: Computer) -> None:
    """A transfer that hangs on a device fails at once when it goes, with the kernel's error."""
    station.plug_dongle(Echo(VID, PID, "E-1"))
    waiting = station.agent.start("python3", "-c", WAIT, PYTHONPATH="/opt/hwlock")
    waiting.wait_line("reading")
    station.unplug_dongle()
    waiting.wait_line("error ENODEV", within_s=10)
    assert waiting.wait() == 0


def test_feature_reports_pass(station: Computer) -> None:
    """What a YubiKey speaks, 8 bytes by control requests to a keyboard, comes through."""
    station.plug_dongle(Keyboard(VID, PID, "K-1"))
    done = Person(station.agent).python(FIND, "K-1", "report")
    assert done.out == "K-1\nb'12345678'\n", done


def test_hidraw_passes(station: Computer) -> None:
    """What a FIDO2 key speaks, reports of 64 bytes over /dev/hidraw, comes through."""
    answer = CtapHid(VID, PID, "F-1", lambda report: [report.replace(b"ping", b"pong")])
    station.plug_dongle(answer)
    done = Person(station.agent).python(HIDRAW)
    assert done.out == "b'pong'\n", done


def test_a_card_answers_through_pcscd_and_is_missed(station: Computer) -> None:
    """An ordinary user reaches a card in a reader, and hears when it is taken out."""
    station.agent.start("pcscd", "--foreground")
    slot = station.plug_reader()
    slot.insert(VirtualPivCard().transmit)
    program = station.agent.start("python3", "-c", PCSC, user="ada")
    program.wait_line("hwlock")
    program.wait_line("6a82")
    slot.take_out()
    program.wait_line("gone")
    assert program.wait() == 0


def test_an_ordinary_user_may_look_but_not_touch(station: Computer) -> None:
    """Without a rule of udev's, the node of a dongle belongs to root: a user cannot talk to it."""
    station.plug_dongle(Echo(VID, PID, "E-1"))
    refused = Person(station.agent, "ada").python(FIND, "E-1", "echo")
    assert refused.status != 0, refused
    assert "no langid" in refused.err or "Access denied" in refused.err, refused
