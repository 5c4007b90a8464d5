"""Revocation lists: genuine ones, and one fault in each other (files.md section 12)."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

from hwlock.crypto.trust import Limits
from hwlock.license.revocation import DEVICE, ISSUER, LICENSE, publish
from hwlock.testing.vendor import SOLD_AT, Vendor

g = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("genuine.py"))))

vendor = g.VENDOR
OURS = -70000
SINCE = 1772400000
ID = bytes(range(16))
NULL = object()
ENTRIES, FULL, listed = g.TAKEN_BACK, g.REVOCATION, g.listed

# name, comment, member of ours, value (None: none), code
FAULTS: tuple[tuple[str, str, int, object, str], ...] = (
    ("no-number", "no number", 1, None, "FIELD-MISSING"),
    ("number-none", "the number 0", 1, 0, "REVOKED-NUMBER"),
    ("number-far", "a number of 33 bits", 1, 2**32, "FIELD-RANGE"),
    ("base-itself", "based on itself", 2, 7, "REVOKED-NUMBER"),
    ("base-later", "based on a later one", 2, 8, "REVOKED-NUMBER"),
    ("base-none", "the base 0 instead of none", 2, 0, "REVOKED-NUMBER"),
    ("entries-null", "null instead of no entries", 3, NULL, "FIELD-TYPE"),
    ("entries-many", "1001 entries", 3, (0,) * 1001, "FIELD-MANY"),
    ("entry-text", "an entry that is no map", 3, ("license",), "FIELD-MAP"),
    ("entry-kind", "a kind of nobody", 3, ({1: "person", 2: ID, 3: SINCE},), "FIELD-WORD"),
    ("entry-short", "an id of 15 bytes", 3, ({1: LICENSE, 2: ID[1:], 3: SINCE},), "FIELD-SIZE"),
    ("entry-device", "a device of 16 bytes", 3, ({1: DEVICE, 2: ID, 3: SINCE},), "FIELD-SIZE"),
    ("entry-endless", "since never", 3, ({1: ISSUER, 2: ID},), "FIELD-MISSING"),
    ("entry-early", "since before 1970", 3, ({1: ISSUER, 2: ID, 3: -1},), "FIELD-RANGE"),
    ("entry-unknown", "a reason", 3, ({1: ISSUER, 2: ID, 3: 0, 4: "lost"},), "FIELD-UNKNOWN"),
    ("unknown", "a member that nobody knows", 4, 0, "FIELD-UNKNOWN"),
)


def changed(member: int, value: object) -> bytes:
    """Return the list with one member of ours replaced (None: left out), signed again."""
    says = g.payload(FULL)
    ours = {key: said for key, said in says[OURS].items() if key != member}
    if value is not None:
        ours[member] = None if value is NULL else value
    return g.signed(vendor.issuer, FULL, says | {OURS: ours})


def genuine() -> Iterator[tuple[str, str, bytes]]:
    """Yield name, comment, list."""
    yield "full", "an entry of each kind", FULL
    yield "empty", "nothing is taken back", publish(listed(), vendor.issuer, vendor.delegation)
    raw = publish(listed(*ENTRIES), g.CARD, vendor.delegate(key=g.CARD.key))
    yield "es256", "by an issuer with a key of P-256", raw
    tight = Limits(products=("acme-cad",), features=(), longest_term_days=0, most_seats=0)
    raw = publish(listed(*ENTRIES), vendor.issuer, vendor.delegate(tight))
    yield "limits", "limits on what an issuer may grant do not matter", raw


def untrusted() -> Iterator[tuple[str, str, bytes, str]]:
    """Yield name, comment, list, code."""
    other = listed(*ENTRIES, product_id="acme-cam")
    raw = publish(other, vendor.issuer, vendor.delegation)
    yield "product", "for acme-cam, where acme-cad runs", raw, "PRODUCT-OTHER"
    raw = FULL[:-1] + bytes([FULL[-1] ^ 1])
    yield "signature", "one bit of the signature is flipped", raw, "SIGNATURE-BAD"
    raw = g.signed(vendor.issuer, FULL, g.payload(FULL), delegation=None)
    yield "undelegated", "without a delegation", raw, "TRUST-CHAIN"
    stranger = Vendor(name="Other")
    raw = publish(listed(*ENTRIES), stranger.issuer, stranger.delegation)
    yield "stranger", "by somebody else's issuer", raw, "TRUST-ROOT"
    raw = g.signed(g.MACHINE, FULL, g.payload(FULL))
    yield "by-machine", "by the key of a machine", raw, "KEY-OTHER"
    late = listed(*ENTRIES, issued_at=SOLD_AT + timedelta(days=365))
    raw = publish(late, vendor.issuer, vendor.delegation)
    yield "late", "issued when the delegation had ended", raw, "ISSUER-TERM"
    limits = Limits(products=("acme-cam",))
    raw = publish(listed(*ENTRIES), vendor.issuer, vendor.delegate(limits))
    yield "limit-product", "by an issuer for another product", raw, "ISSUER-LIMIT"


def case(
    comment: str, raw: bytes, code: str = "", stage: str = "", **after: object
) -> dict[str, object]:
    """Return one case, for the product, with nothing known before."""
    given = {"product": g.PRODUCT.hex(), "known": []}
    return g.case("revocation", comment, raw, code, stage, **given, **after)


def known_after(raw: bytes) -> dict[str, object]:
    """Return what is known after a full list."""
    says = g.payload(raw)[OURS]
    revoked = sorted([entry[1], entry[2].hex(), entry[3]] for entry in says[3])
    return {"number": says[1], "revoked": revoked}


def cases() -> Iterator[tuple[str, dict[str, object]]]:
    """Yield lists that are read, that are malformed, that nobody trusts."""
    for name, comment, raw in genuine():
        yield name, case(comment, raw, **known_after(raw))
    for name, comment, member, value, code in FAULTS:
        raw = changed(member, value)
        yield name, case(comment, raw, code, "field")
    for name, comment, raw, code in untrusted():
        yield name, case(comment, raw, code, "trust")
    raw = g.LICENSE
    comment = "a license where a list is wanted"
    yield "is-license", case(comment, raw, "COSE-TYP", "cose")
    comment = "a list where a license is wanted"
    yield "as-license", g.case("license", comment, FULL, "COSE-TYP", "cose")
