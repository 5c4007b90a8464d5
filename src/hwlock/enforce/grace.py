"""What a watched program may still do: the states of a watch, without threads and devices.

::

    held ──denied──▶ unsure ──patience ends──▶ lost ──grace ends──▶ locked
      ◀──allowed, silently──┘                    └──allowed: "back"──┴──▶ held

Rules:

1. A denial counts after `debounce_s`: a hub that resets takes its devices away for a moment.
2. After the computer slept it counts after WAKE_S: devices come back one by one. Once a loss.
3. Where a device is busy, it counts after BUSY_S: somebody uses it, nobody pulled it.
4. A loss is told at once, with the deadline until which work can be saved. The window is time
   awake: sleep does not use it up.
5. At the deadline the program is told to lock. Whenever a check allows again, it is told so.
6. A watch that begins with a denial begins locked: the window is for those who were allowed.

Every time here is in seconds of one clock that goes only forward.
"""

from __future__ import annotations

from hwlock.errors import lookup
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from hwlock.check import Verdict

__all__ = ["BUSY_S", "HELD", "LOCKED", "LOST", "STOPPED", "UNSURE", "WAKE_S", "Grace", "WatchEvent"]

HELD, UNSURE, LOST, LOCKED, STOPPED = "held", "unsure", "lost", "locked", "stopped"

WAKE_S = 8.0
BUSY_S = 10.0


class WatchEvent(Record):
    """What a watched program is told: `kind` is "lost", "back" or "lock".

    `deadline` (aware UTC) comes with "lost": until then work can be saved.
    """

    kind: str
    verdict: Verdict
    deadline: datetime | None = None


class Grace:
    """The state of one watch; `seen` takes each verdict and says what it means."""

    def __init__(self, first: Verdict, *, debounce_s: float, grace_s: float) -> None:
        self.verdict = first
        self.state = HELD if first.allowed else LOCKED  # 6.
        self._debounce_s = debounce_s
        self._grace_s = grace_s
        self._since = self._until = 0.0
        self._woke_at = -WAKE_S

    def woke(self, now: float) -> None:
        """Take note that the computer slept until `now`."""
        once = self.state == UNSURE and self._woke_at < self._since
        if self.state == HELD or once:  # 2.
            self._woke_at = now

    def seen(self, verdict: Verdict, now: float) -> str:
        """Take the verdict of a check that ended at `now`; return "lost", "back", "lock" or ""."""
        before, self.verdict = self.state, verdict
        if verdict.allowed:
            self.state = HELD
            return "back" if before in (LOST, LOCKED) else ""
        if before == HELD:
            self.state, self._since = UNSURE, now
        if self.state == UNSURE and now >= self._doubt_ends():
            self.state, self._until = LOST, now + self._grace_s  # 4.
            return "lost"
        if self.state == LOST and now >= self._until:
            self.state = LOCKED  # 5.
            return "lock"
        return ""

    def due(self) -> float | None:
        """Return when a state ends by itself; None where it stays."""
        if self.state == UNSURE:
            return self._doubt_ends()
        return self._until if self.state == LOST else None

    def _doubt_ends(self) -> float:
        busy = any(lookup(found.code).kind == "Busy" for found in self.verdict.reasons)
        patience = BUSY_S if busy else self._debounce_s  # 3., 1.
        return max(self._since + patience, self._woke_at + WAKE_S)
