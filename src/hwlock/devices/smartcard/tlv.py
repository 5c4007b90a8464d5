"""Nested values as cards write them: BER-TLV (ISO 7816-4, section 5.2.2), read strictly.

Tags have one to three bytes, lengths one to four. A length may be longer than it need be,
as real cards write them; nothing may end after the end, stand there twice or follow it.
"""

from __future__ import annotations

from hwlock.errors import BadAnswer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

__all__ = ["read", "read_one", "write"]

_MAX_VALUES = 64


def read(data: bytes, where: str) -> dict[int, bytes]:
    """Return the values of `data` by tag; BadAnswer."""
    found: dict[int, bytes] = {}
    at = 0
    while at < len(data):
        tag, at = _tag(data, at, where)
        size, at = _length(data, at, where)
        if at + size > len(data):
            _refuse(where, "a value ends after the end")
        if tag in found or len(found) >= _MAX_VALUES:
            _refuse(where, "a value stands there twice, or there are too many")
        found[tag] = data[at : at + size]
        at += size
    return found


def read_one(data: bytes, tag: int, where: str) -> bytes:
    """Return the value of `tag`, which must be all that `data` holds; BadAnswer."""
    found = read(data, where)
    if tag not in found or len(found) != 1:
        _refuse(where, f"it is not the value {tag:x}")
    return found[tag]


def write(tag: int, *values: bytes) -> bytes:
    """Write one value, of at most 65535 bytes, with the shortest length."""
    value = b"".join(values)
    size = len(value)
    head = tag.to_bytes((tag.bit_length() + 7) // 8 or 1, "big")
    if size < 0x80:
        return head + bytes([size]) + value
    width = 1 if size < 0x100 else 2
    return head + bytes([0x80 | width]) + size.to_bytes(width, "big") + value


def _tag(data: bytes, at: int, where: str) -> tuple[int, int]:
    end = at + 1
    if data[at] & 0x1F == 0x1F:
        while end < len(data) and end < at + 3 and data[end] & 0x80:
            end += 1
        end += 1
    if end > min(len(data), at + 3):
        _refuse(where, "a tag does not end")
    return int.from_bytes(data[at:end], "big"), end


def _length(data: bytes, at: int, where: str) -> tuple[int, int]:
    first = data[at] if at < len(data) else 0xFF
    if first < 0x80:
        return first, at + 1
    count = first & 0x7F
    if not 1 <= count <= 3 or at + 1 + count > len(data):
        _refuse(where, "a value has no length")
    return int.from_bytes(data[at + 1 : at + 1 + count], "big"), at + 1 + count


def _refuse(where: str, fault: str) -> NoReturn:
    raise BadAnswer("HWL-SMARTCARD-ANSWER", fault=f"{where}: {fault}")
