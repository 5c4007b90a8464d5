"""The public keys that an anchor can have: those of files, and RSA, which some cards need."""

from __future__ import annotations

from hwlock.codec import cbor
from hwlock.codec.fields import Fields
from hwlock.crypto import sha2
from hwlock.crypto.keys import KID_BYTES, VerificationKey
from hwlock.errors import BadKey

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from hwlock.crypto.rsa import RsaKey

    AnchorKey: TypeAlias = VerificationKey | RsaKey

__all__ = ["key_name", "parse_key"]

_KTY, _N, _E, _RSA = 1, -1, -2, 3


def parse_key(fields: Fields) -> AnchorKey:
    """Read a COSE_Key: Ed25519, P-256 (RFC 9053 §7) or RSA (RFC 8230 §4); BadKey."""
    if fields.peek(_KTY) != _RSA:
        return VerificationKey.parse(fields)
    from hwlock.crypto.rsa import EXPONENT, RsaKey

    fields.uint(_KTY, "kty")
    if fields.bytes(_E, "e", max_bytes=8) != EXPONENT.to_bytes(3, "big"):
        raise BadKey("HWL-KEY-CURVE")
    key = RsaKey(fields.bytes(_N, "n", min_bytes=1, max_bytes=512))
    fields.done()
    return key


def key_name(key: AnchorKey) -> str:
    """Return what names a key for a person: its kid in hex (RFC 9679, the first 16 bytes)."""
    return sha2.sha256(cbor.encode(key.cose_key()))[:KID_BYTES].hex()
