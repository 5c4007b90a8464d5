"""What the page on the fingerprint says is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from hwlock.evidence import host

PAGE = Path(__file__).parent.parent.parent / "docs" / "binding-host.md"


def test_the_table_of_kinds_is_the_one_that_is_used() -> None:
    """Every kind stands there with its weight and whether it is unique."""
    text = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| (\d+) \| (yes|no) \|", text, flags=re.M)
    assert {kind: int(weight) for kind, weight, _ in rows} == host.WEIGHTS
    assert {kind for kind, _, unique in rows if unique == "yes"} == host.UNIQUE


def test_the_docstring_has_the_same_table() -> None:
    """Neither of the two can be changed alone."""
    rows = re.findall(r"^([a-z-]+) +(\d+) +(yes|no) ", host.__doc__ or "", flags=re.M)
    assert {kind: int(weight) for kind, weight, _ in rows} == host.WEIGHTS
    assert {kind for kind, _, unique in rows if unique == "yes"} == host.UNIQUE


def test_the_points_of_the_example_add_up() -> None:
    """The desktop of the page has the points that it says."""
    kinds = ("board", "cpu", "disk", "machine-id", "memory", "nic")
    components = host.weigh((kind, kind.encode()) for kind in kinds)
    assert f"has {sum(each.weight for each in components)} points" in PAGE.read_text()
    assert f"needs {host.threshold(components)}" in PAGE.read_text()
