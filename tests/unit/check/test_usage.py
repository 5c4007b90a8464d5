"""What was used up is only ever counted up."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from hwlock.check.usage import Usage, period_of
from hwlock.license.model import Counter

MOMENT = datetime(2026, 2, 28, 23, 0, tzinfo=timezone.utc)
DAY = timedelta(days=1)
MONTHLY = Counter(name="exports", limit=9, period="month")
WHOLE = Counter(name="exports", limit=9)


@pytest.mark.parametrize(
    ("period", "expected"),
    [("", ""), ("day", "2026-02-28"), ("month", "2026-02"), ("year", "2026")],
)
def test_a_period_has_a_name(period, expected):
    """In UTC, and so that the later of two periods has the greater name."""
    assert period_of(Counter(name="x", limit=1, period=period), MOMENT) == expected


def test_a_period_begins_anew_and_the_total_goes_on():
    """Four in February, one in March."""
    usage = Usage().spent("E-1", MONTHLY, 4, MOMENT).spent("E-1", MONTHLY, 1, MOMENT + DAY)
    assert usage.used("E-1", MONTHLY, MOMENT + DAY) == 1
    assert usage.counts[0].total == 5


def test_a_clock_set_back_opens_no_period_again():
    """What was used in March counts in a February that comes after it."""
    usage = Usage().spent("E-1", MONTHLY, 3, MOMENT + DAY)
    assert usage.used("E-1", MONTHLY, MOMENT) == 3
    assert usage.spent("E-1", MONTHLY, 1, MOMENT).used("E-1", MONTHLY, MOMENT + DAY) == 4


def test_what_counts_for_the_whole_life_never_begins_anew():
    """Ten years later it is still used up."""
    usage = Usage().spent("E-1", WHOLE, 9, MOMENT)
    assert usage.used("E-1", WHOLE, MOMENT + 3650 * DAY) == 9


def test_each_entitlement_counts_for_itself():
    """The same name in two licenses is two counters."""
    usage = Usage().spent("E-1", WHOLE, 9, MOMENT)
    assert usage.used("E-2", WHOLE, MOMENT) == 0
