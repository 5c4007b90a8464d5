"""What is written twice says the same: header and cdef, tables and their program."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from generate import base_tables

CSRC = Path(__file__).parents[3] / "csrc"


def statements(name: str) -> tuple[set[str], set[str]]:
    """Return the prototypes and the numeric #defines of a header, in one spelling."""
    text = re.sub(r"/\*.*?\*/", " ", (CSRC / name).read_text(), flags=re.DOTALL)
    prototypes = re.findall(r"^(?:int|void) hwlock_\w+\([^;]*\);", text, flags=re.MULTILINE)
    defines = re.findall(r"^#define HWLOCK_\w+ \d+$", text, flags=re.MULTILINE)
    return {" ".join(prototype.split()) for prototype in prototypes}, set(defines)


def test_cdef_has_the_prototypes_of_the_header() -> None:
    """Every function and every verdict of the header, and nothing else, is seen by cffi."""
    prototypes, defines = statements("include/hwlock.h")
    assert statements("hwlock.cdef.h") == (prototypes, defines)
    assert len(prototypes) == 26
    assert len(defines) == 6


@pytest.mark.parametrize("curve", ["25519", "_p256"])
def test_tables_are_what_their_program_prints(curve: str) -> None:
    """The tables of base points are as the program writes them."""
    printed = base_tables.ed25519() if curve == "25519" else base_tables.p256()
    assert (CSRC / "src" / f"base{curve}.h").read_text() == printed
