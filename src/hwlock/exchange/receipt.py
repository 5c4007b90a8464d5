"""The receipt: a machine's signed word that it has given its license back.

Signed by the key that the license names, after the license was made unusable there. The
desk books it and the seat is free again.
"""

from __future__ import annotations

from hwlock.codec import cbor, cose, cwt
from hwlock.codec.fields import Fields, numeric_date
from hwlock.crypto.keys import Signer, VerificationKey, sign_file
from hwlock.errors import UntrustedError
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["RECEIPT_TYP", "Receipt", "Returning", "UnverifiedReceipt", "give_back"]

RECEIPT_TYP = "application/hwlock-receipt"


class Returning(Record):
    """What a receipt says: which license (its id, and SHA-256 of its file) is dead here."""

    product_id: str
    license_id: bytes
    license_digest: bytes
    returned_at: datetime

    def encode(self) -> cbor.Value:
        """Return the claims (docs/spec: receipt)."""
        return {
            cwt.AUD: self.product_id,
            cwt.IAT: numeric_date(self.returned_at),
            cwt.CTI: self.license_id,
            cwt.HWLOCK: {1: self.license_digest},
        }

    @classmethod
    def parse(cls, payload: cbor.Value) -> Returning:
        """Read the claims; FormatError."""
        claims = Fields(payload, "receipt")
        own = claims.map(cwt.HWLOCK, "hwlock")
        returning = cls(
            product_id=claims.text(cwt.AUD, "product", max_bytes=64),
            license_id=claims.bytes(cwt.CTI, "license id", size=16),
            license_digest=own.bytes(1, "license digest", size=32),
            returned_at=claims.time(cwt.IAT, "returned"),
        )
        own.done()
        claims.done()
        return returning


class UnverifiedReceipt(Record):
    """A receipt as read: nobody has checked its signature."""

    says: Returning
    signed: cose.Sign1

    @classmethod
    def parse(cls, raw: bytes) -> UnverifiedReceipt:
        """Read the binary form of a receipt file; FormatError."""
        signed = cose.parse(raw, expected_typ=RECEIPT_TYP)
        return cls(says=Returning.parse(cbor.decode(signed.payload)), signed=signed)

    def verify(self, key: VerificationKey, *, license_digest: bytes) -> Receipt:
        """Return the receipt if `key`, which the license named, signed it for that license."""
        key.open(self.signed)
        if self.says.license_digest != license_digest:
            raise UntrustedError("HWL-RECEIPT-OTHER")
        return Receipt(returns=self.says)


class Receipt(Record):
    """A genuine receipt."""

    returns: Returning


def give_back(returning: Returning, signer: Signer) -> bytes:
    """Sign a receipt file (binary form) with the machine's key."""
    return sign_file(signer, RECEIPT_TYP, returning.encode())
