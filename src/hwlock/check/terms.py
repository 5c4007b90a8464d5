"""What the license says of its own end: term, renewal, grace, maintenance, trial, features.

Pure rules over one license and the time that `hwlock.check.timeline` believes. Each returns
findings; `standing` says in one word where the license stands:

| standing | meaning |
|---|---|
| active | it runs |
| renewing | it runs, and may be renewed now: the renewal window, or the last days of a term |
| grace | its term is over, and it still runs for the days of its grace |
| ended | it does not run any more |
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone

from hwlock.errors import Finding
from hwlock.license.model import FLOATING, MAINTENANCE, TRIAL, Feature
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hwlock.check.usage import Usage
    from hwlock.license.license import Terms

__all__ = ["NOTICE_DAYS", "Standing", "counters", "features", "kind", "standing", "term"]

ACTIVE, RENEWING, GRACE, ENDED = "active", "renewing", "grace", "ended"
NOTICE_DAYS = 14
_DAY = timedelta(days=1)
_LATEST = datetime.max.replace(tzinfo=timezone.utc)


class Standing(Record):
    """Where a license stands: a `word`, the days of its term that are left, a begun one whole.

    `grace_until` is None for a license without a grace, `grace_days_left` outside of it.
    """

    word: str
    days_left: int | None
    grace_until: datetime | None = None
    grace_days_left: int | None = None


def standing(terms: Terms, now: datetime) -> Standing:
    """Return where the license stands at `now`."""
    end, model = terms.expires_at, terms.model
    if end is None:
        return Standing(word=ACTIVE, days_left=None)
    left = _days_until(end, now)
    grace_until = end + min(model.grace_days * _DAY, _LATEST - end) if model.grace_days else None
    if now < end:
        word = RENEWING if left <= (model.renew_days or NOTICE_DAYS) else ACTIVE
        return Standing(word=word, days_left=left, grace_until=grace_until)
    if grace_until is not None and now < grace_until:
        more = _days_until(grace_until, now)
        return Standing(word=GRACE, days_left=0, grace_until=grace_until, grace_days_left=more)
    return Standing(word=ENDED, days_left=0, grace_until=grace_until)


def term(terms: Terms, stands: Standing) -> tuple[Finding, ...]:
    """Say that the end is near, in grace, or here; nothing of a license without an end."""
    if terms.expires_at is None or stands.word == ACTIVE:
        return ()
    day = terms.expires_at.date()
    trial = terms.model.kind == TRIAL
    if stands.word == RENEWING:
        code = "HWL-TRIAL-ENDING" if trial else "HWL-TERM-ENDING"
        return (Finding(code, "warn", days=stands.days_left, day=day),)
    if stands.word == GRACE:
        assert stands.grace_until is not None  # the standing says so
        last = stands.grace_until.date()
        return (Finding("HWL-TERM-GRACE", "warn", day=day, days=stands.grace_days_left, last=last),)
    return (Finding("HWL-TRIAL-ENDED" if trial else "HWL-TERM-ENDED", "deny", day=day),)


def kind(terms: Terms, released: date | None) -> tuple[Finding, ...]:
    """Apply what is peculiar to a kind: maintenance wants a release date, floating a lease."""
    model = terms.model
    if model.kind == FLOATING:
        return (Finding("HWL-FLOATING-LEASE", "deny"),)
    if model.kind != MAINTENANCE or model.maintained_until is None:
        return ()
    until = model.maintained_until.date()
    if released is None:
        return (Finding("HWL-MAINTENANCE-UNKNOWN", "note", until=until),)
    if moment_of(released) > model.maintained_until:
        return (Finding("HWL-MAINTENANCE-ENDED", "deny", released=_day(released), until=until),)
    return ()


def features(terms: Terms, now: datetime) -> tuple[tuple[Feature, ...], tuple[Finding, ...]]:
    """Return the features that are in force, and what is to be said of those that are not."""
    granted, findings = [], []
    for name in terms.features:
        feature = terms.model.feature(name)
        end = feature.expires_at
        if end is not None and now >= end:
            findings.append(Finding("HWL-FEATURE-ENDED", "warn", feature=name, day=end.date()))
            continue
        granted.append(feature)
        if end is not None and (left := _days_until(end, now)) <= NOTICE_DAYS:
            findings.append(
                Finding("HWL-FEATURE-ENDING", "warn", feature=name, days=left, day=end.date())
            )
    return tuple(granted), tuple(findings)


def counters(terms: Terms, usage: Usage, now: datetime) -> tuple[Finding, ...]:
    """Say which counters are used up; the program runs, only what they meter does not."""
    return tuple(
        Finding("HWL-COUNTER-SPENT", "warn", counter=one.name, limit=one.limit, **_in(one.period))
        for one in terms.model.counters
        if usage.used(terms.entitlement_id, one, now) >= one.limit
    )


def moment_of(day: date) -> datetime:
    """Return a release date as a moment: the first of that day in UTC, or itself."""
    if isinstance(day, datetime):
        return day
    return datetime.combine(day, time(), timezone.utc)


def _in(period: str) -> dict[str, str]:
    return {"period": f"this {period}" if period else "in all"}


def _day(day: date) -> date:
    return day.date() if isinstance(day, datetime) else day


def _days_until(end: datetime, now: datetime) -> int:
    """Whole days, a begun one counted."""
    return max(-((now - end) // _DAY), 0)
