"""What is remembered of unlock codes: those that were right, and how often one was wrong.

A right code is kept itself (`license.amendment.Redeemed`), so that a check can hold it against
its lock: a memory that somebody wrote changes nothing without the code. Codes join by union.

Guessing a code is hopeless. It is slow as well: from the third wrong one within a day on, each
is followed by a pause that doubles, from a minute to an hour. A typing error is no wrong code;
its check characters tell it before anything is compared.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from hwlock.codec import cbor
from hwlock.codec.fields import Fields, numeric_date
from hwlock.license.amendment import Redeemed
from hwlock.record import Record, replace

__all__ = ["MAX_REDEEMED", "Codes", "Misses"]

MAX_REDEEMED = 1024
_FREE = 3
_LONGEST = timedelta(hours=1)
_FORGOTTEN = timedelta(days=1)
_MAX_RUN = 2**32 - 1
_NEVER = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Misses(Record):
    """Wrong codes: `total` ever, the last `run` of them until `at` with less than a day between."""

    total: int = 0
    run: int = 0
    at: datetime = _NEVER

    def missed(self, now: datetime) -> Misses:
        """Return the memory after one more at `now`."""
        now = now.replace(microsecond=0)
        run = self.run + 1 if abs(now - self.at) < _FORGOTTEN else 1
        return Misses(total=min(self.total + 1, _MAX_RUN), run=min(run, _MAX_RUN), at=now)

    def wait(self, now: datetime) -> timedelta:
        """Return how long nothing is compared yet; zero where a code may be tried.

        A clock that was set back waits no longer than the pause: a wrong clock must not lock
        out whoever wants to unlock it.
        """
        if self.run < _FREE:
            return timedelta(0)
        pause = min(timedelta(minutes=2 ** min(self.run - _FREE, 10)), _LONGEST)
        since = now - self.at
        return pause - since if timedelta(0) <= since < pause else timedelta(0)

    def order(self) -> tuple[int, int, datetime]:
        """Return what says which of two knows more."""
        return (self.total, self.run, self.at)


class Codes(Record):
    """The codes that were used here, by license and index; a join semilattice by `joined`."""

    redeemed: tuple[Redeemed, ...] = ()
    misses: Misses = Misses()

    def has(self, license_id: bytes, index: int) -> bool:
        """Tell whether a change of a license was used here."""
        return any(one.key == (license_id, index) for one in self.redeemed)

    def added(self, one: Redeemed) -> Codes:
        """Return the memory with a code more."""
        return self.joined(Codes(redeemed=(one,)))

    def missed(self, now: datetime) -> Codes:
        """Return the memory after a wrong code."""
        return replace(self, misses=self.misses.missed(now))

    def joined(self, other: Codes) -> Codes:
        """Return what is known by whoever knows both; commutative, associative, idempotent."""
        known: dict[tuple[bytes, int], Redeemed] = {}
        for one in (*self.redeemed, *other.redeemed):
            twin = known.get(one.key, one)
            # one change used in two memories, which each saw another machine or forged code
            known[one.key] = max(one, twin, key=lambda of: cbor.encode(of.encode()))
        return Codes(
            redeemed=tuple(known[key] for key in sorted(known)),
            misses=max(self.misses, other.misses, key=Misses.order),
        )

    def encode(self) -> cbor.Value:
        """Return the member map (docs/spec: codes)."""
        members: dict[int | str, cbor.Value] = {}
        if self.redeemed:
            members[1] = tuple(one.encode() for one in self.redeemed)
        if self.misses.total:
            misses = self.misses
            members[2] = {1: misses.total, 2: misses.run, 3: numeric_date(misses.at)}
        return members

    @classmethod
    def parse(cls, fields: Fields) -> Codes:
        """Read the member map; FormatError."""
        listed = fields.array(1, "redeemed", max_items=MAX_REDEEMED, default=())
        misses = fields.map(2, "misses", default=None)
        codes = cls(
            redeemed=tuple(Redeemed.parse(Fields(item, "redeemed")) for item in listed),
            misses=Misses() if misses is None else _parse_misses(misses),
        )
        fields.done()
        return codes


def _parse_misses(fields: Fields) -> Misses:
    misses = Misses(
        total=fields.uint(1, "total", max_value=_MAX_RUN),
        run=fields.uint(2, "run", max_value=_MAX_RUN),
        at=fields.time(3, "at"),
    )
    fields.done()
    return misses
