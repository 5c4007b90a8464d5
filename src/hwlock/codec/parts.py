"""A file as short lines of text, each of which a QR code can hold.

Any phone's camera reads a QR code as text and lets its owner send that text on: no app of
ours is needed at either end. A file becomes 1 to 16 *parts* (docs/spec/encoding.md section 5)::

    HWLOCK:REQUEST:2:3:7QX4M2K:MFRGGZDF…:K5TA.

label, number, count, the file's check (CRC-32), data in base 32 (RFC 4648), the part's check
(20 bits of a CRC-32), a full stop: all in the alphanumeric set of QR codes. The parts of one
file are equally long; `-` fills the last. The checks find accidents; a file's signature finds
the rest.

Reading takes parts in any order, more than once, inside other text, wrapped, quoted, spaced
or in small letters, and says which part is missing or damaged.
"""

from __future__ import annotations

from base64 import b32decode, b32encode
from binascii import crc32

from hwlock.codec.armor import LABELS
from hwlock.errors import FormatError, InternalError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

__all__ = ["MAX_PARTS", "assemble", "found_in", "split"]

MAX_PARTS = 16  # what structured append of QR codes can count
DEFAULT_CHARS = 700
_START = "HWLOCK:"
_FIELDS = 6  # label, number, count, file check, data, part check
_CHECK = 4
_MAX_CHARS = 1 << 17
_BASE32 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
_FILL = "-"


def split(data: bytes, label: str, *, chars: int = DEFAULT_CHARS) -> tuple[str, ...]:
    """Return `data` as parts of about `chars` characters of data; InternalError if too long.

    `label` is one of armor's LABELS.
    """
    text = _base32(data)
    count = max(1, -(-len(text) // chars))
    if label not in LABELS or not data or count > MAX_PARTS:
        raise InternalError("HWL-INTERNAL", detail=f"{len(data)} bytes of {label} as parts")
    size = -(-len(text) // count)
    check = _file_check(data)
    parts = []
    for at in range(count):
        piece = text[at * size : (at + 1) * size]
        # the number is as long as the count, so that all parts are of one length
        number = str(at + 1).zfill(len(str(count)))
        body = f"{_START}{label}:{number}:{count}:{check}:{piece.ljust(size, _FILL)}"
        parts.append(f"{body}:{_part_check(body)}.")
    return tuple(parts)


def found_in(text: str) -> bool:
    """Tell whether `text` holds what looks like the beginning of a part."""
    return _START in text.upper()


def assemble(text: str, *, expected_label: str | None = None) -> tuple[str, bytes]:
    """Return (label, data) of the one file whose parts stand in `text`.

    FormatError (stage parts) names the part that is missing or damaged.
    """
    if len(text) > _MAX_CHARS:
        _refuse("SIZE", found=len(text), limit=_MAX_CHARS)
    parts = [_Part(raw) for raw in _plain(text).split(_START)[1:]]
    if not parts:
        _refuse("NONE")
    first = parts[0]
    if any(part.file != first.file for part in parts):
        _refuse("MIXED")
    if expected_label not in (None, first.label):
        _refuse("LABEL", found=first.label, wanted=expected_label)
    by_number = {part.number: part.data for part in parts}
    missing = [number for number in range(1, first.count + 1) if number not in by_number]
    if missing:
        named = ", ".join(map(str, missing))
        _refuse("MISSING", missing=named, count=first.count)
    data = _bytes("".join(by_number[number] for number in range(1, first.count + 1)))
    if _file_check(data) != first.check:
        _refuse("MIXED")
    return first.label, data


class _Part:
    """One part as read; FormatError where it is not whole."""

    def __init__(self, raw: str) -> None:
        body, stop, _ = raw.partition(".")
        fields = body.split(":")
        number = fields[1].lstrip("0")[:2] if len(fields) > 1 else ""
        shown = number if number.isdigit() else "?"
        if not stop or len(fields) != _FIELDS:
            _refuse("CUT", number=shown)
        label, number_text, count_text, check, data, own = fields
        if own != _part_check(_START + body[: -len(own) - 1]):
            _refuse("DAMAGED", number=shown)
        good = number_text.isdigit() and count_text.isdigit() and label in LABELS
        if not good or not 1 <= int(number_text) <= int(count_text) <= MAX_PARTS:
            _refuse("DAMAGED", number=shown)
        self.label, self.check, self.data = label, check, data.rstrip(_FILL)
        self.number, self.count = int(number_text), int(count_text)
        self.file = (label, check, self.count, len(data))


def _plain(text: str) -> str:
    """Return `text` in capitals, without white space and marks of quotation."""
    if not text.isascii():
        from unicodedata import normalize

        text = normalize("NFKC", text)
    return "".join(char for char in text.upper() if not char.isspace() and char not in ">\u200b")


def _base32(data: bytes) -> str:
    return b32encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    """Return the bytes of base 32 without its padding; one text a value."""
    if not _BASE32.issuperset(text) or len(text) % 8 in (1, 3, 6):
        _refuse("MIXED")
    data = b32decode(text + "=" * (-len(text) % 8))
    if _base32(data) != text:  # bits that nothing reads
        _refuse("MIXED")
    return data


def _file_check(data: bytes) -> str:
    return _base32(crc32(data).to_bytes(4, "big"))


def _part_check(body: str) -> str:
    return _base32(crc32(body.encode()).to_bytes(4, "big"))[:_CHECK]


def _refuse(fault: str, **details: object) -> NoReturn:
    raise FormatError(f"HWL-PARTS-{fault}", stage="parts", offset=None, **details)
