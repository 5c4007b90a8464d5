"""The reader of SMBIOS tables takes what the specification writes, and nothing that is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwlock.devices.host import smbios
from hwlock.errors import BadAnswer

from .firmware import END, SYSTEM_UUID, structure, table, windows


def test_a_table_is_read() -> None:
    """Strings by their number, the UUID with its first three fields swapped."""
    firmware = smbios.parse(table())
    assert firmware.vendor == "Dell Inc."
    assert firmware.product == "Precision 3660"
    assert firmware.system_serial == "7B342R3"
    assert firmware.uuid == SYSTEM_UUID
    assert firmware.board_product == "0PRR48"
    assert firmware.board_serial == "/7B342R3/CNFCW0023N00AB/"
    assert firmware.chassis_tag == "CAD-0042"


def test_the_first_structure_of_a_kind_counts() -> None:
    """A second baseboard (a blade's, a riser's) does not replace the machine's."""
    riser = structure(2, b"\x01\x02\x00\x03\x00", "Other", "Riser", "R1")
    assert smbios.parse(table(riser)).board_product == "0PRR48"


def test_a_string_that_is_not_there_is_empty() -> None:
    """Number 0, and a number past the set, name nothing."""
    assert smbios.parse(structure(1, b"\x00\x09\x00\x00") + END) == smbios.Firmware()


def test_windows_states_the_length() -> None:
    """The header of GetSystemFirmwareTable must fit the data."""
    assert smbios.parse_windows(windows()).product == "Precision 3660"
    with pytest.raises(BadAnswer, match="its length"):
        smbios.parse_windows(windows() + b"\0")
    with pytest.raises(BadAnswer, match="header is cut off"):
        smbios.parse_windows(b"\0\3")


def test_every_cut_is_found_or_ends_a_structure() -> None:
    """A prefix is refused, or is itself a table of whole structures."""
    whole = table()
    for size in range(len(whole)):
        try:
            smbios.parse(whole[:size])
        except BadAnswer:
            continue
        assert size == 0 or whole[:size].endswith(b"\0\0")


def test_a_table_without_end_is_refused() -> None:
    """More structures than any machine has are an attack on our time."""
    with pytest.raises(BadAnswer, match="no end"):
        smbios.parse(structure(200, b"") * 5000)
    with pytest.raises(BadAnswer, match="too large"):
        smbios.parse(bytes(smbios.MAX_TABLE_BYTES + 1))


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    """Nothing but our own error leaves the parser."""
    for parse in (smbios.parse, smbios.parse_windows):
        try:
            parse(raw)
        except BadAnswer as error:
            assert error.code == "HWL-HOST-SMBIOS"
