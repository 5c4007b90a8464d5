"""A workstation whose TPM is a device node of Linux, as umockdev shows one to a whole process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hwlock.testing.swtpm import SoftwareTpm

pytestmark = pytest.mark.device

MACHINE = """\
P: /devices/platform/tpm0/tpmrm/tpmrm0
N: tpmrm0
E: DEVNAME=/dev/tpmrm0
E: SUBSYSTEM=tpmrm
"""
# What is written to the node goes to swtpm, and the next read gets the answer. Nobody manages the
# TPM's memory here, as the kernel does behind the real node.
PROGRAM = """
import errno, sys
sys.path.append("/usr/lib/python3/dist-packages")
import gi
gi.require_version("UMockdev", "1.0")
from gi.repository import UMockdev
sys.path.pop()
from hwlock.devices.tpm2.transport.swtpm import SwtpmSocket
from hwlock.enforce.activation import activate
from hwlock.enforce.asking import make_request
from hwlock.enforce.guard import Guard
from hwlock.enforce.machine import Machine
from hwlock.issue import pkcs8
from hwlock.issue.desk import Desk
from hwlock.issue.responder import respond
from hwlock.issue.selling import Sale

class Node(UMockdev.IoctlBase):
    def __init__(self, port):
        super().__init__()
        self.tpm = SwtpmSocket("127.0.0.1", port)
        self.answer = b""
        self.commands = 0
        self.gone = False

    def do_handle_write(self, client):
        if self.gone:
            client.complete(-1, errno.ENODEV)
            return True
        command = bytes(client.get_arg().retrieve())
        self.answer = self.tpm.exchange(command)
        self.commands += 1
        client.complete(len(command), 0)
        return True

    def do_handle_read(self, client):
        client.get_arg().update(0, self.answer)
        client.complete(len(self.answer), 0)
        return True

described, folder, port = sys.argv[1:]
pkcs8.COST = (2, 8, 1)
testbed = UMockdev.Testbed.new()
testbed.add_from_string(open(described).read())
node = Node(int(port))
testbed.attach_ioctl("/dev/tpmrm0", node)
desk = Desk.init(folder + "/desk", name="ACME", passphrase="x1")
product = desk.add_product("acme-cad")
sold = desk.add_entitlement(Sale(product_id="acme-cad", customer="Globex", bind="tpm2"))
machine = Machine(user_root=folder + "/user", system_root=folder + "/system")
asked = make_request(machine, product, sold.key, devices=("tpm2:",), software="tests")
print(*asked.anchors)
activate(machine, respond(desk, asked.raw).response)
guard = Guard(product.raw, machine=machine)
before = node.commands
print([guard.check().allowed for _ in range(5)], node.commands > before)
node.gone = True
print(*[finding.code for finding in guard.check().findings])
"""


def test_a_guard_over_the_device_node(swtpm: SoftwareTpm, tmp_path: Path) -> None:
    """A program is licensed to the TPM behind /dev/tpmrm0, checked five times, and misses it."""
    (tmp_path / "machine.umockdev").write_text(MACHINE)
    words = (str(tmp_path / "machine.umockdev"), str(tmp_path), str(swtpm.port))
    done = subprocess.run(
        ["umockdev-wrapper", sys.executable, "-c", PROGRAM, *words],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "tpm2",
        "[True, True, True, True, True] True",
        "HWL-TPM-GONE",
    ]
