"""The Linux reader on trees of files."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hwlock.devices import host as device
from hwlock.errors import DeviceError, NotFound, UsageError
from hwlock.record import replace
from hwlock.testing import host_tree as trees
from hwlock.testing.host_tree import Disk, Machine, Nic

Bind = Callable[[Machine], Any]


def test_a_desktop_shows_six_kinds(bind: Bind) -> None:
    """Model, processor, disk, system, memory, adapter: spelled in one way."""
    components = {each.kind: each.value for each in bind(trees.DESKTOP).attester.components()}
    assert components == {
        "board": b"DELL INC.|PRECISION 3660|DELL INC.|0PRR48",
        "cpu": b"GENUINEINTEL|6|151|2",
        "disk": b"S64DNX0RB07421",
        "machine-id": b"5F0C3A7BE2D94C2F8A61D7B3E90C4F12",
        "memory": b"34359738368",
        "nic": b"B07B251C449A",
    }


def test_a_raspberry_pi_shows_its_serial_number(bind: Bind) -> None:
    """A board without DMI has its number in the device tree; its SD card does not count."""
    bound = bind(trees.RASPBERRY_PI)
    assert bound.kinds() == ["board", "cpu", "device-tree", "machine-id", "memory", "nic", "nic"]
    assert bound.notes("HWL-HOST-REMOVABLE") == "disk mmcblk0"
    assert bound.attester.describe().name == "Raspberry Pi 4 Model B Rev 1.4"


def test_a_bare_virtual_machine_is_told_to_use_something_else(bind: Bind) -> None:
    """Where nothing tells a machine from others, the problem says what was looked at."""
    description = bind(trees.VM).attester.describe()
    assert description.assurance == ""
    assert isinstance(description.problem, DeviceError)
    assert description.problem.code == "HWL-HOST-TOO-FEW"
    assert "disk vda" in description.problem.message
    assert "network adapter eth0" in description.problem.message
    assert "QEMU" in " ".join(note.message for note in description.notes)


@pytest.mark.parametrize("who", ["as found", "as nobody"])
@pytest.mark.parametrize("machine", [trees.DESKTOP, trees.LAPTOP, trees.RASPBERRY_PI])
def test_root_and_user_see_the_same(tmp_path: Path, machine: Machine, who: str) -> None:
    """Pain 6: the reading does not depend on rights, and says what root alone could see."""
    virtual = trees.VirtualHost(tmp_path / "machine", machine)
    for folder in (tmp_path, *list(tmp_path.parents)[:3]):
        if folder.stat().st_uid == os.geteuid() and folder != Path("/tmp"):
            folder.chmod(0o755)
    without = trees.VirtualHost(
        tmp_path / "without",
        replace(machine, dmi={k: v for k, v in machine.dmi.items() if "serial" not in k}),
    )
    expected = device.open(virtual.uri).components()
    assert device.open(without.uri).components() == expected
    if who == "as nobody" and os.geteuid() == 0:
        os.seteuid(65534)
        try:
            description = device.open(virtual.uri).describe()
            assert device.open(virtual.uri).components() == expected
        finally:
            os.seteuid(0)
        assert description == device.open(virtual.uri).describe()


def test_what_only_root_reads_is_noted(bind: Bind) -> None:
    """The note names the files that were left out for that reason."""
    noted = bind(trees.DESKTOP).notes("HWL-HOST-ROOT-ONLY")
    assert noted == "product_uuid, product_serial, board_serial, chassis_serial"


def test_a_file_that_is_closed_to_others_is_absent(bind: Bind) -> None:
    """A hardened system that hides a serial number hides it from root's fingerprint too."""
    bound = bind(trees.DESKTOP)
    os.chmod(os.path.join(bound.virtual.root, "sys/block/nvme0n1/device/serial"), 0o400)
    os.chmod(os.path.join(bound.virtual.root, "sys/block/nvme0n1/wwid"), 0o400)
    assert "disk" not in bound.kinds()
    os.chmod(os.path.join(bound.virtual.root, "sys/class/net"), 0o700)
    assert "nic" not in bound.kinds()


