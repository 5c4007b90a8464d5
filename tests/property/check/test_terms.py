"""Terms as they come, up to the end of the calendar: they only ever go from active to ended."""

from __future__ import annotations

from datetime import datetime, timezone

from hypothesis import example, given
from hypothesis import strategies as st

from hwlock.check import terms as rules
from hwlock.check.usage import Usage
from hwlock.license.model import MAX_DAYS, Feature, Model
from hwlock.record import replace
from hwlock.testing.vendor import Vendor

LAST = 253402300799  # 9999-12-31T23:59:59Z
SECONDS = st.integers(0, LAST) | st.integers(LAST - 400 * 86400, LAST)
TIMES = SECONDS.map(lambda second: datetime.fromtimestamp(second, timezone.utc))
DAYS = st.integers(0, MAX_DAYS)
END = datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc)
ORDER = (rules.ACTIVE, rules.RENEWING, rules.GRACE, rules.ENDED)
TERMS = Vendor().terms()


@given(end=TIMES, now=TIMES, later=TIMES, renew=DAYS, grace=DAYS)
@example(end=END, now=END, later=END, renew=MAX_DAYS, grace=MAX_DAYS)
def test_a_license_only_grows_older(end, now, later, renew, grace):
    """Whatever its dates: it stands somewhere, and never further from its end at a later time."""
    now, later = sorted((now, later))
    model = Model(kind="subscription", renew_days=renew, grace_days=grace)
    terms = replace(TERMS, expires_at=end, model=model)
    before, after = (rules.standing(terms, at) for at in (now, later))
    assert ORDER.index(before.word) <= ORDER.index(after.word)
    assert before.days_left >= after.days_left >= 0
    for at, stands in ((now, before), (later, after)):
        assert (at < end) == (stands.word in (rules.ACTIVE, rules.RENEWING))
        assert stands.grace_until is None or stands.grace_until >= end
        assert (stands.grace_until is None) == (grace == 0)
        said = rules.term(terms, stands)
        assert [found.level for found in said] == {
            rules.ACTIVE: [],
            rules.RENEWING: ["warn"],
            rules.GRACE: ["warn"],
            rules.ENDED: ["deny"],
        }[stands.word]


@given(end=TIMES, now=TIMES)
def test_a_feature_ends_when_it_says(end, now):
    """Up to the last second of the calendar."""
    model = Model(features=(Feature(name="cad", expires_at=end),))
    granted, found = rules.features(replace(TERMS, model=model), now)
    assert ("cad" in [feature.name for feature in granted]) == (now < end)
    assert len(found) <= 1
    assert rules.counters(TERMS, Usage(), now) == ()
