"""What a machine remembers, as bytes."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from hwlock.check.state import State
from hwlock.codec import cbor
from hwlock.errors import FormatError

MOMENT = datetime(2026, 3, 1, 12, 0, 5, tzinfo=timezone.utc)


def test_a_state_is_kept_and_read():
    """A map with the mark in whole seconds."""
    state = State(seen_at=MOMENT)
    assert state.encode() == cbor.encode({1: int(MOMENT.timestamp())})
    assert State.parse(state.encode()) == state


def test_a_state_begins_in_whole_seconds():
    """What is kept is what is compared."""
    assert State.begin(MOMENT + timedelta(microseconds=999999)) == State(seen_at=MOMENT)


@pytest.mark.parametrize(
    "data", [b"", b"\xa0", b"\x01", b"\xa1\x01\x20", b"\xa2\x01\x00\x02\x00", b"\xa1\x01\x00\x00"]
)
def test_other_bytes_are_no_state(data):
    """Cut, empty, negative, with more members, with more bytes."""
    with pytest.raises(FormatError):
        State.parse(data)
