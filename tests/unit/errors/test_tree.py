"""The tree that is drawn is the tree that is."""

from __future__ import annotations

import inspect
import re

import pytest

from hwlock import errors
from hwlock.errors import Code, DeniedError, Finding, FormatError, HwlockError

KINDS = {
    name: thing
    for name, thing in vars(errors).items()
    if inspect.isclass(thing) and issubclass(thing, HwlockError)
}


def drawn():
    """Return {class: the class above it} as the docstring of the room draws it."""
    above = ["HwlockError"]
    tree = {}
    for line in errors.__doc__.splitlines():
        if found := re.match(r"    ([│ ├└]*[├└]) (\w+)", line):
            depth = len(found[1]) // 2 + 1
            tree[found[2]] = above[depth - 1]
            above[depth:] = [found[2]]
    return tree


def test_the_drawing_is_the_tree():
    """Every class is drawn below its base, and nothing else is drawn."""
    actual = {
        name: kind.__bases__[0].__name__ for name, kind in KINDS.items() if kind is not HwlockError
    }
    assert drawn() == actual


def test_every_class_is_public_and_sorted():
    """A caller can import whatever can be raised."""
    assert set(KINDS) <= set(errors.__all__)
    assert errors.__all__ == sorted(errors.__all__)


@pytest.mark.parametrize("kind", [name for name in KINDS if name != "HwlockError"])
def test_every_class_has_statuses(kind):
    """A class without a row of statuses could not end a command."""
    row = Code("HWL-X", kind, "", "")
    assert row.exit_status > 0
    assert row.http_status >= 400


def test_an_error_says_its_sentence_and_hint():
    """Sentence and hint are filled with the particulars; str() is the sentence."""
    error = FormatError("HWL-CBOR-SIZE", stage="cbor", offset=9, found=10, limit=9)
    assert str(error) == error.message == "the file is too large: 10 bytes, at most 9 are read"
    assert error.hint == "check that this is the right file"
    assert (error.stage, error.offset) == ("cbor", 9)
    assert error.row.exit_status == 4
    assert isinstance(error, ValueError)


def test_a_missing_particular_is_found_at_once():
    """A sentence is never shown with a hole in it."""
    with pytest.raises(KeyError):
        FormatError("HWL-CBOR-SIZE", stage="cbor", offset=9)


def test_a_denial_always_has_findings():
    """Even a bare denial says what stands against it."""
    bare = DeniedError("HWL-FEATURE-MISSING", feature="sim")
    assert bare.findings == (Finding("HWL-FEATURE-MISSING", "deny", feature="sim"),)
    listed = DeniedError("HWL-FEATURE-MISSING", feature="sim", findings=(bare.findings * 2))
    assert len(listed.findings) == 2


def test_a_finding_says_what_an_error_says():
    """An error can become one sentence of a verdict, and loses nothing."""
    error = DeniedError("HWL-FEATURE-MISSING", feature="sim")
    finding = Finding.of(error, "warn")
    assert (finding.message, finding.hint) == (error.message, error.hint)
    assert finding.level == "warn"


def test_findings_are_values():
    """Equal content makes equal findings, and they can stand in a set."""
    one, same = (Finding("HWL-FEATURE-MISSING", "deny", feature="sim") for _ in range(2))
    other = Finding("HWL-FEATURE-MISSING", "deny", feature="fem")
    assert one == same != other
    assert len({one, same, other}) == 2
    assert one != "HWL-FEATURE-MISSING"
    assert "sim" in repr(one)
