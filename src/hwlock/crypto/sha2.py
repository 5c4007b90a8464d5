"""SHA-256 and SHA-512 (FIPS 180-4) of the compiled core."""

from __future__ import annotations

from hwlock._native import ffi, lib
from hwlock.crypto._buffer import address, view

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from typing_extensions import Buffer

__all__ = ["sha256", "sha256_many", "sha512"]

_new, _bytes = ffi.new, ffi.buffer
_OUT32 = ffi.typeof("uint8_t[32]")
_OUT64 = ffi.typeof("uint8_t[64]")
_ITEMS = ffi.typeof("hwlock_hashed[]")


def sha256(data: Buffer) -> bytes:
    """Return the SHA-256 digest of `data`, 32 bytes."""
    seen, digest = view(data, "data"), _new(_OUT32)
    lib.hwlock_sha256(digest, seen, len(seen))
    return bytes(_bytes(digest))


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
    seen, digest = view(data, "data"), _new(_OUT64)
    lib.hwlock_sha512(digest, seen, len(seen))
    return bytes(_bytes(digest))
