"""Reading armor, slowly and plainly: what the core does in C (docs/spec/encoding.md 3.2)."""

from __future__ import annotations

from binascii import Error, a2b_base64, a2b_qp, b2a_base64, crc32

from hwlock.errors import FormatError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

__all__ = ["decode"]

LABELS = (
    "REQUEST",
    "RESPONSE",
    "LICENSE",
    "RECEIPT",
    "PRODUCT",
    "REVOCATION",
    "MANIFEST",
    "DIAGNOSTIC",
)

_LINE_BYTES = 45
_LINE_CHARS = 64
_CHECK_CHARS = 4
_LAST = 1 << 31  # marks the last line in its check
_WHOLE_BYTES = 4
_GAP_LINES = 64  # how many lost lines are looked for, to tell lost from damaged

_KEPT = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-"
_DROPPED = bytes(byte for byte in range(256) if byte not in _KEPT)
_BEGIN, _END = b"-BEGINHWLOCK", b"-ENDHWLOCK"
_LABEL_CHARS = 32
_MANY_BLOCKS = 32  # different ones are counted up to here
_BINARY = b"\xd2\x84"  # COSE_Sign1; no text begins so: U+0484 is a combining mark
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe58\ufe63\uff0d"


def decode(
    text: bytes, *, expected_label: str | None = None, max_bytes: int = 65536
) -> tuple[str | None, bytes]:
    """Return the label and the data of the one block in `text`, or None and a binary file.

    Of several blocks the one with `expected_label` is taken if there is only one such; the
    same block twice counts once. FormatError (stage armor).
    """
    if text.startswith(_BINARY):
        _bound(len(text), max_bytes)
        return None, text
    _bound(len(text), 4 * max_bytes + 65536)  # quoted, wide characters, text around
    label, body = _choose(_blocks(_clean(text)), expected_label)
    if body is None:
        _refuse("END", label=label)
    _bound(len(body), 2 * max_bytes + _LINE_CHARS)
    data = _data(body)
    _bound(len(data), max_bytes)
    return label, data


def _clean(text: bytes) -> bytes:
    """Undo what mail does to characters, and keep base64 characters and dashes only."""
    if text[:2] in _UTF16:
        text = text.decode("utf-16", "replace").encode()
    if b"=" in text:  # never ours: a quoted-printable escape or soft line break
        text = a2b_qp(text.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
    if b"&" in text or not text.isascii():
        text = _ascii(text)
    return text.translate(None, _DROPPED)


def _ascii(text: bytes) -> bytes:
    """Return `text` without entities, with plain dashes, and without other characters."""
    try:
        wide = text.decode()
    except UnicodeDecodeError:
        wide = text.decode("cp1252", "replace")
    if "&" in wide:
        from html import unescape

        # An entity may have been split when lines were wrapped again.
        wide = unescape("".join(char for char in wide if char in _DASHES or "!" <= char <= "~"))
    for dash in _DASHES:
        wide = wide.replace(dash, "-")
    return wide.encode("ascii", "ignore")


def _blocks(clean: bytes) -> list[tuple[str, bytes | None]]:
    """Return label and body of each block, in order; the body is None where END is missing."""
    upper = clean.upper()
    found: list[tuple[str, bytes | None]] = []
    at = upper.find(_BEGIN)
    while at >= 0:
        at += len(_BEGIN)
        following = upper.find(_BEGIN, at)
        start = upper.find(b"-", at, at + _LABEL_CHARS)
        label = upper[at:start]
        if start > at and label.isalpha():
            limit = following if following >= 0 else len(upper)
            end = upper.find(_END + label, start, limit)
            body = clean[start:end].replace(b"-", b"") if end >= 0 else None
            found.append((label.decode(), body))
        at = following
    if not found:
        _refuse("BEGIN" if _END in upper else "NONE")
    return found


def _choose(
    blocks: list[tuple[str, bytes | None]], expected_label: str | None
) -> tuple[str, bytes | None]:
    """Return the one block that is meant."""
    wanted = [block for block in blocks if expected_label in (None, block[0])]
    if not wanted:
        _refuse("LABEL", found=blocks[0][0], wanted=expected_label)
    if len(set(wanted)) > 1:
        _refuse("SEVERAL", found=min(len(set(wanted)), _MANY_BLOCKS))
    if wanted[0][0] not in LABELS:
        _refuse("KIND", found=wanted[0][0])
    return wanted[0]


def _data(body: bytes) -> bytes:
    """Return what the lines of `body` say, after the checks of each and of the whole."""
    lines = [body[at : at + _LINE_CHARS] for at in range(0, len(body), _LINE_CHARS)]
    parts = []
    for number, line in enumerate(lines, 1):
        part = _part(line)
        if not part or line[-_CHECK_CHARS:] != _check(part, number, last=number == len(lines)):
            _explain(lines, number)
        parts.append(part)
    whole = b"".join(parts)
    data, check = whole[:-_WHOLE_BYTES], whole[-_WHOLE_BYTES:]
    if not data:
        _refuse("EMPTY")
    if check != crc32(data).to_bytes(_WHOLE_BYTES, "big"):
        _refuse("MIXED")
    return data


def _part(line: bytes) -> bytes:
    """Return the bytes of one line; nothing where it is no canonical base64."""
    chars = line[:-_CHECK_CHARS]
    try:
        part = a2b_base64(chars + b"=" * (-len(chars) % 4))
    except Error:  # one character too many
        return b""
    return part if _base64(part) == chars else b""


def _check(part: bytes, number: int, *, last: bool) -> bytes:
    """Return the four characters that protect line `number`: 24 bits of a CRC-32."""
    start = crc32((number | _LAST if last else number).to_bytes(4, "big"))
    return _base64((crc32(part, start) & 0xFFFFFF).to_bytes(3, "big"))


def _base64(data: bytes) -> bytes:
    return b2a_base64(data, newline=False).rstrip(b"=")


def _explain(lines: list[bytes], number: int) -> NoReturn:
    """Say what is wrong with the line that stands at `number`, the first that fails."""
    if number == len(lines) and _is_line(lines[-1], number, last=False):
        _refuse("CUT", line=number)
    last = number == len(lines)
    for other in range(1, number + _GAP_LINES):
        if other == number or not _is_line(lines[number - 1], other, last=last):
            continue
        if other > number and not any(_is_line(line, number, last=False) for line in lines):
            _refuse("MISSING", line=number, count=other - number)
        _refuse("ORDER", line=number, found=other)
    _refuse("LINE", line=number)


def _is_line(line: bytes, number: int, *, last: bool) -> bool:
    """Tell whether `line` was written as line `number`."""
    part = _part(line)
    return bool(part) and line[-_CHECK_CHARS:] == _check(part, number, last=last)


def _bound(size: int, limit: int) -> None:
    if size > limit:
        _refuse("SIZE", found=size, limit=limit)


def _refuse(fault: str, **details: object) -> NoReturn:
    raise FormatError(f"HWL-ARMOR-{fault}", stage="armor", offset=None, **details)
