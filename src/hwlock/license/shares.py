"""A secret in shares, of which some are enough (Shamir 1979), byte by byte in GF(2^8).

The field is that of AES (x⁸ + x⁴ + x³ + x + 1). Share number i, from 1, is the value at i of
a polynomial of degree needed - 1 whose value at 0 is the secret. Fewer shares than needed say
nothing about it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["MAX_SHARES", "combine", "split"]

MAX_SHARES = 255


def _tables() -> tuple[bytes, bytes]:
    """Return powers of the generator 3, twice in a row, and their logarithms."""
    powers, value = bytearray(510), 1
    logs = bytearray(256)
    for exponent in range(255):
        powers[exponent] = powers[exponent + 255] = value
        logs[value] = exponent
        value ^= value << 1 ^ (0x11B if value & 0x80 else 0)
    return bytes(powers), bytes(logs)


_POWERS, _LOGS = _tables()


def split(
    secret: bytes, needed: int, count: int, entropy: Callable[[int], bytes]
) -> tuple[bytes, ...]:
    """Return `count` (at most 255) shares of `secret`, any `needed` of which are enough."""
    assert 1 <= needed <= count <= MAX_SHARES
    size = len(secret)
    coefficients = [secret, *(entropy(size) for _ in range(needed - 1))]
    shares = []
    for number in range(1, count + 1):
        share = bytes(size)
        for coefficient in reversed(coefficients):  # Horner's rule
            share = bytes(_product(a, number) ^ b for a, b in zip(share, coefficient, strict=True))
        shares.append(share)
    return tuple(shares)


def combine(shares: Mapping[int, bytes]) -> bytes:
    """Return the secret of exactly as many shares (number → share) as are needed.

    With too few, or a wrong one, it returns other bytes: whoever uses the secret finds out.
    """
    size = len(next(iter(shares.values())))
    secret = bytearray(size)
    for number, share in shares.items():
        weight = 1
        for other in shares:
            if other != number:
                weight = _product(weight, _quotient(other, other ^ number))
        for at in range(size):
            secret[at] ^= _product(weight, share[at])
    return bytes(secret)


def _product(a: int, b: int) -> int:
    return _POWERS[_LOGS[a] + _LOGS[b]] if a and b else 0


def _quotient(a: int, b: int) -> int:
    return _POWERS[_LOGS[a] + 255 - _LOGS[b]] if a else 0
