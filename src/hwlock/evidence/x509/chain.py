"""Does somebody whom the operator trusts vouch for a maker's certificate?

Every certificate in the operator's folder is trusted, roots and intermediates alike, because
putting it there is the decision. Certificates that came with a claim only lead to one of
those. Rules, for each step up from the certificate:

1. every critical extension is one that is understood here;
2. its signature is of an authority with the issuer's name, a trusted one before others;
3. that authority may issue: it is an authority, its key usage says so where there is one,
   and it allows as many authorities below it as there are;
4. the chain reaches a trusted certificate; from there it goes on as far as the folder does;
5. no certificate is from the future. An expired one is accepted and reported: makers do not
   renew what is inside a chip, and expiry does not say that a key was lost.

Signatures are RSA (PKCS #1 1.5, 2048 bits or more) and ECDSA with SHA-256, 384 or 512. There
is no revocation: an operator takes a certificate out of the folder.
"""

from __future__ import annotations

from hwlock.errors import UntrustedError
from hwlock.record import Record

from .certificate import Certificate, basic_constraints, key_usage
from .der import OID, SEQUENCE, Der, oid
from .names import show_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["Chain", "Rules", "climb", "is_authority"]

_KEY_USAGE = oid("2.5.29.15")
_BASIC_CONSTRAINTS = oid("2.5.29.19")
_POLICIES = oid("2.5.29.32")  # no policy is asked for here, so any will do
_EXTENDED_KEY_USAGE = oid("2.5.29.37")
_UNDERSTOOD = (_KEY_USAGE, _BASIC_CONSTRAINTS, _POLICIES, _EXTENDED_KEY_USAGE)
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


class Chain(Record):
    """Who vouches: `root_subject` names the last certificate, for a person.

    `expired` says that one of its certificates is past its time.
    """

    root_subject: str
    expired: bool


class Rules(Record):
    """What differs between kinds: the words of errors, and further extensions understood.

    `device` is what the certificate is about ("TPM"), `folder` where the operator's
    certificates are, `understood` object identifiers (content bytes).
    """

    device: str
    folder: str
    understood: tuple[bytes, ...] = ()


def climb(
    certificate: Certificate,
    *,
    trusted: tuple[bytes, ...],
    at: datetime,
    rules: Rules,
    presented: tuple[Certificate, ...] = (),
) -> Chain:
    """Return who vouches for `certificate`, by the rules of this module.

    `trusted` are DER, `presented` came with it, `at` is the vendor's aware time.
    UntrustedError; FormatError for bytes that cannot be read.
    """
    folder = tuple(Certificate.parse(der) for der in trusted)
    chain = _climbed(certificate, folder, presented, rules)
    for link in chain:
        if at < link.not_before:
            raise UntrustedError(
                "HWL-CHAIN-FUTURE", subject=show_name(link.subject), since=link.not_before.date()
            )
    return Chain(
        root_subject=show_name(chain[-1].subject),
        expired=any(at > link.not_after for link in chain),
    )


def is_authority(certificate: Certificate) -> bool:
    """Tell whether a certificate says of itself that it is an authority."""
    constraints = certificate.extensions.get(_BASIC_CONSTRAINTS)
    return constraints is not None and basic_constraints(constraints.value)[0]


def _climbed(
    certificate: Certificate,
    trusted: tuple[Certificate, ...],
    presented: tuple[Certificate, ...],
    rules: Rules,
) -> tuple[Certificate, ...]:
    """Return the chain from `certificate` up to the last trusted one."""
    chain, anchored = [certificate], False
    _check_critical(certificate, rules)
    while len(chain) <= _MAX_DEPTH:
        below = chain[-1]
        if len(chain) > 1 and below.issuer == below.subject:
            break
        issuer = _issuer_of(below, trusted if anchored else trusted + presented, rules)
        if issuer is None or issuer in chain:
            break
        _check_critical(issuer, rules)
        _check_authority(issuer, rules, below_it=len(chain) - 1)
        anchored = anchored or issuer in trusted
        chain.append(issuer)
    if not anchored:
        raise UntrustedError(
            "HWL-CHAIN-ISSUER",
            device=rules.device,
            folder=rules.folder,
            issuer=show_name(chain[-1].issuer),
        )
    return tuple(chain)


def _issuer_of(
    below: Certificate, known: tuple[Certificate, ...], rules: Rules
) -> Certificate | None:
    """Return the one of `known` that signed `below`; None where none has that name."""
    candidates = [one for one in known if one.subject == below.issuer]
    for candidate in candidates:
        if _is_signed_by(below, candidate, rules):
            return candidate
    if candidates:
        raise UntrustedError(
            "HWL-CHAIN-SIGNATURE", device=rules.device, issuer=show_name(below.issuer)
        )
    return None


def _check_critical(certificate: Certificate, rules: Rules) -> None:
    for kind, extension in certificate.extensions.items():
        if extension.critical and kind not in _UNDERSTOOD + rules.understood:
            subject = show_name(certificate.subject)
            raise UntrustedError("HWL-CHAIN-CRITICAL", device=rules.device, subject=subject)


def _check_authority(issuer: Certificate, rules: Rules, *, below_it: int) -> None:
    """Refuse an issuer that may not issue with `below_it` authorities below it."""
    constraints = issuer.extensions.get(_BASIC_CONSTRAINTS)
    usage = issuer.extensions.get(_KEY_USAGE)
    authority, most = basic_constraints(constraints.value) if constraints else (False, None)
    if (
        not authority
        or (most is not None and below_it > most)
        or (usage is not None and not key_usage(usage.value) & _KEY_CERT_SIGN)
    ):
        raise UntrustedError(
            "HWL-CHAIN-AUTHORITY",
            device=rules.device,
            folder=rules.folder,
            subject=show_name(issuer.subject),
        )


def _is_signed_by(below: Certificate, issuer: Certificate, rules: Rules) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

    kind = Der(below.algorithm).inside(SEQUENCE).content(OID)
    if kind not in _HASHES:
        raise _not_accepted(below, rules)
    algorithm: hashes.HashAlgorithm = getattr(hashes, _HASHES[kind])()
    try:
        key = serialization.load_der_public_key(issuer.spki)
        if isinstance(key, rsa.RSAPublicKey) and key.key_size >= _MIN_RSA_BITS:
            key.verify(below.signature, below.tbs, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(below.signature, below.tbs, ec.ECDSA(algorithm))
        else:
            raise _not_accepted(issuer, rules)
    except (ValueError, UnsupportedAlgorithm) as exc:
        raise _not_accepted(issuer, rules) from exc
    except InvalidSignature:
        return False
    return True


def _not_accepted(certificate: Certificate, rules: Rules) -> UntrustedError:
    subject = show_name(certificate.subject)
    return UntrustedError("HWL-CHAIN-ALGORITHM", device=rules.device, subject=subject)
