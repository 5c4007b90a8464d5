"""Every file under a folder, and what it holds: for the manifest of an application's files."""

from __future__ import annotations

import mmap
import os
import stat

from hwlock.crypto import sha2
from hwlock.errors import StoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["digest_of", "walk"]

_FLAGS = ("O_NOFOLLOW", "O_BINARY", "O_CLOEXEC", "O_NONBLOCK")
_OPEN = os.O_RDONLY | sum(getattr(os, flag, 0) for flag in _FLAGS)


def walk(folder: str) -> Iterator[str]:
    """Yield every file under `folder`, links among them, as a path with `/`; StoreError."""

    def refuse(error: OSError) -> None:
        path, detail = error.filename or folder, error.strerror or str(error)
        raise StoreError("HWL-FILES-FOLDER", path=path, detail=detail) from error

    for root, folders, names in os.walk(folder, onerror=refuse):
        links = [name for name in folders if os.path.islink(os.path.join(root, name))]
        for name in (*names, *links):
            yield os.path.relpath(os.path.join(root, name), folder).replace(os.sep, "/")


def digest_of(folder: str, path: str) -> bytes | None:
    """Return the SHA-256 of a file of `walk`; None where it is no plain file or not readable."""
    try:
        descriptor = os.open(os.path.join(folder, *path.split("/")), _OPEN)
    except OSError:
        return None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return None
        if status.st_size == 0:
            return sha2.sha256(b"")
        with mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ) as content:
            return sha2.sha256(content)
    except OSError:
        return None
    finally:
        os.close(descriptor)
