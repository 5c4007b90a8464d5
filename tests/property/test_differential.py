"""Random and hostile signatures: the core, in each way to verify, against other libraries.

HWLOCK_CASES says how many (10,000; `tools/run nightly` takes a million). A case is made of its
number, so that one that fails is found again by it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import ed25519_model as model
import nacl.exceptions
import nacl.signing
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA256

from hwlock.crypto import ed25519, p256, sha2
from hwlock.errors import BadKey, BadSignature

CASES = int(os.environ.get("HWLOCK_CASES", "10000"))
A_KEY = 50  # cases with one key: to prepare it takes as long as some verifications
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def flip(data: bytes, random: Random) -> bytes:
    """Return `data` with one bit changed."""
    changed = bytearray(data)
    changed[random.randrange(len(data))] ^= 1 << random.randrange(8)
    return bytes(changed)


def messages(random: Random) -> bytes:
    """Return a message, most often of the length of a license, sometimes at a block's end."""
    sizes = (0, 1, 31, 47, 48, 63, 64, 111, 112, 127, 128, random.randrange(700))
    return random.randbytes(random.choice(sizes))


def accepts(verify: Callable[..., object], *arguments: Any) -> bool:
    """Tell whether a verification raises nothing."""
    try:
        verify(*arguments)
    except (BadSignature, InvalidSignature, nacl.exceptions.BadSignatureError, ValueError):
        return False
    return True


def openssl_verify(raw: bytes, signature: bytes, message: bytes) -> None:
    """Verify with a key of which nothing is known."""
    Ed25519PublicKey.from_public_bytes(raw).verify(signature, message)


def openssl_load(x: int, y: int) -> None:
    """Load a point of which nothing is known."""
    ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()


def ours(faces: Any, raw: bytes, pairs: list[tuple[bytes, bytes]]) -> list[bool]:
    """Return the verdicts of the core, which must be the same in each way to verify."""
    try:
        loaded = faces.PublicKey(raw)
    except BadKey:
        with pytest.raises(BadKey):
            faces.PreparedKey(raw)
        return [False] * len(pairs)
    prepared = loaded.prepare()
    many = [outcome is None for outcome in prepared.verify_many(pairs)]
    for (signature, message), verdict in zip(pairs, many, strict=True):
        assert accepts(loaded.verify, signature, message) == verdict
        assert accepts(prepared.verify, signature, message) == verdict
    return many


def ed25519_cases(private: Ed25519PrivateKey, random: Random) -> Iterator[tuple[bytes, bytes]]:
    """Yield signatures and messages for one key: genuine, changed, and out of range."""
    for _ in range(A_KEY):
        message = messages(random)
        signature = private.sign(message)
        what = random.randrange(8)
        s = int.from_bytes(signature[32:], "little")
        if what == 1:
            signature = flip(signature, random)
        elif what == 2:
            message = flip(message, random) if message else b"\0"
        elif what == 3:  # S is not the only number of its class
            signature = signature[:32] + (s + model.L).to_bytes(32, "little")
        elif what == 4:
            signature = signature[:32] + random.randbytes(32)
        elif what == 5:
            signature = random.randbytes(32) + signature[32:]
        elif what == 6:
            signature = signature[:32] + ((model.L - s) % model.L).to_bytes(32, "little")
        yield signature, message


def test_ed25519_against_openssl_and_libsodium() -> None:
    """Honest keys: all three agree on every signature."""
    for number in range(0, CASES, A_KEY):
        random = Random(f"ed25519 {number}")
        private = Ed25519PrivateKey.from_private_bytes(random.randbytes(32))
        raw = private.public_key().public_bytes_raw()
        pairs = list(ed25519_cases(private, random))
        openssl = Ed25519PublicKey.from_public_bytes(raw)
        sodium = nacl.signing.VerifyKey(raw)
        for (signature, message), verdict in zip(pairs, ours(ed25519, raw, pairs), strict=True):
            assert accepts(openssl.verify, signature, message) == verdict, number
            assert accepts(sodium.verify, message, signature) == verdict, number


