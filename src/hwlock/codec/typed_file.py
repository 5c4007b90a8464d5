"""A whole file as a code: the last way when nothing but a voice can travel.

Lines of groups (docs/spec/encoding.md section 4.3)::

     1: 7G3KD 0QX2M 28T53 CY4TP QKFFT 04HM2
     2: …

The bytes are: length (2 bytes), the file, CRC-32 of both (4 bytes), zeros. Groups are of
letters, 20 bits each, or of digits, 16 bits each, and counted through all lines: an error is
named by its line and group. A response has some 200 groups: a QR code or a file is quicker.
"""

from __future__ import annotations

from binascii import crc32

from hwlock.codec.groups import DIGITS, LETTERS
from hwlock.codec.typed_code import perhaps, plain
from hwlock.errors import FormatError, InternalError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from hwlock.codec.groups import Groups

__all__ = ["ACROSS", "MAX_BYTES", "decode", "encode", "spoken"]

ACROSS = 6  # groups in a line
MAX_BYTES = 8192
_MAX_CHARS = 1 << 16
_BITS = {LETTERS: 20, DIGITS: 16}
_NAMES = (
    "Zero One Two Three Four Five Six Seven Eight Nine Alfa Bravo Charlie Delta Echo Foxtrot "
    "Golf Hotel India Juliett Kilo Lima Mike November Oscar Papa Quebec Romeo Sierra Tango "
    "Uniform Victor Whiskey X-ray Yankee Zulu"
).split()
_SPOKEN = dict(zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", _NAMES, strict=True))


def encode(data: bytes, *, digits: bool = False) -> str:
    """Return `data` (at most 8192 bytes) as lines of groups."""
    if not 0 < len(data) <= MAX_BYTES:
        raise InternalError("HWL-INTERNAL", detail=f"{len(data)} bytes as a typed code")
    kind: Groups = DIGITS if digits else LETTERS
    body = len(data).to_bytes(2, "big") + data
    body += crc32(body).to_bytes(4, "big")
    bits = _BITS[kind]
    count = -(-len(body) * 8 // bits)
    number = int.from_bytes(body, "big") << (count * bits - len(body) * 8)
    words = [
        kind.write(number >> bits * (count - place) & (1 << bits) - 1, place)
        for place in range(1, count + 1)
    ]
    lines = [words[at : at + ACROSS] for at in range(0, count, ACROSS)]
    width = len(str(len(lines)))
    return "".join(f"{at:{width}}: {' '.join(line)}\n" for at, line in enumerate(lines, 1))


def decode(text: str, *, digits: bool = False) -> bytes:
    """Return the file that lines of groups stand for, line numbers and all.

    FormatError (stage typed) names the line and the group that is wrong.
    """
    if len(text) > _MAX_CHARS:
        _refuse("SIZE", found=len(text), limit=_MAX_CHARS)
    kind: Groups = DIGITS if digits else LETTERS
    bits, number, place = _BITS[kind], 0, 0
    for word in _words(kind, text):
        place += 1
        if kind.place_of(word) != place % kind.places:
            hint = perhaps(kind, word, place)
            _refuse("LINE", **_where(place), perhaps=hint)
        value = kind.value(word)
        if value >> bits:
            _refuse("LINE", **_where(place), perhaps="")
        number = number << bits | value
    body = (number << (-place * bits % 8)).to_bytes((place * bits + 7) // 8, "big")
    length = int.from_bytes(body[:2], "big")
    if len(body) < length + 6:
        _refuse("SHORT", **_where(place + 1))
    if crc32(body[: length + 2]) != int.from_bytes(body[length + 2 : length + 6], "big"):
        _refuse("WHOLE")
    if any(body[length + 6 :]) or len(body) > length + 8:
        _refuse("WHOLE")
    return body[2 : length + 2]


def spoken(code: str) -> str:
    """Return a code as it is read out: `7G` is "Seven Golf"; groups end with a comma."""
    lines = []
    for line in code.splitlines():
        number, colon, rest = line.rpartition(":")
        said = [" ".join(_SPOKEN[char] for char in group) for group in plain(rest).split()]
        lines.append(f"{number}{colon} {', '.join(said)}" if colon else ", ".join(said))
    return "\n".join(lines) + "\n"


def _words(kind: Groups, text: str) -> list[str]:
    """Return the groups of all lines, in the characters that were meant."""
    typed = "".join("".join(plain(line.rpartition(":")[2]).split()) for line in text.splitlines())
    read = ""
    for at, char in enumerate(typed):
        meant = kind.reads(char)
        if meant is None:
            _refuse("LINE", **_where(at // kind.length + 1), perhaps=f"; {char} is in no code")
        read += meant
    if len(read) % kind.length:
        place = len(read) // kind.length + 1
        wrong = next(
            (at for at in range(1, place) if not _right(kind, read, at)), place
        )  # the first group that lost or gained a character
        _refuse("SHORT", **_where(wrong))
    return [read[at : at + kind.length] for at in range(0, len(read), kind.length)]


def _right(kind: Groups, read: str, place: int) -> bool:
    word = read[(place - 1) * kind.length : place * kind.length]
    return kind.place_of(word) == place % kind.places


def _where(place: int) -> dict[str, int]:
    line, group = divmod(place - 1, ACROSS)
    return {"line": line + 1, "group": group + 1}


def _refuse(fault: str, **details: object) -> NoReturn:
    raise FormatError(f"HWL-CODE-{fault}", stage="typed", offset=None, **details)
