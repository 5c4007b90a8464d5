"""Files of a Linux system under a root, read in one way for root and for everybody.

A file that not everybody may read is as absent: root must get the same fingerprint as the
users that it installs for. What the kernel cannot answer (no such attribute, the device is
going away) is absent too; a fingerprint has tolerance for that.
"""

from __future__ import annotations

import os

__all__ = ["Tree"]

_FLAGS = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOCTTY", 0)
_NONBLOCK = getattr(os, "O_NONBLOCK", 0)  # a FIFO in a foreign tree must not hold us


class Tree:
    """A file system seen through `root`; paths are given without a leading slash."""

    def __init__(self, root: str = "/") -> None:
        self.root = root if root.endswith("/") else root + "/"

    def read(self, path: str, max_bytes: int = 4096) -> bytes:
        """Return up to `max_bytes` from the beginning; empty where there is nothing for all."""
        try:
            file = os.open(self.root + path, _FLAGS | _NONBLOCK)
        except OSError:
            return b""
        try:
            if not os.fstat(file).st_mode & 0o004:
                return b""
            return os.read(file, max_bytes)
        except OSError:
            return b""
        finally:
            os.close(file)

    def text(self, path: str) -> str:
        """Return a short file as text, without white space and zero bytes around it."""
        return self.read(path).decode("ascii", "replace").strip(" \t\r\n\0")

    def names(self, path: str) -> list[str]:
        """Return what a folder holds, sorted; nothing where not everybody may look."""
        try:
            if os.stat(self.root + path).st_mode & 0o005 != 0o005:
                return []
            return sorted(os.listdir(self.root + path))
        except OSError:
            return []

    def link(self, path: str) -> str:
        """Return where a symbolic link points, as written; empty where it is none."""
        try:
            return os.readlink(self.root + path)
        except OSError:
            return ""

    def has(self, path: str) -> bool:
        """Tell whether there is such a file, whoever may read it."""
        return os.path.lexists(self.root + path)

    def unplugs(self, device: str) -> bool:
        """Tell whether something on the way to a device can be unplugged (Thunderbolt).

        `device` is a link of sysfs as written, "../../devices/pci0000:00/…".
        """
        parts = device.lstrip("./").split("/")
        return any(
            self.text(f"sys/{'/'.join(parts[: end + 1])}/removable") == "removable"
            for end in range(2, len(parts))
            if ":" in parts[end]
        )
