"""Imaginary machines: their sysfs, procfs and /etc as files under a folder.

    machine = VirtualHost(tmp_path, LAPTOP)
    components = hwlock.devices.host.open(machine.uri).components()
    machine.change(nics=LAPTOP.nics + DOCK_NICS)         # the dock is plugged in

The trees have what the reader looks at, laid out and linked as the kernel does it, and with
its modes: the serial numbers of DMI are for root alone. All machines are made up; their
network addresses are of makers that exist, their serial numbers are not.
"""

from __future__ import annotations

import os
import shutil

from hwlock.errors import UsageError
from hwlock.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "CONTAINER",
    "DESKTOP",
    "DOCK_NICS",
    "LAPTOP",
    "RASPBERRY_PI",
    "SOFTWARE_NICS",
    "VM",
    "Disk",
    "Machine",
    "Nic",
    "VirtualHost",
    "build",
    "cloned",
    "installed_anew",
]

_ROOT_ONLY = ("product_uuid", "product_serial", "board_serial", "chassis_serial")


class Disk(Record):
    """A block device. `bus`: nvme, sata, usb, virtio, emmc, sd, iscsi, or virtual (no disk)."""

    name: str
    serial: str = ""
    bus: str = "nvme"
    wwid: str = ""


class Nic(Record):
    """A network interface. `bus`: pci, usb, soldered (USB on the board), thunderbolt, virtual.

    `assign` is addr_assign_type: 0 permanent, 1 random, 3 set by somebody. `phy` is the
    address of the radio of a wireless one, `bonded` the own address of a bond's slave.
    """

    name: str
    mac: str
    bus: str = "pci"
    assign: int = 0
    phy: str = ""
    bonded: str = ""


class Machine(Record):
    """A machine and the system on it; `files` are further ones, path to text.

    `dmi` are files of /sys/class/dmi/id, `device_tree` of /proc/device-tree.
    """

    dmi: dict[str, str]
    disks: tuple[Disk, ...] = ()
    nics: tuple[Nic, ...] = ()
    cpu: str = "vendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 151\nstepping\t: 2\n"
    memory_kib: int = 32_650_000
    machine_id: str = "5f0c3a7be2d94c2f8a61d7b3e90c4f12"
    device_tree: dict[str, str] = {}  # noqa: RUF012  a Record's default; nobody changes it
    files: dict[str, str] = {}  # noqa: RUF012


DESKTOP = Machine(
    dmi={
        "sys_vendor": "Dell Inc.",
        "product_name": "Precision 3660",
        "board_vendor": "Dell Inc.",
        "board_name": "0PRR48",
        "board_asset_tag": "",
        "chassis_asset_tag": "Not Specified",
        "bios_version": "2.8.1",
        "product_uuid": "4c4c4544-0033-3410-8042-b7c04f325233",
        "product_serial": "7B342R3",
        "board_serial": "/7B342R3/CNFCW0023N00AB/",
        "chassis_serial": "7B342R3",
    },
    disks=(
        Disk(name="nvme0n1", serial="S64DNX0RB07421", wwid="eui.002538bb21b0c1d4"),
        Disk(name="sr0", serial="KZRE81I2734", bus="usb"),
        Disk(name="loop0", bus="virtual"),
    ),
    nics=(Nic(name="eno1", mac="b0:7b:25:1c:44:9a"),),
)
LAPTOP = Machine(
    dmi={
        "sys_vendor": "LENOVO",
        "product_name": "21HMS0AB00",
        "board_vendor": "LENOVO",
        "board_name": "21HMS0AB00",
        "chassis_asset_tag": "No Asset Information",
        "product_uuid": "9d7a4fcc-2c1e-11b2-a85c-c4bd0a1e7f31",
        "product_serial": "PF4A1B2C",
    },
    disks=(Disk(name="nvme0n1", serial="7KD20Z8MFJQ5", wwid="eui.00a075013b2e9f64"),),
    nics=(
        Nic(name="enp0s31f6", mac="c4:c6:e6:52:0e:71"),
        Nic(name="wlp0s20f3", mac="5a:11:22:90:3c:07", assign=3, phy="f4:4e:e3:a1:5d:20"),
    ),
    machine_id="c2b1a09f8e7d4c6b9a58473625140392",
)
DOCK_NICS = (
    Nic(name="enx3c18a0d41122", mac="3c:18:a0:d4:11:22", bus="usb"),
    Nic(name="enp5s0", mac="0c:37:96:4b:20:d6", bus="thunderbolt"),
)
SOFTWARE_NICS = (
    Nic(name="docker0", mac="02:42:8e:10:5f:3b", bus="virtual", assign=3),
    Nic(name="veth91ab", mac="9e:22:41:0b:7c:ee", bus="virtual", assign=1),
    Nic(name="wg0", mac="00:00:00:00:00:00", bus="virtual"),
    Nic(name="bond0", mac="b0:7b:25:1c:44:9a", bus="virtual", assign=3),
    Nic(name="eno1.20", mac="b0:7b:25:1c:44:9a", bus="virtual", assign=2),
)
VM = Machine(
    dmi={
        "sys_vendor": "QEMU",
        "product_name": "Standard PC (Q35 + ICH9, 2009)",
        "board_asset_tag": "",
        "product_uuid": "b4d5f2f0-5f41-4c8e-9c3d-0f4f3d5f8a11",
    },
    disks=(
        Disk(name="vda", bus="virtio"),
        Disk(name="sda", serial="QM00001", bus="sata"),
    ),
    nics=(Nic(name="eth0", mac="52:54:00:3a:91:0c"),),
    cpu=DESKTOP.cpu + "flags\t\t: fpu sse2 hypervisor\n",
    memory_kib=4_010_000,
)
CONTAINER = replace(
    DESKTOP,
    nics=(Nic(name="eth0", mac="02:42:ac:11:00:02", bus="virtual", assign=3),),
    machine_id="b08dfa6083e7567a1921a715000001fb",
    files={".dockerenv": "", "proc/self/cgroup": "0::/\n"},
)
RASPBERRY_PI = Machine(
    dmi={},
    device_tree={
        "serial-number": "10000000a3b1c2d4\0",
        "model": "Raspberry Pi 4 Model B Rev 1.4\0",
    },
    disks=(Disk(name="mmcblk0", serial="035344534331364780abcdef0123014b", bus="sd"),),
    nics=(
        Nic(name="eth0", mac="dc:a6:32:4e:19:7c", bus="soldered"),
        Nic(name="wlan0", mac="dc:a6:32:4e:19:7d", phy="dc:a6:32:4e:19:7d"),
    ),
    cpu="BogoMIPS\t: 108.00\nCPU implementer\t: 0x41\nCPU architecture: 8\n"
    "CPU variant\t: 0x0\nCPU part\t: 0xd08\nCPU revision\t: 3\n",
    memory_kib=3_884_000,
    machine_id="0e9f1d2c3b4a59687766554433221100",
)


