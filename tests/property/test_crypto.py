"""Whatever is signed: all ways agree, and what we accept, `cryptography` accepts."""

from __future__ import annotations

import hashlib
import hmac as peer_hmac

import ed25519_model
import p256_model
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from hwlock.crypto import ed25519, hmac, p256, sha2
from hwlock.errors import BadKey, BadSignature

MESSAGES = st.binary(max_size=300)
SEEDS = st.binary(min_size=32, max_size=32)
# where to change a signature, and by what; (0, 0) leaves it as it is
CHANGES = st.one_of(st.just((0, 0)), st.tuples(st.integers(0, 63), st.integers(1, 255)))


def changed(data: bytes, change: tuple[int, int]) -> bytes:
    """Return `data` with one byte changed."""
    place, by = change
    return data[:place] + bytes([data[place] ^ by]) + data[place + 1 :]


def ways(key: ed25519.PublicKey | p256.PublicKey, signature: bytes, message: bytes) -> set[bool]:
    """Return the verdicts of single, prepared and many."""
    seen = set()
    for verify in (key.verify, key.prepare().verify):
        try:
            verify(signature, message)
            seen.add(True)
        except BadSignature:
            seen.add(False)
    pairs = [(signature, message), (bytes(64), message)]
    seen.add(key.prepare().verify_many(pairs)[0] is None)
    return seen


@given(SEEDS, MESSAGES, CHANGES)
def test_ed25519(seed: bytes, message: bytes, change: tuple[int, int]) -> None:
    """A signature by `cryptography` verifies, changed anywhere it does not, in every way."""
    signer = Ed25519PrivateKey.from_private_bytes(seed)
    signature = changed(signer.sign(message), change)
    key = ed25519.PublicKey(signer.public_key().public_bytes_raw())
    assert ways(key, signature, message) == {change == (0, 0)}


@given(SEEDS, st.binary(min_size=64, max_size=64), MESSAGES)
def test_ed25519_any_bytes(key: bytes, signature: bytes, message: bytes) -> None:
    """Any 32 bytes are a key or not as the model says; random bytes are no signature."""
    try:
        loaded = ed25519.PublicKey(key)
    except BadKey:
        assert not ed25519_model.accepts_key(key)
        return
    assert ed25519_model.accepts_key(key)
    assert ways(loaded, signature, message) == {False}


@given(
    st.integers(1, ed25519_model.L - 1),
    st.integers(0, ed25519_model.L - 1),
    st.integers(0, 7),
    st.integers(0, 7),
    st.binary(max_size=8),
)
def test_ed25519_with_torsion(a: int, r: int, t: int, u: int, message: bytes) -> None:
    """Keys and R with parts of small order are judged as the model does; peers accept them too."""
    point = ed25519_model.add(ed25519_model.multiply(a, ed25519_model.BASE), ed25519_model.SMALL[t])
    key = ed25519_model.encode(point)
    signature = ed25519_model.sign(a, key, message, r=r, offset=ed25519_model.SMALL[u])
    try:
        accepted = ways(ed25519.PublicKey(key), signature, message)
    except BadKey:
        accepted = {False}
    assert accepted == {ed25519_model.accepts(key, signature, message)}
    if accepted == {True}:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)


@given(st.integers(1, p256_model.N - 1), SEEDS, st.integers(1, p256_model.N - 1), CHANGES)
def test_p256(d: int, digest: bytes, nonce: int, change: tuple[int, int]) -> None:
    """A signature with any nonce is judged as the model and `cryptography` judge it."""
    q = p256_model.multiply(d, p256_model.BASE)
    point = p256_model.multiply(nonce, p256_model.BASE)
    assert q is not None
    assert point is not None
    r = point[0] % p256_model.N
    s = (int.from_bytes(digest, "big") + r * d) * pow(nonce, -1, p256_model.N) % p256_model.N
    signature = changed(p256_model.raw(r, s), change)
    message = digest  # what is signed is its SHA-256: wrong on purpose in `ways`
    key = p256.PublicKey(p256_model.raw(*q))
    try:
        key.verify_digest(signature, digest)
        accepted = True
    except BadSignature:
        accepted = False
    assert accepted == p256_model.accepts_digest(key.raw, signature, digest)
    assert accepted == (change == (0, 0))
    assert ways(key, signature, message) == {False}
    assert not accepted or _peer_accepts(key.raw, signature, digest)


@given(st.integers(1, p256_model.N - 1), MESSAGES)
def test_p256_over_messages(d: int, message: bytes) -> None:
    """A DER signature by `cryptography` is read and verifies in every way."""
    signer = ec.derive_private_key(d, ec.SECP256R1())
    numbers = signer.public_key().public_numbers()
    signature = p256.signature_from_der(signer.sign(message, ec.ECDSA(hashes.SHA256())))
    key = p256.PublicKey(p256_model.raw(numbers.x, numbers.y))
    assert ways(key, signature, message) == {True}


def _peer_accepts(key: bytes, signature: bytes, digest: bytes) -> bool:
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

    peer = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x04" + key)
    der = encode_dss_signature(*p256_model.split(signature))
    try:
        peer.verify(der, digest, ec.ECDSA(Prehashed(hashes.SHA256())))
    except InvalidSignature:
        return False
    return True


@given(st.binary(max_size=1000), st.binary(max_size=200))
def test_hashes(data: bytes, key: bytes) -> None:
    """Digests and tags are those of the standard library."""
    assert sha2.sha256(data) == hashlib.sha256(data).digest()
    assert sha2.sha512(data) == hashlib.sha512(data).digest()
    assert hmac.sha256(key, data) == peer_hmac.digest(key, data, "sha256")
