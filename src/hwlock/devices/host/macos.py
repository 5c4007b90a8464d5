"""macOS: what the I/O registry says to everybody.

Properties leave IOKit as property lists, in the spelling of `ioreg -a`, so that recorded
answers test `collect` anywhere. No process is started.
"""

from __future__ import annotations

import sys

from hwlock.record import Record

from .reading import Reading

__all__ = ["Answers", "collect", "read"]

_INTERNAL = ("Internal", "Internal/External")


class Answers(Record):
    """What the registry said: one dictionary of properties per object.

    `platform` of IOPlatformExpertDevice; `ethernets` of each IOEthernetInterface (BSD Name,
    IOBuiltin, IOMACAddress); `media` of each whole IOMedia (BSD Name, Device and Protocol
    Characteristics); `cpu` and `memory` from sysctl.
    """

    platform: dict[str, object]
    ethernets: tuple[dict[str, object], ...] = ()
    media: tuple[dict[str, object], ...] = ()
    cpu: str = ""
    memory: int = 0


def collect(answers: Answers) -> Reading:
    """Turn the registry's answers into a reading."""
    reading = Reading()
    platform = answers.platform
    model = _text(platform.get("model"))
    reading.board(_text(platform.get("manufacturer")), model)
    reading.name = model
    reading.virtual = "Apple or Parallels" if model.startswith(("VirtualMac", "Parallels")) else ""
    reading.uuid("firmware-uuid", "firmware UUID", _text(platform.get("IOPlatformUUID")))
    serial = _text(platform.get("IOPlatformSerialNumber"))
    reading.serial("system-serial", "computer serial number", serial)
    reading.processor(answers.cpu)
    reading.memory(answers.memory)
    for ethernet in answers.ethernets:
        _ethernet(reading, ethernet)
    for medium in answers.media:
        _disk(reading, medium)
    return reading


def _ethernet(reading: Reading, properties: dict[str, object]) -> None:
    name = _text(properties.get("BSD Name")) or "without a name"
    address = properties.get("IOMACAddress")
    if not isinstance(address, bytes) or len(address) != 6:
        reading.leave("HWL-HOST-SOFTWARE", name)
    elif properties.get("IOBuiltin") is not True:
        reading.leave("HWL-HOST-REMOVABLE", f"network adapter {name}")
    else:
        reading.mac(f"network adapter {name}", address)


def _disk(reading: Reading, properties: dict[str, object]) -> None:
    what = f"disk {_text(properties.get('BSD Name'))}".strip()
    protocol = _dict(properties.get("Protocol Characteristics"))
    device = _dict(properties.get("Device Characteristics"))
    if _text(protocol.get("Physical Interconnect")) == "Virtual Interface":
        reading.leave("HWL-HOST-SOFTWARE", what)
    elif _text(protocol.get("Physical Interconnect Location")) not in _INTERNAL:
        reading.leave("HWL-HOST-REMOVABLE", what)
    else:
        reading.serial("disk", what, _text(device.get("Serial Number")))


def _text(value: object) -> str:
    """Return a property as text: IOKit has some as data that ends with a zero byte."""
    if isinstance(value, bytes):
        value = value.split(b"\0", 1)[0].decode("utf-8", "replace")
    return value.strip() if isinstance(value, str) else ""


def _dict(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def read() -> Reading:
    """Ask this system, and collect its answers."""
    return collect(_query())


def _query() -> Answers:
    if sys.platform == "darwin":
        from . import macos_api as api

        platform = api.query(
            "IOPlatformExpertDevice",
            ("IOPlatformUUID", "IOPlatformSerialNumber", "model", "manufacturer"),
        )
        media = api.query(
            "IOMedia", ("BSD Name", "Whole", "Device Characteristics", "Protocol Characteristics")
        )
        return Answers(
            platform=platform[0] if platform else {},
            ethernets=tuple(
                api.query("IOEthernetInterface", ("BSD Name", "IOBuiltin", "IOMACAddress"))
            ),
            media=tuple(each for each in media if each.get("Whole") is True),
            cpu=_text(api.sysctl("machdep.cpu.brand_string")),
            memory=int.from_bytes(api.sysctl("hw.memsize"), "little"),
        )
    else:
        return Answers(platform={})
