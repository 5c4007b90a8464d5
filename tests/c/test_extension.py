"""The compiled core as it was built for Python: what a linker and a processor are told of it."""

from __future__ import annotations

import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

import hwlock._native

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="these are facts of ELF files")

EXTENSION = hwlock._native.__file__


def readelf(*options: str) -> str:
    """Return what readelf says of the extension."""
    command = ["readelf", "-W", *options, EXTENSION]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def names(kind: str) -> set[str]:
    """Return the dynamic symbols that are defined here, or not."""
    rows = [line.split() for line in readelf("--dyn-syms").splitlines()]
    symbols = [row for row in rows if len(row) >= 8 and row[0].rstrip(":").isdigit()]
    return {row[7].split("@")[0] for row in symbols if (row[6] == "UND") == (kind == "needed")}


def test_only_the_entry_of_the_module_is_shown() -> None:
    """No other library of the process can call, or be mistaken for, a function of the core."""
    assert names("defined") == {"PyInit__native"}


def test_nothing_is_writable_that_need_not_be() -> None:
    """Addresses are bound at start and then read-only; no stack is executable."""
    assert "GNU_RELRO" in readelf("-l")
    assert re.search(r"\bBIND_NOW\b|FLAGS_1.*\bNOW\b", readelf("-d"))
    stack = next(line for line in readelf("-l").splitlines() if "GNU_STACK" in line)
    assert stack.split()[-2] == "RW"
    assert not re.search(r"R(UN)?PATH|TEXTREL", readelf("-d"))
    assert not [line for line in readelf("-l").splitlines() if " RWE " in line]


def test_a_broken_stack_is_noticed() -> None:
    """The compiler's guard is there."""
    assert "__stack_chk_fail" in names("needed")


def test_jumps_go_where_they_may() -> None:
    """On x86, returns can be kept on a shadow stack, and what is called by address is marked (CET).

    Whether the file as a whole says IBT is up to the start files of the C library; Debian 12
    has them without.
    """
    if platform.machine() == "x86_64":
        assert "SHSTK" in readelf("-n")
        entry = next(line for line in readelf("-s").splitlines() if "PyInit__native" in line)
        listing = subprocess.run(
            ["objdump", "-d", f"--start-address=0x{entry.split()[1]}", EXTENSION],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        first = next(line for line in listing.splitlines() if line.startswith(" "))
        assert "endbr64" in first


def test_nothing_tells_where_it_was_built() -> None:
    """No path of this machine, and no debugging data, is in the file."""
    data = Path(EXTENSION).read_bytes()
    assert str(Path(__file__).parents[2]).encode() not in data
    assert ".debug_info" not in readelf("-S")
