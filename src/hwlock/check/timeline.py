"""Is the clock believable? Graded, so that a wrong clock is told long before it locks.

The *floor* is the latest time that is certain: the *mark* (the latest that this machine has
seen), the mark with what the TPM's clock has run since, and the issue of any genuine file of
the vendor that is here (a *beacon*). A clock before the floor is wrong by at least the
difference:

| behind the floor | grade | because |
|---|---|---|
| an hour | note | clocks are set by hand |
| 26 hours | warn | zones, summer time, a second system that keeps local time |
| a week | degrade | a virtual machine that was resumed, a network clock that has not answered |
| more | deny | a flat battery, or somebody who sets it back |

1. What ends is judged by the later of clock and floor, so that setting back gains nothing;
   by the clock where that is denied already.
2. Being set back by more than an hour is counted; whoever does it again and again, more often
   than two systems on one machine do, is denied until a fresh answer.
3. A clock that is ten years ahead of all that is certain is told, and does not move the mark.
4. The TPM's clock runs only while it has power, so it proves how long it was at least. It may
   fall back after an unclean stop, and is begun anew then. A TPM's counter that is ahead of
   the memory shows that the memory was lost or comes from a backup; one that is behind, that
   the TPM was put back.

Every denial has a way back that works offline: the clock is set right, or a fresh answer of
the vendor sets the mark (`Timeline.unlocked`). docs/adr/0008 says what could have been.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from hwlock.codec.fields import Fields, numeric_date
from hwlock.errors import Finding
from hwlock.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hwlock.codec import cbor

__all__ = ["Clocks", "Reading", "Timeline", "TpmMark", "TpmTime", "read"]

TOLERATED = timedelta(hours=1)
ZONES = timedelta(hours=26)
RESUMED = timedelta(days=7)
LEAP = timedelta(days=3653)
# The mark moves in steps, so that a program which checks often does not write each time.
MARK_STEP = timedelta(minutes=1)
# Set backs that nobody minds: some at once, and for each day that passes what somebody needs
# who changes between two systems before and after lunch.
FREE_TURNS = 10
TURNS_A_DAY = 3
COUNTED = timedelta(days=30)
# A TPM's clock is no chronometer, and TPM2_ClockRateAdjust may let it run faster than it should.
_TPM_PER_CENT = 70
_MAX_UINT64 = 2**64 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_DAY = timedelta(days=1)


class TpmTime(Record):
    """What TPM2_ReadClock says; `clock_ms` may be lower than it was where not `safe`."""

    clock_ms: int
    resets: int
    restarts: int
    safe: bool


class Clocks(Record):
    """What there is besides the system's clock. None: nobody asked, or there was no answer.

    `beacons` are times of issue of genuine files; `counter` is the value of the TPM's NV
    counter for this memory, 0 where it is not there; `dead` are the ids of licenses of which the
    TPM keeps that they were given back.
    """

    beacons: tuple[datetime, ...] = ()
    tpm: TpmTime | None = None
    counter: int | None = None
    dead: frozenset[bytes] = frozenset()


class TpmMark(Record):
    """A time `at` which the TPM's clock said `clock_ms`."""

    at: datetime
    clock_ms: int
    resets: int
    restarts: int

    def order(self) -> tuple[datetime, int, int, int]:
        """Return what says which of two is the later one."""
        return (self.at, self.clock_ms, self.resets, self.restarts)


