"""Deterministic CBOR, both ways (RFC 8949, section 4.2.1; docs/spec/encoding.md section 1).

Rules of the reader. A file has exactly one form: what would not be written back byte for
byte is refused, and is never repaired.

1. Every head is the shortest that holds its number; no indefinite lengths.
2. Map keys are integers or text, unique, in bytewise order of their encoding.
3. Text is valid UTF-8.
4. No floats, no simple values but false, true and null, no tag but 18 (COSE_Sign1).
5. Nothing follows the value.
6. Size, nesting and the number of values are bounded before any work is done for them: a
   head that claims more than the bytes that are left is refused, so it allocates nothing.

The writer knows one form only, the same; so whatever is read is written back identically.
"""

from __future__ import annotations

from hwlock.errors import FormatError, InternalError
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn, TypeAlias

    Value: TypeAlias = (
        "int | bytes | str | bool | tuple[Value, ...] | dict[int | str, Value] | Tag | None"
    )
    Encodable: TypeAlias = (
        "int | bytes | str | bool | Tag | Sequence[Encodable] | Mapping[int, Encodable]"
        "| Mapping[str, Encodable] | Mapping[int | str, Encodable] | None"
    )
else:
    Value = Encodable = object

__all__ = ["COSE_SIGN1", "MAX_BYTES", "MAX_DEPTH", "MAX_ITEMS", "Tag", "decode", "encode"]

COSE_SIGN1 = 18  # the one tag in our files

MAX_BYTES = 65536
MAX_DEPTH = 16
MAX_ITEMS = 8192  # the costliest value, a map of one pair, takes about 250 bytes of memory

_SIMPLE: dict[int, bool | None] = {0xF4: False, 0xF5: True, 0xF6: None}
_LEAST = {1: 24, 2: 1 << 8, 4: 1 << 16, 8: 1 << 32}  # width of the number → smallest it may hold


class Tag(Record):
    """A tagged value (major type 6)."""

    number: int
    value: Value


def decode(
    data: bytes,
    *,
    max_bytes: int = MAX_BYTES,
    max_depth: int = MAX_DEPTH,
    max_items: int = MAX_ITEMS,
) -> Value:
    """Return the one value that `data` encodes; arrays become tuples.

    `max_depth` counts arrays, maps and tags inside one another, `max_items` all values,
    keys included. FormatError (stage cbor) with the offset of the first fault.
    """
    if len(data) > max_bytes:
        raise FormatError(
            "HWL-CBOR-SIZE", stage="cbor", offset=max_bytes, found=len(data), limit=max_bytes
        )
    reader = _Reader(data, max_depth, max_items)
    value = reader.item(0)
    if reader.at != len(data):
        _refuse("EXTRA", reader.at)
    return value


def encode(value: Encodable) -> bytes:
    """Return the one encoding of `value`; lists are written as arrays, like tuples.

    InternalError for what is no Value: other types, integers beyond 64 bits, keys that are
    neither integers nor text, unpaired surrogates, nesting beyond MAX_DEPTH.
    """
    out: list[bytes] = []
    _write(value, out, 0)
    return b"".join(out)


def _refuse(fault: str, offset: int) -> NoReturn:
    raise FormatError(f"HWL-CBOR-{fault}", stage="cbor", offset=offset)


