"""TPM structures as bytes: big-endian numbers and sized buffers, read within bounds.

TPM 2.0 Library, Part 2: every number is big-endian, a TPM2B is a UINT16 size followed by
that many bytes. The reader never allocates for a size that is not there, and refuses what
is left over; the structure is named in the error (FormatError, stage "field").
"""

from __future__ import annotations

from hwlock.errors import FormatError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

__all__ = ["Reader", "sized", "u8", "u16", "u32", "u64"]


def u8(value: int) -> bytes:
    """Return one byte."""
    return value.to_bytes(1, "big")


def u16(value: int) -> bytes:
    """Return a UINT16."""
    return value.to_bytes(2, "big")


def u32(value: int) -> bytes:
    """Return a UINT32."""
    return value.to_bytes(4, "big")


def u64(value: int) -> bytes:
    """Return a UINT64."""
    return value.to_bytes(8, "big")


def sized(data: bytes) -> bytes:
    """Return `data` as a TPM2B: its size as UINT16, then itself."""
    return u16(len(data)) + data


class Reader:
    """Reads one structure from its first byte to its last; `where` names it in errors."""

    __slots__ = ("_data", "at", "where")

    def __init__(self, data: bytes, where: str) -> None:
        self._data = bytes(data)
        self.at = 0
        self.where = where

    def take(self, size: int) -> bytes:
        """Return the next `size` bytes."""
        end = self.at + size
        if end > len(self._data):
            self.refuse("it ends too early")
        piece = self._data[self.at : end]
        self.at = end
        return piece

    def u8(self) -> int:
        """Return one byte as a number."""
        return self.take(1)[0]

    def u16(self) -> int:
        """Return a UINT16."""
        return int.from_bytes(self.take(2), "big")

    def u32(self) -> int:
        """Return a UINT32."""
        return int.from_bytes(self.take(4), "big")

    def u64(self) -> int:
        """Return a UINT64."""
        return int.from_bytes(self.take(8), "big")

    def sized(self, max_bytes: int = 4096) -> bytes:
        """Return the content of a TPM2B of at most `max_bytes`."""
        size = self.u16()
        if size > max_bytes:
            self.refuse(f"a buffer of {size} bytes, at most {max_bytes} are expected")
        return self.take(size)

    def rest(self) -> bytes:
        """Return everything that is left."""
        return self.take(len(self._data) - self.at)

    def since(self, start: int) -> bytes:
        """Return the bytes from `start` to here, as they were read."""
        return self._data[start : self.at]

    def expect(self, found: int, wanted: int, what: str) -> None:
        """Refuse unless `found` is `wanted`; `what` names the member."""
        if found != wanted:
            self.refuse(f"{what} is {found:#x}, not {wanted:#x}")

    def done(self) -> None:
        """Refuse bytes that are left over."""
        if self.at != len(self._data):
            self.refuse(f"{len(self._data) - self.at} bytes follow its end")

    def refuse(self, fault: str) -> NoReturn:
        """Raise the FormatError that says what is wrong, and where."""
        raise FormatError(
            "HWL-TPM-STRUCTURE", stage="field", offset=self.at, where=self.where, fault=fault
        )
