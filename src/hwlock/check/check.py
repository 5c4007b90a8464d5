"""The rules by which a license lets a program run.

1. **Genuine**: signature, chain, limits, product (`UnverifiedLicense.verify`). This raises;
   nothing that a forged file says is worth a finding. From here on its terms are those that
   the unlock codes which were used here have left (`license.amendment.amended`): the codes
   themselves are remembered, and each is held against its lock at every check.
2. **Here**: the binding holds against fresh evidence (`license.binding.appraise`).
3. **Clock**: it is believable (`check.timeline`): not before what this machine has already
   seen, nor before the license was issued, within what happens to honest clocks. The second
   keeps an issuer from dating a license ahead, which would stretch the longest term that it
   may grant.
4. **Term**: the license has not ended, or is in its grace; the renewal window is announced.
   What ends is judged by the later of the clock and what is certain.
5. **Kind**: a version within its maintenance; a floating license has a lease.
6. **Features**: those whose own end has come are left out, and said.
7. **Counters**: what is used up is said; only what it meters is refused.
8. **Level**: with `warn`, rules 3 to 5 warn where they would deny; with `advisory`, rules 2 and 9
   as well, and the answer is always yes.
9. **Not taken back**: no revocation list names the license, nor its issuer since before it was
   issued; a device that one names proves nothing in rule 2. The list is not older than the one
   that this machine has seen. The TPM does not keep that the license was given back.

Rules 2 to 7 and 9 each say all that they find, so that one look shows everything. Several licenses
of one product are each checked alone; `check.merging` says what they amount to together.
"""

from __future__ import annotations

from hwlock.check import terms as rules
from hwlock.check import timeline
from hwlock.check.state import State
from hwlock.check.timeline import Clocks
from hwlock.check.usage import Usage
from hwlock.check.verdict import Verdict
from hwlock.errors import Finding
from hwlock.license.amendment import amended
from hwlock.license.binding import appraise
from hwlock.license.model import ADVISORY, ENFORCE, Feature
from hwlock.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date, datetime

    from hwlock.crypto.trust import Product
    from hwlock.evidence.claims import Evidence
    from hwlock.license.license import License, Terms, UnverifiedLicense
    from hwlock.license.revocation import Revocations

__all__ = ["check"]


def check(  # noqa: PLR0913 - everything that a verdict depends on
    license: UnverifiedLicense,
    evidence: Evidence,
    state: State | None,
    trust: Product,
    now: datetime,
    *,
    clocks: Clocks | None = None,
    released: date | None = None,
    revoked: Revocations | None = None,
) -> tuple[Verdict, State]:
    """Apply the rules of this module; return the verdict and the state to remember.

    `state` is None on a machine that has not seen this product before; `now` is aware UTC;
    `clocks` is what there is besides the system's clock; `released` is the day on which this
    version of the program was released, where it says so; `revoked` is what is known to be taken
    back, None where there is no list. Raises UntrustedError where the
    license is not genuine. The caller stores the new state before it gives a Grant.
    """
    # 1.
    genuine = license.verify(trust)
    terms = genuine.terms
    if state is not None:
        terms = amended(terms, state.codes.redeemed)
    # 3.
    clocks = clocks or Clocks()
    clocks = replace(clocks, beacons=(*clocks.beacons, terms.issued_at))
    reading = timeline.read(None if state is None else state.time, now, clocks)
    # 2.
    dead = frozenset[bytes]() if revoked is None else revoked.devices(reading.time)
    binding = appraise(terms.binding, evidence, revoked=dead)
    # 9.
    seen = 0 if state is None else state.revoked
    taken_back = _taken_back(genuine, revoked, seen, reading.time)
    if terms.id in clocks.dead:
        taken_back = (*taken_back, Finding("HWL-RETURN-DEAD", "deny"))
    # 4. 5. 6. 7.
    found = _contract(terms, reading, Usage() if state is None else state.usage, released)
    # 8.
    here = _softened((*binding.findings, *taken_back), soft=terms.model.level == ADVISORY)
    rest = _softened(found.findings, soft=terms.model.level != ENFORCE)
    allowed = (binding.satisfied or terms.model.level == ADVISORY) and not any(
        finding.level == "deny" for finding in (*here, *rest)
    )
    verdict = Verdict(
        allowed=allowed,
        product_id=terms.product_id,
        findings=(*here, *rest),
        license_id=terms.id.hex(),
        entitlement_id=terms.entitlement_id,
        customer=terms.customer,
        kind=terms.model.kind,
        edition=terms.model.edition,
        addon_to=terms.model.addon_to,
        features=tuple(one.name for one in found.features) if allowed else (),
        details=tuple(one for one in found.features if one.encode()) if allowed else (),
        counters=terms.model.counters if allowed else (),
        issued_at=terms.issued_at,
        expires_at=terms.expires_at,
        standing=found.standing.word,
        days_left=found.standing.days_left,
        grace_until=found.standing.grace_until,
        grace_days_left=found.standing.grace_days_left,
        degraded=reading.degraded,
        soft=terms.model.level != ENFORCE,
    )
    newest = seen if revoked is None else max(seen, revoked.number)
    if state is None:
        return verdict, State(time=reading.after, revoked=newest)
    if reading.after is state.time and newest == seen:
        return verdict, state
    return verdict, replace(state, time=reading.after, revoked=newest)


def _taken_back(
    license: License, revoked: Revocations | None, seen: int, now: datetime
) -> tuple[Finding, ...]:
    number = 0 if revoked is None else revoked.number
    found = () if revoked is None else revoked.against(license, now)
    if number < seen:
        return (*found, Finding("HWL-REVOKED-LIST", "deny", known=seen, found=number))
    return found


class _Contract(Record):
    """What rules 3 to 7 found."""

    findings: tuple[Finding, ...]
    standing: rules.Standing
    features: tuple[Feature, ...]


def _contract(
    terms: Terms, reading: timeline.Reading, usage: Usage, released: date | None
) -> _Contract:
    stands = rules.standing(terms, reading.time)
    granted, about_features = rules.features(terms, reading.time)
    findings = (
        *reading.findings,
        *rules.term(terms, stands),
        *rules.kind(terms, released),
        *about_features,
        *rules.counters(terms, usage, reading.time),
    )
    return _Contract(findings=findings, standing=stands, features=granted)


def _softened(findings: tuple[Finding, ...], *, soft: bool) -> tuple[Finding, ...]:
    if not soft:
        return findings
    return tuple(
        Finding(found.code, "warn", **found.details) if found.level == "deny" else found
        for found in findings
    )
