"""Is this endorsement key in a TPM that a maker vouches for?

The EK certificate (TCG EK Credential Profile 2.5, section 3; RFC 5280) is verified over its
original bytes against certificates that the vendor's operator chose: every certificate in
the operator's folder is trusted, roots and intermediates alike, because putting it there is
the decision. Rules, in this order:

1. the certified key is the EK of the claims, and that is a key that only decrypts, made in
   its TPM and fixed to it;
2. the certificate is for an EK: its extended key usage says so (2.23.133.8.1), and it is no
   authority;
3. its subject alternative name says maker, model and version (2.23.133.2.1 to .3);
4. every critical extension of every certificate is one that is understood here;
5. its signature is of a trusted authority; from there the chain is followed as far as the
   folder goes, each link by signature, authority, key usage and path length;
6. no certificate is from the future. An expired one is accepted and reported: makers do not
   renew what is inside a TPM, and expiry does not say that a key was lost.

Signatures are RSA (PKCS #1 1.5, 2048 bits or more) and ECDSA with SHA-256, 384 or 512. There
is no revocation: an operator takes a certificate out of the folder.
"""

from __future__ import annotations

from hwlock.errors import UntrustedError
from hwlock.record import Record

from . import makers
from .certificate import Certificate, Extension, basic_constraints, key_usage
from .constants import (
    DECRYPT,
    FIXED_PARENT,
    FIXED_TPM,
    RESTRICTED,
    SENSITIVE_DATA_ORIGIN,
    SIGN,
)
from .der import OID, SEQUENCE, Der, oid
from .names import TpmName, directory_name, show_name
from .structures import Public

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["Endorsement", "verify"]

_KEY_USAGE = oid("2.5.29.15")
_ALT_NAME = oid("2.5.29.17")
_BASIC_CONSTRAINTS = oid("2.5.29.19")
_POLICIES = oid("2.5.29.32")  # no policy is asked for here, so any will do
_EXTENDED_KEY_USAGE = oid("2.5.29.37")
_UNDERSTOOD = (_KEY_USAGE, _ALT_NAME, _BASIC_CONSTRAINTS, _POLICIES, _EXTENDED_KEY_USAGE)
_EK_CERTIFICATE = oid("2.23.133.8.1")
_KEY_CERT_SIGN = 0x04

_HASHES = {
    oid("1.2.840.113549.1.1.11"): "SHA256",
    oid("1.2.840.113549.1.1.12"): "SHA384",
    oid("1.2.840.113549.1.1.13"): "SHA512",
    oid("1.2.840.10045.4.3.2"): "SHA256",
    oid("1.2.840.10045.4.3.3"): "SHA384",
    oid("1.2.840.10045.4.3.4"): "SHA512",
}
_MIN_RSA_BITS = 2048
_MAX_DEPTH = 8


class Endorsement(Record):
    """What a trusted maker says of the TPM that holds an EK.

    `maker` is a name for people, `maker_id` the four bytes of the vendor id in hex;
    `virtual` is True where this maker is known to make TPMs of software. `root_subject`
    names the last certificate of the chain, `expired` says that one of its certificates is
    past its time.
    """

    maker: str
    maker_id: str
    model: str
    firmware: str
    virtual: bool
    root_subject: str
    expired: bool


def verify(
    ek_certificate: bytes, ek_public: bytes, *, trusted: tuple[bytes, ...], at: datetime
) -> Endorsement:
    """Verify an EK certificate by the rules of this module.

    `ek_certificate` and `trusted` are DER, `ek_public` a TPMT_PUBLIC, `at` the vendor's
    aware time. UntrustedError; FormatError for bytes that cannot be read.
    """
    certificate, ek = Certificate.parse(ek_certificate), Public.parse(ek_public)
    # 1. the key
    _check_key(certificate, ek)
    # 2. what it is for
    _check_purpose(certificate)
    # 3. whose TPM
    named = _tpm_name(certificate)
    # 4, 5. who says so
    chain = _climb(certificate, tuple(Certificate.parse(der) for der in trusted))
    # 6. when
    for link in chain:
        if at < link.not_before:
            raise UntrustedError(
                "HWL-EK-FUTURE", subject=show_name(link.subject), since=link.not_before.date()
            )
    return Endorsement(
        maker=makers.describe(named.maker),
        maker_id=named.maker.hex(),
        model=named.model,
        firmware=named.version,
        virtual=makers.is_virtual(named.maker),
        root_subject=show_name(chain[-1].subject),
        expired=any(at > link.not_after for link in chain),
    )


