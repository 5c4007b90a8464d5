"""What the license keeps of a card: which key, and its public half.

    {? 1: slot (PIV), 2: COSE_Key, ? 3: agreement key (OpenPGP)}

docs/spec/cards.md. The public key is there so that a driver notices another card before a
person types the PIN into it, and never hands out a signature of a key that nobody asked for.
The keys of an OpenPGP card do one thing each: the one that signs a proof agrees on nothing, so
the one for decryption stands next to it.
"""

from __future__ import annotations

from hwlock.codec import cbor
from hwlock.codec.fields import Fields
from hwlock.crypto.agreement_key import AgreementKey
from hwlock.crypto.anchor_key import parse_key
from hwlock.crypto.keys import VerificationKey
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hwlock.crypto.anchor_key import AnchorKey

__all__ = ["CardRecord", "agreement_of"]


class CardRecord(Record):
    """A key on a card; `slot` is 0 where the application has only one such key.

    `agreement` is the key that agrees on secrets, None where it is none or `key` itself.
    """

    slot: int
    key: AnchorKey
    agreement: AgreementKey | None = None

    def encode(self) -> bytes:
        """Return the record as bytes."""
        members: dict[int | str, cbor.Value] = {2: self.key.cose_key()}
        if self.slot:
            members[1] = self.slot
        if self.agreement is not None:
            members[3] = self.agreement.cose_key()
        return cbor.encode(members)

    @classmethod
    def parse(cls, data: bytes) -> CardRecord:
        """Read a record; FormatError, BadKey."""
        fields = Fields(cbor.decode(data), "card record")
        agreement = fields.map(3, "agreement key", default=None)
        record = cls(
            slot=fields.uint(1, "slot", max_value=0xFF, default=0),
            key=parse_key(fields.map(2, "key")),
            agreement=None if agreement is None else AgreementKey.parse(agreement),
        )
        fields.done()
        return record


def agreement_of(kind: str, key: AnchorKey, record: bytes) -> bytes | None:
    """Return the public key of a dongle to which a secret can be encrypted, None without one.

    P-256 as x‖y, X25519 as 32 bytes: of a PIV card the key of the anchor itself, of an OpenPGP
    card that of its record. FormatError, BadKey where the record is none.
    """
    if kind == "openpgp":
        agreement = CardRecord.parse(record).agreement
        return None if agreement is None else agreement.raw
    if kind == "piv" and isinstance(key, VerificationKey) and len(key.raw) == 64:
        return key.raw
    return None
