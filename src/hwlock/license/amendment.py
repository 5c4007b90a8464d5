"""Small changes that the vendor signs in advance, each locked by the hash of an unlock code.

A license carries up to 32 of them (docs/spec: amendments). A code is a random number below
10^30, so that it can be said in letters or in digits; the license holds only its lock::

    SHA-256("hwlock amendment v1\\0" || id of the license || index (1 byte) || code (13 bytes))

so a code belongs to one change of one license, and nothing on the machine tells it. What a
change does when its code was given (`amended`):

- **extend**: the term ends so many `days` later. An extension says `after`: it opens only when
  the one before it has been used, so that a code that was paid for is not left over;
- **clock**: the machine's time of that moment counts, as after a fresh answer;
- **transfer**: the binding is replaced by the parts of the machine where the code was given;
- **counter**: the limit of a counter is `amount` higher, in each of its periods.

A newer license of the same machine can have a lock for a code of the older one. So a code that was
given is not lost with the license that it was given for, and one that was used stays used.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from hwlock.codec.fields import Fields
from hwlock.crypto import sha2
from hwlock.errors import FormatError, counted, spoken
from hwlock.license.anchors import HostAnchor, parse_anchor
from hwlock.license.binding import Binding
from hwlock.license.model import MAX_DAYS, MAX_NUMBER
from hwlock.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hwlock.codec import cbor
    from hwlock.license.license import Terms

__all__ = [
    "CODES",
    "KINDS",
    "MAX_AMENDMENTS",
    "Amendment",
    "Redeemed",
    "amended",
    "lock",
    "parse_amendments",
    "read_code",
    "refuse_amendments",
    "typed",
    "used_changes",
]

EXTEND, CLOCK, TRANSFER, COUNTER = "extend", "clock", "transfer", "counter"
KINDS = (EXTEND, CLOCK, TRANSFER, COUNTER)
MAX_AMENDMENTS = 32
CODES = 10**30
CODE_BYTES = 13
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_LAST = datetime(9999, 1, 1, tzinfo=timezone.utc)
_LOCK_BYTES = 32
_LETTERS, _DIGITS = 25, 36  # characters of a code in either form, with their checks


class Amendment(Record):
    """One change: its `kind`, its `lock` (32 bytes), and what the kind needs.

    `days` is of extend, `counter` and `amount` are of counter; `after` is the index of the
    change that must have been used before, None where there is none.
    """

    kind: str
    lock: bytes = b""
    days: int = 0
    counter: str = ""
    amount: int = 0
    after: int | None = None

    def encode(self) -> cbor.Value:
        """Return the member map (docs/spec: amendment)."""
        members: dict[int | str, cbor.Value] = {1: self.kind, 2: self.lock}
        if self.kind == EXTEND:
            members[3] = self.days
        if self.kind == COUNTER:
            members |= {4: self.counter, 5: self.amount}
        if self.after is not None:
            members[6] = self.after
        return members

    @classmethod
    def parse(cls, fields: Fields) -> Amendment:
        """Read the member map; FormatError."""
        kind = fields.choice(1, "kind", KINDS)
        amendment = cls(
            kind=kind,
            lock=fields.bytes(2, "lock", size=_LOCK_BYTES),
            days=fields.uint(3, "days", max_value=MAX_DAYS) if kind == EXTEND else 0,
            counter=fields.text(4, "counter") if kind == COUNTER else "",
            amount=fields.uint(5, "amount", max_value=MAX_NUMBER) if kind == COUNTER else 0,
            after=fields.uint(6, "after", max_value=MAX_AMENDMENTS - 1, default=None),
        )
        fields.done()
        return amendment

    def __str__(self) -> str:
        if self.kind == EXTEND:
            return f"extend by {self.days} days"
        if self.kind == COUNTER:
            return f"counter {self.counter} +{self.amount}"
        return {CLOCK: "unlock the clock", TRANSFER: "transfer to another machine"}[self.kind]

    @property
    def told(self) -> str:
        """What it does, in the language that is spoken; `str` is the same for everybody."""
        if self.kind == EXTEND:
            return counted(
                "change",
                "extend by {days} day",
                "extend by {days} days",
                self.days,
                days=self.days,
            )
        if self.kind == COUNTER:
            name, more = self.counter, self.amount
            return spoken("change", "counter {name} +{more}", name=name, more=more)
        if self.kind == CLOCK:
            return spoken("change", "unlock the clock")
        return spoken("change", "transfer to another machine")


def parse_amendments(items: tuple[cbor.Value, ...]) -> tuple[Amendment, ...]:
    """Read the changes of a license; FormatError."""
    return tuple(Amendment.parse(Fields(item, "amendment")) for item in items)


def refuse_amendments(terms: Terms) -> None:
    """Return if the changes fit their license; FormatError.

    1. an extension has days, and the license an end; with all extensions and the grace it comes
       before the year 9999;
    2. a counter is one of the license, gets more, and not more than a counter can hold;
    3. `after` names a change before it.
    """
    limits = {one.name: one.limit for one in terms.model.counters}
    end = terms.expires_at
    days = timedelta(days=terms.model.grace_days + sum(one.days for one in terms.amendments))
    if end is not None and end - _EPOCH > _LAST - _EPOCH - days:
        raise _contradiction("its end, with all extensions and the grace, is beyond the calendar")
    for index, one in enumerate(terms.amendments):
        # 1.
        if one.kind == EXTEND and (not one.days or terms.expires_at is None):
            raise _contradiction("it extends a license by nothing, or one that has no end")
        # 2.
        if one.kind == COUNTER:
            limits[one.counter] = limits.get(one.counter, MAX_NUMBER) + one.amount
            if not one.amount or limits[one.counter] > MAX_NUMBER:
                raise _contradiction(f"it raises the counter {one.counter!r}, which cannot be")
        # 3.
        if one.after is not None and one.after >= index:
            raise _contradiction("it waits for a change that does not come before it")


def _contradiction(why: str) -> FormatError:
    return FormatError("HWL-FIELD-AMENDMENT", stage="field", why=why)


# --- codes


def lock(license_id: bytes, index: int, number: int) -> bytes:
    """Return the lock of change `index` of a license (16 bytes) for the code `number`."""
    said = license_id + bytes([index]) + number.to_bytes(CODE_BYTES, "big")
    return sha2.sha256(b"hwlock amendment v1\0" + said)


def typed(number: int, *, digits: bool = False) -> str:
    """Return a code as people type it: 5 groups of letters, or 6 of digits."""
    from hwlock.codec import typed_code  # nobody types at a check

    return typed_code.encode(number, groups=6 if digits else 5, digits=digits)


def read_code(text: str) -> int:
    """Return the number of a code in either form; FormatError names the wrong group."""
    from hwlock.codec import typed_code

    chars = "".join(typed_code.plain(text).split())
    digits = len(chars) > _LETTERS + 5 or (chars.isdigit() and len(chars) != _LETTERS)
    return typed_code.decode(text, groups=6 if digits else 5, digits=digits)


# --- what was used


class Redeemed(Record):
    """A change that was used: the code itself, which proves it, so nothing else need be believed.

    `anchor` is the machine to which a transfer moved the license.
    """

    license_id: bytes
    index: int
    number: int
    anchor: HostAnchor | None = None

    @property
    def key(self) -> tuple[bytes, int]:
        """Which change of which license this is."""
        return (self.license_id, self.index)

    def encode(self) -> dict[int | str, cbor.Value]:
        """Return the member map (docs/spec: redeemed)."""
        members: dict[int | str, cbor.Value] = {
            1: self.license_id,
            2: self.index,
            3: self.number.to_bytes(CODE_BYTES, "big"),
        }
        if self.anchor is not None:
            members[4] = self.anchor.encode()
        return members

    @classmethod
    def parse(cls, fields: Fields) -> Redeemed:
        """Read the member map; FormatError."""
        anchor = fields.map(4, "anchor", default=None)
        read = None if anchor is None else parse_anchor(anchor)
        if read is not None and not isinstance(read, HostAnchor):
            raise FormatError("HWL-FIELD-POLICY", stage="field")
        redeemed = cls(
            license_id=fields.bytes(1, "license", size=16),
            index=fields.uint(2, "index", max_value=MAX_AMENDMENTS - 1),
            number=int.from_bytes(fields.bytes(3, "code", size=CODE_BYTES), "big"),
            anchor=read,
        )
        fields.done()
        return redeemed

    def opens(self, terms: Terms) -> bool:
        """Tell whether this is a change of `terms`, and its code the right one."""
        return (
            self.license_id == terms.id
            and self.index < len(terms.amendments)
            and terms.amendments[self.index].lock == lock(terms.id, self.index, self.number)
        )


def used_changes(terms: Terms, redeemed: Iterable[Redeemed]) -> dict[int, Redeemed]:
    """Return the changes of `terms` that were used, by index, in their order.

    A code that was used for an earlier license counts where it opens a change of this one.
    """
    used: dict[int, Redeemed] = {}
    for one in redeemed:
        if one.license_id == terms.id:
            if one.opens(terms):
                used[one.index] = one
            continue
        for index, change in enumerate(terms.amendments):
            if change.lock == lock(terms.id, index, one.number):
                used.setdefault(index, one)
    return dict(sorted(used.items()))


def amended(terms: Terms, redeemed: tuple[Redeemed, ...]) -> Terms:
    """Return `terms` as the changes that were used leave them; the same object where none was."""
    for index, one in used_changes(terms, redeemed).items():
        change = terms.amendments[index]
        if change.kind == EXTEND and terms.expires_at is not None:
            terms = replace(terms, expires_at=terms.expires_at + timedelta(days=change.days))
        elif change.kind == COUNTER:
            counters = tuple(
                replace(counter, limit=counter.limit + change.amount)
                if counter.name == change.counter
                else counter
                for counter in terms.model.counters
            )
            terms = replace(terms, model=replace(terms.model, counters=counters))
        elif change.kind == TRANSFER and one.anchor is not None:
            terms = replace(terms, binding=Binding(anchors=(one.anchor,), policy=0))
    return terms
