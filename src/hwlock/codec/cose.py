"""COSE_Sign1, both ways (RFC 9052, section 4.2; docs/spec/encoding.md section 2).

The one shape of everything signed::

    18([ protected: bstr .cbor { 1: alg, 4: kid, 16: typ, ? -70000: delegation },
         unprotected: {}, payload: bstr, signature: bstr .size 64 ])

1. Tag 18 is there, the array has four members, the unprotected map is empty.
2. The protected map has exactly alg (1), kid (4), typ (16, RFC 9596) and possibly a
   delegation (-70000): the signed statement by which a root lets this issuer sign.
3. alg is ES256 (-7) or EdDSA (-8). It is only a statement: the algorithm that verifies is
   a property of the key, and a file whose alg differs from its key's is refused by whoever
   holds the key.
4. The payload is inside; the signature has 64 bytes (for ES256 raw r‖s).

Nothing here verifies. `Sign1` is parsed only: `to_be_signed` is cut from the bytes that
were received, no part of them is encoded a second time.
"""

from __future__ import annotations

from hwlock.errors import FormatError, InternalError
from hwlock.record import Record

from . import cbor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

__all__ = ["EDDSA", "ES256", "Header", "Sign1", "assemble", "parse", "to_be_signed"]

ES256 = -7
EDDSA = -8

_ALG, _KID, _TYP, _DELEGATION = 1, 4, 16, -70000
_KID_BYTES = 16
_SIGNATURE_BYTES = 64
_MAX_TYP_BYTES = 64


class Header(Record):
    """The protected header: `alg` (-7 or -8), `kid` (16 bytes), `typ`, maybe a delegation."""

    alg: int
    kid: bytes
    typ: str
    delegation: bytes | None = None


class Sign1(Record):
    """A signed envelope that was parsed and not verified.

    `signature` is 64 bytes, `to_be_signed` what it must be over, `raw` the whole file.
    """

    header: Header
    payload: bytes
    signature: bytes
    to_be_signed: bytes
    raw: bytes


def parse(raw: bytes, *, expected_typ: str | None = None, max_bytes: int = cbor.MAX_BYTES) -> Sign1:
    """Return the envelope in `raw`; FormatError (stage cbor or cose).

    A file of another kind than `expected_typ` has a code of its own, HWL-COSE-TYP.
    """
    value = cbor.decode(raw, max_bytes=max_bytes, max_depth=3)
    if type(value) is not cbor.Tag or type(value.value) is not tuple or len(value.value) != 4:
        _refuse("SHAPE")
    protected, unprotected, payload, signature = value.value
    if type(protected) is not bytes or type(payload) is not bytes or type(signature) is not bytes:
        _refuse("SHAPE")
    if unprotected != {}:
        _refuse("UNPROTECTED")
    if len(signature) != _SIGNATURE_BYTES:
        _refuse("SIGNATURE", found=len(signature))
    header = _header(protected)
    if expected_typ is not None and header.typ != expected_typ:
        _refuse("TYP", found=header.typ, wanted=expected_typ)
    return Sign1(
        header=header,
        payload=payload,
        signature=signature,
        to_be_signed=to_be_signed(protected, payload),
        raw=raw,
    )


def to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """Return the Sig_structure of the encoded `protected` map, with no external data."""
    return cbor.encode(("Signature1", protected, b"", payload))


def assemble(header: Header, payload: bytes, sign: Callable[[bytes], bytes]) -> bytes:
    """Return the encoded envelope, with `sign(to_be_signed)` as its signature.

    InternalError for a header that `parse` would refuse, or a signature not of 64 bytes.
    """
    members: dict[int, int | bytes | str] = {
        _ALG: header.alg,
        _KID: header.kid,
        _TYP: header.typ,
    }
    if header.delegation is not None:
        members[_DELEGATION] = header.delegation
    protected = cbor.encode(members)
    try:
        _header(protected)
    except FormatError as exc:
        raise InternalError("HWL-INTERNAL", detail=exc.message) from exc
    signature = sign(to_be_signed(protected, payload))
    if len(signature) != _SIGNATURE_BYTES:
        raise InternalError("HWL-INTERNAL", detail=f"a signature of {len(signature)} bytes")
    return cbor.encode(cbor.Tag(number=cbor.COSE_SIGN1, value=(protected, {}, payload, signature)))


def _header(protected: bytes) -> Header:
    """Parse the protected map, which is CBOR inside a byte string."""
    try:
        members = cbor.decode(protected, max_depth=4)
    except FormatError as exc:
        raise FormatError("HWL-COSE-PROTECTED", stage="cose", offset=exc.offset) from exc
    if type(members) is not dict or not {_ALG, _KID, _TYP} <= members.keys():
        _refuse("HEADER")
    if members.keys() - {_ALG, _KID, _TYP, _DELEGATION}:
        _refuse("HEADER")
    alg, kid, typ = members[_ALG], members[_KID], members[_TYP]
    delegation = members.get(_DELEGATION)
    if type(alg) is not int or alg not in (ES256, EDDSA):
        _refuse("ALG")
    if type(kid) is not bytes or len(kid) != _KID_BYTES:
        _refuse("KID")
    if type(typ) is not str or not _is_media_type(typ):
        _refuse("TYP-FORM")
    if _DELEGATION not in members:
        return Header(alg=alg, kid=kid, typ=typ)
    if type(delegation) is not bytes:
        _refuse("DELEGATION")
    return Header(alg=alg, kid=kid, typ=typ, delegation=delegation)


def _is_media_type(typ: str) -> bool:
    """Tell whether `typ` is short, visible ASCII with one slash ("application/x")."""
    visible = typ.isascii() and typ.isprintable() and " " not in typ
    return visible and len(typ) <= _MAX_TYP_BYTES and typ.count("/") == 1


def _refuse(fault: str, **details: object) -> NoReturn:
    raise FormatError(f"HWL-COSE-{fault}", stage="cose", offset=None, **details)
