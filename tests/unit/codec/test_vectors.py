"""Every vector is caught at the stage and with the code that it names, or read."""

from __future__ import annotations

import json
import re
import runpy
from inspect import getsource
from pathlib import Path
from typing import Any

import pytest

from hwlock.codec import armor, cbor, cose, fields, typed_code
from hwlock.errors import FormatError
from hwlock.errors.table import TABLE

TESTS = Path(__file__).parents[2]
VECTORS = sorted((TESTS / "vectors" / "codec").glob("*.json"))


def read(case: dict[str, Any]) -> None:
    """Read a case with the reader that it is for, and compare what came out."""
    if case["read"] == "cbor":
        data = bytes.fromhex(case["hex"])
        assert cbor.encode(cbor.decode(data)) == data
    elif case["read"] == "cose":
        data = bytes.fromhex(case["hex"])
        parsed = cose.parse(data, expected_typ="application/hwlock-license")
        assert cose.assemble(parsed.header, parsed.payload, lambda _: parsed.signature) == data
    elif case["read"] == "armor":
        decoded = armor.decode(case["text"].encode(), expected_label="REQUEST")
        assert decoded == ("REQUEST", bytes.fromhex(case["data"]))
    else:
        assert case["read"] == "typed-code"
        assert typed_code.decode(case["text"]) == int(case["number"])


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_vector_is_read_or_caught_where_it_says(path: Path) -> None:
    """A kept form is read and written back the same; one fault is caught where it says."""
    case = json.loads(path.read_text(encoding="ascii"))
    if case["code"] is None:
        read(case)
        return
    with pytest.raises(FormatError) as caught:
        read({"data": "", "number": "0"} | case)
    assert (caught.value.stage, caught.value.code) == (case["stage"], case["code"])
    if "offset" in case:
        assert caught.value.offset == case["offset"]
    for particular in ("line", "group"):
        if case.get(particular) is not None:
            assert caught.value.details[particular] == case[particular]


def test_vectors_are_what_their_programs_make() -> None:
    """The folder holds what tests/generate makes, no more and no less."""
    made = dict(runpy.run_path(str(TESTS / "generate" / "write.py"))["vectors"]("codec"))
    assert {path: path.read_text(encoding="ascii") for path in VECTORS} == made


def test_every_fault_that_the_readers_name_has_a_vector_or_a_test() -> None:
    """No refusal of the readers is without a case that raises it."""
    covered = {json.loads(path.read_text(encoding="ascii"))["code"] for path in VECTORS}
    tests = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("*.py"))
    raised = set()
    for module, topic in (
        (cbor, "CBOR"),
        (fields, "FIELD"),
        (cose, "COSE"),
        (armor, "ARMOR"),
        (typed_code, "CODE"),
    ):
        source = getsource(module)
        raised |= {code for code in TABLE if re.search(_naming(code, topic), source)}
    assert {code for code in raised - covered if f'"{code}"' not in tests} == set()


def _naming(code: str, topic: str) -> str:
    """Return a pattern of how a module names `code`, in full or without its topic."""
    prefix = f"HWL-{topic}-"
    return f'"(?:{prefix})?{code[len(prefix) :]}"' if code.startswith(prefix) else "(?!)"
