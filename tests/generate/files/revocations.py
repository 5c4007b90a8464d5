"""Revocation lists (docs/spec/files.md section 12): full, delta, older, forged, with a gap.

`known` are the lists that were taken before, in their order; `number` and `revoked` are what is
known afterwards.
"""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

from hwlock.codec.fields import numeric_date
from hwlock.license.revocation import (
    DEVICE,
    ISSUER,
    LICENSE,
    Entry,
    Listed,
    device_subject,
    publish,
)
from hwlock.testing.vendor import SOLD_AT, Vendor, seeded

HERE = Path(__file__)
g = SimpleNamespace(**runpy.run_path(str(HERE.with_name("genuine.py"))))
members = SimpleNamespace(**runpy.run_path(str(HERE.with_name("members.py"))))

GONE, OURS = members.GONE, members.OURS
DAY = timedelta(days=1)
AGENT = seeded("agent of ACME")
BY_AGENT = {"signer": AGENT, "delegation": g.VENDOR.delegate(key=AGENT.key)}


def entry(kind: str, subject: bytes, days: int = 0) -> Entry:
    """Return one entry that holds from so many days after the sale on."""
    return Entry(kind=kind, subject=subject, since=SOLD_AT + days * DAY)


def signed(number: int, *entries: Entry, base: int = 0, **by: object) -> bytes:
    """Return a list of the product, by default signed by the issuer."""
    who = {"signer": g.VENDOR.issuer, "delegation": g.VENDOR.delegation} | by
    listed = Listed(
        product_id=who.pop("product_id", "acme-cad"),
        number=number,
        base=base,
        issued_at=SOLD_AT + number * DAY,
        entries=entries,
    )
    return publish(listed, **who)


STOLEN = entry(LICENSE, g.VENDOR.terms().id, 9)
LOST = entry(DEVICE, device_subject(g.CARD.key.raw))
STICK = entry(DEVICE, device_subject(b"usb:vid=1209;pid=0001;serial=stick"), 2)
LEFT = entry(ISSUER, AGENT.key.kid, 30)
FULL = signed(3, STOLEN, LOST)
DELTA = signed(4, STICK, LEFT, base=3)
EARLIER = entry(LICENSE, STOLEN.subject, 4)
OTHER = (Vendor(name="a stranger"), Vendor("acme-cam"))

# name, comment, file, known before, number and entries afterwards
TAKEN = (
    ("full", "everything, by a list", FULL, (), 3, (LOST, STOLEN)),
    ("empty", "nothing was taken back", signed(1), (), 1, ()),
    ("delta", "two more since list 3", DELTA, (FULL,), 4, (STICK, LOST, LEFT, STOLEN)),
    (
        "delta-below",
        "since an older one than is known",
        signed(5, base=2),
        (FULL,),
        5,
        (LOST, STOLEN),
    ),
    (
        "sooner",
        "the same license, since earlier",
        signed(6, EARLIER, base=3),
        (FULL,),
        6,
        (LOST, EARLIER),
    ),
    (
        "later",
        "the same, since later",
        signed(6, STOLEN, base=3),
        (signed(3, EARLIER),),
        6,
        (EARLIER,),
    ),
    ("older", "a list that is older than what is known", signed(2), (FULL,), 3, (LOST, STOLEN)),
    ("again", "the list that is known", FULL, (FULL,), 3, (LOST, STOLEN)),
    (
        "full-after",
        "a full list replaces what is known",
        signed(9, LEFT),
        (FULL, DELTA),
        9,
        (LEFT,),
    ),
    ("by-agent", "an issuer whose key will be taken back", signed(3, **BY_AGENT), (), 3, ()),
)

# name, comment, file, known before, code, stage
REFUSED = (
    ("gap", "a list lies between", signed(6, base=4), (FULL,), "REVOKED-GAP", "answer"),
    ("delta-alone", "a delta, and nothing is known", DELTA, (), "REVOKED-GAP", "answer"),
    (
        "delta-ninth",
        "a full list and eight behind it",
        signed(9, base=8),
        (signed(1), *(signed(number, base=number - 1) for number in range(2, 9))),
        "REVOKED-GAP",
        "answer",
    ),
    (
        "signer",
        "by the agent who was taken back",
        signed(5, **BY_AGENT),
        (FULL, DELTA),
        "REVOKED-SIGNER",
        "trust",
    ),
    (
        "forged",
        "by a key that the delegation does not name",
        signed(9, signer=AGENT),
        (),
        "KEY-OTHER",
        "trust",
    ),
    ("undelegated", "without a delegation", signed(9, delegation=None), (), "TRUST-CHAIN", "trust"),
    (
        "by-root",
        "by the root itself",
        signed(9, signer=g.VENDOR.root, delegation=None),
        (),
        "TRUST-CHAIN",
        "trust",
    ),
    (
        "stranger",
        "of another vendor",
        signed(9, signer=OTHER[0].issuer, delegation=OTHER[0].delegation),
        (),
        "TRUST-ROOT",
        "trust",
    ),
    (
        "product",
        "of another product",
        signed(9, product_id="acme-cam"),
        (),
        "PRODUCT-OTHER",
        "trust",
    ),
    (
        "signature",
        "one bit is flipped",
        FULL[:-1] + bytes([FULL[-1] ^ 1]),
        (),
        "SIGNATURE-BAD",
        "trust",
    ),
)

ENTRY = (OURS, 3, 0)
FAULTS = (
    ("number-none", "list 0", (OURS, 1), 0, "REVOKED-NUMBER"),
    ("number-same", "since itself", (OURS, 2), 3, "REVOKED-NUMBER"),
    ("number-later", "since a later one", (OURS, 2), 4, "REVOKED-NUMBER"),
    ("base-none", "since list 0 instead of everything", (OURS, 2), 0, "REVOKED-NUMBER"),
    ("number-far", "a number of 33 bits", (OURS, 1), 1 << 32, "FIELD-RANGE"),
    ("no-entries", "no entries", (OURS, 3), GONE, "FIELD-MISSING"),
    ("kind", "a kind of nobody", (*ENTRY, 1), "customer", "FIELD-WORD"),
    ("subject", "a license of 15 bytes", (*ENTRY, 2), bytes(15), "FIELD-SIZE"),
    ("device", "a device of 16 bytes", (*ENTRY, 1), "device", "FIELD-SIZE"),
    ("no-since", "no moment", (*ENTRY, 3), GONE, "FIELD-MISSING"),
    ("unknown", "a claim that nobody knows", (4,), 0, "FIELD-UNKNOWN"),
)


def case(
    comment: str,
    raw: bytes,
    known: tuple[bytes, ...],
    code: str = "",
    stage: str = "",
    **after: object,
):
    """Return one case, for the product, with the lists that were taken before."""
    return g.case(
        "revocation",
        comment,
        raw,
        code,
        stage,
        product=g.PRODUCT.hex(),
        known=[one.hex() for one in known],
        **after,
    )


def cases() -> Iterator[tuple[str, dict[str, object]]]:
    """Yield lists that are taken or ignored, then those that are refused."""
    for name, comment, raw, known, number, entries in TAKEN:
        revoked = sorted([one.kind, one.subject.hex(), numeric_date(one.since)] for one in entries)
        yield name, case(comment, raw, known, number=number, revoked=revoked)
    for name, comment, raw, known, code, stage in REFUSED:
        yield name, case(comment, raw, known, code, stage)
    for name, comment, path, new, code in FAULTS:
        says = members.changed(g.payload(FULL), path, new)
        yield name, case(comment, g.signed(g.VENDOR.issuer, FULL, says), (), code, "field")