def _check_key(certificate: Certificate, ek: Public) -> None:
    wanted = FIXED_TPM | FIXED_PARENT | SENSITIVE_DATA_ORIGIN | RESTRICTED | DECRYPT
    if not ek.has(wanted) or ek.attributes & SIGN:
        raise UntrustedError("HWL-EK-ATTRIBUTES")
    if not certificate.holds(ek):
        raise UntrustedError("HWL-EK-KEY")


def _check_purpose(certificate: Certificate) -> None:
    usage = certificate.extensions.get(_EXTENDED_KEY_USAGE)
    if usage is None or _EK_CERTIFICATE not in _identifiers(usage):
        raise UntrustedError("HWL-EK-PURPOSE")
    constraints = certificate.extensions.get(_BASIC_CONSTRAINTS)
    if constraints is not None and basic_constraints(constraints.value)[0]:
        raise UntrustedError("HWL-EK-PURPOSE")


def _identifiers(usage: Extension) -> tuple[bytes, ...]:
    document = Der(usage.value)
    listed = document.inside(SEQUENCE)
    document.done()
    found = []
    while listed.more():
        found.append(listed.content(OID))
    return tuple(found)


def _tpm_name(certificate: Certificate) -> TpmName:
    alternative = certificate.extensions.get(_ALT_NAME)
    if alternative is None:
        raise UntrustedError("HWL-EK-SAN", fault="it is not there")
    return directory_name(alternative.value)


def _climb(certificate: Certificate, trusted: tuple[Certificate, ...]) -> tuple[Certificate, ...]:
    """Return the chain from `certificate` up to the last trusted one."""
    chain = [certificate]
    _check_critical(certificate)
    while len(chain) <= _MAX_DEPTH:
        below = chain[-1]
        if len(chain) > 1 and below.issuer == below.subject:
            return tuple(chain)
        issuer = _issuer_of(below, trusted)
        if issuer is None or issuer in chain:
            break
        _check_critical(issuer)
        _check_authority(issuer, below_it=len(chain) - 1)
        chain.append(issuer)
    if len(chain) == 1:
        raise UntrustedError("HWL-EK-ISSUER", issuer=show_name(certificate.issuer))
    return tuple(chain)


def _issuer_of(below: Certificate, trusted: tuple[Certificate, ...]) -> Certificate | None:
    """Return the trusted certificate that signed `below`; None where none has that name."""
    candidates = [one for one in trusted if one.subject == below.issuer]
    for candidate in candidates:
        if _is_signed_by(below, candidate):
            return candidate
    if candidates:
        raise UntrustedError("HWL-EK-SIGNATURE", issuer=show_name(below.issuer))
    return None


def _check_critical(certificate: Certificate) -> None:
    for kind, extension in certificate.extensions.items():
        if extension.critical and kind not in _UNDERSTOOD:
            raise UntrustedError("HWL-EK-CRITICAL", subject=show_name(certificate.subject))


def _check_authority(issuer: Certificate, *, below_it: int) -> None:
    """Refuse an issuer that may not issue with `below_it` authorities below it."""
    constraints = issuer.extensions.get(_BASIC_CONSTRAINTS)
    usage = issuer.extensions.get(_KEY_USAGE)
    authority, most = basic_constraints(constraints.value) if constraints else (False, None)
    if (
        not authority
        or (most is not None and below_it > most)
        or (usage is not None and not key_usage(usage.value) & _KEY_CERT_SIGN)
    ):
        raise UntrustedError("HWL-EK-AUTHORITY", subject=show_name(issuer.subject))


def _is_signed_by(below: Certificate, issuer: Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

    kind = Der(below.algorithm).inside(SEQUENCE).content(OID)
    if kind not in _HASHES:
        raise UntrustedError("HWL-EK-ALGORITHM", subject=show_name(below.subject))
    algorithm: hashes.HashAlgorithm = getattr(hashes, _HASHES[kind])()
    try:
        key = serialization.load_der_public_key(issuer.spki)
        if isinstance(key, rsa.RSAPublicKey) and key.key_size >= _MIN_RSA_BITS:
            key.verify(below.signature, below.tbs, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(below.signature, below.tbs, ec.ECDSA(algorithm))
        else:
            raise UntrustedError("HWL-EK-ALGORITHM", subject=show_name(issuer.subject))
    except (ValueError, UnsupportedAlgorithm) as exc:
        raise UntrustedError("HWL-EK-ALGORITHM", subject=show_name(issuer.subject)) from exc
    except InvalidSignature:
        return False
    return True
