"""Keys of a token: found, read as an anchor's public key, and signed with.

P-256, Ed25519, and RSA with PKCS #1 1.5; all with SHA-256 or the hash inside Ed25519. A public
key is that of the public object with the same CKA_ID, else that of the certificate. Tokens
write EC_POINT in three ways (in an OCTET STRING as PKCS#11 2.40 wants it, in a BIT STRING,
bare); all are read, and nothing else is.
"""

from __future__ import annotations

from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass
from pkcs11.exceptions import AttributeTypeInvalid

from hwlock.crypto import sha2
from hwlock.crypto.keys import VerificationKey
from hwlock.crypto.p256 import point_from_sec1
from hwlock.errors import BadKey
from hwlock.evidence.x509.certificate import Certificate
from hwlock.evidence.x509.der import BIT_STRING, OCTET_STRING, Der
from hwlock.evidence.x509.spki import read_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pkcs11 import PrivateKey, Session

    from hwlock.crypto.anchor_key import AnchorKey

__all__ = ["private_keys", "public_key", "sign", "wants_pin_each_time"]

_P256 = bytes.fromhex("06082a8648ce3d030107")  # EC_PARAMS: the curve's object identifier
_ED25519 = (
    bytes.fromhex("06032b6570"),
    bytes.fromhex("130c656477617264733235353139"),  # or its name, "edwards25519"
)
# DigestInfo of SHA-256 before the digest (RFC 8017 §9.2, note 1)
_SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
_EDWARDS = "EC_EDWARDS"


def private_keys(session: Session, label: str, identity: bytes) -> list[PrivateKey]:
    """Return the private keys that may sign; by label and CKA_ID where these are not empty."""
    wanted: dict[Attribute, object] = {Attribute.CLASS: ObjectClass.PRIVATE_KEY}
    if label:
        wanted[Attribute.LABEL] = label
    if identity:
        wanted[Attribute.ID] = identity
    return [key for key in session.get_objects(wanted) if _get(key, Attribute.SIGN, True)]  # type: ignore[misc]


def public_key(session: Session, private: PrivateKey) -> AnchorKey:
    """Return the public half of `private`; BadKey for a kind or size that is not accepted."""
    identity = bytes(_get(private, Attribute.ID, b""))
    for kind in (ObjectClass.PUBLIC_KEY, ObjectClass.CERTIFICATE):
        for found in session.get_objects({Attribute.CLASS: kind, Attribute.ID: identity}):
            if kind is ObjectClass.CERTIFICATE:
                return read_key(Certificate.parse(bytes(found[Attribute.VALUE])).spki)
            return _of_object(found)
    return _of_object(private)


def sign(private: Any, key: AnchorKey, message: bytes, pin: str | None) -> bytes:
    """Return the raw signature over `message`; `pin` for a key that wants it each time."""
    signature: bytes
    if not isinstance(key, VerificationKey):
        supported = private.session.token.slot.get_mechanisms()
        if Mechanism.SHA256_RSA_PKCS in supported:
            signature = private.sign(message, mechanism=Mechanism.SHA256_RSA_PKCS, pin=pin)
        else:
            info = _SHA256_INFO + sha2.sha256(message)
            signature = private.sign(info, mechanism=Mechanism.RSA_PKCS, pin=pin)
    elif len(key.raw) == 32:
        signature = private.sign(message, mechanism=Mechanism.EDDSA, pin=pin)
    else:
        digest = sha2.sha256(message)
        signature = private.sign(digest, mechanism=Mechanism.ECDSA, pin=pin)
    return signature


def wants_pin_each_time(private: PrivateKey) -> bool:
    """Tell whether the key wants the PIN for each signature (CKA_ALWAYS_AUTHENTICATE)."""
    return bool(_get(private, Attribute.ALWAYS_AUTHENTICATE, False))


def _get(thing: Any, attribute: Attribute, default: Any) -> Any:
    try:
        return thing[attribute]
    except (AttributeTypeInvalid, KeyError):
        return default


def _of_object(found: object) -> AnchorKey:
    kind = _get(found, Attribute.KEY_TYPE, None)
    if kind == KeyType.RSA:
        return _rsa(found)
    if kind == KeyType.EC or getattr(kind, "name", "") == _EDWARDS:
        curve = bytes(_get(found, Attribute.EC_PARAMS, b""))
        point = _point(bytes(_get(found, Attribute.EC_POINT, b"")))
        if curve == _P256:
            return VerificationKey(point_from_sec1(point))
        if curve in _ED25519 and len(point) == 32:
            return VerificationKey(point)
    raise BadKey("HWL-KEY-CURVE")


def _rsa(found: object) -> AnchorKey:
    from hwlock.crypto.rsa import EXPONENT, RsaKey

    modulus = bytes(_get(found, Attribute.MODULUS, b"")).lstrip(b"\0")
    exponent = bytes(_get(found, Attribute.PUBLIC_EXPONENT, b""))
    if int.from_bytes(exponent, "big") != EXPONENT:
        raise BadKey("HWL-KEY-CURVE")
    return RsaKey(modulus)


def _point(value: bytes) -> bytes:
    """Return the bare point: SEC 1 (65 bytes) or Ed25519 (32 bytes)."""
    if len(value) in (32, 65):
        return value
    document = Der(value, "public key")
    bare = document.bits() if document.tag() == BIT_STRING else document.content(OCTET_STRING)
    document.done()
    return bare
