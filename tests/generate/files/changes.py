"""One fault in the changes that a license holds for unlock codes (files.md section 4.5)."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

from hwlock.crypto.trust import Limits
from hwlock.license.amendment import Amendment
from hwlock.record import replace

g = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("genuine.py"))))

OURS = -70000
LOCK = bytes(range(32))
CLOCK = {1: "clock", 2: LOCK}
EXTEND = {1: "extend", 2: LOCK, 3: 30}
COUNTER = {1: "counter", 2: LOCK, 4: "exports", 5: 50}
YEAR_9999 = 253370764800

# name, comment, the member, code
FAULTS: tuple[tuple[str, str, object, str], ...] = (
    ("none", "an empty list instead of none", (), "FIELD-EMPTY"),
    ("null", "null instead of none", None, "FIELD-TYPE"),
    ("many", "thirty-three", (CLOCK,) * 33, "FIELD-MANY"),
    ("text", "one that is no map", ("clock",), "FIELD-MAP"),
    ("kind", "a kind of nobody", (CLOCK | {1: "gift"},), "FIELD-WORD"),
    ("no-lock", "without a lock", ({1: "clock"},), "FIELD-MISSING"),
    ("lock", "a lock of 31 bytes", (CLOCK | {2: bytes(31)},), "FIELD-SIZE"),
    (
        "no-days",
        "an extension that does not say by what",
        ({1: "extend", 2: LOCK},),
        "FIELD-MISSING",
    ),
    ("days-far", "an extension of over ten years", (EXTEND | {3: 3651},), "FIELD-RANGE"),
    ("days-none", "an extension by nothing", (EXTEND | {3: 0},), "FIELD-AMENDMENT"),
    ("days-clock", "days of an unlocked clock", (CLOCK | {3: 30},), "FIELD-UNKNOWN"),
    ("no-counter", "more of no counter", (COUNTER | {4: 7},), "FIELD-TYPE"),
    ("counter-other", "a counter of no license", (COUNTER | {4: "cubes"},), "FIELD-AMENDMENT"),
    ("counter-none", "a counter that gets nothing", (COUNTER | {5: 0},), "FIELD-AMENDMENT"),
    (
        "counter-far",
        "a limit over 2^32, by the second of two",
        (COUNTER | {5: 2**32 - 101}, CLOCK, COUNTER | {5: 2}),
        "FIELD-AMENDMENT",
    ),
    ("after-itself", "one that waits for itself", (CLOCK, CLOCK | {6: 1}), "FIELD-AMENDMENT"),
    ("after-far", "one that waits for the 33rd", (CLOCK | {6: 32},), "FIELD-RANGE"),
    ("unknown", "a member that nobody knows", (CLOCK | {7: 0},), "FIELD-UNKNOWN"),
)


def changed(*, end: int | None, changes: object) -> bytes:
    """Return the license with these changes and this end (None: as it is), signed again."""
    says = g.payload(g.LICENSE_AMENDED)
    says[OURS] = says[OURS] | {6: changes}
    if end is not None:
        says[4] = end
    return g.signed(g.VENDOR.issuer, g.LICENSE_AMENDED, says)


def within(days: int) -> bytes:
    """Return a license for 365 days and 30 more, of an issuer that may grant so many."""
    change = Amendment(kind="extend", lock=LOCK, days=30)
    limits = Limits(products=("acme-cad",), longest_term_days=days)
    terms = replace(g.VENDOR.terms(), amendments=(change,))
    return g.VENDOR.license(terms, delegation=g.VENDOR.delegate(limits))


def cases() -> Iterator[tuple[str, dict[str, object]]]:
    """Yield one wrong change a case, and the bounds of what changes may add."""
    for name, comment, changes, code in FAULTS:
        raw = changed(end=None, changes=changes)
        yield f"license-{name}", g.case("license", comment, raw, code, "field")
    raw = changed(end=YEAR_9999 - (14 + 30) * 86400, changes=(EXTEND,))
    yield "license-last", g.case("license", "an extension up to the year 9999", raw)
    raw = changed(end=YEAR_9999 - (14 + 30) * 86400 + 1, changes=(EXTEND,))
    comment = "an extension and a grace into the year 9999"
    yield "license-beyond", g.case("license", comment, raw, "FIELD-AMENDMENT", "field")
    says = g.payload(g.LICENSE_BOTH)
    says[OURS] = says[OURS] | {6: (EXTEND,)}
    raw = g.signed(g.VENDOR.issuer, g.LICENSE_BOTH, says)
    comment = "an extension of what has no end"
    yield "license-endless", g.case("license", comment, raw, "FIELD-AMENDMENT", "field")
    yield "limit-kept", g.case("license", "extended to what its issuer may grant", within(395))
    comment = "extended by a day more than its issuer may grant"
    yield "limit-beyond", g.case("license", comment, within(394), "ISSUER-LIMIT", "trust")
