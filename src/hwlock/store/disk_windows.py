"""Windows: everything by paths, with the same refusals.

What differs, and why: there are no descriptors of folders, so a folder can be swapped
between two calls by whoever may write its parent; there are no user ids and modes, the
access list of the store's folder is what protects it (docs/store.md); a file that somebody
has open cannot be replaced for that moment, so replacing is tried again for a short time;
folders cannot be synced, NTFS writes its journal of names by itself.
"""

from __future__ import annotations

import errno
import os
import stat
import time

from .descriptors import Descriptors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection

__all__ = ["WindowsDisk"]

_BINARY = getattr(os, "O_BINARY", 0)
_REPARSE_POINT = 0x400  # FILE_ATTRIBUTE_REPARSE_POINT: links, junctions, mount points
_REPLACE_WITHIN_S = 2.0
_LOCK_AT = 1 << 30  # beyond the text of the holder, which others must be able to read


class WindowsDisk(Descriptors):
    """The real disk. A handle of a folder is its path."""

    def owners(self) -> Collection[int] | None:
        """Files have no numeric owner here."""
        return None

    def open_folder(self, at: str | None, name: str) -> str:
        """Check that `name` is a folder and no link or junction."""
        path = _join(at, name)
        if not stat.S_ISDIR(self._real(path).st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
        return path

    def make_folder(self, at: str | None, name: str, mode: int) -> None:
        """Make the folder; it inherits the access list of its parent."""
        os.mkdir(_join(at, name), mode)

    def close_folder(self, at: str) -> None:
        """Nothing is open."""

    def stat_folder(self, at: str) -> os.stat_result:
        """Say what the folder is."""
        return os.lstat(at)

    def sync_folder(self, at: str) -> None:
        """There is nothing to call."""

    def stat_name(self, at: str | None, name: str) -> os.stat_result:
        """Say what stands under `name` itself."""
        return os.lstat(_join(at, name))

    def open_read(self, at: str, name: str) -> int:
        """Open for reading; what was opened must be what was looked at."""
        return self._open(_join(at, name), os.O_RDONLY)

    def create(self, at: str, name: str, mode: int) -> int:
        """Make a new file."""
        return os.open(_join(at, name), os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, mode)

    def open_lock(self, at: str, name: str) -> int:
        """Open or make the lock file."""
        path = _join(at, name)
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600))
        except FileExistsError:
            pass  # the usual case: it is there from the last time
        return self._open(path, os.O_RDWR)

    def rename(self, at: str, old: str, new: str) -> None:
        """Replace `new`, waiting for readers of it to finish."""
        _patiently(lambda: os.replace(_join(at, old), _join(at, new)))

    def unlink(self, at: str, name: str) -> None:
        """Remove a name, waiting for readers of it to finish."""
        _patiently(lambda: os.unlink(_join(at, name)))

    def try_lock(self, file: int) -> bool:
        """Lock one byte; the system frees it when we die."""
        return self._locking(file, "LK_NBLCK")

    def unlock(self, file: int) -> None:
        """Give the byte back."""
        self._locking(file, "LK_UNLCK")

    def _locking(self, file: int, how: str) -> bool:
        import msvcrt

        calls = vars(msvcrt)  # its members are there for type checkers on Windows only
        os.lseek(file, _LOCK_AT, os.SEEK_SET)
        try:
            calls["locking"](file, calls[how], 1)
        except OSError as exc:
            if exc.errno not in (errno.EACCES, errno.EDEADLK):
                raise
            return False
        finally:
            os.lseek(file, 0, os.SEEK_SET)
        return True

    def _open(self, path: str, flags: int) -> int:
        seen = self._real(path)
        if not stat.S_ISREG(seen.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        file = os.open(path, flags | _BINARY)
        status = os.fstat(file)
        if (status.st_dev, status.st_ino) != (seen.st_dev, seen.st_ino):
            os.close(file)
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
        return file

    def _real(self, path: str) -> os.stat_result:
        status = os.lstat(path)
        reparse = getattr(status, "st_file_attributes", 0) & _REPARSE_POINT
        if stat.S_ISLNK(status.st_mode) or reparse:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
        return status


def _join(at: str | None, name: str) -> str:
    return name if at is None else os.path.join(at, name)


def _patiently(act: Callable[[], None]) -> None:
    end = time.monotonic() + _REPLACE_WITHIN_S
    while True:
        try:
            return act()
        except PermissionError:
            if time.monotonic() >= end:
                raise
            time.sleep(0.01)
