"""What runs at the customer's stays free of the vendor's desk, and lean.

That data flows one way through the rooms is checked by `tools/run layers`. A layer above
another may import it, so what follows cannot be said there.
"""

from __future__ import annotations

import subprocess
import sys

import grimp
import pytest

CLIENT_ROOMS = {"check", "devices", "enforce", "store"}
CLIENT_COMMANDS = {
    "activate", "check", "completion", "device", "device_watch", "doctor", "give_back",
    "inspect", "request", "status",
}  # fmt: skip
VENDORS = ("hwlock.issue", "hwlock.server")

# What a program pays for only when it uses it: none of these is loaded by `import hwlock`.
HEAVY = {
    "alembic", "click", "cryptography", "dataclasses", "enum", "inspect", "json", "logging",
    "pathlib", "psutil", "re", "sqlalchemy", "subprocess", "threading", "typing",
}  # fmt: skip


@pytest.fixture(scope="module")
def graph():
    """Return who imports whom in hwlock, imports inside functions included."""
    return grimp.build_graph("hwlock", cache_dir=None)


def client_modules(graph):
    """Return the modules that run on a customer's machine."""
    rooms = {f"hwlock.{name}" for name in CLIENT_ROOMS} & graph.modules
    commands = {f"hwlock.cli.{name}" for name in CLIENT_COMMANDS} & graph.modules
    return sorted(rooms.union(*map(graph.find_descendants, rooms)) | commands)


def test_the_client_side_is_there(graph):
    """The rooms and commands that are named above exist: the next test is not empty."""
    assert {f"hwlock.{name}" for name in CLIENT_ROOMS} <= graph.modules
    assert {f"hwlock.cli.{name}" for name in CLIENT_COMMANDS} <= graph.modules


def test_the_client_side_never_reaches_the_vendors(graph):
    """No chain of imports leads from a customer's machine to the vendor's desk."""
    chains = []
    for importer in client_modules(graph):
        for imported in VENDORS:
            if imported in graph.modules:
                chain = graph.find_shortest_chain(importer, imported, as_packages=False)
                chains += [" -> ".join(chain)] if chain else []
    assert chains == []


def test_import_is_lean():
    """`import hwlock` loads nothing that is heavy, beyond what Python itself has loaded."""
    program = (
        "import sys; before = set(sys.modules); import hwlock; "
        "print(*sorted(name.partition('.')[0] for name in set(sys.modules) - before))"
    )
    command = [sys.executable, "-I", "-c", program]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert HEAVY.isdisjoint(loaded)


# What only those pay for whose license names a dongle.
CARRIED = (
    "hwlock.devices.fido2", "hwlock.devices.hotplug", "hwlock.devices.pkcs11",
    "hwlock.devices.smartcard", "hwlock.devices.usb", "hwlock.devices.yubikey",
    "hwlock.enforce.person", "hwlock.enforce.watch", "hwlock.evidence.fido2",
    "hwlock.evidence.piv", "hwlock.evidence.x509", "hwlock.evidence.yubikey",
    "hwlock.crypto.rsa", "hwlock.issue", "hwlock.license.offers", "hwlock.license.expression",
)  # fmt: skip


def test_a_check_without_dongles_loads_nothing_of_theirs(tmp_path):
    """A license for a fingerprint is checked, and no driver or rule of a dongle is imported."""
    from hwlock.codec import armor
    from hwlock.testing.vendor import Vendor

    vendor = Vendor()
    folder = tmp_path / "acme-cad" / "licenses"
    folder.mkdir(parents=True, mode=0o700)
    (folder / "one.hwlic").write_text(armor.encode(vendor.license(vendor.terms()), "LICENSE"))
    program = (
        "import sys, hwlock; from hwlock.enforce.machine import Machine; "
        f"here = Machine(user_root={str(tmp_path)!r}, system_root={str(tmp_path / 'none')!r}); "
        f"hwlock.Guard({vendor.product.raw!r}, machine=here).check(); "
        f"print(*sorted(name for name in sys.modules if name.startswith({CARRIED!r})))"
    )
    command = [sys.executable, "-I", "-c", program]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout.split() == []
