"""Comparison and wiping that tell nothing about the bytes by the time they take."""

from __future__ import annotations

from hwlock._native import ffi, lib
from hwlock.crypto._buffer import view
from hwlock.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["equal", "wipe"]


def equal(a: Buffer, b: Buffer) -> bool:
    """Tell whether `a` and `b` hold the same bytes; their lengths are public."""
    x, y = view(a, "first value"), view(b, "second value")
    return len(x) == len(y) and lib.hwlock_equal(x, y, len(x)) == 1


def wipe(memory: bytearray | memoryview) -> None:
    """Overwrite `memory` with zeros; UsageError where it is read-only or has gaps.

    Copies that the interpreter made before are out of reach.
    """
    try:
        seen = ffi.from_buffer("uint8_t[]", memory, require_writable=True)
    except (TypeError, BufferError, ValueError) as exc:
        kind = type(memory).__name__
        raise UsageError("HWL-CRYPTO-READONLY", kind=kind) from exc
    lib.hwlock_wipe(seen, len(seen))
