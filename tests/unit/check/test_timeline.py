"""The graded clock: the matrix of what happens to clocks, honest and not."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from hwlock.check import timeline
from hwlock.check.timeline import (
    FREE_TURNS,
    LEAP,
    TURNS_A_DAY,
    Clocks,
    Timeline,
    TpmMark,
    TpmTime,
    read,
)
from hwlock.record import replace

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=timezone.utc)
ISSUED = NOW - 30 * DAY
MEMORY = replace(Timeline.begin(NOW - 5 * DAY), seen_at=NOW, high=NOW)


def at(now, before=MEMORY, **clocks):
    """Read the clock at `now`, with a license that was issued a month ago."""
    return read(before, now, Clocks(beacons=(ISSUED,), **clocks))


def codes(reading):
    """Return code and level of what a reading says."""
    return [(found.code, found.level) for found in reading.findings]


def tpm(hours, resets=5, restarts=0, safe=True):
    """Return what a TPM says that has run so many hours in its life."""
    return TpmTime(clock_ms=int(hours * 3_600_000), resets=resets, restarts=restarts, safe=safe)


# --- the system's clock alone --------------------------------------------------------------

MATRIX = [
    ("as it should be", NOW + HOUR, [], False),
    ("an hour back", NOW - HOUR, [("HWL-CLOCK-SLACK", "note")], False),
    ("summer time ends", NOW - HOUR, [("HWL-CLOCK-SLACK", "note")], False),
    ("the second system keeps local time", NOW - 2 * HOUR, [("HWL-CLOCK-ZONE", "warn")], False),
    ("from one end of the world's zones", NOW - 26 * HOUR, [("HWL-CLOCK-ZONE", "warn")], False),
    ("to the other, ahead", NOW + 26 * HOUR, [], False),
    ("a machine that slept", NOW - 5 * DAY, [("HWL-CLOCK-RESUMED", "warn")], True),
    ("back to the issue", ISSUED, [("HWL-CLOCK-BACK", "deny")], False),
    ("a year back", NOW - 365 * DAY, [("HWL-CLOCK-BACK", "deny")], False),
    ("a dead battery", NOW.replace(year=1970), [("HWL-CLOCK-BACK", "deny")], False),
    ("a year ahead", NOW + 365 * DAY, [], False),
    ("the end of 32 bits", NOW.replace(year=2106), [("HWL-CLOCK-AHEAD", "warn")], False),
]


@pytest.mark.parametrize(
    ("now", "expected", "degraded"), [row[1:] for row in MATRIX], ids=[row[0] for row in MATRIX]
)
def test_a_clock_is_graded(now, expected, degraded):
    """By how far it is behind what is certain; ahead it is believed, within reason."""
    reading = at(now)
    assert (codes(reading), reading.degraded) == (expected, degraded)
    denied = ("HWL-CLOCK-BACK", "deny") in expected
    assert reading.time == (now if denied else max(now, NOW))


@pytest.mark.parametrize(("now", "expected", "degraded"), [row[1:] for row in MATRIX])
def test_a_clock_that_is_right_again_is_believed_at_once(now, expected, degraded):
    """Whatever it said, setting it right is enough where it was not believed."""
    after = at(now).after
    if after.seen_at <= NOW + DAY:
        assert codes(at(NOW + DAY, after)) == []


def test_forward_then_back_has_a_way_back():
    """A year ahead is believed; back again is denied, until the vendor says what time it is."""
    ahead = at(NOW + 365 * DAY).after
    assert codes(at(NOW, ahead)) == [("HWL-CLOCK-BACK", "deny")]
    assert codes(at(NOW + HOUR, ahead.unlocked(NOW))) == []


@pytest.mark.parametrize("first", [NOW.replace(year=1970), NOW, NOW.replace(year=2106)])
def test_without_memory_the_issue_is_the_floor(first):
    """A store that was deleted, or a first start: what is issued is certain all the same."""
    expected = [("HWL-CLOCK-EARLY", "deny")] if first.year == 1970 else []
    reading = at(first, None)
    assert codes(reading) == expected
    assert codes(at(NOW, reading.after)) in ([], [("HWL-CLOCK-BACK", "deny")])
    assert codes(at(NOW, reading.after.unlocked(NOW))) == []


def test_a_first_start_with_a_dead_battery_leaves_nothing_behind():
    """The right time is not too far ahead of a mark of 1970: the license is later than that."""
    after = at(NOW.replace(year=1970), None).after
    reading = at(NOW, after)
    assert (codes(reading), reading.after.seen_at) == ([], NOW)


def test_a_leap_does_not_move_the_mark():
    """2106 is told, and the right time afterwards is as good as ever."""
    reading = at(NOW + LEAP + DAY)
    assert codes(reading) == [("HWL-CLOCK-AHEAD", "warn")]
    assert reading.after is MEMORY


def test_two_systems_that_disagree_by_a_zone_go_on_for_years():
    """One keeps local time, two hours ahead; each day somebody changes to and fro."""
    memory, now = MEMORY, NOW
    for _ in range(400):
        now += DAY
        for reads in (now + 2 * HOUR, now + HOUR / 2, now + 3 * HOUR):
            reading = at(reads, memory)
            assert not any(found.level == "deny" for found in reading.findings)
            memory = reading.after


def test_who_sets_back_each_day_is_found_out():
    """A clock that repeats a day is denied after so many times, and a fresh answer mends it."""
    memory, told = MEMORY, []
    while ("HWL-CLOCK-TURNS", "deny") not in told and memory.turns < 100:
        back = at(NOW - 25 * HOUR, memory)
        memory, told = at(NOW, back.after).after, codes(back)
    assert memory.turns == FREE_TURNS + TURNS_A_DAY * 5 + 1
    assert codes(at(NOW, memory.unlocked(NOW))) == []


def test_the_mark_moves_in_steps():
    """Less than a minute is the same memory, so that nothing is written."""
    assert at(NOW + timedelta(seconds=59)).after is MEMORY
    assert at(NOW + timedelta(seconds=60)).after.seen_at == NOW + timedelta(seconds=60)


# --- the clock of a TPM --------------------------------------------------------------------

TIED = replace(MEMORY, tpm=TpmMark(at=NOW, clock_ms=100 * 3_600_000, resets=5, restarts=0))


def test_a_tpm_proves_how_long_it_ran():
    """A clock that stands still while the TPM runs on is found out; 70 % are certain."""
    assert codes(at(NOW, TIED, tpm=tpm(100 + 1))) == [("HWL-CLOCK-SLACK", "note")]
    assert codes(at(NOW, TIED, tpm=tpm(100 + 24))) == [("HWL-CLOCK-ZONE", "warn")]
    assert codes(at(NOW, TIED, tpm=tpm(100 + 24 * 5))) == [("HWL-CLOCK-RESUMED", "warn")]
    assert codes(at(NOW, TIED, tpm=tpm(100 + 24 * 30))) == [("HWL-CLOCK-BACK", "deny")]


def test_a_tpm_that_was_off_proves_nothing():
    """It counts only while it has power: less than the clock says is no contradiction."""
    assert codes(at(NOW + 30 * DAY, TIED, tpm=tpm(100 + 1))) == []


@pytest.mark.parametrize(
    "after_stop",
    [tpm(0.1, resets=6, safe=False), tpm(99, resets=6, safe=False), tpm(3, resets=0)],
    ids=["fell to nothing", "fell a little", "cleared or another one"],
)
def test_a_tpm_that_stopped_uncleanly_is_tied_anew(after_stop):
    """It fell back: nobody did anything wrong, and from now on it proves again."""
    reading = at(NOW + HOUR, TIED, tpm=after_stop)
    assert codes(reading) == []
    assert reading.after.tpm.clock_ms == after_stop.clock_ms
    later = replace(after_stop, clock_ms=after_stop.clock_ms + 24 * 3_600_000)
    assert codes(at(NOW + HOUR, reading.after, tpm=later)) == [("HWL-CLOCK-ZONE", "warn")]


def test_a_wrong_clock_is_not_tied_to_the_tpm():
    """What is behind must not become what the TPM's clock is measured by."""
    reading = at(NOW - 2 * HOUR, TIED, tpm=tpm(101))
    assert reading.after.tpm == TIED.tpm


