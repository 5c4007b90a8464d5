"""Linux: which network interfaces are built-in adapters, and what their maker's address is.

The address that an interface shows now may be another: a bond lends its slaves one, and
desktops hide wireless ones behind random addresses. Where the kernel tells the maker's
address beside it (phy80211, bonding_slave) that one counts; else only an address that the
kernel calls permanent (addr_assign_type 0).
"""

from __future__ import annotations

from .reading import Reading
from .tree import Tree

__all__ = ["read"]

_NET = "sys/class/net/"
_ETHERNET = "1"  # ARPHRD_ETHER, which wireless adapters show too
_PERMANENT = "0"  # NET_ADDR_PERM


def read(tree: Tree, reading: Reading) -> None:
    """Add each built-in adapter to `reading`, and say what was left out."""
    for name in tree.names(_NET):
        if name in ("lo", "bonding_masters"):
            continue
        reason = _reason(tree, name)
        if reason == "HWL-HOST-SOFTWARE":
            reading.leave(reason, name)
        elif reason:
            reading.leave(reason, f"network adapter {name}")
        else:
            reading.mac(f"network adapter {name}", _address(tree, f"{_NET}{name}/"))


def _reason(tree: Tree, name: str) -> str:
    """Return the code of the reason why an interface does not count, or nothing."""
    base = f"{_NET}{name}/"
    link = tree.link(_NET + name)
    if "/virtual/" in link or not tree.has(base + "device") or tree.has(base + "device/physfn"):
        return "HWL-HOST-SOFTWARE"  # bridge, bond, VLAN, tunnel, container, SR-IOV function
    if tree.text(base + "type") != _ETHERNET:
        return "HWL-HOST-NO-SERIAL"
    if tree.unplugs(link) or ("/usb" in link and not _soldered(tree, base)):
        return "HWL-HOST-REMOVABLE"
    if not _address(tree, base):
        return "HWL-HOST-MAC"
    return ""


def _soldered(tree: Tree, base: str) -> bool:
    """Tell whether a USB adapter is part of the board, as on a Raspberry Pi."""
    usb_device = base + "device/../"
    return (
        tree.text(usb_device + "removable") == "fixed"
        or tree.has(usb_device + "of_node")
        or tree.has(base + "device/of_node")
    )


def _address(tree: Tree, base: str) -> bytes:
    """Return the maker's address, or nothing where the kernel does not tell it."""
    text = tree.text(base + "phy80211/macaddress") or tree.text(base + "bonding_slave/perm_hwaddr")
    if not text and tree.text(base + "addr_assign_type") == _PERMANENT:
        text = tree.text(base + "address")
    try:
        return bytes.fromhex(text.replace(":", ""))
    except ValueError:
        return b""
