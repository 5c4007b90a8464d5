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

Nothing here verifies. `Sign1` is parsed only, by the compiled core: `to_be_signed` is cut from
the bytes that were received, no part of them is encoded a second time.
"""

from __future__ import annotations

from hwlock._native import ffi, lib
from hwlock.errors import FormatError, InternalError
from hwlock.record import Record

from . import cbor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["EDDSA", "ES256", "Header", "Sign1", "assemble", "parse", "to_be_signed"]

ES256 = -7
EDDSA = -8

_ALG, _KID, _TYP, _DELEGATION = 1, 4, 16, -70000
_SIGNATURE_BYTES = 64

_OK = lib.HWLOCK_OK
_ENVELOPE, _FAULT = ffi.typeof("hwlock_envelope *"), ffi.typeof("hwlock_fault *")
_FAULTS = {
    lib.HWLOCK_COSE_SHAPE: "HWL-COSE-SHAPE",
    lib.HWLOCK_COSE_UNPROTECTED: "HWL-COSE-UNPROTECTED",
    lib.HWLOCK_COSE_SIGNATURE: "HWL-COSE-SIGNATURE",
    lib.HWLOCK_COSE_PROTECTED: "HWL-COSE-PROTECTED",
    lib.HWLOCK_COSE_HEADER: "HWL-COSE-HEADER",
    lib.HWLOCK_COSE_ALG: "HWL-COSE-ALG",
    lib.HWLOCK_COSE_KID: "HWL-COSE-KID",
    lib.HWLOCK_COSE_TYP_FORM: "HWL-COSE-TYP-FORM",
    lib.HWLOCK_COSE_DELEGATION: "HWL-COSE-DELEGATION",
    lib.HWLOCK_COSE_TYP: "HWL-COSE-TYP",
}
_PROTECTED = lib.HWLOCK_COSE_PROTECTED


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
    found, fault = ffi.new(_ENVELOPE), ffi.new(_FAULT)
    wanted = ffi.NULL if expected_typ is None else expected_typ.encode()
    if lib.hwlock_envelope_read(found, raw, len(raw), wanted, max_bytes, fault) != _OK:
        raise _refused(found, fault, expected_typ)
    header = Header(
        alg=found.alg,
        kid=_cut(found.kid),
        typ=_cut(found.typ).decode(),
        delegation=_cut(found.delegation) if found.delegation.at else None,
    )
    payload = _cut(found.payload)
    return Sign1(
        header=header,
        payload=payload,
        signature=_cut(found.signature),
        to_be_signed=to_be_signed(_cut(found.protected_header), payload),
        raw=raw,
    )


def _cut(span: Any) -> bytes:
    return bytes(ffi.buffer(span.at, span.bytes))


def _refused(found: Any, fault: Any, expected_typ: str | None) -> FormatError:
    """Return what the core found as an error with the particulars of its sentence."""
    if fault.code not in _FAULTS:
        return cbor.refused(fault)
    details: dict[str, object] = {}
    if fault.code == lib.HWLOCK_COSE_SIGNATURE:
        details = {"found": fault.found}
    if fault.code == lib.HWLOCK_COSE_TYP:
        details = {"found": _cut(found.typ).decode(), "wanted": expected_typ}
    offset = fault.offset if fault.code == _PROTECTED else None
    return FormatError(
        _FAULTS.get(fault.code, "HWL-COSE-SHAPE"), stage="cose", offset=offset, **details
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
    draft = _envelope(protected, b"", bytes(_SIGNATURE_BYTES))
    try:
        parse(draft, max_bytes=len(draft))
    except FormatError as exc:
        raise InternalError("HWL-INTERNAL", detail=exc.message) from exc
    signature = sign(to_be_signed(protected, payload))
    if len(signature) != _SIGNATURE_BYTES:
        raise InternalError("HWL-INTERNAL", detail=f"a signature of {len(signature)} bytes")
    return _envelope(protected, payload, signature)


def _envelope(protected: bytes, payload: bytes, signature: bytes) -> bytes:
    return cbor.encode(cbor.Tag(number=cbor.COSE_SIGN1, value=(protected, {}, payload, signature)))