class Timeline(Record):
    """What is remembered of time; a join semilattice by `joined`.

    `epoch` counts the answers that set the mark. In one epoch, `seen_at` is the mark; `turns`
    counts how often the clock was set back since `began_at`, when counting began anew, and
    `high` is the latest time since the last of them; `tpm` ties the TPM's clock to the mark,
    `counter` is what the TPM's NV counter says at most, 0 without one.
    """

    epoch: int
    began_at: datetime
    seen_at: datetime
    turns: int
    high: datetime
    tpm: TpmMark | None = None
    counter: int = 0

    @classmethod
    def begin(cls, at: datetime) -> Timeline:
        """Return the memory of a machine whose first sight of time, in whole seconds, is this."""
        at = at.replace(microsecond=0)
        return cls(epoch=0, began_at=at, seen_at=at, turns=0, high=at)

    def unlocked(self, at: datetime, counter: int = 0) -> Timeline:
        """Return the memory after a genuine word of the vendor that it is `at` now."""
        return replace(Timeline.begin(at), epoch=self.epoch + 1, counter=counter)

    def joined(self, other: Timeline) -> Timeline:
        """Return what is known by whoever knows both; commutative, associative, idempotent."""
        if self.epoch != other.epoch:
            return self if self.epoch > other.epoch else other
        began_at, turns, high = max(
            (self.began_at, self.turns, self.high), (other.began_at, other.turns, other.high)
        )
        marks = [one for one in (self.tpm, other.tpm) if one is not None]
        return Timeline(
            epoch=self.epoch,
            began_at=began_at,
            seen_at=max(self.seen_at, other.seen_at),
            turns=turns,
            high=high,
            tpm=max(marks, key=TpmMark.order) if marks else None,
            counter=max(self.counter, other.counter),
        )

    @property
    def free_turns(self) -> int:
        """How often the clock may have been set back by now."""
        return FREE_TURNS + TURNS_A_DAY * max(0, (self.seen_at - self.began_at) // _DAY)

    def encode(self) -> cbor.Value:
        """Return the member (docs/spec: timeline)."""
        members: dict[int | str, cbor.Value] = {
            1: self.epoch,
            2: numeric_date(self.began_at),
            3: numeric_date(self.seen_at),
            4: self.turns,
            5: numeric_date(self.high),
        }
        if self.tpm is not None:
            tpm = self.tpm
            members[6] = {
                1: numeric_date(tpm.at),
                2: tpm.clock_ms,
                3: tpm.resets,
                4: tpm.restarts,
            }
        if self.counter:
            members[7] = self.counter
        return members

    @classmethod
    def parse(cls, fields: Fields) -> Timeline:
        """Read the member; FormatError."""
        tpm = fields.map(6, "tpm", default=None)
        timeline = cls(
            epoch=fields.uint(1, "epoch"),
            began_at=fields.time(2, "began"),
            seen_at=fields.time(3, "seen"),
            turns=fields.uint(4, "turns"),
            high=fields.time(5, "high"),
            tpm=None if tpm is None else _parse_mark(tpm),
            counter=fields.uint(7, "counter", max_value=_MAX_UINT64, default=0),
        )
        fields.done()
        return timeline


def _parse_mark(fields: Fields) -> TpmMark:
    mark = TpmMark(
        at=fields.time(1, "at"),
        clock_ms=fields.uint(2, "clock", max_value=_MAX_UINT64),
        resets=fields.uint(3, "resets"),
        restarts=fields.uint(4, "restarts"),
    )
    fields.done()
    return mark


class Reading(Record):
    """What a look at the clocks amounts to.

    `time` is what ends are judged by; `degraded` asks the program to do less until the clock
    is right; `after` is what to remember.
    """

    findings: tuple[Finding, ...]
    time: datetime
    degraded: bool
    after: Timeline


def read(before: Timeline | None, now: datetime, clocks: Clocks | None = None) -> Reading:
    """Grade the clock by the rules of this module; `before` is None at the first sight."""
    clocks = clocks or Clocks()
    findings: list[Finding] = []
    known = before or Timeline.begin(now)
    _counter(before, clocks, findings)
    floor = max(known.seen_at, _run_since(known, clocks.tpm))
    beacon = max(clocks.beacons, default=floor)
    degraded = _behind(now, floor, beacon, findings)
    if before is None:
        after = _with_tpm(known, clocks, known.seen_at)
    elif now - max(floor, beacon) > LEAP:
        days = (now - max(floor, beacon)) // _DAY
        findings.append(Finding("HWL-CLOCK-AHEAD", "warn", now=minute(now), days=days))
        after = known
    else:
        after = _advanced(known, clocks, now, floor)
    if after.turns > after.free_turns:
        findings.append(Finding("HWL-CLOCK-TURNS", "deny", times=after.turns))
    # a clock that is refused is reason enough: what it would mean for an end is not told
    refused = any(found.level == "deny" for found in findings)
    return Reading(
        findings=tuple(findings),
        time=now if refused else max(now, floor, beacon),
        degraded=degraded,
        after=after,
    )


def minute(moment: datetime) -> str:
    """Return a time as sentences name it."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _behind(now: datetime, floor: datetime, beacon: datetime, findings: list[Finding]) -> bool:
    """Grade how far the clock is behind what is certain; tell whether that degrades."""
    late = max(floor, beacon)
    behind = late - now
    if behind <= timedelta(0):
        return False
    if behind <= TOLERATED:
        if floor > now:  # an issue that is a little ahead needs no word
            findings.append(Finding("HWL-CLOCK-SLACK", "note", seen=minute(floor)))
        return False
    if behind <= ZONES:
        hours = -(-behind // timedelta(hours=1))
        findings.append(Finding("HWL-CLOCK-ZONE", "warn", now=minute(now), hours=hours))
        return False
    if behind <= RESUMED and floor >= beacon:
        findings.append(
            Finding("HWL-CLOCK-RESUMED", "warn", now=minute(now), days=-(-behind // _DAY))
        )
        return True
    if floor >= beacon:
        findings.append(Finding("HWL-CLOCK-BACK", "deny", now=minute(now), seen=minute(floor)))
    else:
        findings.append(Finding("HWL-CLOCK-EARLY", "deny", now=minute(now), issued=minute(beacon)))
    return False


def _run_since(known: Timeline, tpm: TpmTime | None) -> datetime:
    """Return the earliest that it can be, by what the TPM's clock has run since the mark."""
    mark = known.tpm
    if mark is None or tpm is None or _fell_back(mark, tpm):
        return known.seen_at
    run_ms = (tpm.clock_ms - mark.clock_ms) * _TPM_PER_CENT // 100
    # a clock that somebody set to its end must not lead out of the calendar
    return min(mark.at + timedelta(milliseconds=min(run_ms, 10**14)), known.seen_at + LEAP)


def _fell_back(mark: TpmMark, tpm: TpmTime) -> bool:
    """Tell whether the TPM's clock is not the one that goes on from `mark`."""
    return tpm.clock_ms < mark.clock_ms or tpm.resets < mark.resets


def _advanced(known: Timeline, clocks: Clocks, now: datetime, floor: datetime) -> Timeline:
    """Return the memory after `now` was seen; the same object where little changed."""
    if now < known.high - TOLERATED:
        return replace(known, turns=known.turns + 1, high=now.replace(microsecond=0))
    moved = known
    if now - known.high >= MARK_STEP:
        moved = replace(moved, high=now.replace(microsecond=0))
    if now - known.seen_at >= MARK_STEP:
        moved = replace(moved, seen_at=now.replace(microsecond=0))
        if moved.seen_at - moved.began_at >= COUNTED:
            moved = replace(moved, began_at=moved.seen_at, turns=0)
    if moved.seen_at > known.seen_at or (
        clocks.tpm is not None and (known.tpm is None or _fell_back(known.tpm, clocks.tpm))
    ):
        return _with_tpm(moved, clocks, max(moved.seen_at, floor))
    return moved


def _with_tpm(known: Timeline, clocks: Clocks, at: datetime) -> Timeline:
    tpm = clocks.tpm
    if tpm is None:
        return known
    mark = TpmMark(
        at=max(at, _EPOCH).replace(microsecond=0),
        clock_ms=tpm.clock_ms,
        resets=tpm.resets,
        restarts=tpm.restarts,
    )
    return replace(known, tpm=mark)


def _counter(before: Timeline | None, clocks: Clocks, findings: list[Finding]) -> None:
    """Compare the TPM's counter with the memory: is this the newest that there was?"""
    if clocks.counter is None:
        return
    known = 0 if before is None else before.counter
    if clocks.counter > known:
        code = "HWL-MEMORY-RESTORED" if known else "HWL-MEMORY-LOST"
        findings.append(Finding(code, "deny"))
    elif clocks.counter < known - 1:  # one less: a crash between memory and counter
        findings.append(Finding("HWL-MEMORY-TPM", "warn"))
