"""Changes of a license, and the codes that open them (docs/spec/files.md section 4.5).

`hex` is the license, `typed` a code that is tried at `now` on the machine "alpha" of
`hwlock.testing.customer`, `used` the codes that were used before. `opens` is the index of the
change that it opens; `ends` and `limits` are expiry and counters afterwards, `moved` tells that the
binding is that machine's own.
"""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

from hwlock.codec.fields import numeric_date
from hwlock.crypto import sha2
from hwlock.crypto.trust import Limits
from hwlock.license.amendment import CODES, Amendment, lock, typed
from hwlock.license.model import Counter, Model
from hwlock.record import replace
from hwlock.testing.vendor import SOLD_AT

HERE = Path(__file__)
g = SimpleNamespace(**runpy.run_path(str(HERE.with_name("genuine.py"))))
members = SimpleNamespace(**runpy.run_path(str(HERE.with_name("members.py"))))

GONE, OURS = members.GONE, members.OURS
DAY = timedelta(days=1)
ID = g.VENDOR.terms().id
NUMBERS = tuple(
    int.from_bytes(sha2.sha256(b"unlock code %d" % index), "big") % CODES for index in range(6)
)


def change(index: int, **says: object) -> Amendment:
    """Return the change that the code of this index opens."""
    return Amendment(lock=lock(ID, index, NUMBERS[index]), **says)


CHANGES = (
    change(0, kind="extend", days=30),
    change(1, kind="extend", days=60, after=0),
    change(2, kind="clock"),
    change(3, kind="transfer"),
    change(4, kind="counter", counter="exports", amount=50),
    change(5, kind="counter", counter="jobs", amount=2),
)
MODEL = Model(
    kind="subscription",
    counters=(Counter(name="exports", limit=100, period="month"), Counter(name="jobs", limit=7)),
)
TERMS = replace(g.VENDOR.terms(), model=MODEL, amendments=CHANGES)
RAW = g.VENDOR.license(TERMS)
END = numeric_date(TERMS.expires_at)
DAY_S = 86400


def code(index: int, *, digits: bool = False) -> str:
    """Return a code as it is typed."""
    return typed(NUMBERS[index], digits=digits)


def mistyped(text: str, *places: int) -> str:
    """Return a code with one other character at each of these places."""
    chars = list(text)
    for at in places:
        chars[at] = "7" if chars[at] != "7" else "4"
    return "".join(chars)


def exchanged(text: str) -> str:
    """Return a code whose two first characters changed places."""
    return text[1] + text[0] + text[2:]


# name, comment, code, used before, index, expiry and limits afterwards, moved
OPENED = (
    ("extend", "thirty days more", code(0), (), 0, END + 30 * DAY_S, (100, 7), False),
    (
        "extend-digits",
        "the same in digits",
        code(0, digits=True),
        (),
        0,
        END + 30 * DAY_S,
        (100, 7),
        False,
    ),
    (
        "extend-next",
        "the second extension",
        code(1),
        (code(0),),
        1,
        END + 90 * DAY_S,
        (100, 7),
        False,
    ),
    ("clock", "the clock", code(2), (), 2, END, (100, 7), False),
    ("transfer", "to this machine", code(3), (), 3, END, (100, 7), True),
    ("counter", "fifty exports more in each month", code(4), (), 4, END, (150, 7), False),
    ("counter-both", "both counters", code(5), (code(4),), 5, END, (150, 9), False),
    (
        "last-first",
        "in another order than they stand",
        code(0),
        (code(5), code(2)),
        0,
        END + 30 * DAY_S,
        (100, 9),
        False,
    ),
    (
        "said",
        "small letters, spaces, no dashes",
        code(4).lower().replace("-", " "),
        (),
        4,
        END,
        (150, 7),
        False,
    ),
)

