"""Which program holds a card alone? Linux tells; elsewhere nobody does.

PC/SC does not say who has a card. What can be seen is which programs use PC/SC (they have
its library in memory) or GnuPG's daemon, which talks to readers itself. Processes of other
users cannot be looked into: those are passed over.
"""

from __future__ import annotations

import os
import sys

__all__ = ["of_cards", "programs"]

_LIBRARY = b"/libpcsclite"
_DAEMONS = ("scdaemon",)
_OWN_PARTS = ("pcscd",)
_MAX_MAPS_BYTES = 1 << 20
_MAX_NAMED = 3


def of_cards() -> str:
    """Return the programs that may hold a card, for a sentence: "scdaemon (process 812)"."""
    found = programs() if sys.platform == "linux" else ()
    return " or ".join(found[:_MAX_NAMED]) or "another program"


def programs(proc: str = "/proc") -> tuple[str, ...]:
    """Return the programs other than this one that use PC/SC, those of `proc`."""
    found = []
    for entry in sorted(filter(str.isdecimal, os.listdir(proc)), key=int):
        if int(entry) == os.getpid():
            continue
        name = _read(f"{proc}/{entry}/comm").decode(errors="replace").strip()
        if name in _OWN_PARTS:
            continue
        if name in _DAEMONS or _LIBRARY in _read(f"{proc}/{entry}/maps"):
            found.append(f"{name} (process {entry})")
    return tuple(found)


def _read(path: str) -> bytes:
    """Return the beginning of a file; nothing where it is another user's, or ended."""
    try:
        with open(path, "rb") as file:
            return file.read(_MAX_MAPS_BYTES)
    except OSError:
        return b""
