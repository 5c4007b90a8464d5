"""What a machine remembers of time between two checks.

The *high-water mark* is the latest moment that this machine has seen: time does not run
back past it. A fresh response, tied to a request of this machine by its nonce, sets the
mark to its own time, later or earlier: so a mark that a wrong clock drove into the future
has an honest way back that works offline.
"""

from __future__ import annotations

from datetime import timedelta

from hwlock.codec import cbor
from hwlock.codec.fields import Fields, numeric_date
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["State"]

# The mark moves in steps, so that a program which checks often does not write each time.
MARK_STEP = timedelta(minutes=1)


class State(Record):
    """The memory of one product on one machine; `seen_at` is the mark, aware UTC, whole seconds."""

    seen_at: datetime

    @classmethod
    def begin(cls, seen_at: datetime) -> State:
        """Return the state of a machine whose first sight of time, in whole seconds, is this."""
        return cls(seen_at=seen_at.replace(microsecond=0))

    def advanced(self, now: datetime) -> State:
        """Return the state after `now` was seen; the same object where little changed."""
        if now - self.seen_at < MARK_STEP:
            return self
        return State(seen_at=now.replace(microsecond=0))

    def encode(self) -> bytes:
        """Return the bytes that the store keeps (docs/spec: state)."""
        return cbor.encode({1: numeric_date(self.seen_at)})

    @classmethod
    def parse(cls, data: bytes) -> State:
        """Read those bytes; FormatError."""
        fields = Fields(cbor.decode(data), "state")
        state = cls(seen_at=fields.time(1, "seen"))
        fields.done()
        return state
