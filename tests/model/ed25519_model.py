"""The acceptance rule of Ed25519 in plain Python: slow, and close to the words of the rule.

Points are affine pairs (x, y) on -x² + y² = 1 + d x² y². Steps carry the numbers of
`hwlock.crypto.ed25519`. The module also signs, with any scalar and any point, so that tests
can make what no honest signer makes.
"""

from __future__ import annotations

import hashlib

Point = tuple[int, int]

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_MINUS_ONE = pow(2, (P - 1) // 4, P)
IDENTITY: Point = (0, 1)


def add(a: Point, b: Point) -> Point:
    """Return a + b; the formula holds for all points."""
    (x1, y1), (x2, y2) = a, b
    t = D * x1 * x2 * y1 * y2 % P
    denominators = pow((1 + t) * (1 - t), -1, P)
    x3 = (x1 * y2 + x2 * y1) * (1 - t) * denominators % P
    return x3, (y1 * y2 + x1 * x2) * (1 + t) * denominators % P


def multiply(n: int, point: Point) -> Point:
    """Return [n]point, for n of at least 0."""
    result = IDENTITY
    for bit in bin(n)[2:]:
        result = add(result, result)
        if bit == "1":
            result = add(result, point)
    return result


def negate(point: Point) -> Point:
    """Return -point."""
    return -point[0] % P, point[1]


def encode(point: Point) -> bytes:
    """Return the one canonical encoding."""
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def recover(y: int) -> int | None:
    """Return an x of the point with this y, or None where there is none."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * ROOT_MINUS_ONE % P
    return x if x * x % P == square else None


def decode(data: bytes) -> Point | None:
    """Return the point of a canonical encoding; None for any other 32 bytes."""
    y = int.from_bytes(data, "little") % 2**255
    x = recover(y % P)
    if x is None:
        return None
    point = (x if x & 1 == data[31] >> 7 else -x % P, y % P)
    return point if encode(point) == data else None


def is_small(point: Point) -> bool:
    """Tell whether the order of `point` divides 8."""
    return multiply(8, point) == IDENTITY


def accepts_key(key: bytes) -> bool:
    """Rule 2."""
    point = decode(key)
    return point is not None and not is_small(point) and multiply(L, point) == IDENTITY


def challenge(r: bytes, key: bytes, message: bytes) -> int:
    """Rule 3, reduced."""
    return int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % L


def accepts(key: bytes, signature: bytes, message: bytes) -> bool:
    """All four rules."""
    if len(signature) != 64 or len(key) != 32 or not accepts_key(key):
        return False
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    if s >= L:
        return False
    point = decode(key)
    assert point is not None
    found = add(multiply(s, BASE), multiply(challenge(r, key, message), negate(point)))
    return encode(found) == r and not is_small(found)


def sign(a: int, key: bytes, message: bytes, *, r: int, offset: Point = IDENTITY) -> bytes:
    """Sign with the scalar `a` for the bytes `key`; the point R is [r]B + offset."""
    encoded = encode(add(multiply(r, BASE), offset))
    s = (r + challenge(encoded, key, message) * a) % L
    return encoded + s.to_bytes(32, "little")


def _base() -> Point:
    y = 4 * pow(5, -1, P) % P
    x = recover(y)
    assert x is not None
    return (x if x % 2 == 0 else P - x), y


def _small_points() -> list[Point]:
    """Return the eight points of small order, as multiples of one of order 8."""
    y = 2
    while True:
        x = recover(y)
        if x is not None:
            generator = multiply(L, (x, y))
            if multiply(4, generator) != IDENTITY:
                return [multiply(i, generator) for i in range(8)]
        y += 1


BASE = _base()
SMALL = _small_points()
