"""Nested values, read strictly."""

from __future__ import annotations

import pytest

from hwlock.devices.smartcard import tlv
from hwlock.errors import BadAnswer


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ("", {}),
        ("4f00", {0x4F: b""}),
        ("53021234", {0x53: b"\x12\x34"}),
        ("5f520101" + "7f49020202", {0x5F52: b"\1", 0x7F49: b"\2\2"}),
        ("5381021234", {0x53: b"\x12\x34"}),
        ("538200021234", {0x53: b"\x12\x34"}),
        ("53830000021234", {0x53: b"\x12\x34"}),
        ("df810101ff", {0xDF8101: b"\xff"}),
    ],
)
def test_read(data, found):
    """Tags of one to three bytes, lengths of one to four, longer than they need be too."""
    assert tlv.read(bytes.fromhex(data), "test") == found


@pytest.mark.parametrize(
    "data",
    [
        "53",
        "5303ffff",
        "5380",
        "5384000000",
        "5381",
        "7f",
        "7f49",
        "df8181010100",
        "530053",
        "53005300",
        "".join(f"{tag:02x}00" for tag in range(0x20, 0x80) if tag & 0x1F != 0x1F),
    ],
)
def test_refused(data):
    """What ends after the end, has no length, or stands there twice is refused."""
    with pytest.raises(BadAnswer):
        tlv.read(bytes.fromhex(data), "test")


@pytest.mark.parametrize("size", [0, 1, 127, 128, 255, 256, 65535])
@pytest.mark.parametrize("tag", [0x53, 0x7F49])
def test_written_and_read(tag, size):
    """What is written is read again."""
    assert tlv.read_one(tlv.write(tag, bytes(size)), tag, "test") == bytes(size)


def test_one_value_alone():
    """A value that must be alone is refused in company."""
    with pytest.raises(BadAnswer, match="test: it is not the value 7c"):
        tlv.read_one(bytes.fromhex("7c008200"), 0x7C, "test")
