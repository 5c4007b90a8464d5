"""HMAC-SHA-256 (RFC 2104, FIPS 198-1) of the compiled core."""

from __future__ import annotations

from hwlock._native import ffi, lib
from hwlock.crypto._buffer import view
from hwlock.crypto.constant import equal
from hwlock.errors import BadSignature

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["sha256", "verify"]

_OUT = ffi.typeof("char[32]")  # as in sha2


def sha256(key: Buffer, data: Buffer) -> bytes:
    """Return the tag of `data` under `key` (any length), 32 bytes."""
    secret, seen, tag = view(key, "key"), view(data, "data"), ffi.new(_OUT)
    lib.hwlock_hmac_sha256(tag, secret, len(secret), seen, len(seen))
    return bytes(ffi.unpack(tag, 32))


def verify(key: Buffer, data: Buffer, tag: Buffer) -> None:
    """Verify the whole 32-byte `tag`, in constant time; BadSignature where it is another."""
    if not equal(sha256(key, data), tag):
        raise BadSignature("HWL-TAG-BAD")
