"""What Windows answers becomes components: on constructed answers, anywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwlock.devices.host import windows
from hwlock.errors import BadAnswer
from hwlock.evidence import host
from hwlock.record import replace

from .firmware import descriptor, guid, interfaces, row
from .firmware import windows as firmware_table

NVME, SATA, USB, SPACES, ISCSI = 17, 11, 7, 16, 9
DESKTOP = windows.Answers(
    machine_guid="9f1c7a52-33b0-4c6e-8a0e-6f1b2c3d4e5f",
    cpu=("GenuineIntel", "Intel64 Family 6 Model 151 Stepping 2"),
    memory=34_100_000_000,
    firmware=firmware_table(),
    disks=(("PhysicalDrive0", descriptor("S64DNX0RB07421", NVME)),),
    interfaces=interfaces(row("Intel Ethernet", "b07b251c449a", "b07b251c449a")),
    buses=((guid(1), r"PCI\VEN_8086&DEV_1A1C\3&11583659&0&FE"),),
)


def _components(answers: windows.Answers) -> dict[str, bytes]:
    return dict(windows.collect(answers).parts)


def _noted(answers: windows.Answers, code: str) -> str:
    notes = windows.collect(answers).notes()
    return "; ".join(str(note.details["what"]) for note in notes if note.code == code)


def test_a_desktop_shows_nine_kinds() -> None:
    """Everything an ordinary user can ask, with nothing started."""
    assert _components(DESKTOP) == {
        "board": b"DELL INC.|PRECISION 3660|DELL INC.|0PRR48",
        "firmware-uuid": b"4C4C4544003334108042B7C04F325233",
        "system-serial": b"7B342R3",
        "board-serial": b"/7B342R3/CNFCW0023N00AB/",
        "asset-tag": b"CAD-0042",
        "cpu": b"GENUINEINTEL|6|151|2",
        "memory": b"34359738368",
        "machine-id": b"9F1C7A52-33B0-4C6E-8A0E-6F1B2C3D4E5F",
        "disk": b"S64DNX0RB07421",
        "nic": b"B07B251C449A",
    }
    components = host.weigh(windows.collect(DESKTOP).parts)
    assert host.appraise(host.claim(components, bytes(16))) <= sum(c.weight for c in components)


def _swapped(text: str) -> str:
    """Spell a serial number as old ATA drivers do: hexadecimal, each two bytes swapped."""
    data = text.ljust(20).encode()
    return "".join(f"{data[at + 1]:02x}{data[at]:02x}" for at in range(0, 20, 2))


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (descriptor("4C530001250913115", USB), "HWL-HOST-REMOVABLE"),
        (descriptor("WD-WX11A12345", SATA, removable=True), "HWL-HOST-REMOVABLE"),
        (descriptor("6001405A1B2C3D", ISCSI), "HWL-HOST-SHARED"),
        (descriptor("{3f1c7a52}", SPACES), "HWL-HOST-SOFTWARE"),
        (descriptor("", SATA), "HWL-HOST-NO-SERIAL"),
        (descriptor("QM00001", SATA), "HWL-HOST-PLACEHOLDER"),
        (b"\x28\0\0\0", "HWL-HOST-STORAGE"),
    ],
    ids=["usb", "removable", "iscsi", "spaces", "none", "placeholder", "cut"],
)
def test_a_disk_that_does_not_count_is_noted(raw: bytes, code: str) -> None:
    """Each with its reason; a driver that answers nonsense locks nobody out."""
    answers = replace(DESKTOP, disks=(("PhysicalDrive0", raw),))
    assert "disk" not in _components(answers)
    assert "PhysicalDrive0" in _noted(answers, code)


@pytest.mark.parametrize(
    ("serial", "value"),
    [
        ("     WD-WX11A12345 ", b"WD-WX11A12345"),
        ("0025_3885_01A0_6E1E.", b"0025_3885_01A0_6E1E"),
        ("2020202057202d4457583131413132333435".ljust(40, "0"), None),
        (_swapped("WD-WX11A12345"), b"WD-WX11A12345"),
    ],
    ids=["padded", "nvme", "hexadecimal of no text", "swapped hexadecimal"],
)
def test_a_serial_number_is_read_as_others_print_it(serial: str, value: bytes | None) -> None:
    """Padding, final dots and swapped hexadecimal of old drivers are undone."""
    found = _components(replace(DESKTOP, disks=(("PhysicalDrive0", descriptor(serial, SATA)),)))
    assert found["disk"] == (serial.upper().encode() if value is None else value)


@pytest.mark.parametrize(
    ("raw", "bus", "code"),
    [
        (row("vEthernet", "00155d0a0b0c", "00155d0a0b0c", hardware=False), "", "SOFTWARE"),
        (row("TAP", "00ffa1b2c3d4", "00ffa1b2c3d4"), r"ROOT\NET\0000", "SOFTWARE"),
        (row("Dock", "3c18a0d41122", "3c18a0d41122"), r"USB\VID_0BDA&PID_8153\1", "REMOVABLE"),
        (row("Odd", "b07b251c449a", "02aabbccddee"), r"PCI\VEN_10EC", "MAC"),
        (row("Old", "000000000000", "000000000000"), r"PCI\VEN_10EC", "PLACEHOLDER"),
    ],
    ids=["virtual switch", "tap", "usb dock", "local", "zero"],
)
def test_an_adapter_that_does_not_count_is_noted(raw: bytes, bus: str, code: str) -> None:
    """Each with its reason, found by the flags of its row and by its bus."""
    answers = replace(DESKTOP, interfaces=interfaces(raw), buses=((guid(1), bus),))
    assert "nic" not in _components(answers)
    assert _noted(answers, f"HWL-HOST-{code}")


def test_the_makers_address_counts_and_not_a_random_one() -> None:
    """Windows' random hardware addresses change the one in use, not the permanent one."""
    wireless = row("Wi-Fi", "2eaabbccddee", "f44ee3a15d20", kind=71, medium=9)
    assert _components(replace(DESKTOP, interfaces=interfaces(wireless)))["nic"] == b"F44EE3A15D20"


