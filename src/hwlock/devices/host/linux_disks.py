"""Linux: which block devices are built-in disks, and what their serial number is.

Sources, best first, the first that is no placeholder wins: the serial number of NVMe and of
new SCSI layers, of virtio, SCSI page 80, the CID of eMMC, the serial number inside a T10
identifier, udev's database, and last the EUI or NAA. A source of the same meaning stands
before one of another, so that a kernel that learns a new file changes nothing.
"""

from __future__ import annotations

from .reading import Reading
from .tree import Tree

__all__ = ["read"]

_BLOCK = "sys/block/"
# By name as well: before sysfs had links, and in trees without them.
_SOFTWARE = ("loop", "ram", "zram", "dm-", "md", "nbd", "zd", "drbd", "rbd")
_NETWORK = ("/session", "/rport-", "/nvme-fabrics/")
_UDEV_KEYS = ("ID_SCSI_SERIAL", "ID_SERIAL_SHORT", "ID_WWN_WITH_EXTENSION", "ID_WWN")


def read(tree: Tree, reading: Reading) -> None:
    """Add each built-in disk to `reading`, and say what was left out."""
    for name in tree.names(_BLOCK):
        base = f"{_BLOCK}{name}/"
        if tree.text(base + "hidden") == "1" or _part_of_emmc(name):
            continue  # another way to a disk that is counted under its own name
        reason = _reason(tree, name)
        if reason:
            label = name if reason == "HWL-HOST-SOFTWARE" else f"disk {name}"
            reading.leave(reason, label)
        else:
            reading.serial("disk", f"disk {name}", *_serials(tree, base))


def _part_of_emmc(name: str) -> bool:
    return name.startswith("mmcblk") and ("boot" in name or "rpmb" in name)


def _reason(tree: Tree, name: str) -> str:
    """Return the code of the reason why a block device does not count, or nothing."""
    base = f"{_BLOCK}{name}/"
    link = tree.link(_BLOCK + name)
    if any(part in link for part in _NETWORK):
        return "HWL-HOST-SHARED"
    # A disk with several paths hangs under the virtual folder of its NVMe subsystem.
    if name.startswith(_SOFTWARE) or ("/virtual/" in link and "/nvme-subsystem/" not in link):
        return "HWL-HOST-SOFTWARE"
    if (
        "/usb" in link
        or tree.text(base + "removable") == "1"
        or tree.text(base + "device/type") == "SD"
        or tree.unplugs(link)
    ):
        return "HWL-HOST-REMOVABLE"
    return ""


def _serials(tree: Tree, base: str) -> list[str]:
    wwids = [tree.text(base + path) for path in ("device/wwid", "wwid")]
    found = [
        tree.text(base + "device/serial"),
        tree.text(base + "serial"),
        tree.read(base + "device/vpd_pg80")[4:].decode("ascii", "replace").strip(" \0"),
        tree.text(base + "device/cid"),
    ]
    found += [wwid.split()[-1] for wwid in wwids if wwid.startswith("t10.")]
    if not any(found):
        found += _udev(tree, base)
    return found + [wwid for wwid in wwids if wwid.startswith(("eui.", "naa.", "uuid."))]


def _udev(tree: Tree, base: str) -> list[str]:
    data = tree.read(f"run/udev/data/b{tree.text(base + 'dev')}", 16384)
    values: dict[str, str] = {}
    for line in data.decode("ascii", "replace").splitlines():
        key, _, value = line.partition("=")
        values[key] = value
    return [values.get("E:" + key, "") for key in _UDEV_KEYS]
