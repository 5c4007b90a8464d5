"""Reading a signed envelope, plainly: what the core does in C (docs/spec/encoding.md 2)."""

from __future__ import annotations

from typing import NoReturn

import cbor_model

from hwlock.codec.cbor import MAX_BYTES, Tag
from hwlock.codec.cose import EDDSA, ES256, Header, Sign1, to_be_signed
from hwlock.errors import FormatError

__all__ = ["parse"]

_ALG, _KID, _TYP, _DELEGATION = 1, 4, 16, -70000
_KID_BYTES = 16
_SIGNATURE_BYTES = 64
_MAX_TYP_BYTES = 64


def parse(raw: bytes, *, expected_typ: str | None = None, max_bytes: int = MAX_BYTES) -> Sign1:
    """Return the envelope in `raw`; FormatError (stage cbor or cose).

    A file of another kind than `expected_typ` has a code of its own, HWL-COSE-TYP.
    """
    value = cbor_model.decode(raw, max_bytes=max_bytes, max_depth=3)
    if type(value) is not Tag or type(value.value) is not tuple or len(value.value) != 4:
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


def _header(protected: bytes) -> Header:
    """Parse the protected map, which is CBOR inside a byte string."""
    try:
        members = cbor_model.decode(protected, max_depth=4)
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
