"""Is this endorsement key in a TPM that a maker vouches for?

The EK certificate (TCG EK Credential Profile 2.5, section 3; RFC 5280) is verified over its
original bytes against certificates that the vendor's operator chose. Rules, in this order:

1. the certified key is the EK of the claims, and that is a key that only decrypts, made in
   its TPM and fixed to it;
2. the certificate is for an EK: its extended key usage says so (2.23.133.8.1), and it is no
   authority;
3. its subject alternative name says maker, model and version (2.23.133.2.1 to .3);
4. somebody trusted vouches for it, by the rules of `hwlock.evidence.x509.chain`.
"""

from __future__ import annotations

from hwlock.errors import UntrustedError
from hwlock.evidence.x509.certificate import Certificate, Extension
from hwlock.evidence.x509.chain import Rules, climb, is_authority
from hwlock.evidence.x509.der import INTEGER, OID, SEQUENCE, Der, oid
from hwlock.record import Record

from . import makers
from .constants import (
    ALG_ECC,
    ALG_RSA,
    CURVE_P256,
    CURVE_P384,
    DECRYPT,
    FIXED_PARENT,
    FIXED_TPM,
    RESTRICTED,
    SENSITIVE_DATA_ORIGIN,
    SIGN,
)
from .names import TpmName, directory_name
from .structures import Public

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["Endorsement", "certifies", "verify"]

_ALT_NAME = oid("2.5.29.17")
_EXTENDED_KEY_USAGE = oid("2.5.29.37")
_EK_CERTIFICATE = oid("2.23.133.8.1")
_RULES = Rules(device="TPM", folder="tpm-roots", understood=(_ALT_NAME,))

_RSA_KEYS = (oid("1.2.840.113549.1.1.1"), oid("1.2.840.113549.1.1.7"))  # the second: OAEP
_EC_PUBLIC_KEY = oid("1.2.840.10045.2.1")
_CURVES = {oid("1.2.840.10045.3.1.7"): CURVE_P256, oid("1.3.132.0.34"): CURVE_P384}


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
    # 4. who says so
    chain = climb(certificate, trusted=trusted, at=at, rules=_RULES)
    return Endorsement(
        maker=makers.describe(named.maker),
        maker_id=named.maker.hex(),
        model=named.model,
        firmware=named.version,
        virtual=makers.is_virtual(named.maker),
        root_subject=chain.root_subject,
        expired=chain.expired,
    )


def _check_key(certificate: Certificate, ek: Public) -> None:
    wanted = FIXED_TPM | FIXED_PARENT | SENSITIVE_DATA_ORIGIN | RESTRICTED | DECRYPT
    if not ek.has(wanted) or ek.attributes & SIGN:
        raise UntrustedError("HWL-EK-ATTRIBUTES")
    if not certifies(certificate, ek):
        raise UntrustedError("HWL-EK-KEY")


def _check_purpose(certificate: Certificate) -> None:
    usage = certificate.extensions.get(_EXTENDED_KEY_USAGE)
    if usage is None or _EK_CERTIFICATE not in _identifiers(usage):
        raise UntrustedError("HWL-EK-PURPOSE")
    if is_authority(certificate):
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


def certifies(certificate: Certificate, public: Public) -> bool:
    """Tell whether the certified key is `public`'s; FormatError for a broken key."""
    info = Der(certificate.spki).inside(SEQUENCE)
    algorithm, key = info.inside(SEQUENCE), info.bits()
    info.done()
    kind = algorithm.content(OID)
    if kind == _EC_PUBLIC_KEY and public.type == ALG_ECC:
        curve = _CURVES.get(algorithm.content(OID)) if algorithm.tag() == OID else None
        return curve == public.curve and key == b"\x04" + public.point
    if kind in _RSA_KEYS and public.type == ALG_RSA:
        numbers = Der(key).inside(SEQUENCE)
        modulus, exponent = numbers.content(INTEGER), numbers.content(INTEGER)
        numbers.done()
        same_modulus = modulus.lstrip(b"\0") == public.modulus.lstrip(b"\0")
        return same_modulus and int.from_bytes(exponent[:8], "big") == public.exponent
    return False
