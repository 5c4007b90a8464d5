"""What is written twice says the same: header and cdef."""

from __future__ import annotations

import re
from pathlib import Path

CSRC = Path(__file__).parents[3] / "csrc"


def statements(name: str) -> tuple[set[str], set[str]]:
    """Return the prototypes and the numeric #defines of a header, in one spelling."""
    text = re.sub(r"/\*.*?\*/", " ", (CSRC / name).read_text(), flags=re.DOTALL)
    prototypes = re.findall(
        r"^(?:int|void|const char \*)\s*hwlock_\w+\([^;]*\);", text, flags=re.MULTILINE
    )
    defines = re.findall(r"^#define HWLOCK_\w+ \d+$", text, flags=re.MULTILINE)
    return {" ".join(prototype.split()) for prototype in prototypes}, set(defines)


def test_cdef_has_the_prototypes_of_the_header() -> None:
    """Every function and every verdict of the header, and nothing else, is seen by cffi."""
    prototypes, defines = statements("include/hwlock.h")
    assert statements("hwlock.cdef.h") == (prototypes, defines)
    assert len(prototypes) > 30
    assert len(defines) > 60