@pytest.mark.parametrize(
    ("disk", "value"),
    [
        (Disk(name="nvme0n1", serial="S64DNX0RB07421"), b"S64DNX0RB07421"),
        (Disk(name="sda", serial="  WD-WX11A12345  ", bus="sata"), b"WD-WX11A12345"),
        (Disk(name="sda", bus="sata", wwid="naa.5000c500a1b2c3d4"), b"NAA.5000C500A1B2C3D4"),
        (
            Disk(name="sda", bus="sata", wwid="t10.ATA     ST1000DM010-2EP102   ZN1ABCDE"),
            b"ZN1ABCDE",
        ),
        (Disk(name="vda", serial="vol0123456789abc", bus="virtio"), b"VOL0123456789ABC"),
        (
            Disk(name="mmcblk0", serial="150100424a544434520612345678d900", bus="emmc"),
            b"150100424A544434520612345678D900",
        ),
        (
            Disk(name="nvme0n1", serial="nvme_card-pd", wwid="eui.00a075013b2e9f64"),
            b"EUI.00A075013B2E9F64",
        ),
    ],
    ids=["nvme", "sata page 80", "naa", "t10", "virtio", "emmc", "placeholder, then eui"],
)
def test_a_disk_is_known_by_its_serial_number(bind: Bind, disk: Disk, value: bytes) -> None:
    """Each kind of disk has its source; a placeholder gives way to the next one."""
    bound = bind(replace(trees.DESKTOP, disks=(disk,)))
    assert [c.value for c in bound.attester.components() if c.kind == "disk"] == [value]


def test_udev_knows_what_sysfs_does_not(bind: Bind) -> None:
    """The database of udev is asked where the kernel shows no serial number."""
    bare = replace(trees.DESKTOP, disks=(Disk(name="sda", bus="sata"),))
    files = {"run/udev/data/b8:0": "I:123\nE:ID_MODEL=X\nE:ID_SERIAL_SHORT=ZN1ABCDE\n"}
    bound = bind(replace(bare, files=files))
    assert b"ZN1ABCDE" in [each.value for each in bound.attester.components()]


@pytest.mark.parametrize(
    ("disk", "code"),
    [
        (Disk(name="sdb", serial="4C5300012509", bus="usb"), "HWL-HOST-REMOVABLE"),
        (Disk(name="mmcblk0", serial="0353445343313643", bus="sd"), "HWL-HOST-REMOVABLE"),
        (Disk(name="sdc", serial="6001405A1B2C3D", bus="iscsi"), "HWL-HOST-SHARED"),
        (Disk(name="sda", serial="QM00003", bus="sata"), "HWL-HOST-PLACEHOLDER"),
        (Disk(name="sda", serial="drive-scsi0", bus="sata"), "HWL-HOST-PLACEHOLDER"),
        (Disk(name="vda", serial="OVERLAYBLK", bus="virtio"), "HWL-HOST-PLACEHOLDER"),
        (Disk(name="vda", bus="virtio"), "HWL-HOST-NO-SERIAL"),
        (Disk(name="zram0", bus="virtual"), "HWL-HOST-SOFTWARE"),
        (Disk(name="dm-0", bus="virtual"), "HWL-HOST-SOFTWARE"),
        (Disk(name="md127", bus="virtual"), "HWL-HOST-SOFTWARE"),
    ],
    ids=lambda value: value.name + value.bus if isinstance(value, Disk) else value,
)
def test_a_disk_that_does_not_count_is_noted(bind: Bind, disk: Disk, code: str) -> None:
    """Each is left out with its own reason."""
    bound = bind(replace(trees.DESKTOP, disks=(disk,)))
    assert "disk" not in bound.kinds()
    assert disk.name in bound.notes(code)


@pytest.mark.parametrize(
    ("nic", "code"),
    [
        (Nic(name="eth0", mac="b0:7b:25:1c:44:9a", assign=1), "HWL-HOST-MAC"),
        (Nic(name="eth0", mac="b0:7b:25:1c:44:9a", assign=3), "HWL-HOST-MAC"),
        (Nic(name="eth0", mac="52:54:00:12:34:56"), "HWL-HOST-MAC"),
        (Nic(name="eth0", mac="00:00:00:00:00:00"), "HWL-HOST-PLACEHOLDER"),
        (Nic(name="eth0", mac="ff:ff:ff:ff:ff:ff"), "HWL-HOST-MAC"),
        (Nic(name="eth0", mac="00:11:22:33:44:55"), "HWL-HOST-PLACEHOLDER"),
        (Nic(name="eth0", mac="not an address"), "HWL-HOST-MAC"),
        (Nic(name="enx0", mac="b0:7b:25:1c:44:9a", bus="usb"), "HWL-HOST-REMOVABLE"),
        (Nic(name="br0", mac="b0:7b:25:1c:44:9a", bus="virtual"), "HWL-HOST-SOFTWARE"),
    ],
    ids=lambda value: f"{value.mac} {value.assign} {value.bus}" if isinstance(value, Nic) else "",
)
def test_an_adapter_that_does_not_count_is_noted(bind: Bind, nic: Nic, code: str) -> None:
    """Each is left out with its own reason."""
    bound = bind(replace(trees.DESKTOP, nics=(nic,)))
    assert "nic" not in bound.kinds()
    assert nic.name in bound.notes(code)


