"""Bytes on their way into the core: any object with a contiguous buffer, never copied.

`bytes` is handed over as it is; bytearray, memoryview, mmap and array go through a view that
also keeps them from being resized while the core reads.
"""

from __future__ import annotations

from hwlock._native import ffi
from hwlock.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Buffer

__all__ = ["address", "fixed", "view"]

_from_buffer = ffi.from_buffer
_BYTES = ffi.typeof("uint8_t[]")


def view(data: Buffer, name: str) -> Any:
    """Return `data` as a function of the core takes it; its `len` is in bytes.

    `name` says what the bytes are, for the error: UsageError where they are no bytes, or
    have gaps.
    """
    if type(data) is bytes:
        return data
    return address(data, name)


def address(data: Buffer, name: str) -> Any:
    """Like `view`, as a pointer that can be stored; valid while the returned object lives."""
    try:
        return _from_buffer(_BYTES, data)
    except TypeError as exc:
        kind = type(data).__name__
        raise UsageError("HWL-CRYPTO-BYTES", name=name, kind=kind) from exc
    except (BufferError, ValueError) as exc:
        raise UsageError("HWL-CRYPTO-GAPS", name=name) from exc


def fixed(data: Buffer, name: str, size: int) -> Any:
    """Like `view`, for something that has `size` bytes; UsageError where it has not."""
    seen = view(data, name)
    if len(seen) != size:
        raise UsageError("HWL-CRYPTO-LENGTH", name=name, expected=size, length=len(seen))
    return seen