def cloned(machine: Machine, number: int) -> Machine:
    """Return another machine of the same model, set up from the same disk image."""
    return replace(
        machine,
        disks=tuple(replace(disk, serial=f"{disk.serial}{number}") for disk in machine.disks),
        nics=tuple(
            replace(nic, mac=f"{nic.mac[:-4]}{number:x}:{number:02x}") for nic in machine.nics
        ),
    )


def installed_anew(machine: Machine) -> Machine:
    """Return the same machine with a fresh system: another machine-id, a wiped disk."""
    return replace(machine, machine_id="77aa0e5d13c84b6c9f20d1e2f3a4b5c6")


class VirtualHost:
    """A machine under `root`, an empty or missing folder; `uri` names it."""

    def __init__(self, root: str | os.PathLike[str], machine: Machine) -> None:
        self.root = os.fspath(root)
        self.machine = machine
        # `change` removes what stands here: it must never be somebody's own folder.
        if os.path.isdir(self.root) and os.listdir(self.root):
            raise UsageError("HWL-HOST-TREE", root=self.root)
        build(machine, self.root)

    @property
    def uri(self) -> str:
        """The device URI of this machine."""
        return f"host:root={self.root}"

    def change(self, **changes: Any) -> None:
        """Make it another: fields of Machine, by name; the tree is written anew."""
        self.machine = replace(self.machine, **changes)
        for name in ("sys", "proc", "etc", "run", ".dockerenv"):
            path = os.path.join(self.root, name)
            if os.path.isdir(path):
                shutil.rmtree(path)
            elif os.path.lexists(path):
                os.unlink(path)
        build(self.machine, self.root)


def build(machine: Machine, root: str) -> None:
    """Write the tree of `machine` under `root`."""
    os.makedirs(os.path.join(root, "sys/class/net"), exist_ok=True)
    os.makedirs(os.path.join(root, "sys/block"), exist_ok=True)
    for name, text in machine.dmi.items():
        mode = 0o400 if name in _ROOT_ONLY else 0o444
        _write(root, f"sys/class/dmi/id/{name}", text + "\n", mode)
    for name, text in machine.device_tree.items():
        _write(root, f"sys/firmware/devicetree/base/{name}", text)
    _write(root, "proc/cpuinfo", f"processor\t: 0\n{machine.cpu}\nprocessor\t: 1\n{machine.cpu}\n")
    _write(root, "proc/meminfo", f"MemTotal:       {machine.memory_kib} kB\nMemFree: 1 kB\n")
    if machine.machine_id:
        _write(root, "etc/machine-id", machine.machine_id + "\n")
    for path, text in machine.files.items():
        _write(root, path, text)
    for number, disk in enumerate(machine.disks):
        _build_disk(root, disk, number)
    for number, nic in enumerate(machine.nics):
        _build_nic(root, nic, number)
    for folder, _, _ in os.walk(root):
        if folder != root:  # as the kernel shows them, whatever the umask
            os.chmod(folder, 0o755)  # noqa: S103 - as sysfs has it


