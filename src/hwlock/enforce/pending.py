"""What a machine keeps of a request until its response arrives.

A bare CBOR map inside the private store; nothing in it is secret.
"""

from __future__ import annotations

from hwlock.codec import cbor
from hwlock.codec.fields import Fields, numeric_date
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["Pending"]


class Pending(Record):
    """One request of this machine, by its nonce (32 bytes) and digest (SHA-256 of its file).

    `state` is the stamp of what the store remembered of time when the request was made.
    """

    nonce: bytes
    digest: bytes
    asked_at: datetime
    state: bytes

    @property
    def name(self) -> str:
        """The name of the record in the store: 16 hex digits."""
        return name_of(self.nonce)

    def encode(self) -> bytes:
        """Return the bytes that the store keeps."""
        return cbor.encode(
            {1: self.nonce, 2: self.digest, 3: numeric_date(self.asked_at), 4: self.state}
        )

    @classmethod
    def parse(cls, data: bytes) -> Pending:
        """Read those bytes; FormatError."""
        fields = Fields(cbor.decode(data), "pending request")
        pending = cls(
            nonce=fields.bytes(1, "nonce", size=32),
            digest=fields.bytes(2, "digest", size=32),
            asked_at=fields.time(3, "asked"),
            state=fields.bytes(4, "state", size=32),
        )
        fields.done()
        return pending


def name_of(nonce: bytes) -> str:
    """Return the name under which the store keeps the request with this nonce."""
    return nonce[:8].hex()
