"""Keys as files name them: a public key that knows its algorithm, and whoever signs.

The algorithm belongs to the key: `VerificationKey.open` refuses a file whose header names
another one. A key is named by its *kid*, the first 16 bytes of its COSE Key Thumbprint
(RFC 9679, SHA-256).
"""

from __future__ import annotations

from hwlock.codec import cbor, cose
from hwlock.codec.fields import Fields
from hwlock.crypto import ed25519, sha2
from hwlock.errors import BadKey, UntrustedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from hwlock.crypto import p256
else:
    Protocol = object

__all__ = ["KID_BYTES", "Signer", "SoftwareSigner", "VerificationKey", "sign_file"]

KID_BYTES = 16

# RFC 9053 §7: labels and values of a COSE_Key
_KTY, _CRV, _X, _Y = 1, -1, -2, -3
_OKP, _EC2, _ED25519, _P256 = 1, 2, 6, 1


class VerificationKey:
    """A public key, checked when made: Ed25519 (raw 32 bytes) or P-256 (raw x‖y, 64 bytes).

    Raises BadKey. Two keys are equal when their bytes are.
    """

    __slots__ = ("_native", "alg", "kid", "raw")

    def __init__(self, raw: bytes) -> None:
        self.raw = bytes(raw)
        self._native: ed25519.PublicKey | p256.PublicKey
        if len(self.raw) == 64:
            from hwlock.crypto import p256  # most licenses have no such key

            self.alg = cose.ES256
            self._native = p256.PublicKey(self.raw)
        else:
            self.alg = cose.EDDSA
            self._native = ed25519.PublicKey(self.raw)
        self.kid = sha2.sha256(cbor.encode(self.cose_key()))[:KID_BYTES]

    @classmethod
    def parse(cls, fields: Fields) -> VerificationKey:
        """Read a COSE_Key (RFC 9052 §7): OKP with Ed25519, or EC2 with P-256."""
        kind = (fields.uint(_KTY, "kty"), fields.uint(_CRV, "crv"))
        if kind == (_OKP, _ED25519):
            raw = fields.bytes(_X, "x", size=32)
        elif kind == (_EC2, _P256):
            raw = fields.bytes(_X, "x", size=32) + fields.bytes(_Y, "y", size=32)
        else:
            raise BadKey("HWL-KEY-CURVE")
        fields.done()
        return cls(raw)

    def cose_key(self) -> dict[int | str, cbor.Value]:
        """Return the COSE_Key with its required members only, as the thumbprint wants it."""
        if self.alg == cose.EDDSA:
            return {_KTY: _OKP, _CRV: _ED25519, _X: self.raw}
        return {_KTY: _EC2, _CRV: _P256, _X: self.raw[:32], _Y: self.raw[32:]}

    def verify(self, signature: bytes, message: bytes) -> None:
        """Return if `signature` (64 bytes) is this key's over `message`; BadSignature."""
        self._native.verify(signature, message)

    def open(self, signed: cose.Sign1, *, delegated: bool = False) -> cbor.Value:
        """Verify `signed` and return its decoded payload; UntrustedError, FormatError.

        `delegated` tells that the file must say who allowed this key to sign; others must
        not, so that no file says more than what was verified.
        """
        if signed.header.kid != self.kid:
            raise UntrustedError("HWL-KEY-OTHER", kid=signed.header.kid.hex(), mine=self.kid.hex())
        if signed.header.alg != self.alg:
            raise UntrustedError("HWL-KEY-ALGORITHM", alg=signed.header.alg, mine=self.alg)
        self.verify(signed.signature, signed.to_be_signed)
        if (signed.header.delegation is not None) != delegated:
            raise UntrustedError("HWL-KEY-DELEGATION")
        return cbor.decode(signed.payload)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VerificationKey) and self.raw == other.raw

    def __hash__(self) -> int:
        return hash(self.raw)

    def __repr__(self) -> str:
        return f"VerificationKey({self.kid.hex()})"


class Signer(Protocol):
    """Whoever holds a private key: software, a TPM, a card."""

    @property
    def key(self) -> VerificationKey:
        """The public half."""

    def sign(self, message: bytes) -> bytes:
        """Return the raw signature (64 bytes) over `message`."""


class SoftwareSigner:
    """An Ed25519 private key in memory.

    The `cryptography` package signs; the compiled core only verifies, because what it is
    trusted for is exactly one thing.
    """

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.key = VerificationKey(private.public_key().public_bytes_raw())

    @classmethod
    def from_seed(cls, seed: bytes) -> SoftwareSigner:
        """Make the signer of a 32-byte seed (RFC 8032 §5.1.5)."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature (64 bytes) over `message`."""
        return self._private.sign(message)


def sign_file(
    signer: Signer, typ: str, payload: cbor.Value, delegation: bytes | None = None
) -> bytes:
    """Return the COSE_Sign1 of `payload` as a file of `typ`, by `signer`."""
    header = cose.Header(alg=signer.key.alg, kid=signer.key.kid, typ=typ, delegation=delegation)
    return cose.assemble(header, cbor.encode(payload), signer.sign)
