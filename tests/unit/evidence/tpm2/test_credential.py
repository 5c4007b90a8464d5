"""Credentials: what is made is what the specification says; what cannot be made is refused.

That a TPM opens them, and opens those that others made, stands in tests/device.
"""

from __future__ import annotations

import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from hwlock.errors import FormatError, InternalError, UntrustedError
from hwlock.evidence.tpm2 import credential
from hwlock.evidence.tpm2.claims import Tpm2Claims
from hwlock.evidence.tpm2.constants import (
    ALG_AES,
    ALG_CFB,
    ALG_NULL,
    ALG_RSA,
    ALG_SHA256,
    DECRYPT,
    FIXED_TPM,
    RESTRICTED,
)
from hwlock.evidence.tpm2.wire import sized, u16, u32

NAME = u16(ALG_SHA256) + bytes(range(32))
SECRET = b"s" * 32


def fixed(size: int) -> bytes:
    """Entropy that is always the same."""
    return hashlib.shake_256(b"entropy").digest(size)


def rsa_ek(key: rsa.RSAPrivateKey, *, exponent: int = 0) -> bytes:
    """Write the TPMT_PUBLIC of an RSA endorsement key."""
    modulus = key.public_key().public_numbers().n.to_bytes(key.key_size // 8, "big")
    attributes = u32(FIXED_TPM | RESTRICTED | DECRYPT)
    head = u16(ALG_RSA) + u16(ALG_SHA256) + attributes + sized(bytes(32))
    parameters = u16(ALG_AES) + u16(128) + u16(ALG_CFB) + u16(ALG_NULL) + u16(key.key_size)
    return head + parameters + u32(exponent) + sized(modulus)


@pytest.fixture(scope="module")
def private() -> rsa.RSAPrivateKey:
    """An RSA-2048 key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def test_rsa_seed(private: rsa.RSAPrivateKey) -> None:
    """The seed is what RSA-OAEP of a library decrypts, and its HMAC is over blob and Name."""
    made = credential.Credential.parse(
        credential.make(rsa_ek(private), NAME, SECRET, entropy=fixed)
    )
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), b"IDENTITY\0")
    seed = private.decrypt(made.seed, oaep)
    assert seed == fixed(32)
    tag, encrypted = made.blob[2:34], made.blob[34:]
    key = hmac.digest(seed, u32(1) + b"INTEGRITY\0" + u32(256), "sha256")
    assert tag == hmac.digest(key, encrypted + NAME, "sha256")


def test_same_entropy_same_credential(claims: Tpm2Claims) -> None:
    """A credential depends on its arguments alone: randomness is one of them."""
    one, two = (credential.make(claims.ek_public, NAME, SECRET, entropy=fixed) for _ in range(2))
    assert one == two
    other = credential.make(claims.ek_public, NAME, SECRET, entropy=bytes)
    assert other != one


def test_name_matters(claims: Tpm2Claims) -> None:
    """Another Name gives another credential all over."""
    one = credential.make(claims.ek_public, NAME, SECRET, entropy=fixed)
    two = credential.make(claims.ek_public, NAME[::-1], SECRET, entropy=fixed)
    parsed = [credential.Credential.parse(each) for each in (one, two)]
    assert parsed[0].blob[2:] != parsed[1].blob[2:]
    assert parsed[0].seed == parsed[1].seed


def test_size_of_the_secret(claims: Tpm2Claims) -> None:
    """A secret has 1 to 32 bytes."""
    for secret in (b"", bytes(33)):
        with pytest.raises(InternalError):
            credential.make(claims.ek_public, NAME, secret, entropy=fixed)
    credential.make(claims.ek_public, NAME, b"1", entropy=fixed)


def test_ek_without_cipher(claims: Tpm2Claims) -> None:
    """An EK that names no cipher, or a hash that is not of the templates, is refused."""
    raw = claims.ek_public
    at = raw.index(u16(ALG_AES) + u16(256) + u16(ALG_CFB))
    bare = raw[:at] + u16(ALG_NULL) + raw[at + 6 :]
    for changed in (bare, raw[:2] + u16(0x0004) + raw[4:]):
        with pytest.raises(UntrustedError) as caught:
            credential.make(changed, NAME, SECRET, entropy=fixed)
        assert caught.value.code == "HWL-EK-ATTRIBUTES"


def test_weak_eks(private: rsa.RSAPrivateKey, claims: Tpm2Claims) -> None:
    """Nothing is encrypted to a short RSA key, a poor exponent, or a point off the curve."""
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    off_curve = claims.ek_public[:-1] + bytes([claims.ek_public[-1] ^ 1])
    for ek in (
        rsa_ek(short),
        rsa_ek(private, exponent=3),
        rsa_ek(private, exponent=65538),
        off_curve,
    ):
        with pytest.raises(UntrustedError) as caught:
            credential.make(ek, NAME, SECRET, entropy=fixed)
        assert caught.value.code == "HWL-EK-WEAK"


def test_template_is_no_key(private: rsa.RSAPrivateKey) -> None:
    """An RSA public area without a modulus is refused."""
    empty = rsa_ek(private)[: -2 - 256] + u16(0)
    with pytest.raises(UntrustedError):
        credential.make(empty, NAME, SECRET, entropy=fixed)


def test_form() -> None:
    """A credential is two sized parts and nothing else."""
    made = credential.Credential(blob=b"blob", seed=b"seed")
    assert credential.Credential.parse(made.encode()) == made
    for damaged in (b"", made.encode()[:-1], made.encode() + b"\0"):
        with pytest.raises(FormatError):
            credential.Credential.parse(damaged)
