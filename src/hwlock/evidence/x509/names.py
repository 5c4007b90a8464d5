"""Names inside certificates, as text."""

from __future__ import annotations

from hwlock.errors import FormatError

from .der import IA5_STRING, OID, PRINTABLE_STRING, SEQUENCE, SET, UTF8_STRING, Der, oid

__all__ = ["MAX_TEXT", "show_name", "text_attributes"]

_COMMON_NAME = oid("2.5.4.3")
_ORGANIZATION = oid("2.5.4.10")
_TEXTS = (UTF8_STRING, PRINTABLE_STRING, IA5_STRING)
MAX_TEXT = 64


def show_name(name: bytes) -> str:
    """Return the common name of a Name, else its organization, for a person; never raises."""
    try:
        attributes = text_attributes(Der(name))
    except FormatError:
        return "an unreadable name"
    shown = attributes.get(_COMMON_NAME) or attributes.get(_ORGANIZATION) or ""
    return shown[:MAX_TEXT] if shown.isprintable() and shown else "a name without text"


def text_attributes(walk: Der) -> dict[bytes, str]:
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
