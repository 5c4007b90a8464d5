"""Private keys of virtual cards, and how cards write their public halves."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from hwlock.devices.smartcard import tlv
from hwlock.testing.ek_authority import SINCE, UNTIL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    PrivateKey: TypeAlias = (
        ec.EllipticCurvePrivateKey
        | ed25519.Ed25519PrivateKey
        | rsa.RSAPrivateKey
        | x25519.X25519PrivateKey
    )

__all__ = ["generate", "public_tlv", "raw_rsa", "self_signed", "sign_digest"]


def generate(algorithm: str) -> PrivateKey:
    """Make a key: "P-256", "P-384", "Ed25519", "X25519", "RSA-2048" or another size of RSA."""
    if algorithm == "X25519":
        return x25519.X25519PrivateKey.generate()
    if algorithm == "Ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    if algorithm.startswith("RSA-"):
        return rsa.generate_private_key(public_exponent=65537, key_size=int(algorithm[4:]))
    curve = {"P-256": ec.SECP256R1, "P-384": ec.SECP384R1}[algorithm]
    return ec.generate_private_key(curve())


def public_tlv(key: PrivateKey) -> bytes:
    """Return the public half as cards write it: 86 point, or 81 modulus and 82 exponent."""
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = key.public_key().public_numbers()
        modulus = numbers.n.to_bytes(key.key_size // 8, "big")
        return tlv.write(0x81, modulus) + tlv.write(0x82, numbers.e.to_bytes(3, "big"))
    if isinstance(key, (ed25519.Ed25519PrivateKey, x25519.X25519PrivateKey)):
        return tlv.write(0x86, key.public_key().public_bytes_raw())
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return tlv.write(0x86, point)


def sign_digest(key: ec.EllipticCurvePrivateKey, digest: bytes) -> bytes:
    """Sign a digest as it is: DER."""
    kind = {32: hashes.SHA256(), 48: hashes.SHA384()}[len(digest)]
    return key.sign(digest, ec.ECDSA(Prehashed(kind)))


def raw_rsa(key: rsa.RSAPrivateKey, padded: bytes) -> bytes:
    """Raise to the private exponent what was padded by somebody else."""
    numbers = key.private_numbers()
    base = int.from_bytes(padded, "big")
    # by the Chinese remainder theorem (RFC 8017, 5.1.2), four times as fast
    first, second = pow(base, numbers.dmp1, numbers.p), pow(base, numbers.dmq1, numbers.q)
    value = second + (first - second) * numbers.iqmp % numbers.p * numbers.q
    return value.to_bytes(key.key_size // 8, "big")


def self_signed(key: PrivateKey, name: str) -> bytes:
    """Return a certificate (DER) by which a key names itself."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(SINCE)
        .not_valid_after(UNTIL)
    )
    assert not isinstance(key, x25519.X25519PrivateKey)  # it signs nothing
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(key, algorithm).public_bytes(Encoding.DER)