def test_what_is_no_adapter_is_not_mentioned() -> None:
    """Loopback, tunnels and Bluetooth are no network adapters."""
    rows = interfaces(
        row("Loopback", "000000000000", "000000000000", kind=24),
        row("Bluetooth", "b07b25000001", "b07b25000001", medium=10, number=2),
    )
    reading = windows.collect(replace(DESKTOP, interfaces=rows))
    assert "nic" not in dict(reading.parts)
    assert not any("Blue" in note.message for note in reading.notes())


def test_firmware_that_answers_nonsense_is_a_note() -> None:
    """The other parts still make a fingerprint."""
    answers = replace(DESKTOP, firmware=b"\0\3\3\0\xff\xff\xff\xff")
    assert "firmware-uuid" not in _components(answers)
    assert [n.code for n in windows.collect(answers).notes()] == ["HWL-HOST-SMBIOS"]


def test_a_virtual_machine_is_named() -> None:
    """Its maker stands in a note."""
    answers = windows.Answers(
        firmware=firmware_table(firmware_table()[8:].replace(b"Dell Inc.", b"VMware, Inc."))
    )
    assert windows.collect(answers).virtual == "vmware"


def test_a_system_that_says_nothing_is_empty() -> None:
    """No answer at all is no component, and no crash."""
    assert windows.collect(windows.Answers()).parts == []


@given(st.binary(max_size=120), st.binary(max_size=1600))
def test_any_bytes_are_read_or_refused(descriptor_bytes: bytes, rows: bytes) -> None:
    """Nothing but our own error leaves the parsers."""
    for parse, raw in (
        (windows.parse_disk, descriptor_bytes),
        (windows.parse_interfaces, rows),
        (windows.parse_interfaces, b"\1\0\0\0" + rows),
    ):
        try:
            parse(raw)
        except BadAnswer as error:
            assert error.code in ("HWL-HOST-STORAGE", "HWL-HOST-NETWORK")
