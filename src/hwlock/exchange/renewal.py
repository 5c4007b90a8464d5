"""The renewal: a newer license for a machine that did not ask, signed by an issuer.

It names the license that it renews and holds the new one in plain, for the same hardware and the
same key of the machine. It answers no request, so it brings no time of the vendor.
"""

from __future__ import annotations

from hwlock.codec import cbor, cose, cwt
from hwlock.codec.fields import Fields, numeric_date
from hwlock.crypto.keys import Signer, sign_file
from hwlock.crypto.trust import Product, verify_issued
from hwlock.errors import UntrustedError
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["RENEWAL_TYP", "Renewing", "UnverifiedRenewal", "renew"]

RENEWAL_TYP = "application/hwlock-renewal"


class Renewing(Record):
    """What a renewal says: `license` (binary form) comes in the place of `renews` (16 bytes).

    `revocations` is the vendor's revocation list (binary form), where there is one.
    """

    product_id: str
    renews: bytes
    issued_at: datetime
    license: bytes
    revocations: bytes | None = None

    def encode(self) -> cbor.Value:
        """Return the claims (docs/spec: renewal)."""
        own: dict[int | str, cbor.Value] = {2: self.license}
        if self.revocations is not None:
            own[4] = self.revocations
        return {
            cwt.AUD: self.product_id,
            cwt.IAT: numeric_date(self.issued_at),
            cwt.CTI: self.renews,
            cwt.HWLOCK: own,
        }

    @classmethod
    def parse(cls, payload: cbor.Value) -> Renewing:
        """Read the claims; FormatError."""
        claims = Fields(payload, "renewal")
        own = claims.map(cwt.HWLOCK, "hwlock")
        renewing = cls(
            product_id=claims.text(cwt.AUD, "product", max_bytes=64),
            renews=claims.bytes(cwt.CTI, "license id", size=16),
            issued_at=claims.time(cwt.IAT, "issued"),
            license=own.bytes(2, "license", min_bytes=1),
            revocations=own.bytes(4, "revocation list", min_bytes=1, default=None),
        )
        own.done()
        claims.done()
        return renewing


class UnverifiedRenewal(Record):
    """A renewal as read: nobody has checked its signature."""

    says: Renewing
    signed: cose.Sign1

    @classmethod
    def parse(cls, raw: bytes) -> UnverifiedRenewal:
        """Read the binary form of a renewal; FormatError."""
        signed = cose.parse(raw, expected_typ=RENEWAL_TYP)
        return cls(says=Renewing.parse(cbor.decode(signed.payload)), signed=signed)

    def verify(self, product: Product) -> Renewing:
        """Return what a genuine renewal for `product` says; UntrustedError."""
        if self.says.product_id != product.id:
            raise UntrustedError(
                "HWL-PRODUCT-OTHER", file="renewal", theirs=self.says.product_id, ours=product.id
            )
        verify_issued(self.signed, product, where="renewal")
        return self.says


def renew(says: Renewing, signer: Signer, delegation: bytes) -> bytes:
    """Sign a renewal (binary form)."""
    return sign_file(signer, RENEWAL_TYP, says.encode(), delegation)
