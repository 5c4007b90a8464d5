"""Values that lie are recognized; values that do not are kept."""

from __future__ import annotations

import pytest

from hwlock.devices.host.placeholder import (
    clean,
    is_placeholder,
    is_placeholder_mac,
    is_placeholder_uuid,
)
from hwlock.devices.host.reading import Reading


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "To be filled by O.E.M.",
        "To Be Filled By O.E.M.",
        "Default string",
        "Default_string",
        "None",
        "N/A",
        "Not Specified",
        "Not Applicable",
        "System Serial Number",
        "Base Board Serial Number",
        "Chassis Serial Number",
        "0",
        "123",
        "0000000000",
        "FFFFFFFF",
        "........",
        "0123456789",
        "123456789",
        "0123456789ABCDEF",
        "9876543210",
        "QM00001",
        "drive-scsi0",
        "nvme_card-pd",
        "eui.5254000000000001",
        "7783-7084-3265-9085-8269-3286-77",
        "OVERLAYBLK",
    ],
)
def test_what_firmware_says_for_want_of_a_number_is_a_placeholder(text: str) -> None:
    """Words, repetition, counting, and the constants of hypervisors."""
    assert is_placeholder(text)


@pytest.mark.parametrize(
    "text", ["S64DNX0RB07421", "WD-WX11A12345", "7B342R3", "5CD0123ABC", "vol0123456789abc"]
)
def test_a_serial_number_is_none(text: str) -> None:
    """Real ones are kept, also those that hold a bit of counting."""
    assert not is_placeholder(text)


def test_a_model_may_be_short_and_without_digits() -> None:
    """What need not be unique is judged by the list alone."""
    assert not is_placeholder("X99", unique=False)
    assert not is_placeholder("LENOVO", unique=False)
    assert is_placeholder("System Product Name", unique=False)


@pytest.mark.parametrize(
    ("text", "lies"),
    [
        ("00000000-0000-0000-0000-000000000000", True),
        ("FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", True),
        ("03000200-0400-0500-0006-000700080009", True),
        ("03D40274-0435-05DC-8506-010700080009", True),
        ("9c6b0076-9cc4-0000-0000-000000000000", True),
        ("4c4c4544-0000-2010-8020-80c04f202020", True),
        ("not a uuid", True),
        ("4c4c4544-0033-3410-8042-b7c04f325233", False),
        ("b4d5f2f0-5f41-4c8e-9c3d-0f4f3d5f8a11", False),
    ],
)
def test_template_uuids_are_placeholders(text: str, lies: bool) -> None:
    """A UUID that a firmware maker ships in its sources names nobody."""
    assert is_placeholder_uuid(text) is lies


@pytest.mark.parametrize(
    ("text", "lies"),
    [
        ("000000000000", True),
        ("ffffffffffff", True),
        ("525400123456", True),
        ("01005e000001", True),
        ("001122334455", True),
        ("b07b25000000", True),
        ("b07b251c44", True),
        ("b07b251c449a", False),
        ("000c29a1b2c3", False),
    ],
)
def test_addresses_that_no_maker_gave_are_placeholders(text: str, lies: bool) -> None:
    """Local, multicast, empty, copied from an example, or of the wrong length."""
    assert is_placeholder_mac(bytes.fromhex(text)) is lies


def test_a_value_is_spelled_in_one_way() -> None:
    """Case, padding and what is no printable ASCII do not change a component."""
    assert clean("  wd-Wx11\t a12\0\u00e9 ") == "WD-WX11 A12"


@pytest.mark.parametrize(
    ("kib", "gib"), [(16_255_000, 16), (15_900_000, 16), (32_650_000, 32), (3_884_000, 4)]
)
def test_memory_is_rounded_to_what_was_bought(kib: int, gib: int) -> None:
    """What the kernel keeps for itself does not change the component."""
    reading = Reading()
    reading.memory(kib * 1024)
    assert reading.parts == [("memory", str(gib << 30).encode())]
