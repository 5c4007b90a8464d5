"""A maker of security keys: its root, and the certificates that it puts into its keys.

A test that wants a fault says which; by default a certificate has all that WebAuthn §8.2.1 asks.
"""

from __future__ import annotations

from datetime import datetime, timezone

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID, ObjectIdentifier

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Batch", "Maker"]

SINCE = datetime(2020, 1, 1, tzinfo=timezone.utc)
UNTIL = datetime(2060, 1, 1, tzinfo=timezone.utc)
AAGUID_OID = ObjectIdentifier("1.3.6.1.4.1.45724.1.1.4")


class Batch:
    """The attestation key that many keys of one model share, and its certificates (DER)."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, certificates: tuple[bytes, ...]) -> None:
        self.key = key
        self.certificates = certificates

    def sign(self, message: bytes) -> bytes:
        """Sign with ECDSA and SHA-256; DER."""
        return self.key.sign(message, ec.ECDSA(hashes.SHA256()))


class Maker:
    """A root (`der`), self-signed or below `issuer`."""

    def __init__(
        self,
        name: str = "Test Key Root",
        *,
        issuer: Maker | None = None,
        authority: bool = True,
        path_length: int | None = None,
        since: datetime = SINCE,
        until: datetime = UNTIL,
    ) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.above = issuer
        builder = _builder(self.name, (issuer or self).name, self.key, since, until)
        constraints = x509.BasicConstraints(ca=authority, path_length=path_length)
        builder = builder.add_extension(constraints, critical=True)
        self.der = (issuer or self).sign(builder)

    def sign(self, builder: x509.CertificateBuilder) -> bytes:
        """Sign a certificate with ECDSA and SHA-256; DER."""
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def batch(
        self,
        aaguid: bytes | None,
        *,
        unit: str = "Authenticator Attestation",
        authority: bool | None = False,
        aaguid_critical: bool = False,
        valid: tuple[datetime, datetime] = (SINCE, UNTIL),
        more: Sequence[tuple[x509.ExtensionType, bool]] = (),
        send: Sequence[Maker] = (),
    ) -> Batch:
        """Return an attestation key for the model `aaguid` (16 bytes; None: not named).

        `authority` None leaves the basic constraints out; `send` are the makers whose
        certificates go with it.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "SE"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Test Keys AB"),
                x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
                x509.NameAttribute(NameOID.COMMON_NAME, "Test Key Serial 1"),
            ]
        )
        builder = _builder(subject, self.name, key, *valid)
        if authority is not None:
            constraints = x509.BasicConstraints(ca=authority, path_length=None)
            builder = builder.add_extension(constraints, critical=True)
        if aaguid is not None:
            named = x509.UnrecognizedExtension(AAGUID_OID, b"\x04\x10" + aaguid)
            builder = builder.add_extension(named, critical=aaguid_critical)
        for extension, critical in more:
            builder = builder.add_extension(extension, critical=critical)
        return Batch(key, (self.sign(builder), *(maker.der for maker in send)))


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    since: datetime,
    until: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
    )
