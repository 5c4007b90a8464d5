"""What macOS answers becomes components: on property lists in the spelling of `ioreg -a`."""

from __future__ import annotations

import plistlib
from typing import Any

import pytest

from hwlock.devices.host import macos
from hwlock.record import replace

_PLATFORM = b"""<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict>
  <key>IOPlatformUUID</key><string>3F2504E0-4F89-11D3-9A0C-0305E82C3301</string>
  <key>IOPlatformSerialNumber</key><string>C02XK1JHJG5H</string>
  <key>manufacturer</key><data>QXBwbGUgSW5jLgA=</data>
  <key>model</key><data>TWFjQm9va1BybzE4LDMA</data>
</dict></plist>"""
_DISK = b"""<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict>
  <key>BSD Name</key><string>disk0</string>
  <key>Device Characteristics</key><dict>
    <key>Product Name</key><string>APPLE SSD AP0512R</string>
    <key>Serial Number</key><string>0c501b2c3d4e5f60</string></dict>
  <key>Protocol Characteristics</key><dict>
    <key>Physical Interconnect</key><string>Apple Fabric</string>
    <key>Physical Interconnect Location</key><string>Internal</string></dict>
</dict></plist>"""


def _plist(raw: bytes) -> dict[str, Any]:
    value: dict[str, Any] = plistlib.loads(raw)
    return value


def _ethernet(mac: str, *, builtin: bool = True) -> dict[str, object]:
    return {"BSD Name": "en0", "IOBuiltin": builtin, "IOMACAddress": bytes.fromhex(mac)}


LAPTOP = macos.Answers(
    platform=_plist(_PLATFORM),
    ethernets=(_ethernet("f01898a1b2c3"),),
    media=(_plist(_DISK),),
    cpu="Apple M1 Pro",
    memory=16 << 30,
)


def test_a_laptop_shows_seven_kinds() -> None:
    """Data with a final zero byte reads like text."""
    assert dict(macos.collect(LAPTOP).parts) == {
        "board": b"APPLE INC.|MACBOOKPRO18,3",
        "firmware-uuid": b"3F2504E04F8911D39A0C0305E82C3301",
        "system-serial": b"C02XK1JHJG5H",
        "cpu": b"APPLE M1 PRO",
        "memory": b"17179869184",
        "nic": b"F01898A1B2C3",
        "disk": b"0C501B2C3D4E5F60",
    }


@pytest.mark.parametrize(
    ("ethernet", "code"),
    [
        (_ethernet("3c18a0d41122", builtin=False), "HWL-HOST-REMOVABLE"),
        (_ethernet("36a1b2c3d4e5"), "HWL-HOST-MAC"),
        ({"BSD Name": "bridge0"}, "HWL-HOST-SOFTWARE"),
    ],
    ids=["dock", "local", "bridge"],
)
def test_an_adapter_that_does_not_count_is_noted(ethernet: dict[str, object], code: str) -> None:
    """Each with its reason."""
    reading = macos.collect(replace(LAPTOP, ethernets=(ethernet,)))
    assert "nic" not in dict(reading.parts)
    assert code in [note.code for note in reading.notes()]


@pytest.mark.parametrize(
    ("protocol", "code"),
    [
        ({"Physical Interconnect Location": "External"}, "HWL-HOST-REMOVABLE"),
        ({"Physical Interconnect": "Virtual Interface"}, "HWL-HOST-SOFTWARE"),
    ],
    ids=["external", "disk image"],
)
def test_a_disk_that_does_not_count_is_noted(protocol: dict[str, str], code: str) -> None:
    """Each with its reason."""
    disk = _plist(_DISK) | {"Protocol Characteristics": protocol}
    reading = macos.collect(replace(LAPTOP, media=(disk,)))
    assert "disk" not in dict(reading.parts)
    assert code in [note.code for note in reading.notes()]


def test_properties_of_another_type_do_not_count() -> None:
    """A registry that answers numbers for texts is not fallen over."""
    odd: dict[str, object] = {"IOPlatformUUID": 7, "model": ["x"], "IOPlatformSerialNumber": None}
    reading = macos.collect(macos.Answers(platform=odd, media=({"Device Characteristics": 3},)))
    assert reading.parts == []