def test_what_the_core_accepts_of_any_key_openssl_accepts() -> None:
    """Keys with a bit changed, random, small or not canonical: never more is accepted."""
    hostile = [
        bytes(32),
        (1).to_bytes(32, "little"),
        b"\xff" * 32,
        (model.P - 1).to_bytes(32, "little"),
    ]
    for number in range(CASES // 10):
        random = Random(f"key {number}")
        private = Ed25519PrivateKey.from_private_bytes(random.randbytes(32))
        message = messages(random)
        raw = private.public_key().public_bytes_raw()
        raw = random.choice([flip(raw, random), random.randbytes(32), *hostile])
        signature = random.choice([private.sign(message), raw + bytes(32), bytes(64)])
        (verdict,) = ours(ed25519, raw, [(signature, message)])
        assert not verdict or accepts(openssl_verify, raw, signature, message), number


def p256_cases(private: Any, random: Random) -> Iterator[tuple[bytes, bytes]]:
    """Yield signatures (r, s) and messages for one key: genuine, changed, and out of range."""
    for _ in range(A_KEY):
        message = messages(random)
        r, s = decode_dss_signature(private.sign(message, ec.ECDSA(SHA256())))
        what = random.randrange(8)
        if what == 1:
            r, s = r ^ 1 << random.randrange(256), s
        elif what == 2:
            message = flip(message, random) if message else b"\0"
        elif what == 3:
            s = P256_ORDER - s  # verifies as well
        elif what == 4:
            r, s = random.choice([(0, s), (r, 0), (P256_ORDER, s), (r, P256_ORDER), (s, r)])
        elif what == 5:
            r, s = random.getrandbits(256), random.getrandbits(256)
        elif what == 6 and r + P256_ORDER < 1 << 256:
            r += P256_ORDER
        yield r.to_bytes(32, "big") + s.to_bytes(32, "big"), message


def test_p256_against_openssl() -> None:
    """Honest keys: both agree on every pair of numbers, in range or not."""
    for number in range(0, CASES, A_KEY):
        random = Random(f"p256 {number}")
        private = ec.derive_private_key(random.randrange(1, P256_ORDER), ec.SECP256R1())
        point = private.public_key().public_numbers()
        raw = point.x.to_bytes(32, "big") + point.y.to_bytes(32, "big")
        pairs = list(p256_cases(private, random))
        public, algorithm = private.public_key(), ec.ECDSA(SHA256())
        loaded = p256.PublicKey(raw)
        for (signature, message), verdict in zip(pairs, ours(p256, raw, pairs), strict=True):
            r, s = (int.from_bytes(signature[at : at + 32], "big") for at in (0, 32))
            der = encode_dss_signature(r, s)
            assert accepts(public.verify, der, message, algorithm) == verdict, number
            digest = sha2.sha256(message)
            assert accepts(loaded.verify_digest, signature, digest) == verdict, number


def test_points_off_the_curve_are_keys_to_neither() -> None:
    """Coordinates with a bit changed, swapped, random or too large."""
    for number in range(CASES // 10):
        random = Random(f"point {number}")
        private = ec.derive_private_key(random.randrange(1, P256_ORDER), ec.SECP256R1())
        point = private.public_key().public_numbers()
        raw = point.x.to_bytes(32, "big") + point.y.to_bytes(32, "big")
        raw = random.choice(
            [raw, flip(raw, random), raw[32:] + raw[:32], random.randbytes(64), b"\xff" * 64]
        )
        x, y = (int.from_bytes(raw[at : at + 32], "big") for at in (0, 32))
        peer = accepts(openssl_load, x, y)
        try:
            p256.PublicKey(raw)
        except BadKey:
            assert not peer, number
        else:
            assert peer, number