def test_a_machine_id_lent_by_the_host_counts_in_a_container(bind: Bind) -> None:
    """Who mounts /etc/machine-id into a container wants it to count."""
    mounts = "612 590 254:1 /etc/machine-id /etc/machine-id ro - ext4 /dev/vda1 rw\n"
    files = trees.CONTAINER.files | {"proc/self/mountinfo": mounts}
    assert "machine-id" in bind(replace(trees.CONTAINER, files=files)).kinds()


@pytest.mark.parametrize(
    "files",
    [
        {".dockerenv": ""},
        {"run/.containerenv": ""},
        {"run/systemd/container": "lxc\n"},
        {"proc/self/cgroup": "12:pids:/docker/4f1c\n"},
        {"proc/self/cgroup": "0::/kubepods.slice/pod1\n"},
    ],
    ids=lambda files: next(iter(files)),
)
def test_a_container_is_recognized(bind: Bind, files: dict[str, str]) -> None:
    """Each runtime leaves a mark; the machine-id then belongs to the image."""
    bound = bind(replace(trees.DESKTOP, files=files))
    assert "machine-id" not in bound.kinds()
    assert bound.notes("HWL-HOST-IMAGE") == "machine-id"


def test_wsl_has_no_lasting_disks_and_adapters(bind: Bind) -> None:
    """Windows makes both anew; the fingerprint then is too little, and says so."""
    files = {"proc/sys/kernel/osrelease": "5.15.153.1-microsoft-standard-WSL2\n"}
    description = bind(replace(trees.DESKTOP, files=files)).attester.describe()
    assert description.problem is not None
    assert "HWL-HOST-FLEETING" in [note.code for note in description.notes]


def test_firmware_that_was_never_filled_in_does_not_count(bind: Bind) -> None:
    """Placeholder models and tags are left out, named."""
    blank = dict.fromkeys(("sys_vendor", "product_name", "board_name"), "To Be Filled By O.E.M.")
    bound = bind(replace(trees.DESKTOP, dmi=blank | {"board_asset_tag": "Default string"}))
    assert "board" not in bound.kinds()
    assert "asset-tag" not in bound.kinds()
    noted = bound.notes("HWL-HOST-PLACEHOLDER")
    assert noted == "mainboard model, board_asset_tag (DEFAULT STRING)"


def test_an_empty_machine_has_a_problem_and_no_crash(tmp_path: Path) -> None:
    """A root that holds next to nothing is described, not fallen over."""
    (tmp_path / "sys").mkdir()
    attester = device.open(f"host:root={tmp_path}")
    problem = attester.describe().problem
    assert attester.components() == ()
    assert problem is not None
    assert "found nothing" in problem.message


def test_files_of_garbage_are_as_good_as_none(bind: Bind) -> None:
    """Bytes that no kernel writes neither crash the reader nor count."""
    bound = bind(trees.DESKTOP)
    for folder, _, names in os.walk(bound.virtual.root):
        for name in names:
            path = os.path.join(folder, name)
            os.chmod(path, 0o644)
            Path(path).write_bytes(b"\xff\xfe\0:\n=\n" * 700)
    kinds = set(bound.kinds())
    assert bound.attester.describe().uri == bound.virtual.uri
    assert "nic" not in kinds
    assert "memory" not in kinds


def test_many_disks_are_bounded(bind: Bind) -> None:
    """A shelf of disks counts as eight, and never outweighs the rest."""
    shelf = tuple(
        Disk(name=f"sd{chr(97 + n)}", serial=f"WD-WX11A{n:05}", bus="sata") for n in range(20)
    )
    bound = bind(replace(trees.DESKTOP, disks=shelf))
    disks = [each for each in bound.attester.components() if each.kind == "disk"]
    assert len(disks) == 8
    assert sum(each.weight for each in disks) <= 40
    assert bound.notes("HWL-HOST-MANY") == "12 more disks or adapters"


def test_uris_name_machines(tmp_path: Path) -> None:
    """`host:` is this machine, `host:root=` another; anything else is refused."""
    assert device.open("host:").uri == "host:"
    with pytest.raises(UsageError, match="names no machine"):
        device.open("host:disk=1")
    with pytest.raises(UsageError):
        device.open("host:root=relative")
    with pytest.raises(NotFound) as caught:
        device.open(f"host:root={tmp_path / 'nothing'}")
    assert caught.value.code == "HWL-HOST-ROOT"


def test_this_machine_is_always_found() -> None:
    """Whatever machine runs this test: it is described, twice alike, with no exception."""
    (first,) = device.scan()
    (second,) = device.scan()
    assert first.uri == second.uri == "host:"
    assert first.notes == second.notes
    with device.open("host:") as attester:
        assert attester.components() == attester.components()


def test_an_imaginary_machine_needs_a_folder_of_its_own(tmp_path: Path) -> None:
    """Nobody's files are replaced by a test's."""
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(UsageError) as caught:
        trees.VirtualHost(tmp_path, trees.DESKTOP)
    assert caught.value.code == "HWL-HOST-TREE"
