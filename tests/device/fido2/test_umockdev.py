"""A key on the device nodes of Linux, as umockdev shows one to a whole process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.device

# One device a block: P path, N node, E uevent, H binary attribute, L link.
HID = "/devices/pci0000:00/0000:00:14.0/usb1/1-1/1-1:1.0/0003:1209:F1D0.0001"
MACHINE = f"""\
P: {HID}
E: SUBSYSTEM=hid
E: HID_ID=0003:00001209:0000F1D0
E: HID_NAME=Virtual Key
E: HID_UNIQ=A1
H: report_descriptor=06D0F10901A1010920150026FF007508954081020921150026FF00750895409102C0

P: {HID}/hidraw/hidraw7
N: hidraw7
E: DEVNAME=/dev/hidraw7
E: SUBSYSTEM=hidraw
L: device=../../../0003:1209:F1D0.0001
"""
# umockdev's node is a terminal, of which `select` does not know that umockdev has an answer.
PROGRAM = f"""
import sys
from types import SimpleNamespace
sys.path.append("/usr/lib/python3/dist-packages")
import gi
gi.require_version("UMockdev", "1.0")
from gi.repository import UMockdev
sys.path.pop()
from hwlock.devices import registry
from hwlock.devices.fido2 import hid
from hwlock.errors import DeviceError
from hwlock.evidence import fido2
from hwlock.testing.fido2 import Authenticator, HidWire

hid.select = SimpleNamespace(select=lambda r, w, x, timeout: (r, w, x))

class Node(UMockdev.IoctlBase):
    wire = HidWire(Authenticator())

    def do_handle_read(self, client):
        try:
            packet = self.wire.read_packet()
        except OSError as exc:
            client.complete(-1, exc.errno)
            return True
        client.get_arg().update(0, packet)
        client.complete(len(packet), 0)
        return True

    def do_handle_write(self, client):
        packet = bytes(client.get_arg().retrieve())
        try:
            self.wire.write_packet(packet[1:])
        except OSError as exc:
            client.complete(-1, exc.errno)
            return True
        client.complete(len(packet), 0)
        return True

class Someone:
    def touch(self, device):
        print("touch", device)

def prove():
    try:
        with registry.open_dongle("fido2:") as opened:
            proof = opened.prove(record, bytes(32))
        claims.key.verify(proof.signature, fido2.signed_message(proof.data, bytes(32)))
        print("proven")
    except DeviceError as exc:
        print(exc.code)

machine = UMockdev.Testbed.new()
machine.add_from_string(open(sys.argv[1]).read())
node = Node()
machine.attach_ioctl("/dev/hidraw7", node)
for found in registry.scan(("fido2",)):
    print(found.uri, found.name, found.details)
with registry.open_dongle("fido2:serial=A1", Someone()) as opened:
    record = opened.enroll()
    claims = opened.claims(record, bytes(32))
prove()
node.wire.unplug()
prove()
with registry.changes("fido2") as changes:
    print(changes.wait(0.01))
    for path in ("{HID}/hidraw/hidraw7", "{HID}"):
        machine.uevent("/sys" + path, "remove")
        machine.remove_device("/sys" + path)
    print(changes.wait(60))
prove()
"""


def test_a_key_on_its_node(tmp_path: Path) -> None:
    """A key is found in /sys, enrolled and proven through its node, and missed when pulled."""
    (tmp_path / "machine.umockdev").write_text(MACHINE)
    done = subprocess.run(
        ["umockdev-wrapper", sys.executable, "-c", PROGRAM, tmp_path / "machine.umockdev"],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "fido2:path=%2Fdev%2Fhidraw7 Virtual Key (('serial', 'A1'),)",
        "touch Virtual Key",
        "proven",
        "HWL-DEVICE-GONE",
        "False",
        "True",
        "HWL-DEVICE-NONE",
    ]