def test_a_tpm_set_to_its_end_locks_for_no_longer_than_an_answer():
    """Whoever owns the TPM may set its clock forward: that is odd, and has a way back."""
    reading = at(NOW + HOUR, TIED, tpm=TpmTime(clock_ms=2**64 - 1, resets=5, restarts=0, safe=True))
    assert codes(reading) == [("HWL-CLOCK-BACK", "deny")]
    assert reading.time <= NOW + LEAP
    assert codes(at(NOW + HOUR, reading.after.unlocked(NOW))) == []


# --- the counter of a TPM ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("remembered", "counter", "expected"),
    [
        (0, 0, []),
        (0, None, []),
        (7, None, []),
        (7, 7, []),
        (7, 6, []),  # a crash between memory and counter
        (7, 8, [("HWL-MEMORY-RESTORED", "deny")]),
        (7, 5, [("HWL-MEMORY-TPM", "warn")]),
        (7, 0, [("HWL-MEMORY-TPM", "warn")]),
        (0, 3, [("HWL-MEMORY-LOST", "deny")]),
    ],
)
def test_a_counter_tells_an_older_memory(remembered, counter, expected):
    """Ahead of the memory: it was lost or put back. Behind it: the TPM was."""
    memory = replace(MEMORY, counter=remembered)
    assert codes(at(NOW, memory, counter=counter)) == expected
    assert codes(at(NOW, memory.unlocked(NOW, counter or 0), counter=counter)) == []


def test_a_memory_that_was_deleted_is_known_by_the_counter():
    """There is no memory at all, and the TPM says that there was one."""
    assert codes(at(NOW, None, counter=1)) == [("HWL-MEMORY-LOST", "deny")]
    assert codes(at(NOW, None, counter=0)) == []


def test_a_leap_is_longer_than_any_grade():
    """What is told of a clock ahead never meets what is told of one behind."""
    assert timeline.LEAP > timeline.RESUMED > timeline.ZONES > timeline.TOLERATED
