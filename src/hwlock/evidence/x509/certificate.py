"""An X.509 certificate (RFC 5280, section 4.1) as its original bytes and what they say.

Parsing trusts nothing: `chain` verifies. Names are compared as bytes.
"""

from __future__ import annotations

from datetime import datetime, timezone

from hwlock.record import Record

from .der import (
    BIT_STRING,
    BOOLEAN,
    GENERALIZED_TIME,
    INTEGER,
    OCTET_STRING,
    OID,
    SEQUENCE,
    UTC_TIME,
    Der,
    context,
)

__all__ = ["Certificate", "Extension"]

_MAX_BYTES = 8192
_MAX_EXTENSIONS = 32


class Extension(Record):
    """One extension: whether a verifier must understand it, and its value."""

    critical: bool
    value: bytes


class Certificate(Record):
    """A certificate as parsed only: nobody has checked its signature.

    `tbs` are the signed bytes, `algorithm` the raw AlgorithmIdentifier of the signature,
    `issuer` and `subject` the raw Names, `spki` the raw SubjectPublicKeyInfo, `extensions`
    by the content bytes of their object identifier.
    """

    raw: bytes
    tbs: bytes
    algorithm: bytes
    signature: bytes
    issuer: bytes
    subject: bytes
    not_before: datetime
    not_after: datetime
    spki: bytes
    extensions: dict[bytes, Extension]

    def __hash__(self) -> int:
        return hash(self.raw)

    @classmethod
    def parse(cls, raw: bytes) -> Certificate:
        """Read a DER certificate that fills `raw`; FormatError."""
        document = Der(bytes(raw[: _MAX_BYTES + 1]))
        if len(raw) > _MAX_BYTES:
            document.refuse(f"it is longer than {_MAX_BYTES} bytes")
        outer = document.inside(SEQUENCE)
        document.done()
        tbs, algorithm, signature = outer.raw(SEQUENCE), outer.raw(SEQUENCE), outer.bits()
        outer.done()
        body = Der(tbs).inside(SEQUENCE)
        if body.tag() == context(0):
            body.raw()  # version; what a version may not have is not misread either
        body.content(INTEGER)  # serial number: makers use negative and empty-looking ones
        if body.raw(SEQUENCE) != algorithm:
            body.refuse("its two signature algorithms differ")
        issuer, validity, subject = body.raw(SEQUENCE), body.inside(SEQUENCE), body.raw(SEQUENCE)
        spki = body.raw(SEQUENCE)
        for unique_id in (1, 2):
            if body.tag() == context(unique_id, constructed=False):
                body.raw()
        extensions = _extensions(body) if body.tag() == context(3) else {}
        body.done()
        not_before, not_after = _time(validity), _time(validity)
        validity.done()
        return cls(
            raw=bytes(raw),
            tbs=tbs,
            algorithm=algorithm,
            signature=signature,
            issuer=issuer,
            subject=subject,
            not_before=not_before,
            not_after=not_after,
            spki=spki,
            extensions=extensions,
        )


def _extensions(body: Der) -> dict[bytes, Extension]:
    wrapper = body.inside(context(3))
    listed = wrapper.inside(SEQUENCE)
    wrapper.done()
    found: dict[bytes, Extension] = {}
    while listed.more():
        extension = listed.inside(SEQUENCE)
        kind = extension.content(OID)
        critical = extension.tag() == BOOLEAN and extension.flag()
        value = extension.content(OCTET_STRING)
        extension.done()
        if kind in found or len(found) >= _MAX_EXTENSIONS:
            listed.refuse("an extension stands there twice, or there are too many")
        found[kind] = Extension(critical=critical, value=value)
    return found


def _time(validity: Der) -> datetime:
    """Read a Time (RFC 5280, 4.1.2.5): UTC, whole seconds."""
    tag = validity.tag()
    if tag not in (UTC_TIME, GENERALIZED_TIME):
        validity.refuse("a time is of an unknown kind")
    text = validity.content(tag)
    year = 2 if tag == UTC_TIME else 4
    if len(text) != year + 11 or not text[:-1].isdigit() or text[-1:] != b"Z":
        validity.refuse("a time is not readable")
    years = int(text[:year])
    if tag == UTC_TIME:
        years += 1900 if years >= 50 else 2000
    month, day, hour, minute, second = (int(text[at : at + 2]) for at in range(year, year + 10, 2))
    try:
        return datetime(years, month, day, hour, minute, second, tzinfo=timezone.utc)
    except ValueError:
        validity.refuse("a time does not exist")


def key_usage(value: bytes) -> int:
    """Return the first byte of a KeyUsage (4.2.1.3): bit 0x04 is keyCertSign."""
    bits = Der(value).content(BIT_STRING)
    return bits[1] if len(bits) > 1 else 0


def basic_constraints(value: bytes) -> tuple[bool, int | None]:
    """Return whether it is a CA, and how many CAs may stand below it (4.2.1.9)."""
    document = Der(value)
    fields = document.inside(SEQUENCE)
    document.done()
    authority = fields.flag() if fields.tag() == BOOLEAN else False
    below = fields.number(255) if fields.tag() == INTEGER else None
    fields.done()
    return authority, below
