"""Reading deterministic CBOR, plainly: what the core does in C (docs/spec/encoding.md 1)."""

from __future__ import annotations

from typing import NoReturn

from hwlock.codec.cbor import COSE_SIGN1, MAX_BYTES, MAX_DEPTH, MAX_ITEMS, Tag, Value
from hwlock.errors import FormatError

__all__ = ["decode"]

_SIMPLE: dict[int, bool | None] = {0xF4: False, 0xF5: True, 0xF6: None}
_LEAST = {1: 24, 2: 1 << 8, 4: 1 << 16, 8: 1 << 32}  # width of the number → smallest it may hold


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
