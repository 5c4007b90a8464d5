"""The states of a watch and its clockwork, on clocks that tests turn."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwlock.check import Verdict
from hwlock.enforce.grace import BUSY_S, HELD, LOCKED, LOST, UNSURE, WAKE_S, Grace
from hwlock.enforce.rounds import Rounds
from hwlock.errors import Finding

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
YES = Verdict(allowed=True, product_id="acme-cad")
GONE = Finding("HWL-DEVICE-NONE", "deny", device="the dongle")
BUSY = Finding("HWL-TPM-BUSY", "deny", where="here")


def no(*findings: Finding) -> Verdict:
    """Return a denial."""
    return Verdict(allowed=False, product_id="acme-cad", findings=findings or (GONE,))


def watched(first: Verdict = YES) -> Grace:
    """Return a state with a short doubt and a long window."""
    return Grace(first, debounce_s=0.5, grace_s=100)


def test_the_whole_story() -> None:
    """A denial is doubted, told, and at the deadline locks; an allowance brings it back."""
    grace = watched()
    assert (grace.state, grace.due()) == (HELD, None)
    assert grace.seen(no(), 10.0) == ""
    assert (grace.state, grace.due()) == (UNSURE, 10.5)
    assert grace.seen(no(), 10.5) == "lost"
    assert (grace.state, grace.due()) == (LOST, 110.5)
    assert grace.seen(no(), 110.4) == ""
    assert grace.seen(no(), 110.5) == "lock"
    assert (grace.state, grace.due()) == (LOCKED, None)
    assert grace.seen(no(), 200.0) == ""
    assert grace.seen(YES, 201.0) == "back"
    assert grace.state == HELD


def test_a_hub_reset_is_nothing() -> None:
    """What is back within the doubt was never told."""
    grace = watched()
    assert grace.seen(no(), 10.0) == ""
    assert grace.seen(YES, 10.3) == ""
    assert grace.state == HELD
    assert grace.seen(no(), 11.0) == ""


def test_back_in_time_is_told_once() -> None:
    """A dongle that comes back within the window unlocks; the next loss has a new window."""
    grace = watched()
    grace.seen(no(), 10.0)
    assert grace.seen(no(), 11.0) == "lost"
    assert grace.seen(YES, 50.0) == "back"
    assert grace.seen(YES, 51.0) == ""
    grace.seen(no(), 60.0)
    assert grace.seen(no(), 61.0) == "lost"
    assert grace.due() == 161.0


def test_who_never_was_allowed_has_no_window() -> None:
    """A watch that begins with a denial begins locked."""
    grace = watched(no())
    assert grace.state == LOCKED
    assert grace.seen(YES, 1.0) == "back"


def test_after_sleep_devices_get_time() -> None:
    """Within WAKE_S of a sleep no denial counts."""
    grace = watched()
    grace.woke(10.0)
    assert grace.seen(no(), 10.0) == ""
    assert grace.due() == 10.0 + WAKE_S
    assert grace.seen(no(), 10.0 + WAKE_S) == "lost"


def test_sleep_long_ago_is_over() -> None:
    """Later the usual doubt applies, from its own begin."""
    grace = watched()
    grace.woke(10.0)
    grace.seen(YES, 11.0)
    grace.seen(no(), 100.0)
    assert grace.due() == 100.5


def test_sleep_helps_one_loss_once() -> None:
    """Somebody who turns the clock again and again gains WAKE_S once."""
    grace = watched()
    grace.seen(no(), 10.0)
    for now in range(11, 100):
        grace.woke(float(now))
    assert grace.due() == 11.0 + WAKE_S


def test_busy_is_not_gone() -> None:
    """A device that somebody uses is waited for longer; one that is gone is not."""
    grace = watched()
    grace.seen(no(BUSY, GONE), 10.0)
    assert grace.due() == 10.0 + BUSY_S
    assert grace.seen(no(GONE), 11.0) == "lost"


@given(st.lists(st.tuples(st.sampled_from("ynbw"), st.floats(0, 20)), max_size=60))
def test_losses_and_returns_alternate(steps: list[tuple[str, float]]) -> None:
    """Whatever happens: lost, perhaps lock, then back; a denial never lasts untold."""
    grace, now, told, denied_since = watched(), 0.0, "", None
    for what, after in steps:
        now += after
        if what == "w":
            grace.woke(now)
            continue
        verdict = {"y": YES, "n": no(), "b": no(BUSY)}[what]
        event = grace.seen(verdict, now)
        if event:
            assert (told, event) in {
                ("", "lost"), ("back", "lost"), ("lost", "lock"), ("lost", "back"), ("lock", "back")
            }  # fmt: skip
            told = event
        denied_since = None if verdict.allowed else (now if denied_since is None else denied_since)
        if denied_since is not None and now >= denied_since + BUSY_S + 2 * WAKE_S:
            assert told in ("lost", "lock") or (grace.due() is not None and grace.due() > now)


class Clocks:
    """Two clocks, a dongle, and how often somebody asked for it."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.wall = NOON
        self.here = True
        self.checks = 0

    def check(self) -> Verdict:
        """Return whether the dongle is here."""
        self.checks += 1
        return YES if self.here else no()

    def passes(self, seconds: float, *, asleep: float = 0.0, counted: bool = False) -> None:
        """Let time pass, then the computer sleep; its clock counts that on some systems."""
        self.now += seconds + (asleep if counted else 0)
        self.wall += timedelta(seconds=seconds + asleep)

    def rounds(self) -> Rounds:
        """Return rounds of 30 s with a window of 100 s; no jitter."""
        return Rounds(
            self.check,
            grace_s=100,
            interval_s=30,
            debounce_s=0.5,
            monotonic=lambda: self.now,
            wall=lambda: self.wall,
            entropy=lambda size: b"\x80\x00"[:size],
        )


