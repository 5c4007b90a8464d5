"""The only module that touches the disk.

Rules, each held for every file and folder of a store:

1. Nothing is reached through a link, and every name is looked up in a folder that is open.
   The path *above* the store is the system's: links in it are followed.
2. What is opened is then examined, never the other way round: a plain file or a folder,
   owned by this user or by root, not writable by group or others, and not too large.
3. A file is replaced whole or not at all: new content goes to a temporary name, is synced,
   gets the real name in one step, and the folder is synced. When `write_atomic` returns, a
   loss of power does not undo it, so writes reach the disk in the order they were made.
4. All writing happens under the lock of the folder. So whoever holds the lock and finds a
   temporary name has found what a dead process left, and removes it.

Where a system lacks owners or descriptors of folders, `disk_windows` says what remains.
"""

from __future__ import annotations

import errno
import os
import stat

from hwlock.errors import StoreError

from .failure import CODES, Telling, failure
from .lock import Lock, write_all
from .names import shown
from .vetting import vet_file, vet_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .disk import Disk, Handle

__all__ = [
    "MAX_BYTES",
    "MAX_NAMES",
    "Folder",
    "make_private_folder",
    "open_folder",
]

MAX_BYTES = 131072  # of any file that a store keeps; an armored license has about 2,000
MAX_NAMES = 4096  # that are looked at in one folder

_TEMPORARY = (".hwlock-", ".tmp")


class Folder:
    """An open folder of a store; a context manager that closes it.

    `path` is for sentences only: nothing is ever looked up by it again. All methods raise
    StoreError.
    """

    __slots__ = ("_disk", "_handle", "path")

    def __init__(self, disk: Disk, handle: Handle, path: str) -> None:
        self._disk = disk
        self._handle = handle
        self.path = path

    def __enter__(self) -> Folder:
        return self

    def __exit__(self, *exc: object) -> None:
        self._disk.close_folder(self._handle)

    def sub(self, name: str) -> Folder | None:
        """Open the folder `name` in this one; None where there is none."""
        return _open(self._disk, self._handle, name, self.path_of(name))

    def make(self, name: str, mode: int) -> Folder:
        """Open the folder `name` in this one, made with `mode` where it was missing."""
        return _make(self._disk, self._handle, name, self.path_of(name), mode)

    def names(self) -> list[str]:
        """List the names in this folder, sorted; StoreError beyond MAX_NAMES."""
        with Telling(self.path):
            found = self._disk.names(self._handle, MAX_NAMES + 1)
        if len(found) > MAX_NAMES:
            raise StoreError("HWL-STORE-MANY", path=shown(self.path), limit=MAX_NAMES)
        return sorted(found)

    def has(self, name: str) -> bool:
        """Tell whether anything at all stands under `name`."""
        with Telling(self.path_of(name)):
            try:
                self._disk.stat_name(self._handle, name)
            except FileNotFoundError:
                return False
        return True

    def is_plain_file(self, name: str) -> bool:
        """Tell whether a plain file stands under `name`."""
        with Telling(self.path_of(name)):
            try:
                return stat.S_ISREG(self._disk.stat_name(self._handle, name).st_mode)
            except FileNotFoundError:
                return False

    def read(self, name: str, *, max_bytes: int = MAX_BYTES) -> bytes | None:
        """Return the content of the file `name`; None where there is none."""
        path = self.path_of(name)
        with Telling(path):
            try:
                file = self._disk.open_read(self._handle, name)
            except FileNotFoundError:
                return None
            try:
                status = self._disk.stat(file)
                vet_file(status, path, self._disk.owners())
                return self._content(file, path, max_bytes, status.st_size)
            finally:
                self._disk.close(file)

    def write_atomic(self, name: str, data: bytes, *, mode: int) -> None:
        """Make `data` the content of `name`: all of it, or nothing happened."""
        path = self.path_of(name)
        if len(data) > MAX_BYTES:
            raise StoreError("HWL-STORE-SIZE", path=shown(path), max_bytes=MAX_BYTES)
        temporary = os.urandom(8).hex().join(_TEMPORARY)
        with Telling(path):
            file = self._disk.create(self._handle, temporary, mode)
            try:
                self._fill(file, data)
                self._disk.rename(self._handle, temporary, name)
            except BaseException:
                self._discard(temporary)
                raise
            self._disk.sync_folder(self._handle)

    def remove(self, name: str) -> bool:
        """Remove the name; tell whether it was there."""
        with Telling(self.path_of(name)):
            try:
                self._disk.unlink(self._handle, name)
            except FileNotFoundError:
                return False
            self._disk.sync_folder(self._handle)
        return True

    def rename(self, old: str, new: str) -> bool:
        """Give `old` the name `new`; tell whether it was there."""
        with Telling(self.path_of(old)):
            try:
                self._disk.rename(self._handle, old, new)
            except FileNotFoundError:
                return False
            self._disk.sync_folder(self._handle)
        return True

    def tidy(self) -> None:
        """Remove what dead processes left; only for the holder of the lock."""
        for name in self.names():
            if name.startswith(_TEMPORARY[0]) and name.endswith(_TEMPORARY[1]):
                self.remove(name)

    def lock(self, name: str, *, within_s: float) -> Lock:
        """Return the lock that the file `name` stands for; entering it waits `within_s`."""
        return Lock(self._disk, self._handle, name, self.path_of(name), within_s)

    def path_of(self, name: str) -> str:
        """Return the path of `name`, for sentences."""
        return self.path if name == "." else os.path.join(self.path, name)

    def _content(self, file: int, path: str, max_bytes: int, size: int) -> bytes:
        pieces: list[bytes] = []
        left = max_bytes + 1  # one more: a file that grows while it is read must not pass
        while size <= max_bytes and left > 0:
            piece = self._disk.read(file, left)
            if not piece:
                return b"".join(pieces)
            pieces.append(piece)
            left -= len(piece)
        raise StoreError("HWL-STORE-SIZE", path=shown(path), max_bytes=max_bytes)

    def _fill(self, file: int, data: bytes) -> None:
        try:
            write_all(self._disk, file, data)
            self._disk.sync(file)
        finally:
            self._disk.close(file)

    def _discard(self, temporary: str) -> None:
        try:
            self._disk.unlink(self._handle, temporary)
        except OSError:
            pass  # the first failure is the one to tell; `tidy` comes again


