"""Windows: registry, SMBIOS table, storage descriptors and the interface table.

Everything here works for an ordinary user, and starts no process: `wmic` is gone from
Windows 11 and a fingerprint must not depend on a shell. The functions named `query_…` ask
the system and return bytes or plain values; `collect` and the parsers below them are pure,
so that recorded answers test them anywhere.

Network adapters come from GetIfTable2, not from GetAdaptersAddresses: its rows say which
interfaces are hardware and give the address of the maker beside the one in use, which
random addresses for wireless networks and virtual switches need. Bus by bus: the registry's
class key of adapters says whether one hangs on USB.
"""

from __future__ import annotations

import struct
import sys
from itertools import pairwise

from hwlock.errors import BadAnswer
from hwlock.record import Record

from . import smbios
from .reading import Reading

__all__ = ["Answers", "Disk", "Interface", "collect", "parse_disk", "parse_interfaces", "read"]

# MIB_IF_ROW2 has no pointers and is the same for 32 and 64 bits (netioapi.h).
_ROW_BYTES = 1352
_MAX_ROWS = 1024
_ETHERNET, _WIRELESS = 6, 71  # IF_TYPE_ETHERNET_CSMACD, IF_TYPE_IEEE80211
_BLUETOOTH = 10  # NdisPhysicalMediumBluetooth
# STORAGE_BUS_TYPE of ntddstor.h
_BUS_USB, _BUS_1394, _BUS_SD = 7, 4, 12
_BUS_FIBRE, _BUS_ISCSI = 6, 9
_BUS_VIRTUAL, _BUS_FILE, _BUS_SPACES = 14, 15, 16


class Disk(Record):
    """A STORAGE_DEVICE_DESCRIPTOR, as far as it matters here."""

    bus: int
    removable: bool
    serial: str


class Interface(Record):
    """A row of the interface table: `address` is the maker's, `guid` in registry spelling."""

    name: str
    guid: str
    kind: int
    medium: int
    hardware: bool
    address: bytes


class Answers(Record):
    """What this system said; a test records one."""

    machine_guid: str = ""
    cpu: tuple[str, str] = ("", "")
    memory: int = 0
    firmware: bytes = b""
    disks: tuple[tuple[str, bytes], ...] = ()
    interfaces: bytes = b""
    buses: tuple[tuple[str, str], ...] = ()


def collect(answers: Answers) -> Reading:
    """Turn a system's answers into a reading; one that is malformed becomes a note."""
    reading = Reading()
    try:
        _firmware(reading, answers.firmware)
    except BadAnswer as error:
        _note(reading, error, "firmware")
    reading.processor(answers.cpu[0], *_cpu_words(answers.cpu[1]))
    reading.memory(answers.memory)
    reading.serial("machine-id", "MachineGuid", answers.machine_guid)
    for name, descriptor in answers.disks:
        try:
            _disk(reading, name, parse_disk(descriptor))
        except BadAnswer as error:
            _note(reading, error, name)
    try:
        _interfaces(reading, answers)
    except BadAnswer as error:
        _note(reading, error, "network adapters")
    return reading


def _note(reading: Reading, error: BadAnswer, what: str) -> None:
    # One part that answers nonsense must not lock out a machine whose other parts fit.
    reading.leave(error.code, what, str(error.details["detail"]))


def _interfaces(reading: Reading, answers: Answers) -> None:
    buses = dict(answers.buses)
    for interface in parse_interfaces(answers.interfaces):
        _interface(reading, interface, buses.get(interface.guid, ""))


def _firmware(reading: Reading, raw: bytes) -> None:
    if not raw:
        return
    firmware = smbios.parse_windows(raw)
    words = (firmware.vendor, firmware.product, firmware.board_vendor, firmware.board_product)
    reading.board(*words)
    reading.name = f"{firmware.vendor} {firmware.product}".strip()
    reading.uuid("firmware-uuid", "firmware UUID", firmware.uuid)
    reading.serial("system-serial", "computer serial number", firmware.system_serial)
    reading.serial("board-serial", "mainboard serial number", firmware.board_serial)
    for what, tag in (("board tag", firmware.board_tag), ("chassis tag", firmware.chassis_tag)):
        if tag.strip():
            reading.serial("asset-tag", what, tag)
    text = " ".join(words).lower()
    makers = ("vmware", "virtualbox", "qemu", "virtual machine", "xen", "parallels", "amazon ec2")
    reading.virtual = next((maker for maker in makers if maker in text), "")


def _cpu_words(identifier: str) -> tuple[str, str, str]:
    """Read "Intel64 Family 6 Model 142 Stepping 10", as Linux gives the numbers."""
    words = identifier.split()
    values = dict(pairwise(words))
    return values.get("Family", ""), values.get("Model", ""), values.get("Stepping", "")


