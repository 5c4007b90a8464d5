"""A program in C says of any license, at any time, what Python's check says."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import findings
import native_reader
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hwlock.check import State, check, merge
from hwlock.codec.fields import numeric_date
from hwlock.evidence.claims import Evidence
from hwlock.evidence.host import weigh
from hwlock.license.license import UnverifiedLicense
from hwlock.license.model import Feature, Model
from hwlock.license.revocation import (
    ISSUER,
    LICENSE,
    Entry,
    Listed,
    Revocations,
    UnverifiedList,
    publish,
)
from hwlock.record import replace
from hwlock.testing.customer import parts_of
from hwlock.testing.vendor import SOLD_AT, Vendor

VENDOR = Vendor()
PRODUCT = native_reader.Product(VENDOR.product.raw)
DAY = timedelta(days=1)
# around what anything begins or ends by, and by how much a clock may be wrong
BOUNDS = st.sampled_from([-30, 0, 10, 14, 30, 35, 60, 365, 379, 3653, 4000])
OFFSETS = st.sampled_from([0, 1, 59, 60, 3600, 3601, 26 * 3600, 26 * 3600 + 1, 7 * 86400])
MOMENTS = st.builds(
    lambda days, off, sign: SOLD_AT + days * DAY + timedelta(seconds=sign * off),
    BOUNDS,
    OFFSETS,
    st.sampled_from([-1, 1]),
)
ENDS = st.none() | MOMENTS
PARTS = st.sampled_from(
    [None, [], *(list(parts_of("alpha")[at:]) for at in range(5)), list(parts_of("beta"))]
)
ENTRIES = st.lists(
    st.builds(
        lambda what, since: Entry(kind=what[0], subject=what[1], since=since),
        st.sampled_from([(LICENSE, VENDOR.terms().id), (ISSUER, VENDOR.issuer.key.kid)]),
        MOMENTS,
    ),
    max_size=3,
)


def model_of(kind: str, until: datetime, days: tuple[int, int], **rest: Any) -> Model:
    """Return a model that does not contradict itself."""
    if kind == "maintenance":
        return Model(kind=kind, maintained_until=until, **rest)
    if kind == "subscription":
        return Model(kind=kind, renew_days=days[0], grace_days=days[1], **rest)
    return Model(kind=kind, **rest)


FEATURES = st.builds(
    lambda end: () if end is None else (Feature(name="sim", expires_at=end),), ENDS
)
MODELS = st.builds(
    model_of,
    st.sampled_from(["node-locked", "subscription", "maintenance", "trial", "floating"]),
    MOMENTS,
    st.tuples(st.sampled_from([0, 5, 30]), st.sampled_from([0, 5, 14])),
    features=FEATURES,
    level=st.sampled_from(["enforce", "enforce", "warn", "advisory"]),
    addon_to=st.sampled_from(["", "", "", "E-0"]),
)


@settings(max_examples=10 * settings().max_examples, suppress_health_check=[HealthCheck.too_slow])
@given(
    model=MODELS,
    days=st.sampled_from([1, 30, 365]),
    now=MOMENTS,
    mark=ENDS,
    released=ENDS,
    parts=PARTS,
    entries=st.none() | ENTRIES,
    seen=st.integers(0, 2),
)
def test_verdicts_agree(model, days, now, mark, released, parts, entries, seen) -> None:
    """All findings with their particulars, where it stands, what is granted, what to remember."""
    endless = model.kind == "maintenance"
    terms = replace(VENDOR.terms(days=None if endless else days), model=model)
    raw = VENDOR.license(terms)
    known, lists = None, []
    if entries is not None:
        says = Listed(
            product_id="acme-cad", number=1, base=0, issued_at=SOLD_AT, entries=tuple(entries)
        )
        lists = [publish(says, VENDOR.issuer, VENDOR.delegation)]
        known = Revocations().joined(UnverifiedList.parse(lists[0]).verify(VENDOR.product))
    state = None if mark is None else replace(State.begin(mark), revoked=seen)
    evidence = Evidence(challenge=bytes(32), components=None if parts is None else weigh(parts))
    license = UnverifiedLicense.parse(raw)
    verdict, after = check(
        license, evidence, state, VENDOR.product, now, released=released, revoked=known
    )
    merged = merge([verdict])
    assert merged is not None
    found = native_reader.Verdict(
        native_reader.License(raw, PRODUCT),
        parts=parts,
        revoked=native_reader.Known([native_reader.List(one, PRODUCT) for one in lists]),
        now=numeric_date(now),
        mark=0 if mark is None else numeric_date(mark),
        released=0 if released is None else numeric_date(released),
        revoked_seen=0 if mark is None else seen,
    )
    said = [findings.expected(findings.Said(*one)) for one in found.findings()]
    assert said == [findings.told(one) for one in merged.findings]
    says = found.says()
    until = merged.grace_until
    assert says == says | {
        "allowed": merged.allowed,
        "standing": merged.standing,
        "degraded": merged.degraded,
        "soft": merged.soft,
        "features": list(merged.features),
        "days_left": -1 if merged.days_left is None else merged.days_left,
        "grace_days_left": -1 if merged.grace_days_left is None else merged.grace_days_left,
        "grace_until": -1 if until is None else numeric_date(until),
        "mark": numeric_date(after.seen_at),
    }
