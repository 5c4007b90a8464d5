"""Clocks as they come: honest people are never locked without a way back, memories join."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from hwlock.check.state import State
from hwlock.check.timeline import Clocks, Timeline, TpmMark, TpmTime, read
from hwlock.check.usage import Usage
from hwlock.license.model import Counter

BEGIN = datetime(2026, 1, 1, tzinfo=timezone.utc)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TIMES = st.integers(0, 2**33).map(lambda s: datetime.fromtimestamp(s, timezone.utc))
SMALL = st.integers(0, 3)

MARKS = st.none() | st.builds(
    TpmMark, at=TIMES, clock_ms=st.integers(0, 2**40), resets=SMALL, restarts=SMALL
)
TIMELINES = st.builds(
    Timeline,
    epoch=SMALL,
    began_at=TIMES,
    seen_at=TIMES,
    turns=SMALL,
    high=TIMES,
    tpm=MARKS,
    counter=SMALL,
)
COUNTER = Counter(name="exports", limit=9, period="day")
SPENDINGS = st.lists(st.tuples(st.sampled_from(("E-1", "E-2")), st.integers(1, 5), TIMES))


@st.composite
def usages(draw):
    """Return what some spendings lead to."""
    usage = Usage()
    for entitlement, amount, time in draw(SPENDINGS):
        usage = usage.spent(entitlement, COUNTER, amount, time)
    return usage


STATES = st.builds(State, time=TIMELINES, usage=usages(), heard_at=st.none() | TIMES)


@given(STATES, STATES, STATES)
def test_memories_are_a_semilattice(a, b, c):
    """In whatever order and however often they meet, they know the same."""
    assert a.joined(a) == a
    assert a.joined(b) == b.joined(a)
    assert a.joined(b).joined(c) == a.joined(b.joined(c))


@given(STATES)
def test_a_memory_is_kept_and_read(state):
    """What the store has of it is all of it."""
    assert State.parse(state.encode()) == state


@given(STATES, TIMES, st.sampled_from([None, 0, 1, 2**20]))
def test_a_check_never_forgets(state, now, counter):
    """What is remembered after a look joins with what was before to itself: nothing is lost."""
    tpm = TpmTime(clock_ms=5, resets=1, restarts=0, safe=True)
    after = read(state.time, now, Clocks(tpm=tpm, counter=counter)).after
    assert after.epoch == state.time.epoch
    assert after.seen_at >= state.time.seen_at
    assert after.joined(state.time).seen_at == after.seen_at


@given(TIMELINES, TIMES, TIMES)
def test_what_ends_is_not_revived_by_the_clock(before, now, beacon):
    """The time that ends are judged by is the clock's, or later; never earlier than the mark."""
    reading = read(before, now, Clocks(beacons=(beacon,)))
    denied = any(found.level == "deny" for found in reading.findings)
    assert reading.time >= now
    assert denied or reading.time >= max(before.seen_at, beacon)


@given(TIMELINES, TIMES, st.none() | st.integers(0, 2**64 - 1), st.none() | SMALL)
def test_there_is_always_a_way_back(before, true_now, clock_ms, counter):
    """Whatever happened: the clock set right and a fresh answer, and nothing is denied."""
    tpm = None if clock_ms is None else TpmTime(clock_ms=clock_ms, resets=0, restarts=0, safe=True)
    clocks = Clocks(beacons=(true_now,), tpm=tpm, counter=counter)
    mended = before.unlocked(true_now, counter or 0)
    reading = read(mended, true_now + MINUTE, clocks)
    assert [found for found in reading.findings if found.level == "deny"] == []
    # and it stays so, a day later
    later = read(reading.after, true_now + DAY, clocks)
    assert [found for found in later.findings if found.level == "deny"] == []


# what happens to the clock of an honest machine between two starts: how much it is off
HONEST = st.sampled_from(
    [timedelta(0), timedelta(0), HOUR, -HOUR, 2 * HOUR, -2 * HOUR, 13 * HOUR, -12 * HOUR]
)
STEPS = st.lists(st.tuples(st.integers(1, 48 * 60), HONEST), min_size=1, max_size=60)


@given(STEPS)
def test_no_honest_clock_is_denied(steps):
    """Zones, summer time, a second system, up to a start each half hour, for weeks."""
    memory, true_now = Timeline.begin(BEGIN), BEGIN
    turns = 0
    for minutes, off in steps:
        true_now += minutes * MINUTE
        reading = read(memory, true_now + off, Clocks(beacons=(BEGIN - 14 * HOUR,)))
        turns = reading.after.turns
        denied = [found.code for found in reading.findings if found.level == "deny"]
        # who changes zones many times a day for days on end is told, and has a way back
        assert denied in ([], ["HWL-CLOCK-TURNS"])
        assert not denied or turns > reading.after.free_turns
        memory = reading.after


@given(st.lists(st.integers(-30 * 24, 30 * 24), min_size=1, max_size=40))
def test_setting_back_never_gains_more_than_it_may(hours):
    """However the clock is turned, what is believed never runs backwards by more than nothing."""
    memory, believed = Timeline.begin(BEGIN), BEGIN
    for ahead in hours:
        reading = read(memory, BEGIN + ahead * HOUR, Clocks())
        if not any(found.level == "deny" for found in reading.findings):
            assert reading.time >= believed - MINUTE
            believed = max(believed, reading.time)
        memory = reading.after
