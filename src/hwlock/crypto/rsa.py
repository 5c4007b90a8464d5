"""RSA keys of cards and tokens: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2).

Only for anchors, never for files: some cards can do nothing else. `cryptography` verifies;
the public modulus and the signature are no secrets. Accepted are 2048 to 4096 bits with the
exponent 65537, and no key whose modulus has the fingerprint of ROCA (CVE-2017-15361).
"""

from __future__ import annotations

from hwlock.codec import cbor
from hwlock.errors import BadKey, BadSignature

__all__ = ["EXPONENT", "RsaKey"]

EXPONENT = 65537
_SMALLEST_BITS, _LARGEST_BITS = 2048, 4096
_KTY, _N, _E = 1, -1, -2  # RFC 8230 §4
_RSA = 3

# Primes p for which the powers of 65537 are few among all residues: the modulus of a ROCA key
# is such a power for all of them at once, that of another key once in 2^28 or so.
_ROCA_PRIMES = (11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157)


class RsaKey:
    """A public RSA key, checked when made; `raw` is the modulus, big-endian. BadKey."""

    __slots__ = ("raw",)

    def __init__(self, raw: bytes) -> None:
        modulus = int.from_bytes(raw, "big")
        bits = modulus.bit_length()
        if raw[:1] == b"\0" or modulus % 2 == 0 or not _SMALLEST_BITS <= bits <= _LARGEST_BITS:
            raise BadKey("HWL-KEY-RSA", bits=bits, smallest=_SMALLEST_BITS, largest=_LARGEST_BITS)
        if _is_roca(modulus):
            raise BadKey("HWL-KEY-ROCA")
        self.raw = bytes(raw)

    def cose_key(self) -> dict[int | str, cbor.Value]:
        """Return the COSE_Key (RFC 8230 §4)."""
        return {_KTY: _RSA, _N: self.raw, _E: EXPONENT.to_bytes(3, "big")}

    def verify(self, signature: bytes, message: bytes) -> None:
        """Return if `signature` (as long as the modulus) is this key's over `message`."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
        from cryptography.hazmat.primitives.hashes import SHA256

        key = RSAPublicNumbers(EXPONENT, int.from_bytes(self.raw, "big")).public_key()
        try:
            key.verify(signature, message, PKCS1v15(), SHA256())
        except InvalidSignature as exc:
            raise BadSignature("HWL-SIGNATURE-BAD", algorithm="RSA") from exc

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RsaKey) and self.raw == other.raw

    def __hash__(self) -> int:
        return hash(self.raw)

    def __repr__(self) -> str:
        return f"RsaKey({len(self.raw) * 8} bits)"


def _is_roca(modulus: int) -> bool:
    return all(modulus % prime in _powers(prime) for prime in _ROCA_PRIMES)


def _powers(prime: int) -> set[int]:
    powers, power = set(), 1
    while power not in powers:
        powers.add(power)
        power = power * EXPONENT % prime
    return powers
