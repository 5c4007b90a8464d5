"""A small strict reader of DER (X.690), for certificates over their original bytes.

Lengths are definite and of the shortest form, tags have one byte, nothing may be left over.
What DER says about the order inside a SET is not enforced: the certificates of one TPM
maker break it, their bytes are signed as they are, and general X.509 libraries refuse them.
"""

from __future__ import annotations

from hwlock.errors import FormatError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

__all__ = ["Der", "oid"]

BOOLEAN = 0x01
INTEGER = 0x02
BIT_STRING = 0x03
OCTET_STRING = 0x04
NULL = 0x05
OID = 0x06
UTF8_STRING = 0x0C
PRINTABLE_STRING = 0x13
IA5_STRING = 0x16
UTC_TIME = 0x17
GENERALIZED_TIME = 0x18
SEQUENCE = 0x30
SET = 0x31


def context(number: int, *, constructed: bool = True) -> int:
    """Return the tag of context-specific `number`."""
    return (0xA0 if constructed else 0x80) | number


def oid(dotted: str) -> bytes:
    """Return the content bytes of an object identifier ("2.5.29.19")."""
    first, second, *rest = (int(part) for part in dotted.split("."))
    encoded = bytearray()
    for number in (first * 40 + second, *rest):
        septets = [number & 0x7F]
        while number := number >> 7:
            septets.append(0x80 | number & 0x7F)
        encoded += bytes(reversed(septets))
    return bytes(encoded)


class Der:
    """Walks over the elements inside `data`; offsets in errors count from its start."""

    __slots__ = ("_at", "_data", "where")

    def __init__(self, data: bytes, where: str = "certificate") -> None:
        self._data = data
        self._at = 0
        self.where = where

    def more(self) -> bool:
        """Tell whether an element follows."""
        return self._at < len(self._data)

    def tag(self) -> int:
        """Return the tag of the next element; -1 at the end."""
        return self._data[self._at] if self.more() else -1

    def raw(self, tag: int | None = None) -> bytes:
        """Return the next element whole, as it stands there."""
        start = self._at
        self._element(tag)
        return self._data[start : self._at]

    def content(self, tag: int) -> bytes:
        """Return the content of the next element, which must have this tag."""
        return self._element(tag)

    def inside(self, tag: int) -> Der:
        """Return a walk through the next element, which must have this tag."""
        return Der(self._element(tag), self.where)

    def flag(self) -> bool:
        """Return a BOOLEAN."""
        if (value := self.content(BOOLEAN)) not in (b"\x00", b"\xff"):
            self.refuse("a truth value is neither")
        return value == b"\xff"

    def number(self, most: int) -> int:
        """Return an INTEGER from 0 to `most`."""
        value = int.from_bytes(self.content(INTEGER)[:1024], "big", signed=True)
        if not 0 <= value <= most:
            self.refuse("a number is out of range")
        return value

    def bits(self) -> bytes:
        """Return a BIT STRING without unused bits (a key, a signature)."""
        value = self.content(BIT_STRING)
        if value[:1] != b"\x00":
            self.refuse("a bit string does not end with a byte")
        return value[1:]

    def done(self) -> None:
        """Refuse what is left over."""
        if self.more():
            self.refuse("something follows its end")

    def refuse(self, fault: str) -> NoReturn:
        """Raise the FormatError that says what is wrong."""
        raise FormatError(
            "HWL-TPM-STRUCTURE", stage="field", offset=self._at, where=self.where, fault=fault
        )

    def _element(self, tag: int | None) -> bytes:
        found, size, head = self.tag(), *self._length()
        if (tag is not None and found != tag) or found & 0x1F == 0x1F:
            self.refuse(f"an element of tag {found:#04x} stands in the wrong place")
        start = self._at + head
        if start + size > len(self._data):
            self.refuse("an element ends after the end")
        self._at = start + size
        return self._data[start : self._at]

    def _length(self) -> tuple[int, int]:
        """Return the size of the next element's content, and of its tag and length."""
        head = self._data[self._at : self._at + 6]
        if len(head) < 2:
            self.refuse("it ends too early")
        first = head[1]
        if first < 0x80:
            return first, 2
        count = first & 0x7F
        size = int.from_bytes(head[2 : 2 + count], "big")
        if not 1 <= count <= 4 or len(head) < 2 + count:
            self.refuse("an element has no definite length")
        if size < 0x80 or size >> 8 * (count - 1) == 0:
            self.refuse("a length is not of its shortest form")
        return size, 2 + count


def trim(data: bytes) -> bytes:
    """Return the first element of `data` without what fills the space behind it."""
    return Der(data).raw(SEQUENCE)
