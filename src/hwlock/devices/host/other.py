"""Other Unixes (FreeBSD, OpenBSD, Solaris): what psutil knows, for want of our own reader.

psutil does not say which adapters are hardware, so those whose names are of software are
left out, and what an adapter shows counts as its address. It knows no serial numbers.
"""

from __future__ import annotations

import sys

from hwlock.errors import UnsupportedError

from .reading import Reading

__all__ = ["read"]

_SOFTWARE = ("lo", "tap", "tun", "bridge", "vlan", "wg", "epair", "lagg", "vnet", "ipfw", "pflog")


def read() -> Reading:
    """Look at this machine; UnsupportedError where psutil does not know the system."""
    try:
        import psutil
    except (ImportError, NotImplementedError) as exc:
        detail = "the package psutil is missing or does not know this system"
        raise UnsupportedError("HWL-HOST-SYSTEM", system=sys.platform, detail=detail) from exc
    from .tree import Tree

    reading = Reading()
    reading.memory(psutil.virtual_memory().total)
    reading.serial("machine-id", "machine-id", Tree("/").text("etc/hostid"))
    for name, addresses in sorted(psutil.net_if_addrs().items()):
        if name.startswith(_SOFTWARE):
            reading.leave("HWL-HOST-SOFTWARE", name)
            continue
        for address in addresses:
            if address.family == psutil.AF_LINK:
                reading.mac(f"network adapter {name}", _address(address.address))
    return reading


def _address(text: str) -> bytes:
    digits = text.replace(":", "").replace("-", "")
    try:
        return bytes.fromhex(digits)
    except ValueError:
        return b""
