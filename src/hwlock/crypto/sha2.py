"""SHA-256 and SHA-512 (FIPS 180-4) of the compiled core."""

from __future__ import annotations

from hwlock._native import ffi, lib
from hwlock.crypto._buffer import view

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["sha256", "sha512"]

_new, _bytes = ffi.new, ffi.buffer
_OUT32 = ffi.typeof("uint8_t[32]")
_OUT64 = ffi.typeof("uint8_t[64]")


def sha256(data: Buffer) -> bytes:
    """Return the SHA-256 digest of `data`, 32 bytes."""
    seen, digest = view(data, "data"), _new(_OUT32)
    lib.hwlock_sha256(digest, seen, len(seen))
    return bytes(_bytes(digest))


def sha512(data: Buffer) -> bytes:
    """Return the SHA-512 digest of `data`, 64 bytes."""
    seen, digest = view(data, "data"), _new(_OUT64)
    lib.hwlock_sha512(digest, seen, len(seen))
    return bytes(_bytes(digest))
