"""Several licenses of one product: who decides, and what add-ons add."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

from hwlock.check import Verdict, merge
from hwlock.errors import Finding
from hwlock.license.model import Counter, Feature
from hwlock.record import replace
from hwlock.testing.vendor import SOLD_AT

DAY = timedelta(days=1)
CLOCK = Finding("HWL-CLOCK-SLACK", "note", seen="then")
ENDED = Finding("HWL-TERM-ENDED", "deny", day="2026-01-01")


def license(number=1, *, allowed=True, **changes):
    """Return the verdict on one license."""
    verdict = Verdict(
        allowed=allowed,
        product_id="acme-cad",
        license_id=f"{number:032x}",
        entitlement_id=f"E-{number}",
        features=("cad",) if allowed else (),
        issued_at=SOLD_AT + number * DAY,
        expires_at=SOLD_AT + 365 * DAY,
        findings=() if allowed else (ENDED,),
    )
    return replace(verdict, **changes)


def any_order(*verdicts):
    """Return what licenses amount to, whatever their order; all orders must agree."""
    (first, *others) = [merge(order) for order in permutations(verdicts)]
    assert all(other == first for other in others)
    return first


BASE = license(1, details=(Feature(name="cad", parameters=(("max-points", 10),)),))
ADDON = license(
    2,
    addon_to="E-1",
    features=("cad", "sim"),
    details=(
        Feature(name="cad", parameters=(("max-points", 99),)),
        Feature(name="sim", parameters=(("solver", "fast"),)),
    ),
    counters=(Counter(name="exports", limit=5),),
)


def test_nothing_amounts_to_nothing():
    """Without a license there is no verdict to begin with."""
    assert merge([]) is None


def test_the_best_license_decides():
    """One that allows, then one without end, then the later end."""
    denied = license(1, allowed=False, expires_at=None)
    short, long = license(2), license(3, expires_at=SOLD_AT + 400 * DAY)
    perpetual = license(4, expires_at=None)
    assert any_order(denied, short) == short
    assert any_order(denied, short, long) == long
    assert any_order(short, long, perpetual) == perpetual


def test_an_addon_adds_to_its_base():
    """Features, parameters that replace, counters, each finding once."""
    verdict = any_order(replace(BASE, findings=(CLOCK,)), replace(ADDON, findings=(CLOCK,)))
    assert verdict.license_id == BASE.license_id
    assert verdict.features == ("cad", "sim")
    grant = verdict.require("sim")
    assert grant.parameter("max-points") == 99
    assert grant.parameter("solver") == "fast"
    assert [one.entitlement_id for one in grant.allowances] == ["E-2"]
    assert verdict.findings == (CLOCK,)


def test_an_addon_names_an_entitlement_or_a_feature():
    """One that names a feature fits every license that has it."""
    by_feature = replace(ADDON, addon_to="cad")
    assert any_order(BASE, by_feature).features == ("cad", "sim")
    stranger = replace(ADDON, addon_to="E-7")
    verdict = any_order(BASE, stranger)
    assert verdict.allowed
    assert verdict.features == ("cad",)
    assert [(found.code, found.level) for found in verdict.findings] == [("HWL-ADDON-BASE", "warn")]


def test_an_addon_alone_is_nothing():
    """It says what it belongs to."""
    verdict = any_order(ADDON)
    assert (verdict.allowed, verdict.features, verdict.allowances) == (False, (), ())
    assert [found.code for found in verdict.reasons] == ["HWL-ADDON-BASE"]


def test_the_base_that_is_enlarged_decides():
    """Of two that allow, the one to which the add-on belongs."""
    other = license(3, expires_at=None)
    assert any_order(BASE, other, ADDON).features == ("cad", "sim")


def test_the_younger_addon_counts():
    """Both change one parameter."""
    younger = replace(
        ADDON, license_id=f"{9:032x}", issued_at=SOLD_AT + 9 * DAY, features=("cad",),
        details=(Feature(name="cad", parameters=(("max-points", 50),)),),
    )  # fmt: skip
    assert any_order(BASE, ADDON, younger).require().parameter("max-points") == 50


def test_an_addon_that_ended_takes_nothing_away():
    """Why it adds nothing is told as a warning."""
    gone = license(2, allowed=False, addon_to="E-1")
    verdict = any_order(BASE, gone)
    assert (verdict.allowed, verdict.features) == (True, ("cad",))
    assert [(found.code, found.level) for found in verdict.findings] == [("HWL-TERM-ENDED", "warn")]


def test_an_addon_does_not_revive_its_base():
    """A base that is denied stays denied."""
    verdict = any_order(license(1, allowed=False), ADDON)
    assert (verdict.allowed, verdict.findings) == (False, (ENDED,))


def test_a_feature_of_both_ends_when_the_later_one_ends():
    """And never, where one of them has no end for it."""
    soon = Feature(name="cad", expires_at=SOLD_AT + 5 * DAY)
    late = Feature(name="cad", expires_at=SOLD_AT + 50 * DAY)
    both = any_order(replace(BASE, details=(soon,)), replace(ADDON, details=(late,)))
    assert both.feature("cad").expires_at == SOLD_AT + 50 * DAY
    never = any_order(replace(BASE, details=(soon,)), replace(ADDON, details=()))
    assert never.feature("cad").expires_at is None
