"""Linux: what sysfs, procfs and /etc say to everybody.

Nothing is opened that takes part in the hardware's work: no ioctl, no command, no process.
What only root can read (product_uuid, the serial numbers of DMI) counts for nobody.
"""

from __future__ import annotations

from . import linux_disks, linux_nics
from .reading import Reading
from .tree import Tree

__all__ = ["read"]

_DMI = "sys/class/dmi/id/"
_ROOT_ONLY = ("product_uuid", "product_serial", "board_serial", "chassis_serial")
# In this order: x86, ARM, RISC-V, POWER. The first block of /proc/cpuinfo holds them.
_CPU_KEYS = (
    ("vendor_id", "cpu family", "model", "stepping"),
    ("CPU implementer", "CPU architecture", "CPU variant", "CPU part", "CPU revision"),
    ("mvendorid", "marchid", "mimpid"),
    ("cpu", "revision"),
)
_CONTAINER_FILES = (
    (".dockerenv", "docker"),
    ("run/.containerenv", "podman"),
    ("run/systemd/container", "systemd"),
)
_CONTAINER_GROUPS = ("/docker/", "/docker-", "/kubepods", "/lxc", "/containerd", "/libpod-")
# What hypervisors write into DMI; makers of real machines use none of these words.
_HYPERVISORS = (
    ("qemu", "QEMU"),
    ("vmware", "VMware"),
    ("innotek", "VirtualBox"),
    ("virtualbox", "VirtualBox"),
    ("virtual machine", "Hyper-V"),
    ("xen", "Xen"),
    ("hvm domu", "Xen"),
    ("google compute engine", "Google"),
    ("amazon ec2", "Amazon"),
    ("parallels", "Parallels"),
    ("bhyve", "bhyve"),
    ("openstack", "OpenStack"),
)


def read(root: str = "/") -> Reading:
    """Look at the system whose sys, proc, etc and run are mounted under `root`."""
    tree = Tree(root)
    reading = Reading()
    wsl = "microsoft" in tree.text("proc/sys/kernel/osrelease").lower()
    cpu = _cpuinfo(tree)
    _firmware(tree, reading, cpu)
    _processor(reading, cpu)
    _memory(tree, reading)
    _machine_id(tree, reading)
    if wsl:
        # Its disks are files that Windows ships, its address is new at each start.
        reading.leave("HWL-HOST-FLEETING", "disks and network adapters", "WSL")
    else:
        linux_disks.read(tree, reading)
        linux_nics.read(tree, reading)
    return reading


def _cpuinfo(tree: Tree) -> dict[str, str]:
    """Return the lines of the first processor; the kernel computes only what is read."""
    values: dict[str, str] = {}
    for line in tree.read("proc/cpuinfo").decode("ascii", "replace").splitlines():
        key, colon, value = line.partition(":")
        if colon:
            values.setdefault(key.strip(), value.strip())
    return values


def _firmware(tree: Tree, reading: Reading, cpu: dict[str, str]) -> None:
    fields = ("sys_vendor", "product_name", "board_vendor", "board_name")
    words = [tree.text(_DMI + field) for field in fields]
    model = _device_tree(tree, reading)
    reading.board(*(words if any(words) else [model]))
    reading.name = " ".join(word for word in words[:2] if word) or model
    for field in ("board_asset_tag", "chassis_asset_tag"):
        if tag := tree.text(_DMI + field):
            reading.serial("asset-tag", field, tag)
    for field in _ROOT_ONLY:
        if tree.has(_DMI + field):
            reading.leave("HWL-HOST-ROOT-ONLY", field)
    text = " ".join(words).lower()
    reading.virtual = next((name for word, name in _HYPERVISORS if word in text), "")
    if not reading.virtual and "hypervisor" in cpu.get("flags", "").split():
        reading.virtual = "of an unknown kind"


def _device_tree(tree: Tree, reading: Reading) -> str:
    """Take the serial number of a board without DMI; return its model."""
    for base in ("sys/firmware/devicetree/base/", "proc/device-tree/"):
        if tree.has(base):
            serials = (
                tree.text(base + "serial-number"),
                tree.text("sys/devices/soc0/serial_number"),
            )
            if any(serials):
                reading.serial("device-tree", "board serial number", *serials)
            return tree.text(base + "model")
    return ""


def _processor(reading: Reading, cpu: dict[str, str]) -> None:
    for keys in _CPU_KEYS:
        if keys[0] in cpu:
            reading.processor(*(cpu.get(key, "") for key in keys))
            return


def _memory(tree: Tree, reading: Reading) -> None:
    words = tree.read("proc/meminfo", 256).split()
    if words[:1] == [b"MemTotal:"] and len(words) > 1 and words[1].isdigit():
        reading.memory(int(words[1]) * 1024)


def _machine_id(tree: Tree, reading: Reading) -> None:
    container = _container(tree)
    if container and not _mounted(tree, "/etc/machine-id"):
        reading.leave("HWL-HOST-IMAGE", "machine-id", container)
        return
    text = tree.text("etc/machine-id") or tree.text("var/lib/dbus/machine-id")
    reading.serial("machine-id", "machine-id", text)


def _container(tree: Tree) -> str:
    for path, name in _CONTAINER_FILES:
        if tree.has(path):
            return name
    groups = tree.text("proc/self/cgroup")
    return next((word.strip("/-") for word in _CONTAINER_GROUPS if word in groups), "")


def _mounted(tree: Tree, path: str) -> bool:
    """Tell whether the host lent this one file to the container."""
    lines = tree.read("proc/self/mountinfo", 65536).decode("utf-8", "replace").splitlines()
    return any(line.split()[4:5] == [path] for line in lines)
