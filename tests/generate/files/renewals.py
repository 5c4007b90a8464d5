"""Renewals (docs/spec/files.md section 13): taken, too old, for somebody else, forged.

`held` are the licenses of the machine "alpha" of `hwlock.testing.customer`, which is asked at
`now`; `license` is the one that is in their place afterwards.
"""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

from hwlock.codec.fields import numeric_date
from hwlock.exchange.renewal import Renewing, renew
from hwlock.license.binding import Binding
from hwlock.record import replace
from hwlock.testing.vendor import SOLD_AT, host_anchor, seeded

HERE = Path(__file__)
g = SimpleNamespace(**runpy.run_path(str(HERE.with_name("genuine.py"))))
members = SimpleNamespace(**runpy.run_path(str(HERE.with_name("members.py"))))
lists = SimpleNamespace(**runpy.run_path(str(HERE.with_name("revocations.py"))))

GONE, OURS, AGENT = members.GONE, members.OURS, lists.AGENT
VENDOR = g.VENDOR
DAY = timedelta(days=1)
NOW = SOLD_AT + 20 * DAY
OLD = VENDOR.terms(days=30)
NEW = VENDOR.terms(issued_at=SOLD_AT + 10 * DAY, days=60, number=2)
OTHER_PARTS = Binding(anchors=(host_anchor("beta"),), policy=0)


def renewal(
    terms: object = NEW, *, renews: bytes = OLD.id, revocations: bytes | None = None, **by: object
) -> bytes:
    """Return a renewal by a license of `terms`."""
    who = {"signer": VENDOR.issuer, "delegation": VENDOR.delegation} | by
    says = Renewing(
        product_id=who.pop("product_id", "acme-cad"),
        renews=renews,
        issued_at=SOLD_AT + 10 * DAY,
        license=who.pop("license", VENDOR.license(terms)),
        revocations=revocations,
    )
    return renew(says, **who)


PLAIN = renewal()
GIVEN = {
    "product": g.PRODUCT.hex(),
    "held": [VENDOR.license(OLD).hex()],
    "now": numeric_date(NOW),
}
HELD_NEW = {"held": [VENDOR.license(NEW).hex()]}
LISTED = lists.signed(2, lists.LEFT)
STALE = replace(NEW, expires_at=SOLD_AT + 15 * DAY)

TAKEN = (
    ("taken", "for the license that is there", PLAIN, {}),
    ("missed", "names one that never came: the next repairs it", renewal(renews=bytes(16)), {}),
    ("list", "with a revocation list", renewal(revocations=LISTED), {}),
)
REFUSED = (
    ("none", "nothing is here that it renews", PLAIN, "RENEWAL-OTHER", "answer", {"held": []}),
    ("again", "it was taken already", PLAIN, "RENEWAL-OLD", "answer", HELD_NEW),
    (
        "entitlement",
        "of another entitlement",
        renewal(replace(NEW, entitlement_id="E-2")),
        "RENEWAL-OTHER",
        "answer",
        {},
    ),
    (
        "key",
        "for another machine's key",
        renewal(replace(NEW, key=g.CARD.key)),
        "RENEWAL-OTHER",
        "answer",
        {},
    ),
    (
        "binding",
        "for other parts",
        renewal(replace(NEW, binding=OTHER_PARTS)),
        "RENEWAL-OTHER",
        "answer",
        {},
    ),
    ("ended", "its license is over", renewal(STALE), "TERM-ENDED", "answer", {}),
    (
        "revoked",
        "its own list takes the new license back",
        renewal(revocations=lists.signed(2, lists.entry("license", NEW.id))),
        "REVOKED-LICENSE",
        "answer",
        {},
    ),
    ("product", "of another product", renewal(product_id="acme-cam"), "PRODUCT-OTHER", "trust", {}),
    (
        "forged",
        "by a key that the delegation does not name",
        renewal(signer=AGENT),
        "KEY-OTHER",
        "trust",
        {},
    ),
    ("undelegated", "without a delegation", renewal(delegation=None), "TRUST-CHAIN", "trust", {}),
    (
        "signature",
        "one bit is flipped",
        PLAIN[:-1] + bytes([PLAIN[-1] ^ 1]),
        "SIGNATURE-BAD",
        "trust",
        {},
    ),
    (
        "license-forged",
        "genuine, with a forged license inside",
        renewal(license=VENDOR.license(NEW, signer=seeded("a stranger"))),
        "KEY-OTHER",
        "trust",
        {},
    ),
    (
        "list-forged",
        "genuine, with a forged list inside",
        renewal(revocations=lists.signed(2, signer=AGENT)),
        "KEY-OTHER",
        "trust",
        {},
    ),
)
FAULTS = (
    ("no-license", "no license", (OURS, 2), GONE, "FIELD-MISSING"),
    ("license-empty", "an empty license", (OURS, 2), b"", "FIELD-SHORT"),
    ("list-empty", "an empty list instead of none", (OURS, 4), b"", "FIELD-SHORT"),
    ("renews-short", "an id of 15 bytes", (7,), bytes(15), "FIELD-SIZE"),
    ("sealed", "a sealed license, as only a response has", (OURS, 3), {}, "FIELD-UNKNOWN"),
    ("expiry", "an expiry, which a renewal has not", (4,), 0, "FIELD-UNKNOWN"),
)


def cases() -> Iterator[tuple[str, dict[str, object]]]:
    """Yield what is taken, then what is refused."""
    for name, comment, raw, given in TAKEN:
        license = VENDOR.license(NEW).hex()
        yield name, g.case("renewal", comment, raw, **GIVEN | given, license=license)
    for name, comment, raw, code, stage, given in REFUSED:
        yield name, g.case("renewal", comment, raw, code, stage, **GIVEN | given)
    for name, comment, path, new, code in FAULTS:
        says = members.changed(g.payload(PLAIN), path, new)
        raw = g.signed(VENDOR.issuer, PLAIN, says)
        yield name, g.case("renewal", comment, raw, code, "field", **GIVEN)
