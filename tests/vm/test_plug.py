"""Dongles that are plugged in and pulled out while the guest runs: what its kernel makes of them.

These are the ground under the product's own watch: libusb and hidraw of a real kernel.
"""

from __future__ import annotations

import pytest
from vm.computer import Computer
from vm.dongles import CtapHid, Echo

from .conftest import Person

pytestmark = pytest.mark.vm

VID, PID = 0x1209, 0x4857

# Waits until the device with the serial number that is its first word is there, or until none is.
FIND = """
import sys, time, usb.core
def configured(device):
    try:
        return device.get_active_configuration()
    except usb.core.USBError:
        return None
wanted = sys.argv[1]
deadline = time.monotonic() + 20
while True:
    device = usb.core.find(idVendor=0x1209, idProduct=0x4857)
    found = device.serial_number if device and configured(device) else "none"
    if found == wanted or time.monotonic() > deadline:
        break
    time.sleep(0.02)
print(found)
if "echo" in sys.argv:
    device.write(0x01, b"over and out")
    print(bytes(device.read(0x81, 64)))
"""
WAIT = """
import errno, time, usb.core
deadline = time.monotonic() + 20
while True:  # until it is there, and the kernel has chosen its configuration
    assert time.monotonic() < deadline
    time.sleep(0.02)
    try:
        device = usb.core.find(idVendor=0x1209, idProduct=0x4857)
        if device and device.get_active_configuration():
            break
    except usb.core.USBError:
        pass
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


def test_hidraw_passes(station: Computer) -> None:
    """What a FIDO2 key speaks, reports of 64 bytes over /dev/hidraw, comes through."""
    answer = CtapHid(VID, PID, "F-1", lambda report: [report.replace(b"ping", b"pong")])
    station.plug_dongle(answer)
    done = Person(station.agent).python(HIDRAW)
    assert done.out == "b'pong'\n", done
