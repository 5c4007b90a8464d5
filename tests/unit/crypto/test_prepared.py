"""A prepared key as bytes, and many messages hashed in a call."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hwlock.crypto import ed25519, p256, sha2
from hwlock.errors import BadKey, BadSignature

ED_SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
P256_SIGNER = ec.derive_private_key(12345, ec.SECP256R1())


def _ed25519() -> tuple[ed25519.PreparedKey, bytes]:
    raw = ED_SIGNER.public_key().public_bytes_raw()
    return ed25519.PublicKey(raw).prepare(), ED_SIGNER.sign(b"message")


def _p256() -> tuple[p256.PreparedKey, bytes]:
    numbers = P256_SIGNER.public_key().public_numbers()
    raw = numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
    der = P256_SIGNER.sign(b"message", ec.ECDSA(hashes.SHA256()))
    return p256.PublicKey(raw).prepare(), p256.signature_from_der(der)


@pytest.mark.parametrize("made", [_ed25519, _p256], ids=["ed25519", "p256"])
def test_written_and_read(made: object) -> None:
    """A key that was written and read is the same key: it accepts and refuses the same."""
    key, signature = made()  # type: ignore[operator]
    data = key.to_bytes()
    again = type(key).from_bytes(memoryview(data), key.raw)
    assert again == key
    assert again.to_bytes() == data
    again.verify(signature, b"message")
    assert again.verify_many([(signature, b"message")] * 9) == [None] * 9
    with pytest.raises(BadSignature):
        again.verify(signature, b"another message")


@pytest.mark.parametrize("made", [_ed25519, _p256], ids=["ed25519", "p256"])
def test_damage_and_other_keys(made: object) -> None:
    """Damage, another length, another key are refused, and say so."""
    key, _ = made()  # type: ignore[operator]
    data, kind = key.to_bytes(), type(key)
    other = bytes([key.raw[0] ^ 1]) + key.raw[1:]
    spoiled = [bytes([*data[:at], data[at] ^ 1, *data[at + 1 :]]) for at in (0, 8, 12, 5000, -40)]
    for bad, raw in [*((bad, key.raw) for bad in spoiled), (data[:-1], key.raw), (data, other)]:
        with pytest.raises(BadKey) as caught:
            kind.from_bytes(bad, raw)
        assert caught.value.code == "HWL-KEY-PREPARED"
    with pytest.raises(BadKey) as caught:
        kind.from_bytes(data, key.raw[:-1])
    assert caught.value.code == "HWL-KEY-LENGTH"


def test_the_bytes_of_another_algorithm_are_refused() -> None:
    """The algorithm belongs to the bytes."""
    key, _ = _ed25519()
    with pytest.raises(BadKey):
        p256.PreparedKey.from_bytes(key.to_bytes(), _p256()[0].raw)


def test_many_messages_hash_like_each_alone() -> None:
    """SHA-256 of many is what hashlib says of each, whatever their number and lengths."""
    data = bytes(range(256)) * 5
    for count in range(12):
        buffers = [memoryview(data)[: 61 * count * i % 1000] for i in range(count)]
        expected = [hashlib.sha256(buffer).digest() for buffer in buffers]
        assert sha2.sha256_many(iter(buffers)) == expected
