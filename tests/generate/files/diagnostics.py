"""Diagnostic files (docs/spec/files.md section 7.1): by a TPM's key, by a store's, forged."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

from hwlock.exchange.diagnostic import Diagnosed, Diagnostic, Licensed, Remembered, diagnose
from hwlock.record import replace
from hwlock.testing.vendor import SOLD_AT, seeded

HERE = Path(__file__)
g = SimpleNamespace(**runpy.run_path(str(HERE.with_name("genuine.py"))))
members = SimpleNamespace(**runpy.run_path(str(HERE.with_name("members.py"))))

GONE, OURS = members.GONE, members.OURS
LINES = (
    Diagnosed(
        what="store", mark="ok", code="HWL-DOCTOR-STORE", details=(("path", "/home/ada/.hwlock"),)
    ),
    Diagnosed(what="tpm2", mark="mind", code="HWL-TPM-NONE"),
)
LICENSED = Licensed(
    product_id="acme-cad",
    license_id=g.VENDOR.terms().id,
    entitlement_id="E-1",
    allowed=False,
    standing="grace",
    bound=("host", "piv"),
    findings=(
        Diagnosed(
            what="acme-cad",
            mark="no",
            code="HWL-HOST-OTHER",
            details=(("changed", "disk"), ("needed", 48), ("same", "processor"), ("score", 10)),
        ),
    ),
    waiting=("extend", "extend", "clock"),
    used=("transfer",),
    memory=Remembered(seen_at=SOLD_AT, began_at=SOLD_AT, turns=1, answers=2),
)
SAYS = Diagnostic(
    made_at=SOLD_AT,
    key=g.MACHINE.key,
    software="hwlock 0.1",
    system="Linux 6.1 x86_64",
    lines=LINES,
    licenses=(LICENSED,),
)
PLAIN = diagnose(SAYS, g.MACHINE)
BARE = replace(SAYS, lines=(), licenses=())
LINE, LICENSE = (OURS, 3, 0), (OURS, 4, 0)
FAULTS = (
    ("no-key", "no key", (8,), GONE, "FIELD-MISSING"),
    ("product", "the product of all of it", (3,), "acme-cad", "FIELD-UNKNOWN"),
    ("mark", "a mark of nobody", (*LINE, 2), "bad", "FIELD-WORD"),
    ("code-empty", "a line without a code", (*LINE, 3), "", "FIELD-EMPTY"),
    ("code-long", "a code of 65 bytes", (*LINE, 3), "A" * 65, "FIELD-LONG"),
    ("details-list", "particulars without names", (*LINE, 4), ("/home",), "FIELD-MAP"),
    (
        "details-many",
        "33 particulars",
        (*LINE, 4),
        dict.fromkeys(map(str, range(33)), 0),
        "FIELD-MANY",
    ),
    ("details-number", "a number of 33 bits", (*LINE, 4), {"n": 2**32}, "FIELD-RANGE"),
    ("details-bytes", "bytes for a text", (*LINE, 4), {"path": b"/"}, "FIELD-TYPE"),
    ("said-long", "a particular of 2001 bytes", (*LINE, 4), {"path": "a" * 2001}, "FIELD-LONG"),
    ("said-control", "what a terminal obeys", (*LINE, 4), {"path": "\x1b[2J"}, "FIELD-TEXT"),
    ("memory", "memory in words", (*LICENSE, 10), "yesterday", "FIELD-TYPE"),
    ("lines-many", "257 lines", (OURS, 3), (LINES[0].encode(),) * 257, "FIELD-MANY"),
    ("licenses-many", "65 licenses", (OURS, 4), (LICENSED.encode(),) * 65, "FIELD-MANY"),
    ("license-id", "an id of 17 bytes", (*LICENSE, 2), bytes(17), "FIELD-SIZE"),
    ("license-allowed", "a number for yes", (*LICENSE, 4), 1, "FIELD-TYPE"),
)


def cases() -> Iterator[tuple[str, dict[str, object]]]:
    """Yield what is whole, then what is not."""
    yield "store", g.case("diagnostic", "by the key of a store", PLAIN)
    raw = diagnose(replace(SAYS, key=g.CARD.key), g.CARD)
    yield "tpm", g.case("diagnostic", "by a key of P-256, as of a TPM", raw)
    yield "bare", g.case("diagnostic", "of a machine without a license", diagnose(BARE, g.MACHINE))
    stranger = seeded("a stranger")
    at = PLAIN.index(b"processor")
    changed = PLAIN[:at] + b"P" + PLAIN[at + 1 :]
    for name, comment, raw, code in (
        ("changed", "one letter of a particular", changed, "SIGNATURE-BAD"),
        ("stranger", "by another key than it names", diagnose(SAYS, stranger), "KEY-OTHER"),
        (
            "kid-lies",
            "by another key, under the name of its own",
            g.signed(stranger, PLAIN, g.payload(PLAIN), kid=g.MACHINE.key.kid),
            "SIGNATURE-BAD",
        ),
        (
            "delegated",
            "with the delegation of an issuer",
            g.signed(g.MACHINE, PLAIN, g.payload(PLAIN), delegation=g.VENDOR.delegation),
            "KEY-DELEGATION",
        ),
    ):
        yield name, g.case("diagnostic", comment, raw, code, "trust")
    for name, comment, path, new, code in FAULTS:
        says = members.changed(g.payload(PLAIN), path, new)
        yield name, g.case("diagnostic", comment, g.signed(g.MACHINE, PLAIN, says), code, "field")
