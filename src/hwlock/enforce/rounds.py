"""When a watch looks, and what it finds: the clockwork between events and checks.

A round is: wait (the caller does it, at most `wait_s`), then `look`. Waiting is measured, since
a wait that took much longer than it was meant to says that the computer slept. What the
deadline of a loss counts is time awake.
"""

from __future__ import annotations

from datetime import timedelta

from hwlock.enforce.grace import HELD, LOST, Grace, WatchEvent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from hwlock.check import Verdict

__all__ = ["Rounds"]

_SLEPT_S = 2.0  # no wait is this late on a computer that is awake
# Between two checks, however many events there are; longer where event follows event and the
# answer stays yes: a check of one device may itself be an event of another.
_GAP_S, _LONGEST_GAP_S = 0.1, 1.0
_RETRY_S = 5.0  # while it is lost: not every kind has events
# An event may come a moment before the device is really gone, or ready: look once more.
_SECOND_LOOK_S = 1.0
_JITTER = 0.1  # of the interval, so that many programs do not ask one reader all at once


class Rounds:
    """The rounds of one watch.

    `check` returns a verdict; `monotonic` and `wall` are the two clocks, `entropy` what the
    jitter comes from. `wait_s` and `look` are called by one thread, in turn.
    """

    def __init__(
        self,
        check: Callable[[], Verdict],
        *,
        grace_s: float,
        interval_s: float,
        debounce_s: float,
        monotonic: Callable[[], float],
        wall: Callable[[], datetime],
        entropy: Callable[[int], bytes],
    ) -> None:
        self._check = check
        self._interval_s = interval_s
        self._monotonic = monotonic
        self._wall = wall
        self._entropy = entropy
        self._slept = 0.0
        self._gap_s = _GAP_S
        self.grace = Grace(check(), debounce_s=debounce_s, grace_s=grace_s)
        self._looked = self._awake()
        self._next = self._looked + self._after()
        self._waiting: tuple[float, float, datetime] | None = None

    def wait_s(self, heard: bool = False) -> float:
        """Return how long to wait for an event before the next look; 0 for now."""
        self._account()
        due = self.grace.due()
        when = self._next if due is None else min(self._next, due)
        earliest = self._looked + self._gap_s
        wait = max(earliest, earliest if heard else when) - self._awake()
        if wait <= 0:
            return 0.0
        self._waiting = (wait, self._monotonic(), self._wall())
        return wait

    def look(self, heard: bool = False) -> WatchEvent | None:
        """Check now; `heard` says that an event was the reason. Return what is to be told."""
        self._account()
        verdict = self._check()
        self._looked = now = self._awake()
        told = self.grace.seen(verdict, now)
        soon = heard and self.grace.state == HELD
        self._gap_s = min(2 * self._gap_s, _LONGEST_GAP_S) if soon else _GAP_S
        self._next = now + (_SECOND_LOOK_S if soon else self._after())
        return WatchEvent(kind=told, verdict=verdict, deadline=self.deadline()) if told else None

    def deadline(self) -> datetime | None:
        """Return until when work can be saved (aware UTC); None unless the device is lost."""
        due = self.grace.due()
        if due is None or self.grace.state != LOST:
            return None
        return self._wall() + timedelta(seconds=due - self._awake())

    def _awake(self) -> float:
        return self._monotonic() - self._slept

    def _account(self) -> None:
        """Find out whether the computer slept during the latest wait, and leave that time out.

        Some systems' monotonic clock stops meanwhile, others' goes on; the wall clock goes on
        everywhere, and may be set: then a loss is told a few seconds late, no more.
        """
        if self._waiting is None:
            return
        asked, began, wall = self._waiting
        self._waiting = None
        elapsed = self._monotonic() - began
        aside = (self._wall() - wall).total_seconds() - elapsed
        late = elapsed - asked
        if late > _SLEPT_S:
            self._slept += late
        if late > _SLEPT_S or aside > _SLEPT_S:
            self.grace.woke(self._awake())

    def _after(self) -> float:
        """Return how long after a look the next is due where no event comes."""
        if self.grace.state != HELD:
            return min(_RETRY_S, self._interval_s)
        dice = int.from_bytes(self._entropy(2), "big") / 65535
        return self._interval_s * (1 + _JITTER * (2 * dice - 1))
