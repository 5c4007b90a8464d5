"""May it run now? Each rule alone, and all of them at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hwlock.check import Grant, State, Verdict, check
from hwlock.crypto.trust import Limits
from hwlock.errors import DeniedError, Finding, UntrustedError
from hwlock.evidence import host
from hwlock.evidence.claims import Evidence
from hwlock.license.binding import Binding, Threshold
from hwlock.license.license import UnverifiedLicense
from hwlock.record import replace
from hwlock.testing.customer import parts_of
from hwlock.testing.vendor import SOLD_AT, Vendor, host_anchor, key_anchor, proof_of, seeded

CHALLENGE = bytes(range(32))
SECOND, MINUTE, HOUR, DAY = (
    timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days")
)
NOW = SOLD_AT + DAY
ENDS = SOLD_AT + timedelta(days=365)
VENDOR = Vendor()
DEVICE = seeded("device")
KEY = Binding(anchors=(key_anchor(DEVICE),), policy=0)
HERE = Evidence(challenge=CHALLENGE, proofs=(proof_of(DEVICE, CHALLENGE),))
ELSEWHERE = Evidence(challenge=CHALLENGE)


def decide(*, now=NOW, state=None, evidence=HERE, terms=None, **changes):
    """Check a license for DEVICE, with `changes` to its terms."""
    says = replace(terms or VENDOR.terms(KEY), **changes)
    license = UnverifiedLicense.parse(VENDOR.license(says))
    return check(license, evidence, state, VENDOR.product, now)


def told(*args, **kwargs):
    """Return code and level of what a check says."""
    verdict, _ = decide(*args, **kwargs)
    return [(found.code, found.level) for found in verdict.findings]


# --- all is well ---------------------------------------------------------------------------


def test_what_is_valid_is_allowed_without_a_word():
    """No finding, the features, the days that are left."""
    verdict, _ = decide()
    assert verdict.allowed
    assert verdict.findings == verdict.warnings == verdict.reasons == ()
    assert verdict.next_step == ""
    assert (verdict.product_id, verdict.customer) == ("acme-cad", "Zoë Müller GmbH")
    assert (verdict.features, verdict.days_left) == (("cad", "sim"), 364)
    assert verdict.license_id == VENDOR.terms().id.hex()


# --- rule 1: genuine -----------------------------------------------------------------------


def test_rule_1_a_license_that_is_not_genuine_raises():
    """Nothing that it says is worth a finding."""
    pirate = Vendor(name="pirate")
    license = UnverifiedLicense.parse(pirate.license(pirate.terms(KEY)))
    with pytest.raises(UntrustedError):
        check(license, HERE, None, VENDOR.product, NOW)


def test_rule_1_limits_are_part_of_it():
    """A grant beyond its issuer's limits is as good as forged."""
    raw = VENDOR.license(
        VENDOR.terms(KEY),
        delegation=VENDOR.delegate(Limits(products=("acme-cad",), features=("cad",))),
    )
    with pytest.raises(UntrustedError):
        check(UnverifiedLicense.parse(raw), HERE, None, VENDOR.product, NOW)


# --- rule 2: here --------------------------------------------------------------------------


def test_rule_2_the_binding_holds():
    """Without the device it is another machine."""
    verdict, _ = decide(evidence=ELSEWHERE)
    assert not verdict.allowed
    assert [found.code for found in verdict.reasons] == ["HWL-ANCHOR-OTHER"]
    assert verdict.features == ()
    assert verdict.next_step


def test_rule_2_a_shrunken_margin_is_a_warning():
    """Either will do; the one that is gone is said."""
    binding = Binding(
        anchors=(key_anchor(DEVICE), host_anchor()), policy=Threshold(needed=1, parts=(0, 1))
    )
    verdict, _ = decide(binding=binding)
    assert verdict.allowed
    assert [found.code for found in verdict.warnings] == ["HWL-ANCHOR-OTHER"]
    evidence = replace(HERE, components=host.weigh(parts_of("alpha")))
    assert told(binding=binding, evidence=evidence) == []


# --- rule 3: clock -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("behind", "expected"),
    [
        (timedelta(0), []),
        (SECOND, [("HWL-CLOCK-SLACK", "note")]),
        (HOUR, [("HWL-CLOCK-SLACK", "note")]),
        (HOUR + SECOND, [("HWL-CLOCK-ZONE", "warn")]),
        (26 * HOUR, [("HWL-CLOCK-ZONE", "warn")]),
        (26 * HOUR + SECOND, [("HWL-CLOCK-RESUMED", "warn")]),
        (7 * DAY, [("HWL-CLOCK-RESUMED", "warn")]),
        (7 * DAY + SECOND, [("HWL-CLOCK-BACK", "deny")]),
        # further back the license itself knows better, and the mark is still the later one
        (800 * DAY, [("HWL-CLOCK-BACK", "deny")]),
    ],
)
def test_rule_3_a_clock_behind_the_mark_is_graded(behind, expected):
    """An hour is a note, what zones can do a warning, a week degrades, more is denied."""
    assert told(state=State.begin(NOW), now=NOW - behind) == expected


