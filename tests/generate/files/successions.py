"""A product file in the place of an older one (docs/spec/files.md section 2.1)."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

from hwlock.crypto.succession import endorse
from hwlock.crypto.trust import Product, Replaced
from hwlock.testing.vendor import SOLD_AT, Vendor, seeded

g = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("genuine.py"))))

DAY = timedelta(days=1)
FIRST, SECOND, THIRD, THIEF = g.VENDOR.root, g.ROOT_NEW, g.CARD, seeded("a thief")
ONE = endorse(FIRST, SECOND.key, at=SOLD_AT + DAY)
TWO = endorse(SECOND, THIRD.key, at=SOLD_AT + 2 * DAY)


def product(root: object, *endorsements: bytes, days: int = 3, id: str = "acme-cad") -> bytes:
    """Return a product file that `root` signed some days after the known one."""
    return Product.make(
        root,
        id=id,
        name="ACME CAD",
        vendor="ACME",
        issued_at=SOLD_AT + days * DAY,
        replaced=Replaced(endorsements=endorsements),
    ).raw


def case(
    comment: str, raw: bytes, code: str = "", stage: str = "trust", known: bytes = g.PRODUCT
) -> dict[str, object]:
    """Return one case: the file that is known, and the one that comes."""
    return {
        "comment": comment,
        "read": "successor",
        "stage": stage if code else None,
        "code": f"HWL-{code}" if code else None,
        "known": known.hex(),
        "hex": raw.hex(),
    }


def changed(raw: bytes) -> bytes:
    """Return `raw` with one bit of its signature flipped."""
    return raw[:-1] + bytes([raw[-1] ^ 1])


def cases() -> Iterator[tuple[str, dict[str, object]]]:
    """Yield what takes the place of a known file, and what does not."""
    yield "same-root", case("a newer file of the same root", product(FIRST))
    yield "endorsed", case("the root was replaced", product(SECOND, ONE))
    yield "twice", case("replaced twice, once missed", product(THIRD, ONE, TWO))
    second = product(SECOND, ONE)
    raw = product(THIRD, ONE, TWO, days=4)
    yield "second", case("the second replacement alone", raw, known=second)
    third = Product.make(
        FIRST,
        id="acme-cad",
        name="ACME CAD",
        vendor="ACME",
        issued_at=SOLD_AT,
        more_roots=(THIRD.key,),
    )
    yield "other-root", case("by the second of two roots", product(THIRD), known=third.raw)
    yield "again", case("the same file", g.PRODUCT, "PRODUCT-OLD", "answer")
    raw = product(SECOND, ONE, days=0)
    yield "same-time", case("of the same second", raw, "PRODUCT-OLD", "answer")
    raw = product(FIRST, days=1)
    yield "back", case("older, by the root before", raw, "PRODUCT-OLD", "answer", known=second)
    raw = product(FIRST, id="acme-cam")
    yield "other-product", case("of another product", raw, "PRODUCT-OTHER")
    raw = Vendor(name="a stranger").product.raw
    yield "stranger-old", case("a stranger's, of the same second", raw, "PRODUCT-OLD", "answer")
    yield "stranger", case("a stranger's", product(THIEF), "PRODUCT-STRANGER")
    raw = product(THIEF, ONE)
    yield "endorsed-other", case("the endorsement is of another key", raw, "PRODUCT-STRANGER")
    raw = product(THIEF, endorse(THIEF, THIEF.key, at=SOLD_AT))
    yield "endorsed-self", case("endorsed by itself", raw, "PRODUCT-STRANGER")
    raw = product(THIRD, TWO, ONE)
    yield "order", case("endorsements in the wrong order", raw, "PRODUCT-STRANGER")
    yield (
        "missing",
        case("the first endorsement is missing", product(THIRD, TWO), "PRODUCT-STRANGER"),
    )
    raw = product(THIEF, endorse(FIRST, THIEF.key, at=SOLD_AT + 2 * DAY), days=4)
    yield "former", case("the replaced root endorses again", raw, "PRODUCT-STRANGER", known=second)
    raw = product(SECOND, changed(ONE))
    yield "forged", case("one bit of the endorsement's signature", raw, "SIGNATURE-BAD")
    raw = product(SECOND, g.signed(FIRST, ONE, g.payload(ONE), delegation=g.VENDOR.delegation))
    yield "delegated", case("a delegation in the endorsement", raw, "KEY-DELEGATION")
    raw = product(SECOND, g.VENDOR.delegation)
    yield "delegation", case("a delegation in its place", raw, "COSE-TYP", "cose")
    for name, comment, says, code in (
        ("no-key", "an endorsement of nobody", {6: 0}, "FIELD-MISSING"),
        ("no-time", "an endorsement without its time", {8: g.payload(ONE)[8]}, "FIELD-MISSING"),
        ("unknown", "with a member that nobody knows", g.payload(ONE) | {4: 0}, "FIELD-UNKNOWN"),
    ):
        raw = product(SECOND, g.signed(FIRST, ONE, says))
        yield f"endorsement-{name}", case(comment, raw, code, "field")
