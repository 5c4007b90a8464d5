"""What a machine remembers, as bytes and as a whole."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from hwlock.check.state import State
from hwlock.check.timeline import Timeline, TpmMark
from hwlock.check.usage import Usage
from hwlock.codec import cbor
from hwlock.errors import FormatError
from hwlock.license.model import Counter
from hwlock.record import replace

MOMENT = datetime(2026, 3, 1, 12, 0, 5, tzinfo=timezone.utc)
SECONDS = int(MOMENT.timestamp())
DAY = timedelta(days=1)
EXPORTS = Counter(name="exports", limit=9, period="month")
FULL = State(
    time=Timeline(
        epoch=3,
        began_at=MOMENT,
        seen_at=MOMENT + DAY,
        turns=2,
        high=MOMENT,
        tpm=TpmMark(at=MOMENT, clock_ms=2**40, resets=7, restarts=1),
        counter=12,
    ),
    usage=Usage().spent("E-1", EXPORTS, 4, MOMENT).spent("E-2", EXPORTS, 1, MOMENT),
    heard_at=MOMENT,
)


def test_a_state_is_kept_and_read():
    """A map with a member for each thing that is remembered; what is not there is absent."""
    state = State.begin(MOMENT)
    time = {1: 0, 2: SECONDS, 3: SECONDS, 4: 0, 5: SECONDS}
    assert state.encode() == cbor.encode({1: time})
    assert State.parse(state.encode()) == state
    assert State.parse(FULL.encode()) == FULL


def test_a_state_begins_in_whole_seconds():
    """What is kept is what is compared."""
    assert State.begin(MOMENT + timedelta(microseconds=999999)) == State.begin(MOMENT)


@pytest.mark.parametrize(
    "data", [b"", b"\xa0", b"\x01", b"\xa1\x01\x20", b"\xa2\x01\x00\x02\x00", b"\xa1\x01\x00\x00"]
)
def test_other_bytes_are_no_state(data):
    """Cut, empty, of another form, with more members, with more bytes."""
    with pytest.raises(FormatError):
        State.parse(data)


def test_a_word_of_the_vendor_sets_the_mark_and_keeps_the_rest():
    """Earlier or later; what was used up and heard stays as it was."""
    after = FULL.unlocked(MOMENT - 900 * DAY, counter=13)
    assert (after.seen_at, after.time.epoch, after.time.turns) == (MOMENT - 900 * DAY, 4, 0)
    assert (after.time.counter, after.time.tpm) == (13, None)
    assert (after.usage, after.heard_at) == (FULL.usage, FULL.heard_at)


def test_an_older_memory_does_not_undo_that_word():
    """Whoever joins the memories from before and after knows what was said after."""
    after = FULL.unlocked(MOMENT - 900 * DAY)
    assert after.joined(FULL) == FULL.joined(after) == after


def test_an_answer_to_the_administrator_is_heeded_once():
    """The newest sets the mark; the same or an older one changes nothing."""
    heard = FULL.heard(MOMENT + 5 * DAY)
    assert (heard.seen_at, heard.heard_at) == (MOMENT + 5 * DAY, MOMENT + 5 * DAY)
    assert heard.time.counter == FULL.time.counter
    for again in (MOMENT + 5 * DAY, MOMENT):
        assert heard.heard(again) is heard


def test_a_stamp_tells_whether_the_mark_moved():
    """Not what was used up, nor how the clock was turned: those do not outdate a request."""
    turned = replace(FULL, time=replace(FULL.time, turns=9, high=MOMENT - DAY), usage=Usage())
    assert turned.stamp == FULL.stamp
    moved = replace(FULL, time=replace(FULL.time, seen_at=MOMENT + 2 * DAY))
    assert len({FULL.stamp, moved.stamp, FULL.unlocked(FULL.seen_at).stamp}) == 3
