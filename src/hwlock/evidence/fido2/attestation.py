"""Does a maker vouch for the security key that made this credential?

An attestation is the map of WebAuthn §6.5.4, with text keys: `fmt`, `attStmt`, `authData`. It
is made once, when the credential is, over `CLIENT_DATA_HASH`, a constant: that the key is here
*now* is what the proof of the same request says, with the attested key. Rules:

1. it is a new credential for our relying party, one that cannot be copied, and its key is the
   one of the request;
2. its format is `packed` (§8.2) or `fido-u2f` (§8.6), with a certificate. A credential that
   vouches for itself, and `none`, are no attestation: the proof says as much;
3. the certificate's key signed it: ES256 or RS256;
4. the certificate is what §8.2.1 wants: no authority, and made for attestation; the
   model that it names (AAGUID, not critical, once) is the model of the data;
5. a trusted maker issued it, by the rules of `chain`.
"""

from __future__ import annotations

from hwlock.codec import cbor
from hwlock.codec.fields import Fields
from hwlock.crypto import p256, sha2
from hwlock.errors import BadKey, BadSignature, FormatError, UntrustedError
from hwlock.evidence.x509 import chain
from hwlock.evidence.x509.certificate import Certificate
from hwlock.evidence.x509.der import OCTET_STRING, Der, oid
from hwlock.evidence.x509.names import MAX_TEXT, show_name, text_attributes
from hwlock.evidence.x509.spki import read_key
from hwlock.record import Record

from .authenticator_data import FLAG_AT, MAX_BYTES, AuthenticatorData

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import NoReturn

    from hwlock.crypto.keys import VerificationKey

__all__ = ["CLIENT_DATA_HASH", "Fido2Attestation", "verify"]

# What the maker's signature covers beside the authenticator data.
CLIENT_DATA_HASH = sha2.sha256(b"hwlock fido2 attestation v1\0")

_AAGUID = oid("1.3.6.1.4.1.45724.1.1.4")
_ORGANIZATION, _UNIT = oid("2.5.4.10"), oid("2.5.4.11")
_ATTESTS = "Authenticator Attestation"
_RULES = chain.Rules(device="security key", folder="fido2-roots")
_ES256, _RS256 = -7, -257
_MAX_CERTIFICATES = 4
_MAX_SIGNATURE_BYTES = 512


class Fido2Attestation(Record):
    """What a trusted maker says of a security key.

    `aaguid` names the model (32 hexadecimal digits; zeros for one that is older than AAGUIDs),
    `maker` is the organization of the certificate, `certificate` its name; `root_subject`
    names the last certificate of the chain, `expired` says that one is past its time.
    """

    aaguid: str
    maker: str
    certificate: str
    root_subject: str
    expired: bool


class _Statement(Record):
    """The statement as parsed only: `certificates` are DER, the key's own first."""

    form: str
    alg: int
    signature: bytes
    certificates: tuple[bytes, ...]


def verify(
    attestation: bytes, key: VerificationKey, *, trusted: tuple[bytes, ...], at: datetime
) -> Fido2Attestation:
    """Verify the attestation of the credential with `key` by the rules of this module.

    `trusted` are DER, `at` the vendor's aware time. UntrustedError; FormatError for bytes
    that cannot be read.
    """
    fields = Fields(cbor.decode(attestation), "attestation")
    data = AuthenticatorData.parse(fields.bytes("authData", "data", max_bytes=MAX_BYTES))
    # 1. whose key
    data.check()
    if not data.flags & FLAG_AT or data.key != key:
        raise UntrustedError("HWL-FIDO2-ATTEST-KEY")
    # 2. what kind of statement
    statement = _statement(fields)
    fields.done()
    own, *between = (Certificate.parse(der) for der in statement.certificates)
    # 3. who signed
    _check_signature(own, statement, _signed(statement.form, data, key))
    # 4. what the certificate is for
    _check_certificate(own, data, statement.form)
    # 5. who says so
    climbed = chain.climb(own, trusted=trusted, at=at, rules=_RULES, presented=tuple(between))
    maker = text_attributes(Der(own.subject)).get(_ORGANIZATION, "")[:MAX_TEXT]
    return Fido2Attestation(
        aaguid=data.aaguid.hex(),
        maker=maker if maker.isprintable() else "",
        certificate=show_name(own.subject),
        root_subject=climbed.root_subject,
        expired=climbed.expired,
    )


def _statement(fields: Fields) -> _Statement:
    form = fields.text("fmt", "format", max_bytes=32)
    members = fields.map("attStmt", "statement")
    if form not in ("packed", "fido-u2f"):
        raise UntrustedError("HWL-FIDO2-ATTEST-FORMAT", form=form)
    alg = members.raw("alg", "algorithm") if form == "packed" else _ES256
    signature = members.bytes("sig", "signature", max_bytes=_MAX_SIGNATURE_BYTES)
    listed = members.array("x5c", "certificates", max_items=_MAX_CERTIFICATES, default=())
    members.done()
    each = Fields(dict(enumerate(listed)), "certificates")
    certificates = tuple(each.bytes(place, "certificate") for place in range(len(listed)))
    if not certificates:
        raise UntrustedError("HWL-FIDO2-ATTEST-SELF")
    if type(alg) is not int or alg not in (_ES256, _RS256):
        raise UntrustedError("HWL-FIDO2-ATTEST-ALGORITHM", alg=ascii(alg)[:20])
    return _Statement(form=form, alg=alg, signature=signature, certificates=certificates)


def _check_signature(own: Certificate, statement: _Statement, message: bytes) -> None:
    """Verify the statement with the key of its certificate: P-256 or RSA, as `alg` says."""
    signature = statement.signature
    try:
        signer = read_key(own.spki)
        if (len(signer.raw) == 64) != (statement.alg == _ES256):
            raise BadKey("HWL-KEY-CURVE")
        if statement.alg == _ES256:
            signature = p256.signature_from_der(signature)
        signer.verify(signature, message)
    except (BadKey, BadSignature, FormatError) as exc:
        raise UntrustedError("HWL-FIDO2-ATTEST-SIGNATURE") from exc


def _signed(form: str, data: AuthenticatorData, key: VerificationKey) -> bytes:
    if form == "packed":
        return data.raw + CLIENT_DATA_HASH
    # FIDO U2F Raw Message Formats 1.2, section 4.3: a P-256 key, in SEC 1 form
    point = b"\x04" + key.raw
    return b"\0" + data.rp_id_hash + CLIENT_DATA_HASH + data.credential + point


def _check_certificate(own: Certificate, data: AuthenticatorData, form: str) -> None:
    if chain.is_authority(own):
        _refuse(own, "it is one of an authority")
    named = own.extensions.get(_AAGUID)
    if named is not None:
        document = Der(named.value)
        aaguid = document.content(OCTET_STRING)
        document.done()
        if named.critical or aaguid != data.aaguid:
            raise UntrustedError("HWL-FIDO2-ATTEST-AAGUID")
    if form == "packed" and text_attributes(Der(own.subject)).get(_UNIT) != _ATTESTS:
        _refuse(own, "it is not made for attestation")


def _refuse(own: Certificate, fault: str) -> NoReturn:
    raise UntrustedError(
        "HWL-FIDO2-ATTEST-CERTIFICATE", subject=show_name(own.subject), fault=fault
    )
