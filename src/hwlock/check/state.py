"""What a machine remembers between two checks.

Each thing that is remembered is a member of its own with a `joined` of its own, so that two
memories always have one that knows what both know, in whatever order they meet:

1. of time (`hwlock.check.timeline`),
2. of what was used up (`hwlock.check.usage`),
3. of the administrator's answers, where all users of a machine share a license,
5. of unlock codes, right and wrong ones (`hwlock.check.redeeming`).
4. of the revocation list (`hwlock.license.revocation`): the largest number that was seen.
"""

from __future__ import annotations

from hwlock.check.redeeming import Codes
from hwlock.check.timeline import Timeline
from hwlock.check.usage import MAX_COUNTS, Usage
from hwlock.codec import cbor
from hwlock.codec.fields import Fields, numeric_date
from hwlock.crypto import sha2
from hwlock.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["State"]


class State(Record):
    """The memory of one product in one store.

    `heard_at` is the issue of the newest answer to an administrator that was heeded here,
    `revoked` the number of the newest revocation list.
    """

    time: Timeline
    usage: Usage = Usage()
    heard_at: datetime | None = None
    codes: Codes = Codes()
    revoked: int = 0

    @classmethod
    def begin(cls, seen_at: datetime) -> State:
        """Return the state of a machine whose first sight of time, in whole seconds, is this."""
        return cls(time=Timeline.begin(seen_at))

    @property
    def seen_at(self) -> datetime:
        """The mark: the latest moment that this machine has seen."""
        return self.time.seen_at

    @property
    def stamp(self) -> bytes:
        """What a request remembers (SHA-256): does its answer find the clock where it was?"""
        return sha2.sha256(cbor.encode((self.time.epoch, numeric_date(self.time.seen_at))))

    def unlocked(self, at: datetime, counter: int = 0) -> State:
        """Return the state after a genuine word of the vendor that it is `at` now.

        The way back from a wrong clock: the mark is set, later or earlier, and what the clock
        did before is forgotten. `counter` is what the TPM's NV counter says now.
        """
        return replace(self, time=self.time.unlocked(at, counter))

    def heard(self, at: datetime) -> State:
        """Return the state after the administrator's answer of `at`; once for each answer."""
        if self.heard_at is not None and at <= self.heard_at:
            return self
        return replace(self.unlocked(at, self.time.counter), heard_at=at)

    def joined(self, other: State) -> State:
        """Return what is known by whoever knows both; commutative, associative, idempotent."""
        heard = [at for at in (self.heard_at, other.heard_at) if at is not None]
        return State(
            time=self.time.joined(other.time),
            usage=self.usage.joined(other.usage),
            heard_at=max(heard, default=None),
            codes=self.codes.joined(other.codes),
            revoked=max(self.revoked, other.revoked),
        )

    def encode(self) -> bytes:
        """Return the bytes that the store keeps (docs/spec: state)."""
        members: dict[int | str, cbor.Value] = {1: self.time.encode()}
        if self.usage.counts:
            members[2] = self.usage.encode()
        if self.heard_at is not None:
            members[3] = numeric_date(self.heard_at)
        if self.codes != Codes():
            members[5] = self.codes.encode()
        if self.revoked:
            members[4] = self.revoked
        return cbor.encode(members)

    @classmethod
    def parse(cls, data: bytes) -> State:
        """Read those bytes; FormatError."""
        fields = Fields(cbor.decode(data), "state")
        state = cls(
            time=Timeline.parse(fields.map(1, "time")),
            usage=Usage.parse(fields.array(2, "usage", max_items=MAX_COUNTS, default=())),
            heard_at=fields.time(3, "heard", default=None),
            codes=Codes()
            if (codes := fields.map(5, "codes", default=None)) is None
            else Codes.parse(codes),
            revoked=fields.uint(4, "revocation list", default=0),
        )
        fields.done()
        return state
