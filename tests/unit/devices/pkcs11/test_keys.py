"""Public keys are read out of objects as tokens write them, and weak ones are refused."""

from __future__ import annotations

from typing import Any

import pytest
from pkcs11 import Attribute, KeyType

from hwlock.crypto.rsa import RsaKey
from hwlock.devices.pkcs11.keys import _of_object
from hwlock.errors import BadKey, FormatError

P256_OID = bytes.fromhex("06082a8648ce3d030107")
# the base point of P-256 (FIPS 186-5 / SEC 2) and a point of RFC 8032 §7.1, test 1
POINT = bytes.fromhex(
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)
ED25519 = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
NAME = bytes.fromhex("130c656477617264733235353139")


def ec(point: bytes, curve: bytes = P256_OID, kind: KeyType = KeyType.EC) -> dict[Attribute, Any]:
    """Return a public object of an elliptic curve."""
    return {Attribute.KEY_TYPE: kind, Attribute.EC_PARAMS: curve, Attribute.EC_POINT: point}


@pytest.mark.parametrize(
    "point", [POINT, b"\x04\x41" + POINT, b"\x03\x42\x00" + POINT], ids=["bare", "octets", "bits"]
)
def test_p256(point: bytes) -> None:
    """A P-256 point is read in each of the forms that tokens use."""
    assert _of_object(ec(point)).raw == POINT[1:]


@pytest.mark.parametrize("point", [ED25519, b"\x04\x20" + ED25519, b"\x03\x21\x00" + ED25519])
@pytest.mark.parametrize("curve", [NAME, bytes.fromhex("06032b6570")], ids=["name", "oid"])
def test_ed25519(point: bytes, curve: bytes) -> None:
    """An Ed25519 key is read, whichever way its curve is named."""
    assert _of_object(ec(point, curve, KeyType.EC_EDWARDS)).raw == ED25519


@pytest.mark.parametrize(
    "found",
    [
        ec(POINT, curve=bytes.fromhex("06052b81040022")),
        ec(POINT[:-1] + b"\0"),
        ec(b""),
        ec(POINT + b"\0"),
        ec(b"\x04\x40" + POINT[1:]),
        ec(b"\x02" + POINT[1:]),
        {Attribute.KEY_TYPE: KeyType.DSA},
        {},
    ],
    ids=["P-384", "no point", "empty", "long", "short", "compressed", "DSA", "nothing"],
)
def test_refused(found: dict[Attribute, Any]) -> None:
    """Other curves, and bytes that are no point, are refused."""
    with pytest.raises((BadKey, FormatError)):
        _of_object(found)


def rsa(modulus: int, exponent: bytes = b"\1\0\1") -> dict[Attribute, Any]:
    """Return a public object of RSA."""
    raw = modulus.to_bytes((modulus.bit_length() + 7) // 8, "big")
    return {
        Attribute.KEY_TYPE: KeyType.RSA,
        Attribute.MODULUS: raw,
        Attribute.PUBLIC_EXPONENT: exponent,
    }


def test_rsa() -> None:
    """An RSA modulus of 2048 bits is read, with or without a zero before it."""
    modulus = (1 << 2047) + 12345
    found = rsa(modulus)
    assert _of_object(found) == RsaKey(found[Attribute.MODULUS])
    found[Attribute.MODULUS] = b"\0" + found[Attribute.MODULUS]
    assert _of_object(found).raw == found[Attribute.MODULUS][1:]


ROCA_PRIMES = (11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157)


def roca() -> int:
    """Return a number with the fingerprint of ROCA: a power of 65537 modulo each prime."""
    product = 2
    for prime in ROCA_PRIMES:
        product *= prime
    residue = pow(65537, 7, product)
    return ((1 << 2047) // product + 1) * product + residue


@pytest.mark.parametrize(
    "found",
    [
        rsa((1 << 1023) + 1),
        rsa((1 << 2046) + 1),
        rsa((1 << 2047) + 2),
        rsa(roca()),
        rsa((1 << 2047) + 12345, b"\3"),
        rsa(1 << 8191),
    ],
    ids=["1024", "2047", "even", "ROCA", "exponent 3", "8192"],
)
def test_weak_rsa(found: dict[Attribute, Any]) -> None:
    """Short keys, small exponents and keys of a broken generator are refused."""
    with pytest.raises(BadKey):
        _of_object(found)
