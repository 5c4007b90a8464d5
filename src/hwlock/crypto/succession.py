"""From one product file to a newer one of the same product, over roots that were replaced.

A root that is replaced signs an *endorsement*: it names the root that takes over. Product files
carry these statements, so that a machine which knows an older file accepts the newer one, even
where it has missed some in between. Rules, in the order of `verify_successor`:

1. the newer file is of the same product;
2. it was issued later: a machine never goes back;
3. its first root, which signed it, is a root of the known file, or is reached from one by
   endorsements, each signed by the root before. A *former* root of the known file is no
   beginning: whoever finds its key later leads nobody astray who has heard of the change.
"""

from __future__ import annotations

from hwlock.codec import cbor, cose, cwt
from hwlock.codec.fields import Fields, numeric_date
from hwlock.crypto.keys import Signer, VerificationKey, sign_file
from hwlock.crypto.trust import confirmation
from hwlock.errors import DeniedError, UntrustedError
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from hwlock.crypto.trust import Product

__all__ = ["ENDORSEMENT_TYP", "Endorsement", "endorse", "parse_endorsement", "verify_successor"]

ENDORSEMENT_TYP = "application/hwlock-endorsement"


class Endorsement(Record):
    """What a root says of the root after it; `by` is its own kid (16 bytes)."""

    by: bytes
    successor: VerificationKey
    endorsed_at: datetime


def endorse(root: Signer, successor: VerificationKey, *, at: datetime) -> bytes:
    """Return the endorsement (docs/spec: endorsement) by which `root` hands over."""
    payload: cbor.Value = {
        cwt.IAT: numeric_date(at),
        cwt.CNF: {cwt.COSE_KEY: successor.cose_key()},
    }
    return sign_file(root, ENDORSEMENT_TYP, payload)


def parse_endorsement(raw: bytes) -> Endorsement:
    """Read an endorsement that nobody has verified; FormatError."""
    signed = cose.parse(raw, expected_typ=ENDORSEMENT_TYP)
    return _read(signed, cbor.decode(signed.payload))


def verify_successor(known: Product, newer: Product) -> None:
    """Return if `newer` may take the place of `known`, by the rules of this module.

    UntrustedError; DeniedError where it is not newer; FormatError for an endorsement that is none.
    """
    # 1.
    if newer.id != known.id:
        raise UntrustedError(
            "HWL-PRODUCT-OTHER", file="product file", theirs=newer.id, ours=known.id
        )
    # 2.
    if newer.issued_at <= known.issued_at:
        raise DeniedError(
            "HWL-PRODUCT-OLD",
            product=known.id,
            issued=f"{newer.issued_at:%Y-%m-%d %H:%M:%S}",
            known=f"{known.issued_at:%Y-%m-%d %H:%M:%S}",
        )
    # 3.
    trusted = {key.kid: key for key in known.roots}
    for raw in newer.endorsements:
        signed = cose.parse(raw, expected_typ=ENDORSEMENT_TYP)
        root = trusted.get(signed.header.kid)
        if root is not None:
            successor = _read(signed, root.open(signed)).successor
            trusted[successor.kid] = successor
    if newer.roots[0].kid not in trusted:
        raise UntrustedError("HWL-PRODUCT-STRANGER", product=known.id, kid=newer.roots[0].kid.hex())


def _read(signed: cose.Sign1, payload: cbor.Value) -> Endorsement:
    claims = Fields(payload, "endorsement")
    endorsement = Endorsement(
        by=signed.header.kid,
        successor=confirmation(claims),
        endorsed_at=claims.time(cwt.IAT, "issued"),
    )
    claims.done()
    return endorsement
