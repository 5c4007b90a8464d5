"""SMBIOS tables and the answers of Windows, written field by field."""

from __future__ import annotations

import struct

SYSTEM_UUID = "4c4c4544-0033-3410-8042-b7c04f325233"
_UUID_BYTES = bytes.fromhex("44454c4c330010348042b7c04f325233")


def structure(kind: int, fields: bytes, *strings: str) -> bytes:
    """Return one structure: header, formatted area, set of strings."""
    head = struct.pack("<BBH", kind, 4 + len(fields), 0x100 + kind)
    texts = b"".join(text.encode() + b"\0" for text in strings)
    return head + fields + (texts + b"\0" if strings else b"\0\0")


END = structure(127, b"")


def table(*more: bytes) -> bytes:
    """Return the table of a desktop, with `more` structures before its end."""
    system = structure(
        1, b"\x01\x02\x00\x03" + _UUID_BYTES + b"\x06", "Dell Inc.", "Precision 3660", "7B342R3"
    )
    board = structure(2, b"\x01\x02\x00\x03\x00", "Dell Inc.", "0PRR48", "/7B342R3/CNFCW0023N00AB/")
    chassis = structure(3, b"\x01\x03\x00\x00\x02", "Dell Inc.", "CAD-0042")
    return structure(0, b"\x01\x00", "BIOS") + system + board + chassis + b"".join(more) + END


def windows(raw: bytes | None = None) -> bytes:
    """Return what GetSystemFirmwareTable gives: RawSMBIOSData."""
    raw = table() if raw is None else raw
    return struct.pack("<BBBBI", 0, 3, 3, 0, len(raw)) + raw


def descriptor(serial: str, bus: int, *, removable: bool = False) -> bytes:
    """Return a STORAGE_DEVICE_DESCRIPTOR with this serial number."""
    text = serial.encode() + b"\0"
    offset = 40 if serial else 0
    head = struct.pack(
        "<IIBBBBIIIIII", 40, 40 + len(text), 0, 0, removable, 1, 0, 0, 0, offset, bus, 0
    )
    return head + bytes(40 - len(head)) + text


def row(
    name: str,
    mac: str,
    permanent: str,
    *,
    kind: int = 6,
    medium: int = 14,
    hardware: bool = True,
    number: int = 1,
) -> bytes:
    """Return a MIB_IF_ROW2 whose interface GUID ends with `number`."""
    raw = bytearray(1352)
    raw[12:28] = bytes.fromhex("78563412cdab01ef") + bytes(7) + bytes([number])
    text = name.encode("utf-16-le")
    raw[542 : 542 + len(text)] = text
    struct.pack_into("<I", raw, 1056, 6)
    raw[1060:1066] = bytes.fromhex(mac)
    raw[1092:1098] = bytes.fromhex(permanent)
    struct.pack_into("<I8xI", raw, 1128, kind, medium)
    raw[1152] = hardware | 4
    return bytes(raw)


def interfaces(*rows: bytes) -> bytes:
    """Return a MIB_IF_TABLE2."""
    return struct.pack("<I4x", len(rows)) + b"".join(rows)


def guid(number: int) -> str:
    """Return the GUID of row `number` as the registry spells it."""
    return f"{{12345678-ABCD-EF01-0000-0000000000{number:02X}}}"