def open_folder(path: str, *, disk: Disk) -> Folder | None:
    """Open the folder at `path`, refusing a link and a foreign owner; None if it is missing."""
    return _open(disk, None, path, path)


def make_private_folder(path: str, *, mode: int, disk: Disk) -> Folder:
    """Open the folder at `path`, made with `mode` where it was missing.

    Folders above it that are missing are made likewise: for a user's store with 0700, as
    the XDG base directory specification asks.
    """
    above = os.path.dirname(path)
    if above != path and not os.path.isdir(above):
        make_private_folder(above, mode=mode, disk=disk).__exit__()
    return _make(disk, None, path, path, mode)


def _open(disk: Disk, at: Handle | None, name: str, path: str) -> Folder | None:
    try:
        handle = disk.open_folder(at, name)
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise _folder_failure(disk, at, name, path, exc) from exc
    try:
        with Telling(path):
            vet_folder(disk.stat_folder(handle), path, disk.owners())
    except BaseException:
        disk.close_folder(handle)
        raise
    return Folder(disk, handle, path)


def _make(disk: Disk, at: Handle | None, name: str, path: str, mode: int) -> Folder:
    folder = _open(disk, at, name, path)
    if folder is not None:
        return folder
    with Telling(path):
        try:
            disk.make_folder(at, name, mode)
        except FileExistsError:
            pass  # another process was faster; whose it is, the opening finds out
        _sync_above(disk, at, path)
    folder = _open(disk, at, name, path)
    if folder is None:
        raise StoreError("HWL-STORE-GONE", path=shown(path))
    return folder


def _sync_above(disk: Disk, at: Handle | None, path: str) -> None:
    if at is not None:
        return disk.sync_folder(at)
    above = disk.open_folder(None, os.path.realpath(os.path.dirname(path)))
    try:
        disk.sync_folder(above)
    finally:
        disk.close_folder(above)


def _folder_failure(
    disk: Disk, at: Handle | None, name: str, path: str, exc: OSError
) -> StoreError:
    """Tell a link from a file: opening either as a folder gives ENOTDIR on Linux."""
    if CODES.get(exc.errno or 0) == "HWL-STORE-KIND":
        with Telling(path):
            linked = stat.S_ISLNK(disk.stat_name(at, name).st_mode)
        if linked:
            exc = OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    return failure(exc, path)
