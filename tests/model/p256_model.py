"""ECDSA over P-256 with SHA-256 in plain Python: slow, and close to FIPS 186-5 section 6.4.2."""

from __future__ import annotations

import hashlib

Point = tuple[int, int] | None  # None is the point at infinity

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
BASE: Point = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)


def is_on_curve(x: int, y: int) -> bool:
    """Tell whether 0 <= x, y < p and y² = x³ - 3x + b."""
    return 0 <= x < P and 0 <= y < P and (y * y - x * x * x + 3 * x - B) % P == 0


def add(a: Point, b: Point) -> Point:
    """Return a + b by the cases of the group law."""
    if a is None or b is None:
        return b if a is None else a
    (x1, y1), (x2, y2) = a, b
    if x1 == x2 and (y1 + y2) % P == 0:
        return None
    if a == b:
        slope = (3 * x1 * x1 - 3) * pow(2 * y1, -1, P) % P
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, P) % P
    x3 = (slope * slope - x1 - x2) % P
    return x3, (slope * (x1 - x3) - y1) % P


def multiply(n: int, point: Point) -> Point:
    """Return [n]point, for n of at least 0."""
    result: Point = None
    for bit in bin(n)[2:]:
        result = add(result, result)
        if bit == "1":
            result = add(result, point)
    return result


def raw(a: int, b: int) -> bytes:
    """Return two numbers as the core reads them: 32 bytes each, big-endian."""
    return a.to_bytes(32, "big") + b.to_bytes(32, "big")


def split(data: bytes) -> tuple[int, int]:
    """Return the two numbers of 64 bytes."""
    return int.from_bytes(data[:32], "big"), int.from_bytes(data[32:], "big")


def accepts_key(key: bytes) -> bool:
    """Tell whether 64 bytes are a public key."""
    return len(key) == 64 and is_on_curve(*split(key))


def accepts_digest(key: bytes, signature: bytes, digest: bytes) -> bool:
    """Verify r ‖ s over a digest of 32 bytes."""
    if len(signature) != 64 or not accepts_key(key):
        return False
    r, s = split(signature)
    if not (1 <= r < N and 1 <= s < N):
        return False
    inverse = pow(s, -1, N)
    u = int.from_bytes(digest, "big") * inverse % N
    found = add(multiply(u, BASE), multiply(r * inverse % N, split(key)))
    return found is not None and found[0] % N == r


def accepts(key: bytes, signature: bytes, message: bytes) -> bool:
    """Verify r ‖ s over a message."""
    return accepts_digest(key, signature, hashlib.sha256(message).digest())


def forge_for(key: bytes, u: int, v: int) -> tuple[bytes, bytes] | None:
    """Return a digest and a signature that verify with [u]G + [v]Q, for any u and v != 0.

    None where that sum is at infinity.
    """
    found = add(multiply(u, BASE), multiply(v, split(key)))
    if found is None or found[0] % N == 0:
        return None
    r = found[0] % N
    s = r * pow(v, -1, N) % N
    return (u * s % N).to_bytes(32, "big"), raw(r, s)
