"""What was used up: counters that only grow, whoever counts.

A count belongs to one entitlement and one counter of its license, so that a renewed license
goes on where the old one was. It has a total, which the next request tells the vendor, and the
count of the running period. Two memories join by the larger numbers, so
that nothing that was counted is ever counted back.
"""

from __future__ import annotations

from hwlock.codec.fields import Fields
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from hwlock.codec import cbor
    from hwlock.license.model import Counter

__all__ = ["MAX_COUNTS", "Count", "Usage", "period_of"]

MAX_COUNTS = 256
_MAX_TOTAL = 2**53  # beyond what any counter's limit and any period can reach
_FORMATS = {"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}


def period_of(counter: Counter, time: datetime) -> str:
    """Return the name of the period in which `time` lies, in UTC; "" for the whole life."""
    return format(time, _FORMATS[counter.period]) if counter.period else ""


class Count(Record):
    """How much of the counter `name` of an entitlement was used.

    `total` in all, `count` in `period` (see `period_of`).
    """

    entitlement_id: str
    name: str
    total: int
    period: str
    count: int

    @property
    def key(self) -> tuple[str, str]:
        """What this counts."""
        return (self.entitlement_id, self.name)

    def joined(self, other: Count) -> Count:
        """Return the larger numbers of two counts of one thing."""
        period, count = max((self.period, self.count), (other.period, other.count))
        return Count(
            entitlement_id=self.entitlement_id,
            name=self.name,
            total=max(self.total, other.total),
            period=period,
            count=count,
        )

    def encode(self) -> cbor.Value:
        """Return the member (docs/spec: count)."""
        return {1: self.entitlement_id, 2: self.name, 3: self.total, 4: self.period, 5: self.count}

    @classmethod
    def parse(cls, value: cbor.Value) -> Count:
        """Read the member; FormatError."""
        fields = Fields(value, "count")
        count = cls(
            entitlement_id=fields.text(1, "entitlement", max_bytes=64),
            name=fields.text(2, "counter"),
            total=fields.uint(3, "total", max_value=_MAX_TOTAL),
            period=fields.text(4, "period", max_bytes=16),
            count=fields.uint(5, "count", max_value=_MAX_TOTAL),
        )
        fields.done()
        return count


class Usage(Record):
    """All counts of one memory, by entitlement and name; a join semilattice by `joined`."""

    counts: tuple[Count, ...] = ()

    def used(self, entitlement_id: str, counter: Counter, time: datetime) -> int:
        """Return how much was used in the period of `time`.

        A period that lies before one that was counted already counts as that one: a clock that
        is set back opens no period again.
        """
        found = self._of(entitlement_id, counter.name)
        period = period_of(counter, time)
        return found.count if found is not None and found.period >= period else 0

    def spent(self, entitlement_id: str, counter: Counter, amount: int, time: datetime) -> Usage:
        """Return the usage with `amount` more of a counter."""
        found = self._of(entitlement_id, counter.name)
        period = period_of(counter, time)
        count = Count(
            entitlement_id=entitlement_id,
            name=counter.name,
            total=(0 if found is None else found.total) + amount,
            period=period if found is None else max(period, found.period),
            count=self.used(entitlement_id, counter, time) + amount,
        )
        return Usage(counts=_sorted({**{one.key: one for one in self.counts}, count.key: count}))

    def joined(self, other: Usage) -> Usage:
        """Return what is known by whoever knows both; commutative, associative, idempotent."""
        if self.counts == other.counts:
            return self
        merged = {one.key: one for one in self.counts}
        for one in other.counts:
            merged[one.key] = one.joined(merged.get(one.key, one))
        return Usage(counts=_sorted(merged))

    def encode(self) -> cbor.Value:
        """Return the member (docs/spec: state)."""
        return tuple(one.encode() for one in self.counts)

    @classmethod
    def parse(cls, values: tuple[cbor.Value, ...]) -> Usage:
        """Read the member; FormatError."""
        return cls(counts=tuple(Count.parse(value) for value in values))

    def _of(self, entitlement_id: str, name: str) -> Count | None:
        return next((one for one in self.counts if one.key == (entitlement_id, name)), None)


def _sorted(counts: dict[tuple[str, str], Count]) -> tuple[Count, ...]:
    return tuple(counts[key] for key in sorted(counts))