def _disk(reading: Reading, name: str, disk: Disk) -> None:
    if disk.bus in (_BUS_FILE, _BUS_SPACES, _BUS_VIRTUAL):
        reading.leave("HWL-HOST-SOFTWARE", name)
    elif disk.removable or disk.bus in (_BUS_USB, _BUS_1394, _BUS_SD):
        reading.leave("HWL-HOST-REMOVABLE", f"disk {name}")
    elif disk.bus in (_BUS_FIBRE, _BUS_ISCSI):
        reading.leave("HWL-HOST-SHARED", f"disk {name}")
    else:
        reading.serial("disk", f"disk {name}", disk.serial.strip().rstrip("."))


def _interface(reading: Reading, interface: Interface, bus: str) -> None:
    what = f"network adapter {interface.name}"
    if interface.kind not in (_ETHERNET, _WIRELESS) or interface.medium == _BLUETOOTH:
        return
    if not interface.hardware or bus.upper().startswith(("ROOT\\", "SWD\\", "VMS_MP")):
        reading.leave("HWL-HOST-SOFTWARE", interface.name)
    elif bus.upper().startswith("USB\\"):
        reading.leave("HWL-HOST-REMOVABLE", what)
    else:
        reading.mac(what, interface.address)


def parse_disk(raw: bytes) -> Disk:
    """Read a STORAGE_DEVICE_DESCRIPTOR (ntddstor.h); BadAnswer where offsets leave it."""
    if len(raw) < 36:
        raise BadAnswer("HWL-HOST-STORAGE", detail="it is cut off")
    size, removable, offset, bus = struct.unpack_from("<4xI2xB13xII", raw)
    if size > len(raw):
        raise BadAnswer("HWL-HOST-STORAGE", detail="it is shorter than it states")
    if offset in (0, 0xFFFFFFFF):
        return Disk(bus=bus, removable=bool(removable), serial="")
    if offset >= len(raw):
        raise BadAnswer("HWL-HOST-STORAGE", detail="its serial number lies outside")
    serial = raw[offset:].split(b"\0", 1)[0].decode("ascii", "replace")
    return Disk(bus=bus, removable=bool(removable), serial=_unswapped(serial))


def _unswapped(serial: str) -> str:
    """Undo the hexadecimal spelling that some ATA drivers give, byte pairs swapped."""
    text = serial.strip()
    if len(text) != 40 or any(char not in "0123456789abcdef" for char in text):
        return serial
    data = bytes.fromhex(text)
    swapped = bytearray(len(data))
    swapped[0::2], swapped[1::2] = data[1::2], data[0::2]
    if not all(0x20 <= byte < 0x7F for byte in swapped):
        return serial
    return swapped.decode("ascii").strip()


def parse_interfaces(raw: bytes) -> tuple[Interface, ...]:
    """Read a MIB_IF_TABLE2: a count, then rows of 1352 bytes from offset 8."""
    if not raw:
        return ()
    if len(raw) < 8:
        raise BadAnswer("HWL-HOST-NETWORK", detail="it is cut off")
    count = int.from_bytes(raw[:4], "little")
    if count > _MAX_ROWS or len(raw) < 8 + count * _ROW_BYTES:
        raise BadAnswer("HWL-HOST-NETWORK", detail="it has fewer rows than it states")
    return tuple(_row(raw[8 + at * _ROW_BYTES :][:_ROW_BYTES]) for at in range(count))


def _row(raw: bytes) -> Interface:
    first, second, third = struct.unpack_from("<IHH", raw, 12)
    rest = raw[20:28].hex()
    length = min(int.from_bytes(raw[1056:1060], "little"), 32)
    kind, medium = struct.unpack_from("<I8xI", raw, 1128)
    return Interface(
        name=raw[542:1056].decode("utf-16-le", "replace").split("\0", 1)[0],
        guid=f"{{{first:08x}-{second:04x}-{third:04x}-{rest[:4]}-{rest[4:]}}}".upper(),
        kind=kind,
        medium=medium,
        hardware=bool(raw[1152] & 1),
        address=raw[1092 : 1092 + length],
    )


def read() -> Reading:
    """Ask this system, and collect its answers."""
    return collect(_query())


def _query() -> Answers:
    if sys.platform == "win32":
        from . import windows_api as api

        return Answers(
            machine_guid=api.query_value(r"SOFTWARE\Microsoft\Cryptography", "MachineGuid"),
            cpu=(
                api.query_value(api.PROCESSOR_KEY, "VendorIdentifier"),
                api.query_value(api.PROCESSOR_KEY, "Identifier"),
            ),
            memory=api.query_memory(),
            firmware=api.query_firmware(),
            disks=api.query_disks(),
            interfaces=api.query_interfaces(),
            buses=api.query_buses(),
        )
    else:
        return Answers()
