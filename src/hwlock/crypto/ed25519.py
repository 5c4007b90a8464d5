"""Ed25519 verification (RFC 8032, without context or prehash), by one strict rule.

1. A signature has 64 bytes, a key 32; S < L over all 32 bytes of S.
2. The key A is canonically encoded, on the curve, not of small order, and [L]A is the
   identity. This is checked when a key is loaded.
3. k = SHA-512(R ‖ A ‖ M) over the bytes as they were received.
4. encode([S]B - [k]A) equals the received bytes of R, and that point is not of small order.

The rule refuses some signatures that other libraries accept, and accepts none that RFC 8032
refuses. It is the same for PublicKey, PreparedKey and `verify_many`: many is one verdict an
item, not a batch equation.
"""

from __future__ import annotations

from hwlock.crypto._key import Algorithm, Key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from typing_extensions import Buffer

    from hwlock.errors import BadSignature

__all__ = ["PreparedKey", "PublicKey"]

_ALGORITHM = Algorithm("Ed25519", 32, "hwlock_ed25519")


class PublicKey(Key):
    """A checked Ed25519 public key of 32 `raw` bytes; BadKey where it is none."""

    __slots__ = ()
    _algorithm = _ALGORITHM
    _form = _ALGORITHM.loaded

    def prepare(self) -> PreparedKey:
        """Return this key made ready for many verifications."""
        return PreparedKey(self._raw)


class PreparedKey(Key):
    """A key that is going to verify often. Accepts exactly what its PublicKey accepts."""

    __slots__ = ()
    _algorithm = _ALGORITHM
    _form = _ALGORITHM.prepared

    def verify_many(self, pairs: Iterable[tuple[Buffer, Buffer]]) -> list[BadSignature | None]:
        """Verify (signature, message) pairs; one outcome each, None for a good one."""
        return self._verify_many(pairs)

    def to_bytes(self) -> bytes:
        """Return the key with its tables, for a product to embed."""
        return self._to_bytes()

    @classmethod
    def from_bytes(cls, data: Buffer, expected_raw: Buffer) -> PreparedKey:
        """Return the prepared key that `to_bytes` wrote; BadKey unless it is of `expected_raw`.

        A checksum finds damage and the first table entry is compared with the key, but who can
        choose `data` can choose what verifies: take it only from where your code comes from.
        """
        key = cls.__new__(cls)
        key._fill_from(data, expected_raw)
        return key
