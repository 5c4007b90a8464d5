"""What hurts people with other products' fingerprints, by name, does not happen here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hwlock.devices import host as device
from hwlock.evidence import host
from hwlock.record import replace
from hwlock.testing import host_tree as trees
from hwlock.testing.host_tree import Disk, Machine, Nic

Bind = Callable[[Machine], Any]


def test_a_new_mac_at_each_container_start_changes_nothing(bind: Bind) -> None:
    """Pain 1: the address of a container's interface does not count."""
    bound = bind(trees.CONTAINER)
    for number in (3, 4):
        mac = f"02:42:ac:11:00:{number:02x}"
        bound.virtual.change(nics=(Nic(name="eth0", mac=mac, bus="virtual", assign=3),))
        assert bound.match().missing == ()


def test_a_container_on_the_licensed_host_fits(bind: Bind) -> None:
    """A license of the host is good in a container of it, which sees the same hardware."""
    bound = bind(trees.DESKTOP)
    bound.virtual.change(
        nics=trees.CONTAINER.nics,
        machine_id=trees.CONTAINER.machine_id,
        files=trees.CONTAINER.files,
    )
    match = bound.match()
    assert match.matched
    assert match.missing == ("machine-id", "nic")


def test_virtual_adapters_do_not_count(bind: Bind) -> None:
    """Pain 2: docker, veth, WireGuard, bonds and VLANs are left out, each named."""
    bound = bind(replace(trees.DESKTOP, nics=trees.SOFTWARE_NICS))
    assert "nic" not in bound.kinds()
    assert "bond0, docker0" in bound.notes("HWL-HOST-SOFTWARE")


def test_a_vpn_that_comes_up_changes_nothing(bind: Bind) -> None:
    """Pain 2: interfaces that software adds later are not of this machine."""
    bound = bind(trees.DESKTOP)
    bound.virtual.change(nics=trees.DESKTOP.nics + trees.SOFTWARE_NICS)
    assert bound.match().missing == ()


def test_cloned_machines_are_told_apart(bind: Bind, tmp_path: Path) -> None:
    """Pain 3: same model, same disk image, same machine-id: another machine."""
    bound = bind(trees.DESKTOP)
    other = trees.VirtualHost(tmp_path / "clone", trees.cloned(trees.DESKTOP, 7))
    present = device.open(other.uri).components()
    match = host.match(bound.claims.components, bound.claims.salt, bound.needed, present)
    assert not match.matched
    assert set(match.same) == {"board", "cpu", "machine-id", "memory"}
    assert match.findings()[0].code == "HWL-HOST-OTHER"


def test_reboots_and_firmware_updates_change_nothing(bind: Bind) -> None:
    """Pain 5: the same parts give the same components, in whatever order they appear."""
    disks = (*trees.DESKTOP.disks, Disk(name="nvme1n1", serial="S64DNX0RB09999"))
    bound = bind(replace(trees.DESKTOP, disks=disks))
    swapped = (replace(disks[0], name="nvme1n1"), replace(disks[-1], name="nvme0n1"))
    bound.virtual.change(
        disks=swapped,
        dmi=trees.DESKTOP.dmi | {"bios_version": "2.9.0"},
        memory_kib=trees.DESKTOP.memory_kib - 180_000,
    )
    assert bound.match().missing == ()


def test_a_wireless_adapter_counts_by_its_own_address(bind: Bind) -> None:
    """Pain 5: a random address for each network does not hide the radio's."""
    bound = bind(trees.LAPTOP)
    wireless = replace(trees.LAPTOP.nics[1], mac="c2:00:11:22:33:44", assign=1)
    bound.virtual.change(nics=(trees.LAPTOP.nics[0], wireless))
    assert bound.match().missing == ()


def test_a_slave_of_a_bond_counts_by_its_own_address(bind: Bind) -> None:
    """Pain 2: the address that a bond lends its slaves does not hide theirs."""
    bound = bind(trees.DESKTOP)
    own = trees.DESKTOP.nics[0]
    bound.virtual.change(nics=(replace(own, mac="b0:7b:25:ff:ff:01", assign=3, bonded=own.mac),))
    assert bound.match().missing == ()


def test_a_new_system_on_the_same_machine_fits(bind: Bind) -> None:
    """Pain 12: installing the system anew loses one weak component."""
    bound = bind(trees.DESKTOP)
    bound.virtual.change(machine_id=trees.installed_anew(trees.DESKTOP).machine_id)
    match = bound.match()
    assert match.matched
    assert match.missing == ("machine-id",)


