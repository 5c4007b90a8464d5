"""The rules by which a license lets a program run.

1. **Genuine**: signature, chain, limits, product (`UnverifiedLicense.verify`). This raises;
   nothing that a forged file says is worth a finding.
2. **Here**: the binding holds against fresh evidence (`license.binding.appraise`).
3. **Clock**: now is not before what this machine has already seen, nor before the license
   was issued, within a tolerance. The second keeps an issuer from dating a license ahead,
   which would stretch the longest term that it may grant.
4. **Term**: now is before the license expires; the last days are announced.

Rules 2 to 4 each say all that they find, so that one look shows everything.
"""

from __future__ import annotations

from datetime import timedelta

from hwlock.check.state import State
from hwlock.check.verdict import Verdict
from hwlock.errors import Finding
from hwlock.license.binding import appraise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from hwlock.crypto.trust import Product
    from hwlock.evidence.claims import Evidence
    from hwlock.license.license import Terms, UnverifiedLicense

__all__ = ["check"]

# People set clocks by hand, and a machine with two systems may disagree by a time zone's
# rules; an hour of license time is worth less than one locked-out customer.
CLOCK_TOLERANCE = timedelta(hours=1)
NOTICE_DAYS = 14
_DAY = timedelta(days=1)


def check(
    license: UnverifiedLicense,
    evidence: Evidence,
    state: State | None,
    trust: Product,
    now: datetime,
) -> tuple[Verdict, State]:
    """Apply the rules of this module; return the verdict and the state to remember.

    `state` is None on a machine that has not seen this product before; `now` is aware UTC.
    Raises UntrustedError where the license is not genuine. The caller stores the new state
    before it gives a Grant.
    """
    # 1.
    terms = license.verify(trust).terms
    # 2.
    binding = appraise(terms.binding, evidence)
    # 3.
    before = state or State.begin(now)
    clock = _clock(before, terms, now)
    # 4.
    term = _term(terms, now)
    findings = (*binding.findings, *clock, *term)
    allowed = binding.satisfied and not any(found.level == "deny" for found in findings)
    verdict = Verdict(
        allowed=allowed,
        product_id=terms.product_id,
        findings=findings,
        license_id=terms.id.hex(),
        customer=terms.customer,
        features=terms.features if allowed else (),
        expires_at=terms.expires_at,
        days_left=_days_left(terms, now),
    )
    return verdict, before.advanced(now)


def _clock(state: State, terms: Terms, now: datetime) -> tuple[Finding, ...]:
    if now < terms.issued_at - CLOCK_TOLERANCE and state.seen_at < terms.issued_at:
        issued = _minute(terms.issued_at)
        return (Finding("HWL-CLOCK-EARLY", "deny", now=_minute(now), issued=issued),)
    if now >= state.seen_at:
        return ()
    if now >= state.seen_at - CLOCK_TOLERANCE:
        return (Finding("HWL-CLOCK-SLACK", "note", seen=_minute(state.seen_at)),)
    return (Finding("HWL-CLOCK-BACK", "deny", now=_minute(now), seen=_minute(state.seen_at)),)


def _term(terms: Terms, now: datetime) -> tuple[Finding, ...]:
    left = _days_left(terms, now)
    if terms.expires_at is None or left is None:
        return ()
    day = terms.expires_at.date()
    if now >= terms.expires_at:
        return (Finding("HWL-TERM-ENDED", "deny", day=day),)
    if left <= NOTICE_DAYS:
        return (Finding("HWL-TERM-ENDING", "warn", days=left, day=day),)
    return ()


def _days_left(terms: Terms, now: datetime) -> int | None:
    """Days until the license ends, a begun one counted whole; None for a license without end."""
    if terms.expires_at is None:
        return None
    return max(-((now - terms.expires_at) // _DAY), 0)


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
