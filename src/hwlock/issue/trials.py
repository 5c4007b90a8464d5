"""Once per machine: has this one had a trial of the product already?

1. Within one entitlement a machine is known by the endorsement key of its TPM, by the key that
   its TPM certified, or by at least half of the parts that only one machine has. Its trial goes
   on from when it first began, whatever became of the license since.
2. Across entitlements it is known by the endorsement key alone: the digests of parts are
   salted by entitlement, so that nobody can compare machines by them. A machine without a TPM
   that gets a second activation key gets a second trial (docs/threat-model.md): sell trials of
   a product under one entitlement with many seats.

A vendor who wants to give more time extends the entitlement.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from hwlock.errors import Finding
from hwlock.issue.books import Books
from hwlock.issue.records import Entitlement, Tried
from hwlock.issue.seats import Newcomer

__all__ = ["end_of_trial"]


def end_of_trial(
    books: Books, entitlement: Entitlement, newcomer: Newcomer, now: datetime
) -> tuple[datetime, tuple[Finding, ...]]:
    """Return when this machine's trial ends, and what stands against one."""
    tried = books.tried(entitlement.product_id, keys=newcomer.keys, parts=newcomer.parts)
    elsewhere = [
        one
        for one in tried
        if one.entitlement_id != entitlement.id and one.ek_digest == newcomer.ek_digest is not None
    ]
    if elsewhere:
        return now, (_used(entitlement, elsewhere[0].began_at, elsewhere[0].ends_at),)
    here = [
        one.began_at
        for one in tried
        if one.entitlement_id == entitlement.id and _is_this(one, newcomer)
    ]
    began_at = min(here, default=now)
    end = began_at + timedelta(days=entitlement.trial_days)
    return end, (_used(entitlement, began_at, end),) if now >= end else ()


def _is_this(one: Tried, newcomer: Newcomer) -> bool:
    if one.key in newcomer.keys or one.ek_digest in newcomer.keys:
        return True
    return one.shared > 0 and 2 * one.shared >= min(one.parts, len(newcomer.parts))


def _used(entitlement: Entitlement, began_at: datetime, end: datetime) -> Finding:
    return Finding(
        "HWL-DESK-TRIAL-USED",
        "deny",
        began=began_at.date(),
        ended=end.date(),
        entitlement=entitlement.id,
    )
