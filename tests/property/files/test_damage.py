"""No damaged or altered file is accepted, and none does anything but raise an error of ours."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hwlock.codec import armor, cbor, cose
from hwlock.errors import HwlockError, InternalError

from .values import VALUES, places, with_value

MUTATIONS = 20 * settings().max_examples  # of each kind: 2,000 in CI
MANY = settings(
    max_examples=2 * settings().max_examples,
    suppress_health_check=[HealthCheck.too_slow],
)
MEMORY_LIMIT = 4 << 20


def refuse(kind: Any, raw: bytes) -> None:
    """Verify `raw`, which is not the genuine file; one of our errors must come of it."""
    with pytest.raises(HwlockError) as caught:
        kind.verify(raw)
    assert not isinstance(caught.value, InternalError)
    assert caught.value.message  # the sentence can be made of its particulars


def test_every_flipped_bit_is_refused(kinds, name):
    """No bit of a genuine file can be changed: all of them, one at a time."""
    kind = kinds[name]
    kind.verify(kind.raw)
    for at in range(len(kind.raw)):
        for bit in range(8):
            changed = bytearray(kind.raw)
            changed[at] ^= 1 << bit
            refuse(kind, bytes(changed))


def test_every_prefix_is_refused(kinds, name):
    """A file that was cut off anywhere is refused, and so is one with something behind it."""
    kind = kinds[name]
    for size in range(len(kind.raw)):
        refuse(kind, kind.raw[:size])
    for more in (b"\0", b"\xf6", kind.raw):
        refuse(kind, kind.raw + more)


EDITS = ("set", "insert", "delete", "copy", "turn", "cut")


def mutations(raw: bytes, name: str) -> Iterator[bytes]:
    """Yield MUTATIONS random changes of `raw`, 1 to 6 edits each; the same for a name."""
    for number in range(MUTATIONS):
        random = Random(f"{name} {number}")
        data = bytearray(raw)
        for _ in range(random.randint(1, 6)):
            edit(data, random)
        if data != raw:
            yield bytes(data)


def edit(data: bytearray, random: Random) -> None:
    """Change `data` at one place."""
    what = random.choices(EDITS, (8, 4, 4, 2, 1, 1))[0]
    start, end = sorted(random.randint(0, len(data)) for _ in range(2))
    if what == "set":
        data[start : start + 1] = random.randbytes(1)
    elif what == "insert":
        data[start:start] = random.randbytes(random.randint(1, 8))
    elif what == "delete":
        del data[start : start + random.randint(1, 16)]
    elif what == "copy":
        data[start:start] = data[end : end + 40]
    elif what == "turn":
        data[start:end] = data[start:end][::-1]
    else:
        del data[end:]


def test_mutations_are_refused(kinds, name):
    """Whatever is done to the bytes of a file, only the genuine ones are accepted."""
    kind = kinds[name]
    for raw in mutations(kind.raw, name):
        refuse(kind, raw)


def test_mutated_armor_is_refused_or_means_the_same(kinds, name):
    """A block of text that was changed at random gives the genuine bytes or an error."""
    kind = kinds[name]
    label = name.split("-")[0].upper()
    for text in mutations(armor.encode(kind.raw, label).encode(), name):
        try:
            _, raw = armor.decode(text, expected_label=label)
        except HwlockError as exc:
            assert not isinstance(exc, InternalError)
        else:
            assert raw == kind.raw


MANGLERS = {
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "quoted": lambda text: "".join(f"> {line}\n" for line in text.splitlines()),
    "quoted twice": lambda text: "".join(f">> > {line}\n" for line in text.splitlines()),
    "joined": lambda text: text.replace("\n", " "),
    "trailing spaces": lambda text: text.replace("\n", "  \t\n"),
    "a mail around it": lambda text: f"Hello,\n\nhere it is:\n\n{text}\n-- \nZoë -----\n",
    "rewrapped": lambda text: "\n".join(text[at : at + 50] for at in range(0, len(text), 50)),
}


@pytest.mark.parametrize("mangler", MANGLERS)
def test_what_mail_does_is_forgiven(kinds, name, mangler):
    """A block that mail has mangled is verified like the file that was sent."""
    kind = kinds[name]
    label = name.split("-")[0].upper()
    text = MANGLERS[mangler](armor.encode(kind.raw, label))
    assert armor.decode(text.encode(), expected_label=label) == (label, kind.raw)
    kind.verify(armor.decode(text.encode(), expected_label=label)[1])


@MANY
@given(where=st.integers(0, 1 << 16), new=VALUES)
def test_a_signed_statement_with_any_value_is_refused_or_meant(kinds, genuine, name, where, new):
    """Any value in any place, signed by the right key: accepted, or one of our errors."""
    kind = kinds[name]
    says = cbor.decode(cose.parse(kind.raw).payload)
    paths = places(says)
    changed = with_value(says, paths[where % len(paths)], new)
    try:
        kind.verify(genuine.signed(kind.signer, kind.raw, changed))
    except HwlockError as exc:
        assert not isinstance(exc, InternalError)
        assert exc.message


@pytest.mark.parametrize(
    "raw",
    [
        b"\xd2\x84\x58" + b"\xff" * 65000,
        b"\xd2\x84" + b"\x9b" + b"\xff" * 8 + bytes(65000),
        b"\xd2\x84\x5a\x00\x00\xfe\x00" + b"\x81" * 65000,
        b"\xd2\x84" + b"\x80" * 65000,
        bytes(65536),
        b"\x9f" * 65536,
    ],
    ids=["cut", "giant-array", "nested-header", "crowd", "zeros", "endless"],
)
def test_hostile_bytes_cost_little_memory(kinds, name, raw):
    """A file that is made to be expensive is refused within 4 MiB."""
    tracemalloc.start()
    try:
        refuse(kinds[name], raw)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < MEMORY_LIMIT