@pytest.mark.parametrize("state", [None, State.begin(SOLD_AT - DAY)])
@pytest.mark.parametrize(
    ("behind", "expected"),
    [
        (timedelta(0), []),
        (HOUR, []),
        (HOUR + SECOND, [("HWL-CLOCK-ZONE", "warn")]),
        (26 * HOUR, [("HWL-CLOCK-ZONE", "warn")]),
        (26 * HOUR + SECOND, [("HWL-CLOCK-EARLY", "deny")]),
    ],
)
def test_rule_3_no_license_runs_before_it_was_issued(state, behind, expected):
    """On a machine without memory, or with an older one, the time of issue is the floor."""
    assert told(state=state, now=SOLD_AT - behind) == expected


def test_rule_3_a_week_behind_degrades():
    """The program runs, and is asked to do less until the clock is right."""
    verdict, _ = decide(state=State.begin(NOW), now=NOW - 3 * DAY)
    assert (verdict.allowed, verdict.degraded, verdict.require().degraded) == (True, True, True)
    verdict, _ = decide(state=State.begin(NOW), now=NOW - DAY)
    assert (verdict.allowed, verdict.degraded) == (True, False)


def test_rule_3_setting_back_revives_nothing():
    """What ends is judged by the mark, where the clock is behind it."""
    assert told(state=State.begin(ENDS), now=ENDS - HOUR) == [
        ("HWL-CLOCK-SLACK", "note"),
        ("HWL-TERM-ENDED", "deny"),
    ]


def test_rule_3_the_later_floor_is_the_one_that_is_named():
    """Where both the mark and the issue are ahead, the person hears of the mark."""
    state = State.begin(SOLD_AT + SECOND)
    assert told(state=state, now=SOLD_AT - 8 * DAY) == [("HWL-CLOCK-BACK", "deny")]


def test_rule_3_a_clock_ahead_is_believed():
    """Nothing offline can tell that it is wrong; the mark follows."""
    verdict, after = decide(now=NOW + 100 * DAY, state=State.begin(NOW))
    assert verdict.allowed
    assert after.seen_at == NOW + 100 * DAY


# --- rule 4: term --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "days", "expected"),
    [
        (15 * DAY, 15, []),
        (14 * DAY + SECOND, 15, []),
        (14 * DAY, 14, [("HWL-TERM-ENDING", "warn")]),
        (DAY + SECOND, 2, [("HWL-TERM-ENDING", "warn")]),
        (DAY, 1, [("HWL-TERM-ENDING", "warn")]),
        (SECOND, 1, [("HWL-TERM-ENDING", "warn")]),
        (timedelta(0), 0, [("HWL-TERM-ENDED", "deny")]),
        (-SECOND, 0, [("HWL-TERM-ENDED", "deny")]),
        (-DAY, 0, [("HWL-TERM-ENDED", "deny")]),
    ],
)
def test_rule_4_the_end_is_announced_and_kept_to_the_second(left, days, expected):
    """The last 14 days are announced, a begun one counts; on the second of expiry it ends."""
    verdict, _ = decide(now=ENDS - left)
    assert [(found.code, found.level) for found in verdict.findings] == expected
    assert verdict.days_left == days
    assert verdict.allowed == (left > timedelta(0))


def test_rule_4_a_fraction_of_a_second_is_not_rounded():
    """The clock's microseconds count."""
    assert told(now=ENDS - timedelta(microseconds=1)) == [("HWL-TERM-ENDING", "warn")]


def test_rule_4_a_perpetual_license_does_not_end():
    """No term, no countdown."""
    verdict, _ = decide(now=SOLD_AT + 30000 * DAY, expires_at=None)
    assert (verdict.allowed, verdict.days_left, verdict.findings) == (True, None, ())


# --- all rules at once ---------------------------------------------------------------------


