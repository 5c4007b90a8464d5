"""A maker of TPMs, for tests: a certificate authority that certifies endorsement keys.

Everything that an EK certificate must have is there by default; a test that wants a fault
says which. Uses `cryptography`, so that hwlock's own reader of certificates meets bytes that
another program wrote.
"""

from __future__ import annotations

from datetime import datetime, timezone

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID, ObjectIdentifier

from hwlock.evidence.tpm2.constants import ALG_RSA, CURVE_P384
from hwlock.evidence.tpm2.structures import Public

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["INFINEON", "EkAuthority", "tpm_name"]

SINCE = datetime(2020, 1, 1, tzinfo=timezone.utc)
UNTIL = datetime(2060, 1, 1, tzinfo=timezone.utc)
_EK_CERTIFICATE = ObjectIdentifier("2.23.133.8.1")
_TPM_OIDS = tuple(ObjectIdentifier(f"2.23.133.2.{number}") for number in (1, 2, 3))
_SIGNS_CERTIFICATES = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


def tpm_name(
    maker: str = "id:49465800", model: str = "SLB9670", version: str = "id:00070055"
) -> x509.SubjectAlternativeName:
    """Return the subject alternative name of a TPM (EK Credential Profile 3.1.2)."""
    values = zip(_TPM_OIDS, (maker, model, version), strict=True)
    name = x509.Name([x509.NameAttribute(kind, value) for kind, value in values])
    return x509.SubjectAlternativeName([x509.DirectoryName(name)])


INFINEON = tpm_name()


class EkAuthority:
    """One authority: self-signed, or below `issuer`; `der` is its own certificate."""

    def __init__(
        self,
        name: str = "Test TPM Root CA",
        *,
        issuer: EkAuthority | None = None,
        since: datetime = SINCE,
        until: datetime = UNTIL,
        authority: bool = True,
        path_length: int | None = None,
        usage: x509.KeyUsage | None = _SIGNS_CERTIFICATES,
    ) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        above = issuer or self
        builder = _builder(self.name, above.name, self.key.public_key(), since, until)
        constraints = x509.BasicConstraints(ca=authority, path_length=path_length)
        builder = builder.add_extension(constraints, critical=True)
        if usage is not None:
            builder = builder.add_extension(usage, critical=True)
        self.der = above.sign(builder)

    def sign(self, builder: x509.CertificateBuilder) -> bytes:
        """Sign a certificate with ECDSA and SHA-256; DER."""
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def certify(
        self,
        ek_public: bytes,
        *,
        name: x509.SubjectAlternativeName | None = INFINEON,
        purpose: ObjectIdentifier | None = _EK_CERTIFICATE,
        authority: bool = False,
        since: datetime = SINCE,
        until: datetime = UNTIL,
        more: Sequence[tuple[x509.ExtensionType, bool]] = (),
    ) -> bytes:
        """Return the EK certificate (DER) of a TPMT_PUBLIC.

        `name` says which TPM it is, `purpose` what for; None leaves either out. `more` are
        further extensions and whether each is critical.
        """
        key = _certified_key(Public.parse(ek_public))
        builder = _builder(x509.Name([]), self.name, key, since, until)
        if name is not None:
            builder = builder.add_extension(name, critical=True)
        if purpose is not None:
            builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        constraints = x509.BasicConstraints(ca=authority, path_length=None)
        builder = builder.add_extension(constraints, critical=True)
        for extension, critical in more:
            builder = builder.add_extension(extension, critical=critical)
        return self.sign(builder)


def _certified_key(public: Public) -> ec.EllipticCurvePublicKey | rsa.RSAPublicKey:
    if public.type == ALG_RSA:
        modulus = int.from_bytes(public.modulus, "big")
        return rsa.RSAPublicNumbers(public.exponent, modulus).public_key()
    curve = ec.SECP384R1() if public.curve == CURVE_P384 else ec.SECP256R1()
    return ec.EllipticCurvePublicKey.from_encoded_point(curve, b"\4" + public.point)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey,
    since: datetime,
    until: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
    )
