"""What the license keeps of a card: which key, and its public half.

    {? 1: slot (PIV), 2: COSE_Key}

docs/spec/cards.md. The public key is there so that a driver notices another card before a
person types the PIN into it, and never hands out a signature of a key that nobody asked for.
"""

from __future__ import annotations

from hwlock.codec import cbor
from hwlock.codec.fields import Fields
from hwlock.crypto.anchor_key import parse_key
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hwlock.crypto.anchor_key import AnchorKey

__all__ = ["CardRecord"]


class CardRecord(Record):
    """A key on a card; `slot` is 0 where the application has only one such key."""

    slot: int
    key: AnchorKey

    def encode(self) -> bytes:
        """Return the record as bytes."""
        members: dict[int | str, cbor.Value] = {2: self.key.cose_key()}
        if self.slot:
            members[1] = self.slot
        return cbor.encode(members)

    @classmethod
    def parse(cls, data: bytes) -> CardRecord:
        """Read a record; FormatError, BadKey."""
        fields = Fields(cbor.decode(data), "card record")
        record = cls(
            slot=fields.uint(1, "slot", max_value=0xFF, default=0),
            key=parse_key(fields.map(2, "key")),
        )
        fields.done()
        return record
