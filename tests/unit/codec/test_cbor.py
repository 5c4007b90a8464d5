"""CBOR: limits, what has no form, and an independent writer as peer."""

from __future__ import annotations

import tracemalloc
from typing import Any

import cbor2
import pytest

from hwlock.codec import cbor
from hwlock.errors import FormatError, InternalError


def refusal(data: bytes, **limits: int) -> FormatError:
    """Return the error that `data` is refused with."""
    with pytest.raises(FormatError) as caught:
        cbor.decode(data, **limits)
    assert caught.value.stage == "cbor"
    return caught.value


@pytest.mark.parametrize(
    "value",
    [
        0,
        23,
        24,
        255,
        256,
        65535,
        65536,
        2**32 - 1,
        2**32,
        2**64 - 1,
        -1,
        -24,
        -25,
        -(2**64),
        b"",
        b"x" * 300,
        "",
        "a name with \u00fc and \U0001f511",
        True,
        False,
        None,
        (),
        (1, (2, b"3"), "4"),
        {},
        {10: 1, 100: 2, -1: 3, "z": 4, "aa": 5, 1000: 6},
        {1: {2: {3: (None, True)}}, "text": ("x",) * 30},
        {n: n for n in range(-30, 300, 7)},
    ],
    ids=repr,
)
def test_writes_what_an_independent_writer_writes(value: Any) -> None:
    """Our bytes are the canonical bytes of cbor2, and both read them back."""
    data = cbor.encode(value)
    if not isinstance(value, dict) or all(len(cbor.encode(key)) == 1 for key in value):
        assert cbor2.dumps(value, canonical=True) == data
    assert cbor2.dumps(cbor2.loads(data)) == data
    assert cbor.decode(data) == value


def test_sorts_keys_by_their_encoding_and_not_by_length() -> None:
    """RFC 8949 section 4.2.1 has [10, 100, -1, "z", "aa"] in this order."""
    data = cbor.encode({"aa": 0, 100: 0, -1: 0, "z": 0, 10: 0, 1000: 0})
    assert data.hex() == "a6" + "0a00" + "186400" + "1903e800" + "2000" + "617a00" + "62616100"


def test_lists_and_tuples_are_the_same_array() -> None:
    """A list is written as the tuple is that comes back."""
    assert cbor.encode([1, [2]]) == cbor.encode((1, (2,)))
    assert cbor.decode(cbor.encode([1, [2]])) == (1, (2,))


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        2**64,
        -(2**64) - 1,
        {None: 1},
        {True: 1},
        {b"": 1},
        {(): 1},
        "\ud800",
        {"\ud800": 1},
        bytearray(b"x"),
        {1},
        object(),
        cbor.Tag(number=0, value="0"),
    ],
    ids=repr,
)
def test_has_no_form_for_what_is_no_value(value: Any) -> None:
    """Writing something that no file has is our own fault, and says so."""
    with pytest.raises(InternalError):
        cbor.encode(value)


def test_writes_no_deeper_than_it_reads() -> None:
    """Sixteen arrays are written and read; seventeen are not written."""
    value: Any = ()
    for _ in range(15):
        value = (value,)
    assert cbor.decode(cbor.encode(value)) == value
    with pytest.raises(InternalError):
        cbor.encode((value,))


def test_limits_are_exact() -> None:
    """Size, nesting and number of values are allowed up to the limit and refused above."""
    assert len(cbor.decode(b"\x43abc", max_bytes=4)) == 3  # type: ignore[arg-type]
    assert refusal(b"\x43abc", max_bytes=3).code == "HWL-CBOR-SIZE"
    assert cbor.decode(b"\x81\x80", max_depth=2) == ((),)
    assert refusal(b"\x81\x80", max_depth=1).code == "HWL-CBOR-DEPTH"
    assert cbor.decode(b"\x82\x01\x02", max_items=3) == (1, 2)
    assert refusal(b"\x82\x01\x02", max_items=2).code == "HWL-CBOR-ITEMS"
    assert cbor.decode(b"\xa1\x01\x02", max_items=3) == {1: 2}
    assert refusal(b"\xa1\x01\x02", max_items=2).code == "HWL-CBOR-ITEMS"


def test_no_more_values_than_allowed_by_default() -> None:
    """8192 values are read, one more is refused before anything is made of them."""
    assert len(cbor.decode(b"\x99\x1f\xff" + bytes(8191))) == 8191  # type: ignore[arg-type]
    assert refusal(b"\x99\x20\x00" + bytes(8192)).code == "HWL-CBOR-ITEMS"


@pytest.mark.parametrize(
    "data",
    [
        bytes.fromhex("9bffffffffffffffff"),
        bytes.fromhex("bbffffffffffffffff"),
        bytes.fromhex("5bffffffffffffffff"),
        bytes.fromhex("7bffffffffffffffff"),
        bytes.fromhex("9a00ffffff") + bytes(60000),
        bytes.fromhex("9a0000ea60") + bytes(60000),
        b"\xba\x00\x00\x75\x30" + bytes(60000),
        b"\x81" * 60000,
        bytes.fromhex("991ffe") + b"\xa0" * 8190,
        bytes.fromhex("990aa9") + bytes.fromhex("a10000") * 2729,
        bytes.fromhex("990fff") + bytes.fromhex("8100") * 4095,
    ],
    ids=lambda data: f"{data[:9].hex()}-{len(data)}",
)
def test_memory_is_bounded_whatever_the_bytes_claim(data: bytes) -> None:
    """No input within the limits makes the reader take more than two megabytes."""
    tracemalloc.start()
    try:
        try:
            cbor.decode(data)
        except FormatError:
            pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2_000_000