class _Reader:
    """A position in bytes, and what may still be read from there."""

    __slots__ = ("at", "data", "items_left", "max_depth")

    def __init__(self, data: bytes, max_depth: int, max_items: int) -> None:
        self.data = data
        self.at = 0
        self.max_depth = max_depth
        self.items_left = max_items

    def item(self, depth: int) -> Value:
        """Read one value that stands inside `depth` others."""
        start = self.at
        self.items_left -= 1
        if self.items_left < 0:
            _refuse("ITEMS", start)
        major, number = self.head()
        if major == 0:
            return number
        if major == 1:
            return -1 - number
        if major == 2:
            return self.take(number, start)
        if major == 3:
            return self.text(number, start)
        if major == 7:
            return _SIMPLE[number]
        if depth >= self.max_depth:
            _refuse("DEPTH", start)
        if major == 4:
            return self.array(number, depth + 1, start)
        if major == 5:
            return self.map(number, depth + 1, start)
        return Tag(number=number, value=self.item(depth + 1))

    def head(self) -> tuple[int, int]:
        """Read a head: major type and number (for a simple value its whole byte)."""
        data, at = self.data, self.at
        if at >= len(data):
            _refuse("CUT", at)
        first = data[at]
        major, number = first >> 5, first & 31
        if major >= 6:
            if first not in _SIMPLE and first != 0xC0 | COSE_SIGN1:
                _refuse("TYPE", at)
            self.at = at + 1
            return major, (first if major == 7 else number)
        if number < 24:
            self.at = at + 1
            return major, number
        if number > 27:
            _refuse("TYPE", at)
        width = 1 << (number - 24)
        self.at = at + 1 + width
        if self.at > len(data):
            _refuse("CUT", at)
        number = int.from_bytes(data[at + 1 : self.at], "big")
        if number < _LEAST[width]:
            _refuse("LONG", at)
        return major, number

    def take(self, size: int, start: int) -> bytes:
        """Read `size` bytes."""
        at = self.at
        if size > len(self.data) - at:
            _refuse("CUT", start)
        self.at = at + size
        return self.data[at : at + size]

    def text(self, size: int, start: int) -> str:
        """Read `size` bytes of UTF-8."""
        try:
            return self.take(size, start).decode()
        except UnicodeDecodeError as exc:
            raise FormatError(
                "HWL-CBOR-TEXT", stage="cbor", offset=self.at - size + exc.start
            ) from exc

    def room(self, count: int, start: int) -> None:
        """Refuse `count` values that the bytes left, or the limit, cannot hold."""
        if count > len(self.data) - self.at:
            _refuse("CUT", start)
        if count > self.items_left:
            _refuse("ITEMS", start)

    def array(self, count: int, depth: int, start: int) -> tuple[Value, ...]:
        """Read `count` values."""
        self.room(count, start)
        return tuple([self.item(depth) for _ in range(count)])

    def map(self, count: int, depth: int, start: int) -> dict[int | str, Value]:
        """Read `count` pairs in the order of their encoded keys."""
        self.room(2 * count, start)
        pairs: dict[int | str, Value] = {}
        previous = b""
        for _ in range(count):
            at = self.at
            key = self.item(depth)
            if type(key) is not int and type(key) is not str:
                _refuse("KEY", at)
            encoded = self.data[at : self.at]
            if encoded <= previous:
                _refuse("TWICE" if encoded == previous else "ORDER", at)
            previous = encoded
            pairs[key] = self.item(depth)
        return pairs


def _write(value: object, out: list[bytes], depth: int) -> None:
    """Append the pieces of `value`, which stands inside `depth` others.

    The exact type decides, so that True is no 1; type checkers do not follow `kind`, which is
    why each branch tells them.
    """
    kind = type(value)
    if kind is int:
        out.append(_integer(value))  # type: ignore[arg-type]
    elif kind is bytes:
        out += (_head(2, len(value)), value)  # type: ignore[arg-type]
    elif kind is str:
        out.append(_text(value))  # type: ignore[arg-type]
    elif value is None or kind is bool:
        out.append(b"\xf6" if value is None else b"\xf5" if value else b"\xf4")
    elif depth >= MAX_DEPTH:
        raise InternalError("HWL-INTERNAL", detail=f"CBOR values nest deeper than {MAX_DEPTH}")
    else:
        _write_container(value, out, depth + 1)


def _write_container(value: object, out: list[bytes], depth: int) -> None:
    if isinstance(value, (tuple, list)):
        out.append(_head(4, len(value)))
        for item in value:
            _write(item, out, depth)
    elif isinstance(value, dict):
        out.append(_head(5, len(value)))
        for key, item in sorted((_key(key), item) for key, item in value.items()):
            out.append(key)
            _write(item, out, depth)
    elif isinstance(value, Tag) and value.number == COSE_SIGN1:
        out.append(_head(6, value.number))
        _write(value.value, out, depth)
    else:
        raise InternalError("HWL-INTERNAL", detail=f"{type(value).__name__} has no CBOR form")


def _key(key: object) -> bytes:
    if type(key) is int:
        return _integer(key)
    if type(key) is str:
        return _text(key)
    raise InternalError("HWL-INTERNAL", detail=f"{type(key).__name__} as a CBOR key")


def _integer(value: int) -> bytes:
    return _head(0, value) if value >= 0 else _head(1, -1 - value)


def _text(value: str) -> bytes:
    try:
        raw = value.encode()
    except UnicodeEncodeError as exc:
        raise InternalError("HWL-INTERNAL", detail="text that has no UTF-8 form") from exc
    return _head(3, len(raw)) + raw


def _head(major: int, number: int) -> bytes:
    """Return the shortest head of `number` (0 to 2^64 - 1)."""
    top = major << 5
    if number < 24:
        return bytes((top | number,))
    for code, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << (8 * width):
            return bytes((top | code,)) + number.to_bytes(width, "big")
    raise InternalError("HWL-INTERNAL", detail=f"an integer beyond 64 bits: {number}")
