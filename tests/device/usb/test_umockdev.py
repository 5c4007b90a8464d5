"""The real libusb on a machine with a dongle, as umockdev shows one to a whole process."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

_DEVICE = struct.pack(
    "<BBHBBBBHHHBBBB", 18, 1, 0x0200, 0, 0, 0, 64, 0x1234, 0xABCD, 0x0100, 1, 2, 3, 1
)
_CONFIGURATION = struct.pack("<BBHBBBBB", 9, 2, 18, 1, 1, 0, 0x80, 50)
_INTERFACE = struct.pack("<BBBBBBBBB", 9, 4, 0, 0, 0, 0xFF, 0, 0, 0)
_DESCRIPTORS = (_DEVICE + _CONFIGURATION + _INTERFACE).hex().upper()
_HUB = "12010002090000406B1D02000406030201010902190001010040000904000001090000000705810304000C"

# One device a block: P path, N node, E uevent, A attribute, H binary attribute.
MACHINE = f"""\
P: /devices/pci0000:00/0000:00:14.0/usb1
N: bus/usb/001/001={_HUB}
E: DEVNAME=/dev/bus/usb/001/001
E: DEVTYPE=usb_device
E: SUBSYSTEM=usb
A: busnum=1\\n
A: devnum=1\\n
A: bConfigurationValue=1\\n
A: speed=480\\n
A: serial=0000:00:14.0\\n
H: descriptors={_HUB}

P: /devices/pci0000:00/0000:00:14.0/usb1/1-2
N: bus/usb/001/007={_DESCRIPTORS}
E: DEVNAME=/dev/bus/usb/001/007
E: DEVTYPE=usb_device
E: SUBSYSTEM=usb
A: busnum=1\\n
A: devnum=7\\n
A: bConfigurationValue=1\\n
A: speed=480\\n
A: serial=A1 B2\\n
H: descriptors={_DESCRIPTORS}
"""
PROGRAM = """
from hwlock.devices import libusb, registry
from hwlock.devices.hotplug import linux
libusb.string_of = None  # nothing may be opened: Linux shows the serial number
for found in registry.scan(("usb",)):
    print(found.uri, found.assurance, *[note.code for note in found.notes])
with registry.open_dongle("usb:vid=1234") as device:
    print(device.prove(b"", bytes(32)).data.decode())
print(linux.usb_tree())
"""
PULLED = """
import sys
sys.path.append("/usr/lib/python3/dist-packages")
import gi
gi.require_version("UMockdev", "1.0")
from gi.repository import UMockdev
sys.path.pop()
from hwlock.devices import hotplug, registry
machine = UMockdev.Testbed.new()
machine.add_from_string(open(sys.argv[1]).read())
dongle = "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-2"
with hotplug.changes() as changes:
    print(type(changes).__name__, changes.wait(0.01), len(list(registry.scan(("usb",)))))
    machine.uevent(dongle, "remove")
    machine.remove_device(dongle)
    print(changes.wait(60), len(list(registry.scan(("usb",)))))
"""


pytestmark = pytest.mark.device


@pytest.fixture
def described(tmp_path: Path) -> Path:
    """Return the machine as a file."""
    path = tmp_path / "machine.umockdev"
    path.write_text(MACHINE)
    return path


def run(*command: object) -> list[str]:
    """Run a command that must succeed, and return its lines."""
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, timeout=60, env=os.environ
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_serial_number_is_read_without_opening(described: Path) -> None:
    """libusb finds the dongle, /sys shows its number, and the hub is no dongle."""
    lines = run("umockdev-run", "--device", described, "--", sys.executable, "-c", PROGRAM)
    assert lines[0] == "usb:vid=1234;pid=abcd;serial=A1%20B2 identifier"
    assert lines[1] == "usb:vid=1234;pid=abcd;serial=A1%20B2"
    assert "('1-2', b'7\\n')" in lines[2]


def test_a_pull_is_heard(described: Path) -> None:
    """udev's own event of a pull arrives, and then libusb does not list the dongle any more."""
    lines = run("umockdev-wrapper", sys.executable, "-c", PULLED, described)
    assert lines == ["UeventChanges False 1", "True 0"]
