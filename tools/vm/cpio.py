"""Write an initramfs: a cpio archive of the "newc" format (linux: driver-api/early-userspace)."""

from __future__ import annotations

import stat

__all__ = ["archive"]

_MAGIC = "070701"


def archive(files: dict[str, tuple[int, bytes]]) -> bytes:
    """Return the archive of `files`: path → (mode, content; the target of a link).

    Folders on the way are added by themselves.
    """
    entries: dict[str, tuple[int, bytes]] = {}
    for path, entry in files.items():
        parts = path.split("/")
        for depth in range(1, len(parts)):
            entries.setdefault("/".join(parts[:depth]), (stat.S_IFDIR | 0o755, b""))
        entries[path] = entry
    records = [
        _record(path, mode, content, number)
        for number, (path, (mode, content)) in enumerate(entries.items(), 1)
    ]
    return b"".join(records) + _record("TRAILER!!!", 0, b"", 0)


def _record(path: str, mode: int, content: bytes, number: int) -> bytes:
    name = path.encode() + b"\0"
    links = 2 if stat.S_ISDIR(mode) else 1
    fields = (number, mode, 0, 0, links, 0, len(content), 0, 0, 0, 0, len(name), 0)
    head = _MAGIC.encode() + b"".join(b"%08X" % field for field in fields) + name
    return _aligned(head) + _aligned(content)


def _aligned(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
