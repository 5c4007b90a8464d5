"""What the operating system says, as one of our errors: the only place where that happens."""

from __future__ import annotations

import errno

from hwlock.errors import StoreError

from .names import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["CODES", "Telling", "failure"]

# errno → code; all that is not here is HWL-STORE-OS with the system's own sentence
CODES: dict[int, str] = {
    errno.ELOOP: "HWL-STORE-LINK",
    errno.EMLINK: "HWL-STORE-LINK",  # what FreeBSD says of a link where O_NOFOLLOW was asked
    errno.ENOTDIR: "HWL-STORE-KIND",
    errno.EISDIR: "HWL-STORE-KIND",
    errno.ENXIO: "HWL-STORE-KIND",  # a socket, or a device that nobody serves
    errno.ENODEV: "HWL-STORE-KIND",
    errno.EACCES: "HWL-STORE-DENIED",
    errno.EPERM: "HWL-STORE-DENIED",
    errno.EROFS: "HWL-STORE-READONLY",
    errno.ENOSPC: "HWL-STORE-FULL",
    errno.EDQUOT: "HWL-STORE-FULL",
    errno.EFBIG: "HWL-STORE-FULL",
    errno.ENOENT: "HWL-STORE-GONE",
    errno.ESTALE: "HWL-STORE-GONE",
    errno.EIO: "HWL-STORE-BROKEN",
}


def failure(exc: OSError, path: str) -> StoreError:
    """Return the StoreError that stands for `exc`, met at `path`."""
    number = exc.errno or 0
    reason = shown(exc.strerror or f"error {number}")
    return StoreError(CODES.get(number, "HWL-STORE-OS"), path=shown(path), reason=reason)


class Telling:
    """A block whose OSErrors leave it as StoreErrors about `path`."""

    __slots__ = ("_path",)

    def __init__(self, path: str) -> None:
        self._path = path

    def __enter__(self) -> None:
        """Begin the block."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(exc, OSError):
            raise failure(exc, self._path) from exc
