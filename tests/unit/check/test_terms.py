"""Kinds of license at a check: each rule of terms, and the levels."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from hwlock.check import State, check
from hwlock.check.usage import Usage
from hwlock.errors import DeniedError
from hwlock.evidence.claims import Evidence
from hwlock.license.binding import Binding
from hwlock.license.license import UnverifiedLicense
from hwlock.license.model import Counter, Feature, Model
from hwlock.record import replace
from hwlock.testing.vendor import SOLD_AT, Vendor, key_anchor, proof_of, seeded

CHALLENGE = bytes(range(32))
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
VENDOR = Vendor()
DEVICE = seeded("device")
KEY = Binding(anchors=(key_anchor(DEVICE),), policy=0)
HERE = Evidence(challenge=CHALLENGE, proofs=(proof_of(DEVICE, CHALLENGE),))
ENDS = SOLD_AT + 365 * DAY
SUBSCRIPTION = Model(kind="subscription", renew_days=30, grace_days=10)
MAINTAINED = Model(kind="maintenance", maintained_until=SOLD_AT + 365 * DAY)


def decide(model, *, now=SOLD_AT + DAY, days=365, state=None, evidence=HERE, released=None):
    """Return the verdict on a license of this model."""
    terms = replace(VENDOR.terms(KEY, days=days), model=model)
    license = UnverifiedLicense.parse(VENDOR.license(terms))
    return check(license, evidence, state, VENDOR.product, now, released=released)[0]


def told(verdict):
    """Return code and level of what a verdict says."""
    return [(found.code, found.level) for found in verdict.findings]


@pytest.mark.parametrize(
    ("left", "standing", "days", "grace", "expected"),
    [
        (31 * DAY, "active", 31, None, []),
        (30 * DAY, "renewing", 30, None, [("HWL-TERM-ENDING", "warn")]),
        (SECOND, "renewing", 1, None, [("HWL-TERM-ENDING", "warn")]),
        (0 * DAY, "grace", 0, 10, [("HWL-TERM-GRACE", "warn")]),
        (-9 * DAY - SECOND, "grace", 0, 1, [("HWL-TERM-GRACE", "warn")]),
        (-10 * DAY + SECOND, "grace", 0, 1, [("HWL-TERM-GRACE", "warn")]),
        (-10 * DAY, "ended", 0, None, [("HWL-TERM-ENDED", "deny")]),
    ],
)
def test_a_subscription_renews_has_a_grace_and_ends(left, standing, days, grace, expected):
    """Each day of the grace is counted down where the person sees it."""
    verdict = decide(SUBSCRIPTION, now=ENDS - left)
    assert told(verdict) == expected
    assert (verdict.standing, verdict.days_left, verdict.grace_days_left) == (standing, days, grace)
    assert verdict.grace_until == ENDS + 10 * DAY
    assert verdict.allowed == (standing != "ended")
    if grace:
        assert str(grace) in verdict.warnings[0].message
        assert verdict.require().grace_days_left == grace


def test_a_node_locked_license_has_no_grace():
    """It ends on the second."""
    verdict = decide(Model(), now=ENDS)
    assert (verdict.standing, told(verdict)) == ("ended", [("HWL-TERM-ENDED", "deny")])


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (15 * DAY, []),
        (14 * DAY, [("HWL-TRIAL-ENDING", "warn")]),
        (0 * DAY, [("HWL-TRIAL-ENDED", "deny")]),
    ],
)
def test_a_trial_says_that_it_is_one(left, expected):
    """Its next step is to buy, not to renew."""
    assert told(decide(Model(kind="trial"), now=ENDS - left)) == expected


@pytest.mark.parametrize(
    ("released", "expected"),
    [
        (date(2026, 3, 1), []),
        (date(2027, 3, 1), []),
        (date(2027, 3, 2), [("HWL-MAINTENANCE-ENDED", "deny")]),
        (SOLD_AT + 365 * DAY, []),
        (SOLD_AT + 366 * DAY, [("HWL-MAINTENANCE-ENDED", "deny")]),
        (None, [("HWL-MAINTENANCE-UNKNOWN", "note")]),
    ],
)
def test_maintenance_is_about_the_version(released, expected):
    """A version of the last day runs for good, a later one does not."""
    verdict = decide(MAINTAINED, now=SOLD_AT + 3000 * DAY, days=None, released=released)
    assert told(verdict) == expected
    assert (verdict.standing, verdict.days_left) == ("active", None)


def test_a_release_date_matters_to_maintenance_only():
    """Other licenses run any version."""
    assert told(decide(Model(), released=date(2099, 1, 1))) == []


def test_a_floating_license_needs_a_lease():
    """The reason is clear, and hardware is not blamed."""
    assert told(decide(Model(kind="floating"))) == [("HWL-FLOATING-LEASE", "deny")]


def test_a_feature_ends_for_itself():
    """The rest goes on; the last days are told."""
    model = Model(features=(Feature(name="sim", expires_at=SOLD_AT + 20 * DAY),))
    early, late = decide(model), decide(model, now=SOLD_AT + 10 * DAY)
    assert (told(early), early.features) == ([], ("cad", "sim"))
    assert told(late) == [("HWL-FEATURE-ENDING", "warn")]
    gone = decide(model, now=SOLD_AT + 20 * DAY)
    assert (told(gone), gone.features) == ([("HWL-FEATURE-ENDED", "warn")], ("cad",))
    with pytest.raises(DeniedError):
        gone.require("sim")


def test_a_feature_carries_parameters():
    """A grant finds them by name, in any feature or in one."""
    model = Model(
        edition="Pro",
        features=(
            Feature(name="cad", parameters=(("max-points", 5000),)),
            Feature(name="sim", parameters=(("max-points", 7), ("solver", "fast"))),
        ),
    )
    grant = decide(model).require()
    assert grant.edition == "Pro"
    assert grant.parameter("max-points") == 5000
    assert grant.parameter("max-points", feature="sim") == 7
    assert grant.parameter("solver") == "fast"
    assert grant.parameter("solver", "slow", feature="cad") == "slow"
    assert grant.parameter("other") is None


def test_what_is_used_up_is_told_and_does_not_stop_the_program():
    """Only what the counter meters is refused."""
    model = Model(counters=(Counter(name="exports", limit=2, period="month"),))
    now = SOLD_AT + DAY
    usage = Usage().spent("E-1", model.counters[0], 2, now)
    state = replace(State.begin(now), usage=usage)
    verdict = decide(model, now=now, state=state)
    assert (verdict.allowed, told(verdict)) == (True, [("HWL-COUNTER-SPENT", "warn")])
    assert "this month" in verdict.findings[0].message
    assert told(decide(model, now=now + 31 * DAY, state=state)) == []


def test_a_grant_without_a_meter_counts_nothing():
    """Neither a counter that was not sold, nor one that nobody keeps."""
    grant = decide(Model(counters=(Counter(name="exports", limit=2),))).require()
    for counter in ("exports", "jobs"):
        for ask in (grant.use, grant.left):
            with pytest.raises(DeniedError) as caught:
                ask(counter)
            assert caught.value.code == "HWL-COUNTER-MISSING"


ELSEWHERE = Evidence(challenge=CHALLENGE)


@pytest.mark.parametrize(
    ("level", "here", "allowed"),
    [
        ("enforce", True, False),
        ("warn", True, True),
        ("warn", False, False),
        ("advisory", True, True),
        ("advisory", False, True),
    ],
)
def test_a_level_softens_what_would_be_no(level, here, allowed):
    """`warn` forgives what the contract says, `advisory` the hardware as well; all is told."""
    verdict = decide(Model(level=level), now=ENDS + DAY, evidence=HERE if here else ELSEWHERE)
    assert verdict.allowed == allowed
    codes = [found.code for found in verdict.findings]
    assert codes == [*([] if here else ["HWL-ANCHOR-OTHER"]), "HWL-TERM-ENDED"]
    assert bool(verdict.reasons) != allowed
    assert verdict.standing == "ended"


def test_even_advisory_is_no_use_to_a_forger():
    """What is not genuine raises, whatever level it claims."""
    pirate = Vendor(name="pirate")
    terms = replace(pirate.terms(KEY), model=Model(level="advisory"))
    with pytest.raises(Exception, match="root"):
        check(UnverifiedLicense.parse(pirate.license(terms)), HERE, None, VENDOR.product, SOLD_AT)
