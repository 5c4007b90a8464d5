"""How often something may be done with an entitlement without somebody deciding it.

So many in a year, and a number of days apart: losses of machines, transfers between them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone

__all__ = ["next_allowed", "said"]

_YEAR = timedelta(days=365)
_NEVER = datetime.max.replace(tzinfo=timezone.utc)


def next_allowed(
    booked: Iterable[datetime], *, most: int, wait_days: int, now: datetime
) -> datetime | None:
    """Return when the next one is allowed, after those `booked`; None for now.

    The end of time stands for never, where none was agreed.
    """
    if not most:
        return _NEVER
    before = sorted(booked)
    waits = [at + timedelta(days=wait_days) for at in before[-1:]]
    waits += [at + _YEAR for at in before[-most:][:1] if len(before) >= most]
    allowed_at = max(waits, default=now)
    return allowed_at if allowed_at > now else None


def said(allowed_at: datetime) -> str:
    """Return that moment in words."""
    return "never" if allowed_at == _NEVER else f"from {allowed_at:%Y-%m-%d} on"
