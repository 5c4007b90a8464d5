"""The tree that is drawn is the tree that is."""

from __future__ import annotations

import copy
import inspect
import pickle
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


def _samples():
    yield FormatError("HWL-CBOR-SIZE", stage="cbor", offset=9, found=10, limit=9)
    yield DeniedError(
        "HWL-DENIED", product="acme-cad", findings=(Finding("HWL-CLOCK-SLACK", "warn", seen=1),)
    )
    yield errors.BadAnswer("HWL-TPM-REFUSED", raw_code=0x98E, meaning="no")


@pytest.mark.parametrize("error", list(_samples()), ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))]
)
def test_an_error_survives_copying_and_pickling(error, copied):
    """A worker process that meets an error can send it to its parent as it is."""
    again = copied(error)
    assert type(again) is type(error)
    assert (again.args, vars(again)) == (error.args, vars(error))
    assert again.row.exit_status == error.row.exit_status


def test_a_sentence_cannot_command_a_terminal():
    """What a hostile file names is shown without escapes, line breaks and turned direction."""
    hostile = "\x1b[2J\nhwlock: all is well\u202e"
    error = FormatError("HWL-FIELD-UNKNOWN", stage="field", where="request", key=hostile)
    assert error.message == "request: it has an unknown member ?[2J?hwlock: all is well?"
    assert Finding.of(error).message == error.message


def test_a_denial_shows_its_reasons():
    """A log or a traceback says why, and not only that."""
    reasons = (
        Finding("HWL-LICENSE-NONE", "deny", product="x"),
        Finding("HWL-CLOCK-SLACK", "note", seen=1),
    )
    error = DeniedError("HWL-DENIED", findings=reasons, product="x")
    assert str(error) == f"{error.message}: {reasons[0].message}"
    assert str(DeniedError("HWL-RESPONSE-OTHER")) == DeniedError("HWL-RESPONSE-OTHER").message