def _write(root: str, path: str, text: str, mode: int = 0o444) -> None:
    full = os.path.join(root, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "w", encoding="latin-1", newline="") as file:
        file.write(text)
    os.chmod(full, mode)


def _link(root: str, path: str, target: str) -> None:
    """Make a relative link from `path` to `target`, both under `root`, as sysfs has them."""
    full = os.path.join(root, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    os.symlink(os.path.relpath(target, os.path.dirname(path)), full)


_DISK_PARENTS = {
    "nvme": "pci0000:00/0000:00:1d.{n}/0000:0{n}:00.0/nvme/nvme{n}",
    "sata": "pci0000:00/0000:00:17.0/ata{n}/host{n}/target{n}:0:0/{n}:0:0:0",
    "usb": "pci0000:00/0000:00:14.0/usb1/1-{n}/1-{n}:1.0/host{n}/target{n}:0:0/{n}:0:0:0",
    "virtio": "pci0000:00/0000:00:0{n}.0/virtio{n}",
    "emmc": "platform/fe340000.mmc/mmc_host/mmc{n}/mmc{n}:0001",
    "sd": "platform/fe340000.mmc/mmc_host/mmc{n}/mmc{n}:aaaa",
    "iscsi": "platform/host{n}/session1/target{n}:0:0/{n}:0:0:0",
}


def _build_disk(root: str, disk: Disk, number: int) -> None:
    if disk.bus == "virtual":
        device = f"sys/devices/virtual/block/{disk.name}"
        _write(root, f"{device}/size", "2048\n")
        _link(root, f"sys/block/{disk.name}", device)
        return
    parent = "sys/devices/" + _DISK_PARENTS[disk.bus].format(n=number)
    device = f"{parent}/{disk.name}" if disk.bus == "nvme" else f"{parent}/block/{disk.name}"
    _write(root, f"{device}/removable", "1\n" if disk.name.startswith("sr") else "0\n")
    _write(root, f"{device}/dev", f"8:{16 * number}\n")
    _link(root, f"{device}/device", parent)
    _link(root, f"sys/block/{disk.name}", device)
    if disk.bus == "nvme":
        _write(root, f"{parent}/serial", f"{disk.serial:<20}\n")
        _write(root, f"{device}/wwid", disk.wwid + "\n")
    elif disk.bus == "virtio":
        _write(root, f"{device}/serial", disk.serial)
    elif disk.bus in ("emmc", "sd"):
        _write(root, f"{parent}/cid", disk.serial + "\n")
        _write(root, f"{parent}/type", "SD\n" if disk.bus == "sd" else "MMC\n")
    else:
        _write(root, f"{parent}/vpd_pg80", f"\0\x80\0{chr(len(disk.serial))}{disk.serial}")
        _write(root, f"{parent}/wwid", disk.wwid + "\n")


_NIC_PARENTS = {
    "pci": "pci0000:00/0000:00:1f.{n}",
    "usb": "pci0000:00/0000:00:14.0/usb2/2-{n}/2-{n}:1.0",
    "soldered": "platform/scb/usb1/1-1/1-1.{n}/1-1.{n}:1.0",
    "thunderbolt": "pci0000:00/0000:00:07.0/0000:20:00.0/0000:21:0{n}.0",
}


def _build_nic(root: str, nic: Nic, number: int) -> None:
    if nic.bus == "virtual":
        device = f"sys/devices/virtual/net/{nic.name}"
    else:
        parent = "sys/devices/" + _NIC_PARENTS[nic.bus].format(n=number)
        device = f"{parent}/net/{nic.name}"
        os.makedirs(os.path.join(root, parent), exist_ok=True)
        _link(root, f"{device}/device", parent)
        if nic.bus == "soldered":
            _write(root, f"{os.path.dirname(parent)}/removable", "fixed\n")
        if nic.bus == "thunderbolt":
            _write(root, f"{os.path.dirname(parent)}/removable", "removable\n")
    _write(root, f"{device}/address", nic.mac + "\n")
    _write(root, f"{device}/addr_assign_type", f"{nic.assign}\n")
    _write(root, f"{device}/type", "1\n")
    if nic.phy:
        _write(root, f"{device}/phy80211/macaddress", nic.phy + "\n")
    if nic.bonded:
        _write(root, f"{device}/bonding_slave/perm_hwaddr", nic.bonded + "\n")
    _link(root, f"sys/class/net/{nic.name}", device)