def test_a_new_disk_with_a_new_system_fits(bind: Bind) -> None:
    """A disk dies, the system is installed on another: still this machine."""
    bound = bind(trees.DESKTOP)
    bound.virtual.change(
        disks=(Disk(name="nvme0n1", serial="7KD91Z00FJQ1"),),
        machine_id=trees.installed_anew(trees.DESKTOP).machine_id,
    )
    match = bound.match()
    assert match.matched
    assert match.findings()[0].details["changed"] == "disk and operating system identity"
    assert match.spare == 2


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"memory_kib": 65_700_000}, ("memory",)),
        ({"nics": (Nic(name="eno1", mac="0c:c4:7a:10:20:30"),)}, ("nic",)),
        ({"disks": (Disk(name="nvme0n1", serial="7KD91Z00FJQ1"),)}, ("disk",)),
    ],
    ids=["memory", "adapter", "disk"],
)
def test_one_new_part_is_tolerated_and_named(
    bind: Bind, changes: dict[str, Any], missing: tuple[str, ...]
) -> None:
    """More memory, another adapter or another disk: it fits, and the finding says which."""
    bound = bind(trees.DESKTOP)
    bound.virtual.change(**changes)
    match = bound.match()
    assert match.matched
    assert match.missing == missing
    (finding,) = match.findings()
    assert (finding.code, finding.level) == ("HWL-HOST-CHANGED", "warn")
    assert host.named(missing) in finding.message


def test_parts_that_are_added_change_nothing(bind: Bind) -> None:
    """A second disk, a second adapter: what is new never counts against a machine."""
    bound = bind(trees.DESKTOP)
    bound.virtual.change(
        disks=(*trees.DESKTOP.disks, Disk(name="sda", serial="WD-WX11A1", bus="sata")),
        nics=(*trees.DESKTOP.nics, Nic(name="enp3s0", mac="0c:c4:7a:10:20:30")),
    )
    assert bound.match().missing == ()


def test_docking_changes_nothing(bind: Bind) -> None:
    """The adapters of a dock, by USB or Thunderbolt, come and go unnoticed."""
    bound = bind(trees.LAPTOP)
    bound.virtual.change(nics=trees.LAPTOP.nics + trees.DOCK_NICS)
    assert bound.match().missing == ()
    assert "enx3c18a0d41122" in bound.notes("HWL-HOST-REMOVABLE")
    assert "enp5s0" in bound.notes("HWL-HOST-REMOVABLE")


def test_a_license_made_in_the_dock_fits_without_it(bind: Bind) -> None:
    """What can be unplugged was never part of the fingerprint."""
    bound = bind(replace(trees.LAPTOP, nics=trees.LAPTOP.nics + trees.DOCK_NICS))
    bound.virtual.change(nics=trees.LAPTOP.nics)
    assert bound.match().missing == ()


def test_a_new_mainboard_is_named(bind: Bind) -> None:
    """Pain 11: after a repair the finding says what changed, what stayed, what to do."""
    bound = bind(trees.DESKTOP)
    bound.virtual.change(
        dmi=trees.DESKTOP.dmi | {"product_name": "Precision 3680", "board_name": "0X1234"},
        nics=(Nic(name="eno1", mac="0c:c4:7a:10:20:30"),),
        cpu=trees.DESKTOP.cpu.replace("151", "183"),
    )
    match = bound.match()
    assert not match.matched
    (finding,) = match.findings()
    assert finding.code == "HWL-HOST-TOO-CHANGED"
    assert "mainboard model, processor and network adapter" in finding.message
    assert "disk" in str(finding.details["same"])
    assert "new request" in finding.hint


def test_the_same_mainboard_again_is_tolerated(bind: Bind) -> None:
    """Pain 11: a replacement of the same model changes only its own adapter."""
    bound = bind(trees.DESKTOP)
    bound.virtual.change(nics=(Nic(name="eno1", mac="b0:7b:25:99:88:77"),))
    assert bound.match().matched


def test_two_systems_on_one_machine_are_one_machine(bind: Bind) -> None:
    """Whoever starts the other system of the same machine needs no second license."""
    bound = bind(trees.DESKTOP)
    bound.virtual.change(machine_id="0123f00df00df00df00df00df00df00d")
    assert bound.match().matched


def test_the_disk_of_the_licensed_machine_is_not_the_machine(bind: Bind, tmp_path: Path) -> None:
    """A disk that moves, with its system, does not take the license along."""
    bound = bind(trees.DESKTOP)
    thief = replace(trees.LAPTOP, disks=trees.DESKTOP.disks, machine_id=trees.DESKTOP.machine_id)
    other = trees.VirtualHost(tmp_path / "other", thief)
    present = device.open(other.uri).components()
    match = host.match(bound.claims.components, bound.claims.salt, bound.needed, present)
    assert not match.matched


def test_no_raw_value_leaves_the_machine(bind: Bind) -> None:
    """Pain 25: neither a serial number nor an address stands in what travels or is shown."""
    bound = bind(trees.DESKTOP)
    seen = repr(bound.claims) + repr(bound.attester.describe())
    for value in ("S64DNX0RB07421", "B07B251C449A", "b0:7b:25:1c:44:9a", trees.DESKTOP.machine_id):
        assert value not in seen
        assert value.upper() not in seen
