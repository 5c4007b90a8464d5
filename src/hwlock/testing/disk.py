"""A real disk that tells of each step before it happens, so that a test can stop it there.

Give `SteppedDisk` a function: it may count, record, raise an OSError (a full disk), or end
the process (a crash). Steps are what changes the disk or makes a change last; reading is
none. A `write` takes half of what it is given, so that a crash can fall inside a file.
"""

from __future__ import annotations

import os

from hwlock.record import Record
from hwlock.store.disk import RealDisk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hwlock.store.disk import Handle

__all__ = ["Step", "SteppedDisk"]

_LEAST_PIECE_BYTES = 64


class Step(Record):
    """One step: `what` names the method of Disk, `folder` is a path, `name` stands in it.

    `number` counts from 1. `new` is the new name of a rename, `data` what is written.
    """

    number: int
    what: str
    folder: str
    name: str = ""
    new: str = ""
    data: bytes = b""


class SteppedDisk(RealDisk):
    """The real disk, calling `before` with each Step."""

    def __init__(self, before: Callable[[Step], None]) -> None:
        self._before = before
        self._number = 0
        self._folders: dict[Handle, str] = {}
        self._files: dict[int, tuple[str, str]] = {}

    def open_folder(self, at: Handle | None, name: str) -> Handle:
        """Open, and remember which folder it is."""
        handle = super().open_folder(at, name)
        self._folders[handle] = os.path.normpath(os.path.join(self._folders.get(at, ""), name))
        return handle

    def make_folder(self, at: Handle | None, name: str, mode: int) -> None:
        """Step: make a folder."""
        folder, name_in_it = os.path.split(os.path.join(self._folders.get(at, ""), name))
        self._step("make_folder", folder, name_in_it)
        super().make_folder(at, name, mode)

    def sync_folder(self, at: Handle) -> None:
        """Step: make the names last."""
        self._step("sync_folder", self._folders[at])
        super().sync_folder(at)

    def create(self, at: Handle, name: str, mode: int) -> int:
        """Step: make a file."""
        self._step("create", self._folders[at], name)
        return self._remember(super().create(at, name, mode), at, name)

    def open_lock(self, at: Handle, name: str) -> int:
        """Step: make the lock file, or open it."""
        self._step("open_lock", self._folders[at], name)
        return self._remember(super().open_lock(at, name), at, name)

    def write(self, file: int, data: memoryview) -> int:
        """Step: write the first half of `data`."""
        piece = data[: max(_LEAST_PIECE_BYTES, len(data) // 2)]
        self._step("write", *self._files[file], data=bytes(piece))
        return super().write(file, piece)

    def sync(self, file: int) -> None:
        """Step: make the content last."""
        self._step("sync", *self._files[file])
        super().sync(file)

    def rename(self, at: Handle, old: str, new: str) -> None:
        """Step: rename."""
        self._step("rename", self._folders[at], old, new=new)
        super().rename(at, old, new)

    def unlink(self, at: Handle, name: str) -> None:
        """Step: remove a name."""
        self._step("unlink", self._folders[at], name)
        super().unlink(at, name)

    def _remember(self, file: int, at: Handle, name: str) -> int:
        self._files[file] = (self._folders[at], name)
        return file

    def _step(
        self, what: str, folder: str, name: str = "", new: str = "", data: bytes = b""
    ) -> None:
        self._number += 1
        self._before(
            Step(number=self._number, what=what, folder=folder, name=name, new=new, data=data)
        )
