"""The key inside a certificate, as an anchor can have it."""

from __future__ import annotations

from hwlock.crypto import p256
from hwlock.crypto.keys import VerificationKey
from hwlock.errors import BadKey

from .der import INTEGER, OID, SEQUENCE, Der, oid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hwlock.crypto.anchor_key import AnchorKey

__all__ = ["read_key"]

_RSA = oid("1.2.840.113549.1.1.1")
_EC = oid("1.2.840.10045.2.1")
_P256 = oid("1.2.840.10045.3.1.7")
_ED25519 = oid("1.3.101.112")


def read_key(spki: bytes) -> AnchorKey:
    """Return the key of a SubjectPublicKeyInfo (DER): P-256, Ed25519 or RSA.

    BadKey for another kind of key, and for one that is not accepted; FormatError.
    """
    document = Der(spki)
    info = document.inside(SEQUENCE)
    document.done()
    algorithm, key = info.inside(SEQUENCE), info.bits()
    info.done()
    kind = algorithm.content(OID)
    if kind == _EC and algorithm.tag() == OID and algorithm.content(OID) == _P256:
        return VerificationKey(p256.point_from_sec1(key))
    if kind == _ED25519 and len(key) == 32:
        return VerificationKey(key)
    if kind == _RSA:
        return _rsa(Der(key))
    raise BadKey("HWL-KEY-CURVE")


def _rsa(document: Der) -> AnchorKey:
    """Read an RSAPublicKey (RFC 8017, A.1.1)."""
    from hwlock.crypto.rsa import EXPONENT, RsaKey

    numbers = document.inside(SEQUENCE)
    document.done()
    modulus, exponent = numbers.content(INTEGER), numbers.number(2**64)
    numbers.done()
    if exponent != EXPONENT:
        raise BadKey("HWL-KEY-CURVE")
    # a positive INTEGER whose first bit is set has one zero byte before it
    return RsaKey(modulus[1:] if modulus[:1] == b"\0" else modulus)
