"""One table of what a check is told and must say (docs/spec/files.md section 9).

A case has a product, a license in binary form, `facts`, and what the `verdict` is. Facts:
`now` and `mark` (NumericDate), `released` likewise, `parts` of the machine (kind, value in hex),
`proofs` (kind, public key, signature over the challenge 00 01 … 1f, data), `holding` and `wrong` (a
bit for each anchor whose proof is right, or is there and wrong), `lists` (revocation lists, in
their order), `revoked_seen`, `base` (for an add-on: the license that it adds to). What is absent
was not told. A finding has a code, a level, and the particulars that csrc/include/hwlock.h names.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from hwlock.codec.fields import numeric_date
from hwlock.crypto import sha2
from hwlock.evidence.claims import proof_message
from hwlock.license.anchors import IdentifierAnchor
from hwlock.license.binding import Binding, Threshold
from hwlock.license.model import Counter, Feature, Model
from hwlock.license.revocation import DEVICE, ISSUER, LICENSE, Entry, Listed, publish
from hwlock.record import replace
from hwlock.testing.customer import parts_of
from hwlock.testing.vendor import SOLD_AT, CardSigner, Vendor, host_anchor, key_anchor, seeded

VENDOR = Vendor()
CARD, RED, SPARE = CardSigner("tpm of alpha"), seeded("red dongle"), seeded("a spare dongle")
CHALLENGE = bytes(range(32))
SOLD = numeric_date(SOLD_AT)
HOUR, DAY = 3600, 86400
YEAR = SOLD + 365 * DAY

STICK = IdentifierAnchor(uri="usb:vid=1209;pid=0001;serial=7", label="stick")
ANCHORS = (key_anchor(CARD), key_anchor(RED, kind="piv", assurance="key"), host_anchor(), STICK)
TWO_OF = Binding(anchors=ANCHORS, policy=Threshold(needed=2, parts=(0, 1, 2, 3)))
RED_LABEL = ANCHORS[1].label

Case = tuple[str, str, bytes, dict[str, object], dict[str, object]]


def at(days: int) -> datetime:
    """Return the moment so many days after the sale."""
    return SOLD_AT + timedelta(days=days)


def sold(
    model: Model | None = None, binding: Binding | None = None, days: int | None = 365
) -> bytes:
    """Return a license."""
    return VENDOR.license(replace(VENDOR.terms(binding, days=days), model=model or Model()))


def parts(name: str = "alpha", *, but: tuple[str, ...] = ()) -> list[list[str]]:
    """Return the parts of a machine, without some kinds."""
    return [[kind, value.hex()] for kind, value in parts_of(name) if kind not in but]


def proof(kind: str, signer: object, *, over: bytes = CHALLENGE) -> list[str]:
    """Return the answer of a key."""
    return [kind, signer.key.raw.hex(), signer.sign(proof_message(over)).hex(), ""]


def taken(number: int, *entries: tuple[str, bytes, int], base: int = 0) -> str:
    """Return a revocation list; an entry is a kind, a subject, days after the sale."""
    said = tuple(Entry(kind=kind, subject=what, since=at(days)) for kind, what, days in entries)
    listed = Listed(
        product_id="acme-cad", number=number, base=base, issued_at=SOLD_AT, entries=said
    )
    return publish(listed, VENDOR.issuer, VENDOR.delegation).hex()


def found(code: str, level: str, **particulars: object) -> dict[str, object]:
    """Return a finding."""
    return {"code": f"HWL-{code}", "level": level, **particulars}


def yes(*findings: object, **other: object) -> dict[str, object]:
    """Return a verdict that allows all features of a license, by default for a year."""
    return (
        {"allowed": True, "standing": "active", "features": ["cad", "sim"]}
        | other
        | {"findings": list(findings)}
    )


def no(*findings: object, **other: object) -> dict[str, object]:
    """Return a verdict that denies."""
    return (
        {"allowed": False, "standing": "active", "features": []}
        | other
        | {"findings": list(findings)}
    )


PLAIN = sold()
HERE = {"now": SOLD + DAY, "parts": parts()}


def clocks() -> Iterator[Case]:
    """Yield rule 3, at every bound."""
    seen = SOLD + 30 * DAY
    for name, behind, says in (
        ("even", 0, yes()),
        ("hour", HOUR, yes(found("CLOCK-SLACK", "note", time=seen))),
        ("zone", HOUR + 1, yes(found("CLOCK-ZONE", "warn", time=seen - HOUR - 1, number=2))),
        ("zones", 26 * HOUR, yes(found("CLOCK-ZONE", "warn", time=seen - 26 * HOUR, number=26))),
        (
            "resumed",
            26 * HOUR + 1,
            yes(found("CLOCK-RESUMED", "warn", time=seen - 26 * HOUR - 1, number=2), degraded=True),
        ),
        (
            "week",
            7 * DAY,
            yes(found("CLOCK-RESUMED", "warn", time=seen - 7 * DAY, number=7), degraded=True),
        ),
        (
            "back",
            7 * DAY + 1,
            no(found("CLOCK-BACK", "deny", time=seen - 7 * DAY - 1, other=seen)),
        ),
    ):
        facts = HERE | {"now": seen - behind, "mark": seen}
        yield f"clock-{name}", "behind the mark", PLAIN, facts, says | {"mark": seen}
    for name, early, says in (
        ("issue", HOUR, yes()),
        (
            "issue-zone",
            26 * HOUR,
            yes(found("CLOCK-ZONE", "warn", time=SOLD - 26 * HOUR, number=26)),
        ),
        (
            "early",
            26 * HOUR + 1,
            no(found("CLOCK-EARLY", "deny", time=SOLD - 26 * HOUR - 1, other=SOLD)),
        ),
    ):
        facts = HERE | {"now": SOLD - early}
        yield f"clock-{name}", "before the issue", PLAIN, facts, says | {"mark": SOLD - early}
    late = SOLD + 3653 * DAY
    facts = HERE | {"now": late, "mark": SOLD}
    good = sold(days=None)
    yield "clock-ten-years", "as late as is believed", good, facts, yes(mark=late)
    says = yes(found("CLOCK-AHEAD", "warn", time=late + 1, number=3653), mark=SOLD)
    yield "clock-ahead", "a second more", good, facts | {"now": late + 1}, says
    facts = HERE | {"now": SOLD + 59, "mark": SOLD}
    yield "clock-step", "the mark moves by minutes", PLAIN, facts, yes(mark=SOLD)
    facts = HERE | {"now": SOLD + 60, "mark": SOLD}
    yield "clock-minute", "the mark moves by minutes", PLAIN, facts, yes(mark=SOLD + 60)
    facts = HERE | {"now": YEAR - HOUR, "mark": YEAR}
    says = no(
        found("CLOCK-SLACK", "note", time=YEAR),
        found("TERM-ENDED", "deny", time=YEAR),
        standing="ended",
    )
    yield "clock-gains-nothing", "set back to before the end", PLAIN, facts, says
    facts = HERE | {"now": YEAR - 8 * DAY, "mark": YEAR}
    says = no(
        found("CLOCK-BACK", "deny", time=YEAR - 8 * DAY, other=YEAR),
        found("TERM-ENDING", "warn", time=YEAR, number=8),
        standing="renewing",
    )
    yield "clock-refused", "a refused clock is reason enough", PLAIN, facts, says


def standings() -> Iterator[Case]:
    """Yield rule 4, at every bound."""
    yield "term", "a year, on its second day", PLAIN, HERE, yes(days_left=364)
    facts = HERE | {"now": YEAR - 14 * DAY - 1}
    yield "term-notice", "a second before the last days", PLAIN, facts, yes(days_left=15)
    ending = found("TERM-ENDING", "warn", time=YEAR, number=14)
    facts = HERE | {"now": YEAR - 14 * DAY}
    yield (
        "term-ending",
        "14 days left",
        PLAIN,
        facts,
        yes(ending, standing="renewing", days_left=14),
    )
    ended = found("TERM-ENDED", "deny", time=YEAR)
    says = no(ended, standing="ended", days_left=0)
    yield "term-ended", "the second in which it ends", PLAIN, HERE | {"now": YEAR}, says
    paid = sold(Model(kind="subscription", renew_days=30, grace_days=5))
    last = YEAR + 5 * DAY
    facts = HERE | {"now": YEAR - 30 * DAY}
    ending = found("TERM-ENDING", "warn", time=YEAR, number=30)
    says = yes(ending, standing="renewing", days_left=30, grace_until=last)
    yield "term-window", "its window opens", paid, facts, says
    grace = found("TERM-GRACE", "warn", time=YEAR, number=5, other=last)
    says = yes(grace, standing="grace", days_left=0, grace_until=last, grace_days_left=5)
    yield "term-grace", "the first second of the grace", paid, HERE | {"now": YEAR}, says
    grace = found("TERM-GRACE", "warn", time=YEAR, number=1, other=last)
    says = yes(grace, standing="grace", days_left=0, grace_until=last, grace_days_left=1)
    yield "term-grace-last", "the last one", paid, HERE | {"now": last - 1}, says
    says = no(ended, standing="ended", days_left=0, grace_until=last)
    yield "term-grace-over", "the next", paid, HERE | {"now": last}, says
    trial = sold(Model(kind="trial"), days=14)
    end = SOLD + 14 * DAY
    ending = found("TRIAL-ENDING", "warn", time=end, number=13)
    yield "trial", "from its first day on", trial, HERE, yes(ending, standing="renewing")
    says = no(found("TRIAL-ENDED", "deny", time=end), standing="ended")
    yield "trial-ended", "its last", trial, HERE | {"now": end}, says


def kinds() -> Iterator[Case]:
    """Yield rules 5 and 6."""
    until = SOLD + 100 * DAY
    kept = sold(Model(kind="maintenance", maintained_until=at(100)), days=None)
    unknown = found("MAINTENANCE-UNKNOWN", "note", time=until)
    yield "maintenance-unknown", "nobody says when it was released", kept, HERE, yes(unknown)
    facts = HERE | {"now": SOLD + 900 * DAY, "released": until}
    yield "maintenance", "released in its last second, years ago", kept, facts, yes()
    ended = found("MAINTENANCE-ENDED", "deny", time=until + 1, other=until)
    facts = HERE | {"released": until + 1}
    yield "maintenance-ended", "released a second later", kept, facts, no(ended)
    soft = sold(Model(kind="maintenance", maintained_until=at(100), level="warn"), days=None)
    says = yes(ended | {"level": "warn"}, soft=True)
    yield "maintenance-warn", "the same, which only warns", soft, facts, says
    yield "maintenance-other", "a release says nothing to others", PLAIN, facts, yes()
    facts = HERE | {"released": until + 1}
    lease = found("FLOATING-LEASE", "deny")
    yield "floating", "without a lease", sold(Model(kind="floating")), HERE, no(lease)
    sim = Feature(name="sim", expires_at=at(90))
    both = (Feature(name="cad", parameters=(("points", 5),)), sim)
    some = sold(Model(features=both, counters=(Counter(name="jobs", limit=7),)))
    end = SOLD + 90 * DAY
    facts = HERE | {"now": end - 14 * DAY - 1}
    yield "feature", "a feature with an end, before it is told", some, facts, yes()
    ending = found("FEATURE-ENDING", "warn", name="sim", time=end, number=1)
    yield "feature-ending", "in its last second", some, HERE | {"now": end - 1}, yes(ending)
    ended = found("FEATURE-ENDED", "warn", name="sim", time=end)
    yield "feature-ended", "in the next", some, HERE | {"now": end}, yes(ended, features=["cad"])


def bindings() -> Iterator[Case]:
    """Yield rule 2, and the level (rule 8)."""
    changed = found("HOST-CHANGED", "warn", anchor=1, number=5, other=30)
    facts = HERE | {"parts": parts(but=("disk",))}
    yield "host-changed", "another disk", PLAIN, facts, yes(changed)
    too = found("HOST-TOO-CHANGED", "deny", anchor=1, number=40, other=45)
    facts = HERE | {"parts": parts(but=("disk", "cpu"))}
    yield "host-too-changed", "and another processor", PLAIN, facts, no(too)
    other = found("HOST-OTHER", "deny", anchor=1, number=25, other=45)
    yield "host-other", "another machine", PLAIN, HERE | {"parts": parts("beta")}, no(other)
    nobody = found("ANCHOR-OTHER", "deny", anchor=1, name="host")
    yield "host-unread", "a machine that nobody looked at", PLAIN, {"now": SOLD + DAY}, no(nobody)
    bare = found("HOST-OTHER", "deny", anchor=1, number=0, other=45)
    yield "host-bare", "a machine without parts", PLAIN, HERE | {"parts": []}, no(bare)
    for level, says in (
        ("warn", no(other, soft=True)),
        ("advisory", yes(other | {"level": "warn"}, soft=True)),
    ):
        facts = HERE | {"parts": parts("beta")}
        comment = f"another machine, with the level {level}"
        yield f"host-{level}", comment, sold(Model(level=level)), facts, says
    rule = sold(binding=TWO_OF)
    here = {"now": SOLD + DAY, "parts": parts(), "proofs": [proof("tpm2", CARD)], "holding": 1}
    absent = found("DONGLE-ABSENT", "warn", anchor=2, name=RED_LABEL)
    stick = found("DONGLE-ABSENT", "warn", anchor=4, name="stick")
    yield "anchors-two", "two of four hold", rule, here, yes(absent, stick)
    usb = ["usb", "", "", STICK.uri.encode().hex()]
    proofs = [proof("piv", RED), usb]
    says = yes(
        found("ANCHOR-OTHER", "warn", anchor=1, name="tpm2"),
        found("HOST-OTHER", "warn", anchor=3, number=25, other=45),
    )
    facts = {"now": SOLD + DAY, "parts": parts("beta"), "proofs": proofs, "holding": 10}
    yield "anchors-dongles", "the other two", rule, facts, says
    replayed = proof("tpm2", CARD, over=bytes(32))
    facts = here | {"proofs": [replayed, proof("piv", RED, over=bytes(32))]}
    facts |= {"holding": 0, "wrong": 3}
    says = no(
        found("ANCHOR-PROOF", "deny", anchor=1, name="tpm2"),
        found("DONGLE-PROOF", "deny", anchor=2, name=RED_LABEL),
        stick | {"level": "deny"},
    )
    yield "anchors-replayed", "answers to another challenge", rule, facts, says


def levels() -> Iterator[Case]:
    """Yield rule 8 for the term, and add-ons."""
    ended = found("TERM-ENDED", "warn", time=YEAR)
    for level in ("warn", "advisory"):
        raw = sold(Model(level=level))
        says = yes(ended, standing="ended", soft=True)
        yield f"level-{level}", f"ended, with the level {level}", raw, HERE | {"now": YEAR}, says
    addon = sold(Model(addon_to="E-0", level="advisory"))
    alone = found("ADDON-BASE", "deny", name="E-0")
    yield "addon-alone", "adds to what is not here", addon, HERE, no(alone, soft=True)
    more = VENDOR.license(replace(VENDOR.terms(features=("sim",)), model=Model(addon_to="cad")))
    facts = HERE | {"base": PLAIN.hex()}
    yield "addon", "adds to a feature that is here", more, facts, yes(features=["sim"])
    short = sold(Model(features=(Feature(name="cad", expires_at=at(1)),)))
    alone = found("ADDON-BASE", "deny", name="cad")
    facts = HERE | {"base": short.hex()}
    yield "addon-ended", "adds to a feature that has ended", more, facts, no(alone)


def revocations() -> Iterator[Case]:
    """Yield rule 9."""
    me, issuer = VENDOR.terms().id, VENDOR.issuer.key.kid
    now, soon = taken(1, (LICENSE, me, 1)), taken(1, (LICENSE, me, 2))
    gone = found("REVOKED-LICENSE", "deny", time=SOLD + DAY)
    facts = HERE | {"lists": [now]}
    yield "revoked", "in the second in which it is taken back", PLAIN, facts, no(gone)
    later = found("REVOKED-SOON", "warn", time=SOLD + 2 * DAY)
    yield "revoked-soon", "a day before", PLAIN, HERE | {"lists": [soon]}, yes(later)
    lists = [soon, taken(2, (LICENSE, me, 3), (LICENSE, me, 1), base=1)]
    yield "revoked-twice", "the earlier moment counts", PLAIN, HERE | {"lists": lists}, no(gone)
    lists = [now, taken(3)]
    yield "revoked-no-more", "a newer full list", PLAIN, HERE | {"lists": lists}, yes()
    lists = [taken(3), now]
    yield "revoked-old", "an older list changes nothing", PLAIN, HERE | {"lists": lists}, yes()
    other = taken(1, (LICENSE, bytes(16), 0))
    yield "revoked-other", "another license", PLAIN, HERE | {"lists": [other]}, yes()
    by = found("REVOKED-ISSUER", "deny", name="desk", time=SOLD)
    lists = [taken(1, (ISSUER, issuer, 0))]
    yield "revoked-issuer", "since its issue", PLAIN, HERE | {"lists": lists}, no(by)
    lists = [taken(1, (ISSUER, issuer, 1))]
    yield "revoked-issuer-later", "since a day later", PLAIN, HERE | {"lists": lists}, yes()
    soft = sold(Model(level="advisory"))
    says = yes(gone | {"level": "warn"}, soft=True)
    yield "revoked-advisory", "with the level advisory", soft, HERE | {"lists": [now]}, says
    yield (
        "revoked-warn",
        "warn is not enough",
        sold(Model(level="warn")),
        facts,
        no(gone, soft=True),
    )
    for name, signer, number in (("key", CARD, 1), ("dongle", RED, 2)):
        rule = sold(binding=TWO_OF)
        lists = [taken(1, (DEVICE, sha2.sha256(signer.key.raw), 1))]
        kind = "tpm2" if number == 1 else "piv"
        facts = HERE | {"proofs": [proof(kind, signer)], "holding": number, "lists": lists}
        dead = found("REVOKED-DEVICE", "deny", anchor=number, name=("tpm2", RED_LABEL)[number - 1])
        rest = [
            found("ANCHOR-OTHER", "deny", anchor=1, name="tpm2"),
            found("DONGLE-ABSENT", "deny", anchor=2, name=RED_LABEL),
            found("DONGLE-ABSENT", "deny", anchor=4, name="stick"),
        ]
        rest[number - 1] = dead
        comment = f"a {name} that proves nothing any more"
        yield f"revoked-{name}", comment, rule, facts, no(*rest)
    lists = [taken(1, (DEVICE, sha2.sha256(STICK.uri.encode()), 0))]
    usb = ["usb", "", "", STICK.uri.encode().hex()]
    facts = HERE | {"proofs": [usb], "holding": 8, "lists": lists}
    says = no(
        found("ANCHOR-OTHER", "deny", anchor=1, name="tpm2"),
        found("DONGLE-ABSENT", "deny", anchor=2, name=RED_LABEL),
        found("REVOKED-DEVICE", "deny", anchor=4, name="stick"),
    )
    yield "revoked-stick", "a device without a key, by its URI", sold(binding=TWO_OF), facts, says
    lists = [taken(1, (DEVICE, sha2.sha256(host_anchor().identity[1]), 0))]
    dead = found("REVOKED-DEVICE", "deny", anchor=1, name="host")
    yield "revoked-host", "a fingerprint", PLAIN, HERE | {"lists": lists}, no(dead)
    old = found("REVOKED-LIST", "deny", number=3, other=4)
    facts = HERE | {"mark": SOLD, "lists": [taken(3)], "revoked_seen": 4}
    yield "revoked-list-older", "a newer list was here", PLAIN, facts, no(old)
    none = found("REVOKED-LIST", "deny", number=0, other=4)
    facts = HERE | {"mark": SOLD, "revoked_seen": 4}
    yield "revoked-list-none", "a list was here", PLAIN, facts, no(none)


def cases() -> Iterator[tuple[str, dict[str, object]]]:
    """Yield every case."""
    for rule in (clocks, standings, kinds, bindings, levels, revocations):
        for name, comment, raw, facts, says in rule():
            yield (
                name,
                {
                    "comment": comment,
                    "product": VENDOR.product.raw.hex(),
                    "license": raw.hex(),
                    "facts": facts,
                    "verdict": says,
                },
            )
