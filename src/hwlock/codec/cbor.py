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

The compiled core reads; values are made of what it found. The writer knows one form only, the
same; so whatever is read is written back identically.
"""

from __future__ import annotations

from hwlock._native import ffi, lib
from hwlock.errors import FormatError, InternalError
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, TypeAlias

    Value: TypeAlias = (
        "int | bytes | str | bool | tuple[Value, ...] | dict[int | str, Value] | Tag | None"
    )
    Encodable: TypeAlias = (
        "int | bytes | str | bool | Tag | Sequence[Encodable] | Mapping[int, Encodable]"
        "| Mapping[str, Encodable] | Mapping[int | str, Encodable] | None"
    )
else:
    Value = Encodable = object

__all__ = [
    "COSE_SIGN1",
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_ITEMS",
    "Tag",
    "decode",
    "encode",
    "refused",
]

COSE_SIGN1 = 18  # the one tag in our files

MAX_BYTES = 65536
MAX_DEPTH = 16
MAX_ITEMS = 8192  # the costliest value, a map of one pair, takes about 250 bytes of memory

_SIMPLE: dict[int, bool | None] = {0xF4: False, 0xF5: True, 0xF6: None}

_OK = lib.HWLOCK_OK
_COUNT, _FAULT = ffi.typeof("size_t *"), ffi.typeof("hwlock_fault *")
_items = ffi.new_allocator(should_clear_after_alloc=False)

_FAULTS = {
    lib.HWLOCK_CBOR_SIZE: "HWL-CBOR-SIZE",
    lib.HWLOCK_CBOR_CUT: "HWL-CBOR-CUT",
    lib.HWLOCK_CBOR_TYPE: "HWL-CBOR-TYPE",
    lib.HWLOCK_CBOR_LONG: "HWL-CBOR-LONG",
    lib.HWLOCK_CBOR_ITEMS: "HWL-CBOR-ITEMS",
    lib.HWLOCK_CBOR_DEPTH: "HWL-CBOR-DEPTH",
    lib.HWLOCK_CBOR_TEXT: "HWL-CBOR-TEXT",
    lib.HWLOCK_CBOR_KEY: "HWL-CBOR-KEY",
    lib.HWLOCK_CBOR_ORDER: "HWL-CBOR-ORDER",
    lib.HWLOCK_CBOR_TWICE: "HWL-CBOR-TWICE",
    lib.HWLOCK_CBOR_EXTRA: "HWL-CBOR-EXTRA",
}


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
    room = min(len(data), max_items)
    items, count, fault = _items("hwlock_item[]", room), ffi.new(_COUNT, room), ffi.new(_FAULT)
    code = lib.hwlock_cbor_read(
        items, count, data, len(data), max_bytes, max_depth, max_items, fault
    )
    if code != _OK:
        raise refused(fault)
    return _Builder(data, items).value()


def refused(fault: Any) -> FormatError:
    """Return what the core found at stage cbor (a hwlock_fault) as an error."""
    details = {}
    if fault.code == lib.HWLOCK_CBOR_SIZE:
        details = {"found": fault.found, "limit": fault.wanted}
    code = _FAULTS.get(fault.code, "HWL-CBOR-TYPE")
    return FormatError(code, stage="cbor", offset=fault.offset, **details)


def encode(value: Encodable) -> bytes:
    """Return the one encoding of `value`; lists are written as arrays, like tuples.

    InternalError for what is no Value: other types, integers beyond 64 bits, keys that are
    neither integers nor text, unpaired surrogates, nesting beyond MAX_DEPTH.
    """
    out: list[bytes] = []
    _write(value, out, 0)
    return b"".join(out)


class _Builder:
    """Makes values of the items that the core found in `data`, in their order."""

    __slots__ = ("at", "data", "items")

    def __init__(self, data: bytes, items: Any) -> None:
        self.data = data
        self.items = items
        self.at = 0

    def value(self) -> Value:
        """Make the next value, and all that is in it."""
        item = self.items[self.at]
        self.at += 1
        major, number = item.type, item.number
        if major == 0:
            return number  # type: ignore[no-any-return]
        if major == 1:
            return -1 - number  # type: ignore[no-any-return]
        if major <= 3:
            content = self.data[item.at : item.at + number]
            return content if major == 2 else content.decode()
        if major == 4:
            return tuple([self.value() for _ in range(number)])
        if major == 5:
            return {self.value(): self.value() for _ in range(number)}  # type: ignore[misc]
        if major == 6:
            return Tag(number=number, value=self.value())
        return _SIMPLE[number]


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
