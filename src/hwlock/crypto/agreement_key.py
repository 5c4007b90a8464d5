"""The public keys with which a card agrees on secrets: P-256 and X25519."""

from __future__ import annotations

from hwlock.codec import cbor
from hwlock.codec.fields import Fields
from hwlock.crypto.keys import VerificationKey
from hwlock.errors import BadKey
from hwlock.record import Record

__all__ = ["P256_BYTES", "X25519_BYTES", "AgreementKey"]

P256_BYTES, X25519_BYTES = 64, 32
_KTY, _CRV, _X = 1, -1, -2
_EC2, _OKP, _X25519 = 2, 1, 4


class AgreementKey(Record):
    """A public key for ECDH: `raw` is x‖y of P-256 (64 bytes), or of X25519 (32 bytes).

    Any 32 bytes are a key of X25519 (RFC 7748 section 5): what is agreed with a bad one, is
    seen when a secret is encrypted to it.
    """

    raw: bytes

    def cose_key(self) -> dict[int | str, cbor.Value]:
        """Return the COSE_Key (RFC 9053 section 7)."""
        if len(self.raw) == X25519_BYTES:
            return {_KTY: _OKP, _CRV: _X25519, _X: self.raw}
        return VerificationKey(self.raw).cose_key()

    @classmethod
    def parse(cls, fields: Fields) -> AgreementKey:
        """Read a COSE_Key of P-256 or X25519; FormatError, BadKey."""
        if fields.peek(_KTY) == _EC2:
            return cls(raw=VerificationKey.parse(fields).raw)
        if (fields.uint(_KTY, "kty"), fields.uint(_CRV, "crv")) != (_OKP, _X25519):
            raise BadKey("HWL-KEY-CURVE")
        key = cls(raw=fields.bytes(_X, "x", size=X25519_BYTES))
        fields.done()
        return key
