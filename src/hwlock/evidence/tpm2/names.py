"""Names inside certificates: whose TPM it is, and a name for a person to read."""

from __future__ import annotations

from hwlock.errors import FormatError, UntrustedError
from hwlock.record import Record

from .der import IA5_STRING, OID, PRINTABLE_STRING, SEQUENCE, SET, UTF8_STRING, Der, context, oid

__all__ = ["TpmName", "directory_name", "show_name"]

_MAKER = oid("2.23.133.2.1")
_MODEL = oid("2.23.133.2.2")
_VERSION = oid("2.23.133.2.3")
_COMMON_NAME = oid("2.5.4.3")
_ORGANIZATION = oid("2.5.4.10")
_DIRECTORY_NAME = context(4)
_TEXTS = (UTF8_STRING, PRINTABLE_STRING, IA5_STRING)
_MAX_TEXT = 64


class TpmName(Record):
    """What a maker calls a TPM: its vendor id (4 bytes), the model, the firmware version."""

    maker: bytes
    model: str
    version: str


def directory_name(alternative: bytes) -> TpmName:
    """Read the TPM's name from a SubjectAltName (EK Credential Profile 3.1.2).

    UntrustedError where maker, model or version is missing or not readable: a certificate
    that does not say which TPM it is for is of no use. The three stand in one or in three
    relative names, makers do both.
    """
    document = Der(alternative)
    names = document.inside(SEQUENCE)
    document.done()
    while names.more():
        if names.tag() != _DIRECTORY_NAME:
            names.raw()
            continue
        attributes = _attributes(names.inside(_DIRECTORY_NAME))
        return TpmName(
            maker=_maker_id(attributes.get(_MAKER)),
            model=_text(attributes.get(_MODEL), "model"),
            version=_text(attributes.get(_VERSION), "version"),
        )
    raise UntrustedError("HWL-EK-SAN", fault="it names no TPM")


def show_name(name: bytes) -> str:
    """Return the common name of a Name, else its organization, for a person; never raises."""
    try:
        attributes = _attributes(Der(name))
    except FormatError:
        return "an unreadable name"
    shown = attributes.get(_COMMON_NAME) or attributes.get(_ORGANIZATION) or ""
    return shown[:_MAX_TEXT] if shown.isprintable() and shown else "a name without text"


def _attributes(walk: Der) -> dict[bytes, str]:
    """Return the text attributes of a Name by type, the first of each; others are skipped."""
    sequence = walk.inside(SEQUENCE)
    walk.done()
    found: dict[bytes, str] = {}
    while sequence.more():
        relative = sequence.inside(SET)
        while relative.more():
            pair = relative.inside(SEQUENCE)
            kind, tag = pair.content(OID), pair.tag()
            if tag not in _TEXTS:
                pair.raw()
                continue
            try:
                found.setdefault(kind, pair.content(tag).decode())
            except UnicodeDecodeError:
                pair.refuse("a name is not text")
            pair.done()
    return found


def _maker_id(text: str | None) -> bytes:
    if text is None or len(text) != 11 or text[:3].lower() != "id:":
        raise UntrustedError("HWL-EK-SAN", fault="it does not name the maker")
    try:
        return bytes.fromhex(text[3:])
    except ValueError as exc:
        raise UntrustedError("HWL-EK-SAN", fault="it does not name the maker") from exc


def _text(text: str | None, what: str) -> str:
    if text is None or not 0 < len(text) <= _MAX_TEXT or not text.isprintable():
        raise UntrustedError("HWL-EK-SAN", fault=f"it does not name the {what}")
    return text
