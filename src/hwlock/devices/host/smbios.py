"""The SMBIOS structure table (DMTF DSP0134, sections 6.1 and 7.2 to 7.4), strictly bounded.

A structure is a header (type, length, handle), the formatted area up to `length`, and a set
of strings: each ends with a zero byte, the set with another. Strings are named by a number
from 1. Windows hands out the table to everybody; Linux only to root, so its reader does not
use it (the file /sys/firmware/dmi/tables/DMI has the same bytes).
"""

from __future__ import annotations

from hwlock.errors import BadAnswer
from hwlock.record import Record

__all__ = ["Firmware", "parse", "parse_windows"]

MAX_TABLE_BYTES = 1 << 20
_MAX_STRUCTURES = 4096
_SYSTEM, _BASEBOARD, _CHASSIS, _END = 1, 2, 3, 127


class Firmware(Record):
    """What the table says of the machine; empty where it says nothing."""

    vendor: str = ""
    product: str = ""
    system_serial: str = ""
    uuid: str = ""
    board_vendor: str = ""
    board_product: str = ""
    board_serial: str = ""
    board_tag: str = ""
    chassis_tag: str = ""


class _Structure:
    def __init__(self, formatted: bytes, strings: list[bytes]) -> None:
        self.formatted = formatted
        self.strings = strings

    def text(self, offset: int) -> str:
        """Return the string whose number stands at `offset`; empty where there is none."""
        number = self.formatted[offset] if offset < len(self.formatted) else 0
        if not 0 < number <= len(self.strings):
            return ""
        return self.strings[number - 1].decode("ascii", "replace")


def parse_windows(raw: bytes) -> Firmware:
    """Read what GetSystemFirmwareTable('RSMB') returns: 8 bytes of header, then the table."""
    if len(raw) < 8:
        raise BadAnswer("HWL-HOST-SMBIOS", detail="the header is cut off")
    size = int.from_bytes(raw[4:8], "little")
    if size != len(raw) - 8:
        raise BadAnswer("HWL-HOST-SMBIOS", detail="its length is not the one it states")
    return parse(raw[8:])


def parse(table: bytes) -> Firmware:
    """Read a structure table; BadAnswer where it is cut off or not one."""
    if len(table) > MAX_TABLE_BYTES:
        raise BadAnswer("HWL-HOST-SMBIOS", detail="it is too large")
    first: dict[int, _Structure] = {}
    offset = 0
    for _ in range(_MAX_STRUCTURES):
        if offset == len(table):
            break
        kind, structure, offset = _next(table, offset)
        if kind == _END:
            break
        first.setdefault(kind, structure)
    else:
        raise BadAnswer("HWL-HOST-SMBIOS", detail="it has no end")
    return _firmware(first)


def _next(table: bytes, offset: int) -> tuple[int, _Structure, int]:
    if len(table) - offset < 4:
        raise BadAnswer("HWL-HOST-SMBIOS", detail="a header is cut off")
    kind, length = table[offset], table[offset + 1]
    area = offset + length
    end = table.find(b"\0\0", area)
    if length < 4 or area > len(table) or end < 0:
        raise BadAnswer("HWL-HOST-SMBIOS", detail="a structure is cut off")
    return kind, _Structure(table[offset:area], table[area:end].split(b"\0")), end + 2


def _firmware(first: dict[int, _Structure]) -> Firmware:
    none = _Structure(b"", [])
    system = first.get(_SYSTEM, none)
    board = first.get(_BASEBOARD, none)
    return Firmware(
        vendor=system.text(4),
        product=system.text(5),
        system_serial=system.text(7),
        uuid=_uuid(system.formatted[8:24]),
        board_vendor=board.text(4),
        board_product=board.text(5),
        board_serial=board.text(7),
        board_tag=board.text(8),
        chassis_tag=first.get(_CHASSIS, none).text(8),
    )


def _uuid(field: bytes) -> str:
    """Write a UUID as the firmware's setup shows it: its first three fields are swapped."""
    if len(field) != 16:
        return ""
    parts = (field[3::-1], field[5:3:-1], field[7:5:-1], field[8:10], field[10:])
    return "-".join(part.hex() for part in parts)
