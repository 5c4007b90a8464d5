"""ECDSA against its model, at the limits of its numbers."""

from __future__ import annotations

import p256_model as model
import pytest

from hwlock._native import lib
from hwlock.crypto import p256
from hwlock.errors import BadKey, BadSignature

D = 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721
POINT = model.multiply(D, model.BASE)
assert POINT is not None
KEY = model.raw(*POINT)
GENERATOR = model.raw(*model.BASE or (0, 0))

LIMITS = (0, 1, 2, 7, 8, 9, 15, 16, model.N // 2, model.N // 2 + 1, model.N - 1, model.N - 2)
PATTERNS = tuple(int(digit * 64, 16) % model.N for digit in "789f")


def _lift(x: int) -> int | None:
    """Return a y of the point with this x, or None where there is none."""
    square = (x**3 - 3 * x + model.B) % model.P
    y = pow(square, (model.P + 1) // 4, model.P)
    return y if y * y % model.P == square else None


X_SMALL = next(x for x in range(5, 100) if _lift(x) is not None)
KEY_OF_SMALL = model.raw(X_SMALL, _lift(X_SMALL) or 0)


def verdicts(key: bytes, signature: bytes, digest: bytes) -> set[bool]:
    """Return what each way of verifying says of a key that loads."""
    loaded = p256.PublicKey(key)
    seen = {lib.hwlock_p256_verify_digest(key, signature, digest) == lib.HWLOCK_OK}
    for verify in (loaded.verify_digest, loaded.prepare().verify_digest):
        try:
            verify(signature, digest)
            seen.add(True)
        except BadSignature:
            seen.add(False)
    return seen


@pytest.mark.parametrize("u", LIMITS + PATTERNS, ids=hex)
@pytest.mark.parametrize("v", [1, 8, model.N - 1, model.N // 2, PATTERNS[0]], ids=hex)
@pytest.mark.parametrize("key", [KEY, GENERATOR], ids=["key", "generator"])
def test_scalars_at_their_limits(key: bytes, u: int, v: int) -> None:
    """[u]G + [v]Q is right for limits of u and v, also where it doubles, cancels or is infinity."""
    made = model.forge_for(key, u, v)
    if made is None:  # at infinity: no r fits; r = 0 and a wrong r are refused
        signature = model.raw(1, pow(v, -1, model.N))
        digest = (u * pow(v, -1, model.N) % model.N).to_bytes(32, "big")
        assert verdicts(key, signature, digest) == {False}
        return
    digest, signature = made
    r, s = model.split(signature)
    assert verdicts(key, signature, digest) == {True}
    assert verdicts(key, model.raw(r, model.N - s), digest) == {True}
    assert verdicts(key, model.raw(r ^ 1, s), digest) == {False}


def test_x_above_the_order() -> None:
    """An x between n and p matches r = x - n, and only while r + n stays below p."""
    x = next(x for x in range(model.N, model.P) if _lift(x) is not None)
    y = _lift(x)
    assert y is not None
    r = x - model.N
    # Q = [1/v](X - [u]G) makes X the sum: choose u = 0, v = 1, so Q = X and s = r
    key = model.raw(x, y)
    assert verdicts(key, model.raw(r, r), bytes(32)) == {True}
    assert model.accepts_digest(key, model.raw(r, r), bytes(32))
    assert verdicts(key, model.raw(r + 1, r), bytes(32)) == {False}


def test_numbers_out_of_range() -> None:
    """Numbers r and s of 0, n, or more are refused, also where they are right modulo n."""
    made = model.forge_for(KEY, 5, 3)
    assert made is not None
    digest, signature = made
    r, s = model.split(signature)
    for bad_r, bad_s in ((0, s), (r, 0), (0, 0), (model.N, s), (r, model.N), (2**256 - 1, s)):
        assert verdicts(KEY, model.raw(bad_r, bad_s), digest) == {False}
    # the key's own x is below 2^256 - n: r = s = x and the digest 0 verify, r + n must not
    assert verdicts(KEY_OF_SMALL, model.raw(X_SMALL, X_SMALL), bytes(32)) == {True}
    assert verdicts(KEY_OF_SMALL, model.raw(X_SMALL + model.N, X_SMALL), bytes(32)) == {False}


def test_digest_above_the_order() -> None:
    """A digest of n or more counts modulo n."""
    made = model.forge_for(KEY, 5, 3)
    assert made is not None
    _, signature = made
    r, s = model.split(signature)
    for e in (2**256 - 1, model.N, model.N + 1):
        digest = e.to_bytes(32, "big")
        expected = model.accepts_digest(KEY, model.raw(r, s), digest)
        assert verdicts(KEY, model.raw(r, s), digest) == {expected}
    u = (2**256 - 1) % model.N
    found = model.multiply(u, model.BASE)
    total = model.add(found, POINT)
    assert total is not None
    # s = 1 makes u the digest and v = r: search no further than one equation, Q = [1/r](X - uG)
    inverse = pow(total[0] % model.N, -1, model.N)
    q = model.multiply(inverse, POINT)
    assert q is not None
    signature = model.raw(total[0] % model.N, 1)
    assert verdicts(model.raw(*q), signature, b"\xff" * 32) == {True}


def test_keys_out_of_range() -> None:
    """Coordinates of p or more, points off the curve and the zero point are no keys."""
    assert POINT is not None
    x, y = POINT
    small_y = _lift(X_SMALL) or 0
    for key in (
        model.raw(0, 0),
        model.raw(x, y ^ 1),
        model.raw(x ^ 1, y),
        model.raw(model.P, y),
        model.raw(X_SMALL + model.P, small_y),  # right modulo p
        b"\xff" * 64,
    ):
        assert not model.accepts_key(key)
        with pytest.raises(BadKey):
            p256.PublicKey(key)
    p256.PublicKey(model.raw(X_SMALL, small_y))