@pytest.fixture
def clocks() -> Clocks:
    """Return clocks that only a test moves."""
    return Clocks()


def test_the_interval(clocks: Clocks) -> None:
    """Without events the next look is an interval away, with at most a tenth of jitter."""
    rounds = clocks.rounds()
    assert clocks.checks == 1
    assert 27 <= rounds.wait_s() <= 33
    clocks.passes(33.1)
    assert rounds.wait_s() == 0
    assert rounds.look() is None


def test_an_event_is_looked_at_at_once_and_once_more(clocks: Clocks) -> None:
    """An event can come too early for the device, so a second look follows a good one."""
    rounds = clocks.rounds()
    clocks.passes(5)
    assert rounds.wait_s(True) == 0
    assert rounds.look(True) is None
    assert rounds.wait_s() == pytest.approx(1.0)
    clocks.passes(1)
    rounds.look()
    assert rounds.wait_s() > 20


def test_events_cannot_flood(clocks: Clocks) -> None:
    """Between two looks there is a pause, which grows to a second while events go on."""
    rounds = clocks.rounds()
    clocks.passes(5)
    for pause in (0.2, 0.4, 0.8, 1.0, 1.0):
        rounds.look(True)
        assert rounds.wait_s(True) == pytest.approx(pause)
        clocks.passes(pause)
    rounds.look()
    assert rounds.wait_s(True) == pytest.approx(0.1)
    clocks.here = False
    rounds.look(True)
    assert rounds.wait_s(True) == pytest.approx(0.1)


def test_removal_to_lost_in_half_a_second(clocks: Clocks) -> None:
    """After the event only the doubt passes; the deadline is told in wall time."""
    rounds = clocks.rounds()
    clocks.passes(5)
    clocks.here = False
    assert rounds.look(True) is None
    assert rounds.wait_s() == pytest.approx(0.5)
    assert rounds.deadline() is None
    clocks.passes(0.5)
    told = rounds.look()
    assert told is not None
    assert (told.kind, told.deadline) == ("lost", clocks.wall + timedelta(seconds=100))


def test_the_deadline_ends_the_wait(clocks: Clocks) -> None:
    """While it is lost it is looked at every 5 s, and at the deadline exactly."""
    rounds = clocks.rounds()
    clocks.here = False
    rounds.look(True)
    clocks.passes(0.5)
    rounds.look()
    for _ in range(19):
        assert rounds.wait_s() == pytest.approx(5)
        clocks.passes(5)
        assert rounds.look() is None
    clocks.passes(3)
    rounds.look()
    assert rounds.wait_s() == pytest.approx(2)
    clocks.passes(2)
    told = rounds.look()
    assert told is not None
    assert told.kind == "lock"


@pytest.mark.parametrize("counted", [False, True])
def test_sleep_does_not_use_up_the_window(clocks: Clocks, counted: bool) -> None:
    """A night in the middle of the window leaves the rest of it for the morning."""
    rounds = clocks.rounds()
    clocks.here = False
    rounds.look(True)
    clocks.passes(0.5)
    rounds.look()
    for _ in range(8):
        clocks.passes(rounds.wait_s())
        rounds.look()
    assert rounds.deadline() == clocks.wall + timedelta(seconds=60)
    clocks.passes(rounds.wait_s(), asleep=30000, counted=counted)
    assert rounds.look() is None
    assert rounds.deadline() == clocks.wall + timedelta(seconds=55)


@pytest.mark.parametrize("counted", [False, True])
def test_a_dongle_may_be_late_after_sleep(clocks: Clocks, counted: bool) -> None:
    """On waking the devices come back one by one: a denial waits for them."""
    rounds = clocks.rounds()
    clocks.passes(rounds.wait_s(), asleep=300, counted=counted)
    clocks.here = False
    assert rounds.look() is None
    clocks.passes(rounds.wait_s() - 1)
    clocks.here = True
    assert rounds.look(True) is None
    assert rounds.grace.state == HELD


def test_a_short_sleep_that_an_event_ends_is_seen(clocks: Clocks) -> None:
    """Twenty seconds of sleep within an interval of thirty count as sleep."""
    rounds = clocks.rounds()
    assert rounds.wait_s() > 20
    clocks.passes(1, asleep=20)
    clocks.here = False
    rounds.wait_s(True)
    rounds.look(True)
    assert rounds.wait_s() == pytest.approx(min(5.0, WAKE_S))


def test_a_clock_that_is_set_does_not_lock(clocks: Clocks) -> None:
    """The wall clock set a year ahead neither locks nor ends a window."""
    rounds = clocks.rounds()
    rounds.wait_s()
    clocks.wall += timedelta(days=365)
    assert rounds.look() is None
    assert rounds.grace.state == HELD
    rounds.wait_s()
    clocks.wall -= timedelta(days=365)
    assert rounds.look() is None
