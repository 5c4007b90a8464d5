"""The core's readers as a program in C sees them: every vector, and the tables they stand on."""

from __future__ import annotations

import html
import json
import unicodedata
from collections.abc import Callable
from html.entities import html5
from pathlib import Path
from typing import Any

import armor_model
import native_reader
import pytest
from generate import entity_names, normal_tables

from hwlock._native import ffi, lib
from hwlock.errors.table import TABLE

ROOT = Path(__file__).parents[3]
VECTORS = sorted((ROOT / "tests" / "vectors" / "codec").glob("*.json"))
FILES = sorted((ROOT / "tests" / "vectors" / "files").glob("*.json"))
CHECKS = sorted((ROOT / "tests" / "vectors" / "check").glob("*.json"))
CSRC = ROOT / "csrc" / "src"

# Typed codes are for people; programs in C do not read them.
CODEC = [path for path in VECTORS if not path.stem.startswith("typed-code-")]


def codes() -> list[int]:
    """Return every code of the readers in hwlock.h."""
    names = [name for name in dir(lib) if name.startswith("HWLOCK_")]
    return sorted({getattr(lib, name) for name in names if 100 < getattr(lib, name) < 1000})


def read_list(case: dict[str, Any]) -> None:
    """Read a revocation list, and take it after those that are known."""
    product = native_reader.Product(bytes.fromhex(case["product"]))
    files = [bytes.fromhex(text) for text in (*case["known"], case["hex"])]
    known = native_reader.Known([native_reader.List(raw, product) for raw in files])
    assert known.c.number == case["number"]


def read(case: dict[str, Any]) -> None:
    """Read a case with the reader that it is for."""
    if case["read"] == "armor":
        block = native_reader.armor(case["text"].encode(), "REQUEST")
        assert block == ("REQUEST", bytes.fromhex(case["data"]))
        return
    raw = bytes.fromhex(case["hex"])
    if case["read"] == "cbor":
        native_reader.cbor(raw)
    elif case["read"] == "cose":
        native_reader.envelope(raw, "application/hwlock-license")
    elif case["read"] in ("product", "successor"):
        native_reader.Product(raw)
    elif case["read"] == "revocation":
        read_list(case)
    elif case["read"] in ("license", "code"):
        native_reader.License(raw, native_reader.Product(bytes.fromhex(case["product"])))
    else:  # what machines and desks send each other is read up to its payload
        envelope = native_reader.envelope(raw, f"application/hwlock-{case['read']}")
        native_reader.cbor(envelope["payload"])


@pytest.mark.parametrize("path", [*CODEC, *FILES], ids=lambda path: path.stem)
def test_the_core_reads_a_vector_or_catches_it_where_it_says(path: Path) -> None:
    """The code, the stage, the offset and the line are those of the vector."""
    case = json.loads(path.read_text(encoding="ascii"))
    # a successor is a good product file: whose place it takes is judged where it is stored
    whole = case["read"] in ("armor", "cbor", "cose", "product", "license", "revocation")
    # what a code is typed for is the license; the code itself is for people
    whole |= case["read"] == "code" and case["stage"] in ("field", "trust")
    whole |= case["read"] != "successor" and case["stage"] in ("cbor", "cose")
    if case["code"] is None or not whole:
        read(case)
        return
    with pytest.raises(native_reader.Refused) as caught:
        read({"data": ""} | case)
    assert (caught.value.stage, caught.value.code) == (case["stage"], case["code"])
    if "offset" in case:
        assert caught.value.offset == case["offset"]
    if case.get("line") is not None:
        assert caught.value.line == case["line"]


def test_every_code_of_the_core_has_its_row_and_its_sentence() -> None:
    """A code is named as in the table of errors, and no two say the same."""
    names = {getattr(lib, name): name for name in dir(lib) if name.startswith("HWLOCK_")}
    texts = set()
    for code in codes():
        name = ffi.string(lib.hwlock_error_name(code)).decode()
        assert name == f"HWL-{names[code].removeprefix('HWLOCK_').replace('_', '-')}"
        assert name in TABLE
        text = ffi.string(lib.hwlock_error_text(code)).decode()
        assert text and text[0].islower() and not text.endswith(".")
        texts.add(text)
    assert len(texts) == len(codes())
    assert ffi.string(lib.hwlock_error_name(99)) == b"HWL-UNKNOWN"
    assert ffi.string(lib.hwlock_error_text(99))


def test_every_code_of_the_core_is_raised_by_a_vector() -> None:
    """No refusal of the readers is without a case, but for sizes and what only C can ask."""
    paths = [*CODEC, *FILES]
    covered = {json.loads(path.read_text(encoding="ascii"))["code"] for path in paths}
    for path in CHECKS:
        verdict = json.loads(path.read_text(encoding="ascii"))["verdict"]
        covered |= {found["code"] for found in verdict["findings"]}
    named = {ffi.string(lib.hwlock_error_name(code)).decode() for code in codes()}
    elsewhere = {"HWL-ARMOR-KIND", "HWL-DENIED"}  # called in tests; the end of every denial
    sizes = {"HWL-ARMOR-SIZE", "HWL-CBOR-SIZE", "HWL-CBOR-ITEMS"}  # test_armor, test_cbor
    assert named - covered <= elsewhere | sizes


