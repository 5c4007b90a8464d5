"""Whatever is read is written back the same, and every failure is a FormatError."""

from __future__ import annotations

from typing import Any

import cbor2
from hypothesis import given
from hypothesis import strategies as st

from hwlock.codec import armor, cbor, cose, typed_code
from hwlock.errors import FormatError

INTEGERS = st.integers(-(2**64), 2**64 - 1)
KEYS = st.one_of(INTEGERS, st.text(max_size=8))
VALUES = st.recursive(
    st.one_of(INTEGERS, st.binary(max_size=40), st.text(max_size=20), st.booleans(), st.none()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5).map(tuple), st.dictionaries(KEYS, inner, max_size=5)
    ),
    max_leaves=25,
)
EDITS = st.lists(
    st.tuples(st.sampled_from(["set", "cut", "insert"]), st.integers(0, 999), st.integers(0, 255)),
    min_size=1,
    max_size=3,
)
HEADERS = st.builds(
    lambda alg, kid, delegation: cose.Header(
        alg=alg, kid=kid, typ="application/hwlock-license", delegation=delegation
    ),
    st.sampled_from([cose.EDDSA, cose.ES256]),
    st.binary(min_size=16, max_size=16),
    st.none() | st.binary(max_size=50),
)


def edited(data: bytes, edits: list[tuple[str, int, int]]) -> bytes:
    """Return `data` with a few bytes set, cut out or inserted."""
    changed = bytearray(data)
    for what, place, byte in edits:
        at = place % (len(changed) + 1)
        changed[at : at + (what != "insert")] = b"" if what == "cut" else bytes((byte,))
    return bytes(changed)


def reads_back(data: bytes) -> None:
    """Assert that `data` is refused with a FormatError or is the form that is written."""
    try:
        value = cbor.decode(data)
    except FormatError as exc:
        assert exc.stage == "cbor"
        assert exc.offset is not None
        assert 0 <= exc.offset <= len(data)
        return
    assert cbor.encode(value) == data


@given(VALUES)
def test_what_is_written_is_read_back(value: Any) -> None:
    """Every value comes back, with its types, and an independent reader agrees."""
    data = cbor.encode(value)
    assert repr(cbor.decode(data)) == repr(value) or cbor.decode(data) == value
    assert cbor2.loads(data) == cbor2.loads(cbor2.dumps(value, canonical=True))


@given(st.binary(max_size=60))
def test_random_bytes_are_read_in_one_form_or_refused(data: bytes) -> None:
    """Random bytes that decode re-encode to themselves."""
    reads_back(data)


@given(VALUES, EDITS)
def test_changed_encodings_are_read_in_one_form_or_refused(value: Any, edits: Any) -> None:
    """Almost valid bytes that decode re-encode to themselves."""
    reads_back(edited(cbor.encode(value), edits))


@given(HEADERS, st.binary(max_size=60), st.binary(min_size=64, max_size=64), EDITS)
def test_changed_envelopes_are_read_in_one_form_or_refused(
    header: cose.Header, payload: bytes, signature: bytes, edits: Any
) -> None:
    """An envelope that parses is assembled again to the same bytes."""
    raw = cose.assemble(header, payload, lambda _: signature)
    assert cose.parse(raw).header == header
    try:
        parsed = cose.parse(edited(raw, edits))
    except FormatError as exc:
        assert exc.stage in ("cbor", "cose")
        return
    assert cose.assemble(parsed.header, parsed.payload, lambda _: parsed.signature) == parsed.raw


@given(st.binary(max_size=200))
def test_random_text_is_no_block(text: bytes) -> None:
    """Any bytes give a FormatError, or are a binary file."""
    try:
        label, data = armor.decode(text)
    except FormatError as exc:
        assert exc.stage == "armor"
        return
    assert (label, data) == (None, text)


@given(st.binary(min_size=1, max_size=300), EDITS)
def test_a_changed_block_is_refused_or_says_the_same(data: bytes, edits: Any) -> None:
    """No damage to a block gives other data."""
    text = armor.encode(data, "LICENSE").encode()
    try:
        read = armor.decode(edited(text, edits))
    except FormatError as exc:
        assert exc.stage == "armor"
        return
    assert read == ("LICENSE", data)


@given(st.text(max_size=60))
def test_random_text_is_no_code(text: str) -> None:
    """Any text gives a FormatError, or the number of a code that is written the same."""
    try:
        number = typed_code.decode(text)
    except FormatError as exc:
        assert exc.stage == "typed"
        return
    assert typed_code.decode(typed_code.encode(number)) == number


@given(st.integers(0, 2**100 - 1), st.data())
def test_codes_are_read_however_they_are_typed(number: int, data: st.DataObject) -> None:
    """Case, similar letters and separators do not matter."""
    typed = ""
    for char in typed_code.encode(number):
        choices = {"0": "0Oo\uff10", "1": "1IiLl", "-": ["", " ", "\u2013", ". ", "\u00a0"]}
        typed += data.draw(st.sampled_from(choices.get(char, [char, char.lower()])))
        typed += data.draw(st.sampled_from(["", "", "", " ", "-", "\u200b"]))
    assert typed_code.decode(typed) == number