def test_everything_that_is_wrong_is_said_at_once():
    """Another machine, a clock that went back and an ended term: three reasons, in order."""
    now = ENDS + DAY
    verdict, after = decide(now=now, state=State.begin(now + 8 * DAY), evidence=ELSEWHERE)
    assert [found.code for found in verdict.reasons] == [
        "HWL-ANCHOR-OTHER",
        "HWL-CLOCK-BACK",
        "HWL-TERM-ENDED",
    ]
    with pytest.raises(DeniedError) as caught:
        verdict.require()
    assert caught.value.findings == verdict.findings
    assert caught.value.code == "HWL-DENIED"
    assert after.seen_at == now + 8 * DAY


# --- the state -----------------------------------------------------------------------------


def test_the_first_check_begins_the_memory():
    """A machine that has not seen the product remembers now, in whole seconds."""
    _, after = decide(now=NOW + timedelta(microseconds=5))
    assert after == State.begin(NOW)


def test_the_mark_moves_in_steps_of_a_minute():
    """Less than a minute leaves the same object, so that nothing is written."""
    state = State.begin(NOW)
    for ahead in (timedelta(0), SECOND, MINUTE - timedelta(microseconds=1)):
        assert decide(state=state, now=NOW + ahead)[1] is state
    moved = decide(state=state, now=NOW + MINUTE + timedelta(microseconds=7))[1]
    assert moved.seen_at == NOW + MINUTE


def test_the_mark_does_not_move_back():
    """Neither in a tolerated hour nor by a denial."""
    state = State.begin(NOW)
    assert decide(state=state, now=NOW - HOUR)[1] is state
    assert decide(state=state, now=NOW - 100 * DAY)[1].seen_at == NOW


def test_a_license_of_the_future_does_not_drive_the_mark():
    """What one license is dated must not lock out the others."""
    verdict, after = decide(issued_at=NOW + 50 * DAY, expires_at=None, state=State.begin(NOW))
    assert not verdict.allowed
    assert after == State.begin(NOW)


def test_a_step_is_not_longer_than_the_tolerance():
    """A clock that is set back never gains more than both together."""
    state = State.begin(NOW)
    later = NOW + MINUTE - SECOND
    kept = decide(state=state, now=later)[1]
    assert told(state=kept, now=later - 7 * DAY - MINUTE) == [("HWL-CLOCK-BACK", "deny")]


# --- the verdict ---------------------------------------------------------------------------

WARNING = Finding("HWL-TERM-ENDING", "warn", days=3, day="2026-01-01")
NOTE = Finding("HWL-CLOCK-SLACK", "note", seen="then")
REASON = Finding("HWL-LICENSE-NONE", "deny", product="acme-cad")


def test_a_verdict_is_no_truth_value():
    """`if verdict:` is a mistake that shows at once, for yes and for no."""
    for allowed in (True, False):
        verdict = Verdict(allowed=allowed, product_id="acme-cad")
        with pytest.raises(TypeError):
            bool(verdict)
        with pytest.raises(TypeError):
            assert not verdict


def test_findings_are_sorted_by_what_they_mean():
    """Warnings and reasons are views of the findings; the next step is of the first reason."""
    verdict = Verdict(allowed=False, product_id="p", findings=(NOTE, WARNING, REASON))
    assert (verdict.warnings, verdict.reasons) == ((WARNING,), (REASON,))
    assert verdict.next_step == REASON.hint
    assert replace(verdict, findings=(NOTE, WARNING)).next_step == WARNING.hint


def test_require_gives_a_grant():
    """What the application may do, and nothing of how it was found out."""
    grant = decide()[0].require("cad")
    assert grant == Grant(
        product_id="acme-cad",
        license_id=VENDOR.terms().id.hex(),
        features=("cad", "sim"),
        expires_at=ENDS,
        standing="active",
        days_left=364,
    )


def test_require_denies_a_feature_that_was_not_granted():
    """The license allows, this feature is not in it."""
    verdict = decide()[0]
    for ask in (lambda: verdict.require("cam"), lambda: verdict.require().require("cam")):
        with pytest.raises(DeniedError) as caught:
            ask()
        assert caught.value.code == "HWL-FEATURE-MISSING"


def test_a_grant_tells_what_it_has():
    """To show or hide a menu entry; names are compared whole."""
    grant = decide()[0].require()
    assert grant.has("cad")
    assert not grant.has("ca")
    assert not grant.has("CAD")
    assert not grant.has("")
    grant.require("sim")


def test_a_denied_verdict_gives_no_grant_for_any_feature():
    """The findings come along, warnings and notes too."""
    verdict = Verdict(allowed=False, product_id="acme-cad", findings=(REASON, NOTE))
    for feature in (None, "cad"):
        with pytest.raises(DeniedError) as caught:
            verdict.require(feature)
        assert caught.value.findings == (REASON, NOTE)
