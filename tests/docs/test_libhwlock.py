"""docs/libhwlock.md names every function of the header, and no other."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_table_has_every_function() -> None:
    """Between the table and the header nothing is missing."""
    page = (ROOT / "docs" / "libhwlock.md").read_text(encoding="utf-8")
    header = (ROOT / "csrc" / "include" / "hwlock.h").read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", " ", header, flags=re.DOTALL)
    declared = re.findall(r"^(?:int|void|const char \*)\s*(hwlock_\w+)\(", text, re.MULTILINE)
    table = page.split("## Functions")[1].split("## Other")[0]
    assert set(re.findall(r"`(hwlock_\w+)`", table)) == set(declared)
