"""The digest of one component of a machine, as a license carries it.

    HMAC-SHA-256(key = salt, "hwlock component v1" ‖ 0 ‖ kind ‖ 0 ‖ value)

`salt` has 16 bytes and comes from the activation key and the product, so digests of one machine
under two entitlements cannot be linked. A kind holds no zero byte, so kind and value cannot be
shifted into each other. Serial numbers have little entropy: whoever holds a license and
suspects a value can confirm it; the digest hides values from people who do not guess them.
"""

from __future__ import annotations

from hwlock._native import ffi, lib
from hwlock.crypto._buffer import fixed, view
from hwlock.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["DIGEST_BYTES", "SALT_BYTES", "digest"]

SALT_BYTES = 16
DIGEST_BYTES = 32

_OUT = ffi.typeof("uint8_t[32]")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")


def digest(salt: Buffer, kind: str, value: Buffer) -> bytes:
    """Return the 32-byte digest of a component.

    `salt` has 16 bytes, `kind` is a word of 1 to 64 lower-case letters, digits and "-",
    `value` has 1 to 256 bytes; UsageError otherwise.
    """
    if not 1 <= len(kind) <= 64 or not _LETTERS.issuperset(kind):
        raise UsageError("HWL-FINGERPRINT-KIND", kind=kind[:64])
    key, word, seen, out = (
        fixed(salt, "salt", 16),
        kind.encode(),
        view(value, "value"),
        ffi.new(_OUT),
    )
    if lib.hwlock_fingerprint_digest(out, key, word, len(word), seen, len(seen)) != lib.HWLOCK_OK:
        raise UsageError("HWL-FINGERPRINT-VALUE", kind=kind, length=len(seen))
    return bytes(ffi.buffer(out))