def is_allowed(text: str) -> bool:
    """Ask the core whether `text` may stand in a file."""
    raw = text.encode()
    return bool(lib.hwlock_text_check(raw, len(raw)) == lib.HWLOCK_OK)


def test_the_tables_of_unicode_are_what_their_program_prints() -> None:
    """With the Python that printed them; a newer one has more rows, and the same ones."""
    printed = (CSRC / "normal_tables.h").read_text()
    if f"Unicode {normal_tables.VERSION}," in printed:
        assert printed == normal_tables.header()
    rows = normal_tables.tables()
    for name in ("NORMAL_APART", "NORMAL_JOINED"):
        body = printed.split(f"{name}[")[1].split("};")[0].split("{")[1]
        held = {int(row, 16) for row in body.replace(",", " ").split()}
        known = {row for row in rows[name] if unicodedata.category(chr(row >> 42)) != "Cn"}
        assert held <= known if normal_tables.VERSION >= "14" else known <= held


def test_the_names_of_html_are_what_their_program_prints() -> None:
    """The list of the standard does not change any more."""
    assert (CSRC / "entity_names.h").read_text() == entity_names.header()


def known_to_the_core() -> Callable[[str], bool]:
    """Return what tells whether a character is in the core's Unicode, and is no surrogate."""
    same = f"Unicode {normal_tables.VERSION}," in (CSRC / "normal_tables.h").read_text()
    database = unicodedata if same else unicodedata.ucd_3_2_0
    return lambda char: database.category(char) not in ("Cn", "Cs")


def deceives(point: int) -> bool:
    """Tell whether encoding.md section 1.3 forbids a character."""
    return (
        point < 0x20
        or 0x7F <= point <= 0x9F
        or 0x2028 <= point <= 0x202E
        or 0x2066 <= point <= 0x2069
    )


@pytest.mark.slow
def test_every_character_is_normal_where_unicode_says_so() -> None:
    """Each alone, behind a letter, and between two marks."""
    for char in filter(known_to_the_core(), map(chr, range(0x110000))):
        point = ord(char)
        for text in (char, "a" + char, "\u0301" + char + "\u0327"):
            normal = unicodedata.is_normalized("NFC", text) and not deceives(point)
            assert is_allowed(text) == normal, ascii(text)


def test_pairs_are_joined_where_unicode_joins_them() -> None:
    """Each character that has two parts: whole, apart, with a mark between."""
    for point in range(0x110000):
        parts = unicodedata.decomposition(chr(point)).split()
        if len(parts) != 2 or parts[0].startswith("<"):
            continue
        first, second = (chr(int(part, 16)) for part in parts)
        for text in (
            first + second,
            chr(point) + "\u0323",
            first + "\u0323" + second,
            first + "\u0301" + second,
            chr(point) + second,
        ):
            assert is_allowed(text) == unicodedata.is_normalized("NFC", text), ascii(text)


def test_hangul_is_computed() -> None:
    """Syllables stand for themselves; their letters one after another do not."""
    assert is_allowed("\uac00\ud7a3")
    for text in ("\u1100\u1161", "\uac00\u11a8", "\u1112\u1175\u11c2"):
        assert not is_allowed(text)
    for text in ("\u1100\u1160", "\uac01\u11a8", "\u1161\u1100", "\uac00\u11a7"):
        assert is_allowed(text) == unicodedata.is_normalized("NFC", text)


def test_a_long_text_is_refused() -> None:
    """255 bytes are the most, whatever they come apart into."""
    assert is_allowed("\u0390" * 127)
    assert is_allowed("\u1f82" * 85)
    assert lib.hwlock_text_check(b"a" * 256, 256) == lib.HWLOCK_FIELD_LONG
    assert lib.hwlock_text_check(b"\xc0\x80", 2) == lib.HWLOCK_CBOR_TEXT


@pytest.mark.parametrize("ending", ["", ";", "A", "/;", "=3D;"])
def test_every_name_of_html_is_read_as_python_reads_it(ending: str) -> None:
    """In a block, each name leaves what html.unescape leaves of it."""
    for name in html5:
        text = f"-BEGIN HWLOCK LICENSE-&{name}{ending}-END HWLOCK LICENSE-".encode()
        try:
            expected: Any = armor_model.decode(text)
        except armor_model.FormatError as exc:
            expected = exc.code
        with pytest.raises(native_reader.Refused) as caught:
            native_reader.armor(text)
        assert caught.value.code == expected, html.unescape(f"&{name}{ending}")
