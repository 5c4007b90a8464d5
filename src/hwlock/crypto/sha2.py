"""SHA-256 and SHA-512 (FIPS 180-4) of the compiled core."""

from __future__ import annotations

from hwlock._native import ffi, lib
from hwlock.crypto._buffer import address, view

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from typing_extensions import Buffer

__all__ = ["sha256", "sha256_many", "sha512"]

_new, _bytes = ffi.new, ffi.buffer
# Of `char`, it makes bytes in one step; of uint8_t, a list
_unpack: Callable[[Any, int], bytes] = ffi.unpack
_OUT32 = ffi.typeof("char[32]")
_OUT64 = ffi.typeof("char[64]")
_sha256, _sha512 = lib.hwlock_sha256, lib.hwlock_sha512
_ITEMS = ffi.typeof("hwlock_hashed[]")


def sha256(data: Buffer) -> bytes:
    """Return the SHA-256 digest of `data`, 32 bytes."""
    seen: Any = data if type(data) is bytes else view(data, "data")
    digest = _new(_OUT32)
    _sha256(digest, seen, len(seen))
    return _unpack(digest, 32)


def sha256_many(buffers: Iterable[Buffer]) -> list[bytes]:
    """Return the SHA-256 digest of each buffer, 32 bytes each.

    Two are hashed side by side: where the processor has SHA instructions, many files take
    little more than half the time that they take one by one.
    """
    seen = [address(data, "data") for data in buffers]
    items = _new(_ITEMS, len(seen))
    for item, data in zip(items, seen, strict=True):
        item.message, item.message_bytes = data, len(data)
    lib.hwlock_sha256_many(items, len(seen))
    return [bytes(_bytes(item.digest)) for item in items]


def sha512(data: Buffer) -> bytes:
    """Return the SHA-512 digest of `data`, 64 bytes."""
    seen: Any = data if type(data) is bytes else view(data, "data")
    digest = _new(_OUT64)
    _sha512(digest, seen, len(seen))
    return _unpack(digest, 64)
