"""One writer at a time, between processes and threads; the holder is named to those who wait."""

from __future__ import annotations

import os
import sys
import time

from hwlock.errors import StoreError

from .failure import Telling
from .names import shown
from .vetting import vet_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

    from .disk import Disk, Handle

__all__ = ["Lock", "write_all"]

_HOLDER_BYTES = 96
_LONGEST_PAUSE_S = 0.02


class Lock:
    """A lock between processes and threads, held while the block runs.

    It belongs to this opening of the file: a second one waits, in this process too. When
    its holder dies, however it dies, the system frees it. The text in the file names the
    holder, for the sentence that others see.
    """

    __slots__ = ("_at", "_disk", "_file", "_name", "_path", "_within_s")

    def __init__(self, disk: Disk, at: Handle, name: str, path: str, within_s: float) -> None:
        self._disk = disk
        self._at = at
        self._name = name
        self._path = path
        self._within_s = within_s
        self._file = -1

    def __enter__(self) -> Lock:
        with Telling(self._path):
            self._file = self._acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        file, self._file = self._file, -1
        with Telling(self._path):
            try:
                self._disk.unlock(file)
            finally:
                self._disk.close(file)

    def _acquire(self) -> int:
        end = time.monotonic() + self._within_s
        pause = 0.001
        while True:
            file = self._disk.open_lock(self._at, self._name)
            if self._try(file, last=time.monotonic() >= end):
                return file
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)

    def _try(self, file: int, *, last: bool) -> bool:
        """Take the lock and keep `file` open, or close it; StoreError at the last try."""
        taken = False
        try:
            vet_file(self._disk.stat(file), self._path, self._disk.owners())
            # A lock whose file was removed meanwhile guards nothing: others make a new one.
            taken = self._disk.try_lock(file) and self._vet_alone(file)
            if taken:
                write_all(self._disk, file, _holder())
            elif last:
                raise self._held(file)
        except BaseException:
            taken = False
            raise
        finally:
            if not taken:
                self._disk.close(file)
        return taken

    def _vet_alone(self, file: int) -> bool:
        """Refuse a lock file with a second name: the holder's text would go into both."""
        links = self._disk.stat(file).st_nlink
        if links > 1:
            raise StoreError("HWL-STORE-KIND", path=shown(self._path), reason="it has two names")
        return links == 1

    def _held(self, file: int) -> StoreError:
        text = self._disk.read(file, _HOLDER_BYTES).decode("utf-8", "replace").strip()
        return StoreError(
            "HWL-STORE-LOCKED",
            path=shown(os.path.dirname(self._path)),
            holder=shown(text) or "another process",
            within_s=f"{self._within_s:g}",
        )


def write_all(disk: Disk, file: int, data: bytes) -> None:
    """Write all of `data`, in as many pieces as the system wants."""
    left = memoryview(data)
    while left:
        left = left[disk.write(file, left) :]


def _holder() -> bytes:
    """Return the text of the holder, always the same length, so that it hides the last one."""
    program = os.path.basename(sys.argv[0] if sys.argv else "") or "python"
    text = f"process {os.getpid()} ({shown(program)})".encode()
    return text[: _HOLDER_BYTES - 1].ljust(_HOLDER_BYTES - 1) + b"\n"
