"""What every operating system does alike with files that are open."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .disk import Handle

__all__ = ["Descriptors"]


class Descriptors:
    """The part of a Disk that works on descriptors of files."""

    def names(self, at: Handle, limit: int) -> list[str]:
        """List up to `limit` names."""
        found: list[str] = []
        with os.scandir(at) as entries:
            for entry in entries:
                if len(found) == limit:
                    break
                found.append(entry.name)
        return found

    def stat(self, file: int) -> os.stat_result:
        """Say what the open file is."""
        return os.fstat(file)

    def read(self, file: int, count: int) -> bytes:
        """Read up to `count` bytes."""
        return os.read(file, count)

    def write(self, file: int, data: memoryview) -> int:
        """Write some of `data`."""
        return os.write(file, data)

    def sync(self, file: int) -> None:
        """Wait until the content of the file is on the disk."""
        os.fsync(file)

    def close(self, file: int) -> None:
        """Close the descriptor."""
        os.close(file)
