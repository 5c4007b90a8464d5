"""The seam to the disk: every step that changes or reads it, one method each.

The rules stand in `files`; here is only what an operating system does. Tests put another
`Disk` in its place, to record each step, to fail it, or to die at it (hwlock.testing.disk).
All names are looked up inside a folder that is already open, so that nobody can swap a
folder between a check and its use; where the system cannot do that (Windows), its Disk
says so. Methods raise OSError, which `files` turns into StoreError.
"""

from __future__ import annotations

import sys

if sys.platform == "win32":
    from .disk_windows import WindowsDisk as RealDisk
else:
    from .disk_posix import PosixDisk as RealDisk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from os import stat_result
    from typing import Any, Protocol

    Handle = Any  # of an open folder: a descriptor, or where there is none a path
else:
    Protocol = object

__all__ = ["Disk", "RealDisk"]


class Disk(Protocol):
    """What `files` asks of an operating system."""

    def owners(self) -> Collection[int] | None:
        """Return the user ids whose files we believe; None where files have no such id."""

    def open_folder(self, at: Handle | None, name: str) -> Handle:
        """Open the folder `name` in `at` (None: `name` is a path); never through a link."""

    def make_folder(self, at: Handle | None, name: str, mode: int) -> None:
        """Make the folder `name` with exactly `mode`; FileExistsError."""

    def close_folder(self, at: Handle) -> None:
        """Let go of an open folder."""

    def stat_folder(self, at: Handle) -> stat_result:
        """Say what the open folder is."""

    def sync_folder(self, at: Handle) -> None:
        """Wait until the names in the folder are on the disk, where the system can."""

    def names(self, at: Handle, limit: int) -> list[str]:
        """List up to `limit` names in the folder, in no order."""

    def stat_name(self, at: Handle | None, name: str) -> stat_result:
        """Say what stands under `name`, itself and not where a link leads."""

    def open_read(self, at: Handle, name: str) -> int:
        """Open a file for reading without waiting for anybody and through no link."""

    def create(self, at: Handle, name: str, mode: int) -> int:
        """Make a new file with exactly `mode`, open for writing; FileExistsError."""

    def open_lock(self, at: Handle, name: str) -> int:
        """Open the lock file for reading and writing; make it, private, where it is missing."""

    def stat(self, file: int) -> stat_result:
        """Say what the open file is."""

    def read(self, file: int, count: int) -> bytes:
        """Read up to `count` bytes; b"" at the end."""

    def write(self, file: int, data: memoryview) -> int:
        """Write some of `data`; return how many bytes."""

    def sync(self, file: int) -> None:
        """Wait until the content of the file is on the disk."""

    def close(self, file: int) -> None:
        """Close an open file."""

    def rename(self, at: Handle, old: str, new: str) -> None:
        """Give `old` the name `new` in one step; what was called `new` is gone."""

    def unlink(self, at: Handle, name: str) -> None:
        """Remove a name; FileNotFoundError."""

    def try_lock(self, file: int) -> bool:
        """Take the lock of an open lock file if it is free; it dies with the process."""

    def unlock(self, file: int) -> None:
        """Give the lock back."""
