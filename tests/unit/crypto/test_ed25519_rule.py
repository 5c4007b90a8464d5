"""The acceptance rule against its model, on input that no honest signer makes."""

from __future__ import annotations

import hashlib

import ed25519_model as model
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hwlock._native import lib
from hwlock.crypto import ed25519
from hwlock.errors import BadKey, BadSignature

Case = tuple[bytes, bytes, bytes]  # key, signature, message

A = 0x1234567890ABCDEF1234567890ABCDEF1234567890ABCDEF % model.L
R = 0xFEDCBA0987654321FEDCBA0987654321FEDCBA0987654321 % model.L
KEY_POINT = model.multiply(A, model.BASE)
KEY = model.encode(KEY_POINT)
MESSAGE = b"a license"
GOOD = model.sign(A, KEY, MESSAGE, r=R)
S = int.from_bytes(GOOD[32:], "little")


def verdicts(key: bytes, signature: bytes, message: bytes) -> list[bool]:
    """Return what each way of verifying says: C alone, single, prepared, many."""
    alone = lib.hwlock_ed25519_verify(key, signature, message, len(message)) == lib.HWLOCK_OK
    try:
        loaded = ed25519.PublicKey(key)
    except BadKey:
        return [alone, False]
    seen = [alone]
    for verify in (loaded.verify, loaded.prepare().verify):
        try:
            verify(signature, message)
            seen.append(True)
        except BadSignature:
            seen.append(False)
    return [*seen, loaded.prepare().verify_many([(signature, message)]) == [None]]


def peer_accepts(key: bytes, signature: bytes, message: bytes) -> bool:
    """Return what `cryptography` says."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def judge(key: bytes, signature: bytes, message: bytes) -> bool:
    """Return the one verdict that all ways and the model agree on; the peer accepts it too."""
    expected = model.accepts(key, signature, message)
    assert set(verdicts(key, signature, message)) == {expected}
    assert peer_accepts(key, signature, message) or not expected
    return expected


def spellings(point: model.Point) -> list[bytes]:
    """Return every 32 bytes that a lenient reader takes for `point`."""
    x, y = point
    signs = (0, 1) if x == 0 else (x & 1,)
    numbers = [value for value in (y, y + model.P) if value < 2**255]
    return [(n | sign << 255).to_bytes(32, "little") for n in numbers for sign in signs]


def test_base_of_model() -> None:
    """The model agrees with a good signature, and knows eight points of small order."""
    assert judge(KEY, GOOD, MESSAGE)
    assert len(set(model.SMALL)) == 8


@pytest.mark.parametrize("point", model.SMALL, ids=lambda p: model.encode(p)[:4].hex())
def test_small_order_keys(point: model.Point) -> None:
    """A key of small order is refused in every spelling, whatever it signs."""
    for key in spellings(point):
        with pytest.raises(BadKey):
            ed25519.PublicKey(key)
        for r in spellings(model.multiply(R, model.BASE)) + spellings(point):
            assert not judge(key, r + R.to_bytes(32, "little"), MESSAGE)


@pytest.mark.parametrize("torsion", model.SMALL[1:], ids=lambda p: model.encode(p)[:4].hex())
def test_mixed_order_keys(torsion: model.Point) -> None:
    """A key with a part of small order is refused, also where the equation holds."""
    mixed = model.encode(model.add(KEY_POINT, torsion))
    with pytest.raises(BadKey):
        ed25519.PublicKey(mixed)
    for r in range(1, 20):  # k = 0 mod 8 about once in eight: then [k]A has no torsion
        signature = model.sign(A, mixed, MESSAGE, r=r)
        k = int.from_bytes(hashlib.sha512(signature[:32] + mixed + MESSAGE).digest(), "little")
        assert set(verdicts(mixed, signature, MESSAGE)) == {False}
        if k % model.L % 8 == 0:
            break


@pytest.mark.parametrize("torsion", model.SMALL[1:], ids=lambda p: model.encode(p)[:4].hex())
def test_mixed_order_r(torsion: model.Point) -> None:
    """An R with a part of small order is refused: the cofactor is never multiplied away."""
    assert not judge(KEY, model.sign(A, KEY, MESSAGE, r=R, offset=torsion), MESSAGE)


def small_r(point: model.Point) -> list[bytes]:
    """Return signatures whose R is a spelling of `point` and whose S fits it without torsion."""
    signatures = []
    for r in spellings(point):
        k = model.challenge(r, KEY, MESSAGE)
        signatures.append(r + (k * A % model.L).to_bytes(32, "little"))
    return signatures


@pytest.mark.parametrize("point", model.SMALL, ids=lambda p: model.encode(p)[:4].hex())
def test_small_order_r(point: model.Point) -> None:
    """An R of small order is refused in every spelling, the identity too, where it would fit."""
    for signature in small_r(point):
        assert not judge(KEY, signature, MESSAGE)


def test_identity_r_satisfies_the_equation() -> None:
    """The refusal of R = identity is rule 4's last clause, not a failed equation."""
    signature = small_r(model.IDENTITY)[0]
    k = model.challenge(signature[:32], KEY, MESSAGE)
    s = int.from_bytes(signature[32:], "little")
    found = model.add(model.multiply(s, model.BASE), model.multiply(k, model.negate(KEY_POINT)))
    assert model.encode(found) == signature[:32]


@pytest.mark.parametrize("n", range(1, 16))
def test_s_plus_multiples_of_the_order(n: int) -> None:
    """S + nL is refused for every n that fits into 32 bytes."""
    assert not judge(KEY, GOOD[:32] + (S + n * model.L).to_bytes(32, "little"), MESSAGE)


def test_s_at_its_limit() -> None:
    """S = 0 and S = L - 1 are read as they are; L, all ones and a set top bit are refused."""
    for s in (0, model.L - 1, model.L, 2**252, 2**253 - 1, 2**255 | S, 2**256 - 1):
        assert not judge(KEY, GOOD[:32] + s.to_bytes(32, "little"), MESSAGE)


def test_point_of_order_two_is_no_identity() -> None:
    """[L]A = (0, -1) for A = B + (0, -1): a comparison of X alone would accept that key."""
    two = (0, model.P - 1)
    mixed = model.add(model.BASE, two)
    assert model.multiply(model.L, mixed) == two
    with pytest.raises(BadKey):
        ed25519.PublicKey(model.encode(mixed))


def test_non_canonical_keys() -> None:
    """No y from p to 2^255 - 1 is a key, with either sign bit; all 19 of them are tried."""
    for y in range(model.P, 2**255):
        for sign in (0, 1):
            with pytest.raises(BadKey):
                ed25519.PublicKey((y | sign << 255).to_bytes(32, "little"))


def test_small_y() -> None:
    """Keys with y from 0 to 40, and their non-canonical likes, are judged as the model does."""
    for y in range(41):
        for sign in (0, 1):
            key = (y | sign << 255).to_bytes(32, "little")
            good = lib.hwlock_ed25519_verify(key, GOOD, b"", 0) != lib.HWLOCK_BAD_KEY
            assert good == model.accepts_key(key)


def test_points_off_the_curve() -> None:
    """About every second y is on no point; such keys are refused."""
    refused = [y for y in range(2, 60) if model.recover(y) is None]
    assert len(refused) > 15
    for y in refused:
        with pytest.raises(BadKey):
            ed25519.PublicKey(y.to_bytes(32, "little"))