# name, comment, code, used before, code of the refusal, stage
REFUSED = (
    ("wrong", "a code of nobody", typed(12345), (), "REDEEM-WRONG", "answer"),
    ("wrong-license", "of another license", typed(NUMBERS[0] ^ 1), (), "REDEEM-WRONG", "answer"),
    ("wrong-high", "a number that is no code", typed(CODES), (), "REDEEM-WRONG", "answer"),
    ("used", "used before", code(0), (code(0),), "REDEEM-USED", "answer"),
    (
        "used-digits",
        "used before in the other form",
        code(3, digits=True),
        (code(3),),
        "REDEEM-USED",
        "answer",
    ),
    ("order", "before the one that it waits for", code(1), (code(4),), "REDEEM-ORDER", "answer"),
    ("typo", "one wrong character", mistyped(code(0), 3), (), "CODE-GROUP", "typed"),
    (
        "typo-digits",
        "one wrong digit",
        mistyped(code(0, digits=True), 3),
        (),
        "CODE-GROUP",
        "typed",
    ),
    (
        "typo-three",
        "three, in three groups",
        mistyped(code(0), 1, 8, 15),
        (),
        "CODE-GROUP",
        "typed",
    ),
    ("exchanged", "two neighbors exchanged", exchanged(code(2)), (), "CODE-GROUP", "typed"),
    ("exchanged-digits", "in digits", exchanged(code(2, digits=True)), (), "CODE-GROUP", "typed"),
    ("short", "a character is missing", code(0)[:-1], (), "CODE-LENGTH", "typed"),
)

LIST = (OURS, 6)
FIRST = (*LIST, 0)
FAULTS = (
    ("none", "an empty list instead of none", LIST, (), "FIELD-EMPTY"),
    ("many", "33 changes", LIST, (CHANGES[2].encode(),) * 33, "FIELD-MANY"),
    ("kind", "a kind of nobody", (*FIRST, 1), "cancel", "FIELD-WORD"),
    ("lock-short", "a lock of 31 bytes", (*FIRST, 2), bytes(31), "FIELD-SIZE"),
    ("no-lock", "no lock", (*FIRST, 2), GONE, "FIELD-MISSING"),
    ("no-days", "an extension without days", (*FIRST, 3), GONE, "FIELD-MISSING"),
    ("days-none", "by nothing", (*FIRST, 3), 0, "FIELD-AMENDMENT"),
    ("days-far", "by more than ten years", (*FIRST, 3), 3651, "FIELD-RANGE"),
    ("days-of-clock", "days of a clock", (*LIST, 2, 3), 30, "FIELD-UNKNOWN"),
    ("beyond", "out of the calendar", (4,), 253370764800 - 1, "FIELD-AMENDMENT"),
    ("after-itself", "waits for itself", (*FIRST, 6), 0, "FIELD-AMENDMENT"),
    ("after-later", "waits for a later one", (*LIST, 1, 6), 5, "FIELD-AMENDMENT"),
    ("counter-other", "a counter that is not there", (*LIST, 4, 4), "seats", "FIELD-AMENDMENT"),
    ("counter-none", "raised by nothing", (*LIST, 4, 5), 0, "FIELD-AMENDMENT"),
    ("counter-far", "raised out of bounds", (*LIST, 4, 5), (1 << 32) - 1, "FIELD-AMENDMENT"),
)


def case(
    comment: str, raw: bytes, text: str, used: tuple[str, ...] = (), *refusal: str, **after: object
):
    """Return one case: a code on the machine that has the license."""
    given = {"product": g.PRODUCT.hex(), "now": numeric_date(SOLD_AT + 3 * DAY)}
    return g.case("code", comment, raw, *refusal, **given, typed=text, used=list(used), **after)


def cases() -> Iterator[tuple[str, dict[str, object]]]:
    """Yield codes that open, codes that do not, and licenses with one fault in their changes."""
    for name, comment, text, used, index, ends, limits, moved in OPENED:
        after = {"opens": index, "number": str(NUMBERS[index]), "ends": ends, "moved": moved}
        after["limits"] = dict(zip(("exports", "jobs"), limits, strict=True))
        yield name, case(comment, RAW, text, used, **after)
    for name, comment, text, used, why, stage in REFUSED:
        yield name, case(comment, RAW, text, used, why, stage)
    for name, comment, path, new, why in FAULTS:
        raw = g.signed(g.VENDOR.issuer, RAW, members.changed(g.payload(RAW), path, new))
        yield name, case(comment, raw, code(0), (), why, "field")
    perpetual = g.payload(RAW)
    for path in ((4,), (OURS, 5, 1)):
        perpetual = members.changed(perpetual, path, GONE)
    raw = g.signed(g.VENDOR.issuer, RAW, perpetual)
    comment = "extensions of what has no end"
    yield "perpetual", case(comment, raw, code(0), (), "FIELD-AMENDMENT", "field")
    short = g.VENDOR.delegate(Limits(products=("acme-cad",), longest_term_days=400))
    raw = g.VENDOR.license(TERMS, delegation=short)
    comment = "longer than its issuer may, with all extensions"
    yield "limit", case(comment, raw, code(0), (), "ISSUER-LIMIT", "trust")
