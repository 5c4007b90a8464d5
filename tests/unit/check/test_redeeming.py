"""What is remembered of unlock codes, right and wrong."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import permutations

import pytest

from hwlock.check.redeeming import Codes, Misses
from hwlock.check.state import State
from hwlock.codec import cbor
from hwlock.errors import FormatError
from hwlock.license.amendment import Redeemed
from hwlock.record import replace
from hwlock.testing.vendor import host_anchor

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
MINUTE = timedelta(minutes=1)
ONE = Redeemed(license_id=b"1" * 16, index=0, number=10**30 - 1)
TWO = Redeemed(license_id=b"1" * 16, index=3, number=7, anchor=host_anchor())
MEMORIES = (
    Codes(),
    Codes().added(ONE),
    Codes().added(TWO).missed(NOW),
    Codes().added(replace(TWO, anchor=host_anchor("beta"))).missed(NOW).missed(NOW - MINUTE),
)


@pytest.mark.parametrize("codes", MEMORIES)
def test_codes_are_kept_and_read(codes):
    """As member 5 of a state, which is absent where there is nothing."""
    state = replace(State.begin(NOW), codes=codes)
    assert State.parse(state.encode()) == state
    assert (5 in cbor.decode(state.encode())) == (codes != Codes())


def test_memories_join():
    """In any order, any number of times, to all that any of them knows."""
    expected = MEMORIES[0].joined(MEMORIES[1]).joined(MEMORIES[2]).joined(MEMORIES[3])
    assert [one.key for one in expected.redeemed] == [ONE.key, TWO.key]
    assert expected.misses.total == 2
    for a, b, c, d in permutations(MEMORIES):
        assert a.joined(b).joined(c.joined(d)) == expected
        assert a.joined(a) == a


def test_wrong_codes_cost_a_pause_that_grows_to_an_hour():
    """Three are free; then 1, 2, 4 … minutes, and never more than an hour."""
    misses, now, pauses = Misses(), NOW, []
    for _ in range(12):
        misses = misses.missed(now)
        pauses.append(misses.wait(now) // MINUTE)
        now += misses.wait(now)
        assert not misses.wait(now)
    assert pauses == [0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]


def test_a_day_without_a_wrong_code_forgets_them():
    """Whoever mistakes once a week never waits."""
    misses = Misses()
    for week in range(20):
        misses = misses.missed(NOW + timedelta(days=7 * week))
    assert (misses.total, misses.run) == (20, 1)


def test_a_clock_that_was_wrong_locks_nobody_out():
    """Misses of the year 2200 do not make the year 2026 wait."""
    misses = Misses()
    for _ in range(9):
        misses = misses.missed(datetime(2200, 1, 1, tzinfo=timezone.utc))
    assert not misses.wait(NOW)


@pytest.mark.parametrize("codes", [{1: (1,)}, {2: {1: 1}}, {3: 1}, 5])
def test_other_members_are_refused(codes):
    """Damage of the memory is told as such."""
    data = cbor.encode({1: {1: 0, 2: 0, 3: 0, 4: 0, 5: 0}, 5: codes})
    with pytest.raises(FormatError):
        State.parse(data)
