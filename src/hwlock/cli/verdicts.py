"""How a verdict looks, to a person and to a script."""

from __future__ import annotations

from hwlock.check import Verdict
from hwlock.cli.output import Output, finding_shape
from hwlock.cli.words import plural, say
from hwlock.errors import HwlockError
from hwlock.license.model import Feature

__all__ = ["counters_left", "verdict_lines", "verdict_shape"]


def verdict_shape(verdict: Verdict) -> dict[str, object]:
    """Return the JSON shape of a verdict."""
    return {
        "allowed": verdict.allowed,
        "product": verdict.product_id,
        "license": verdict.license_id or None,
        "customer": verdict.customer or None,
        "kind": verdict.kind or None,
        "edition": verdict.edition or None,
        "standing": verdict.standing or None,
        "degraded": verdict.degraded,
        "features": list(verdict.features),
        "parameters": {one.name: dict(one.parameters) for one in verdict.details if one.parameters},
        "counters": counters_left(verdict),
        "expires": verdict.expires_at.isoformat() if verdict.expires_at else None,
        "days_left": verdict.days_left,
        "grace_until": verdict.grace_until.isoformat() if verdict.grace_until else None,
        "grace_days_left": verdict.grace_days_left,
        "findings": [finding_shape(found) for found in verdict.findings],
        "next_step": verdict.next_step or None,
    }


def verdict_lines(output: Output, verdict: Verdict) -> list[str]:
    """Return what a person reads of a verdict."""
    if not verdict.allowed:
        said = say("not licensed: {product}", product=verdict.product_id)
        return [said, *output.findings(verdict.findings)]
    edition = f" {verdict.edition}" if verdict.edition else ""
    features = ", ".join(_described(verdict.feature(name)) for name in verdict.features)
    left = ", ".join(f"{name} {left}" for name, left in counters_left(verdict).items())
    return [
        say(
            "licensed: {product} for {customer}, {until}",
            product=verdict.product_id + edition,
            customer=verdict.customer,
            until=_until(verdict),
        ),
        "  "
        + (
            say("features: {features}", features=features)
            if features
            else say("features: none beside the product itself")
        ),
        *(["  " + say("left of counters: {left}", left=left)] if left else []),
        *output.findings(verdict.findings),
    ]


def counters_left(verdict: Verdict) -> dict[str, int]:
    """Return what is left of each counter; nothing where nobody can count now."""
    if not verdict.allowed or verdict.meter is None:
        return {}
    grant = verdict.require()
    names = sorted({one.name for allowance in grant.allowances for one in allowance.counters})
    try:
        return {name: grant.left(name) for name in names}
    except HwlockError:
        return {}  # a clock that is too wrong to count is a finding of the verdict already


def _until(verdict: Verdict) -> str:
    if verdict.expires_at is None or verdict.days_left is None:
        return say("for good")
    if verdict.grace_until is not None and verdict.grace_days_left is not None:
        return plural(
            "in grace until {day} ({n} day of grace left)",
            "in grace until {day} ({n} days of grace left)",
            verdict.grace_days_left,
            day=verdict.grace_until.date(),
        )
    return plural(
        "until {day} ({n} day left)",
        "until {day} ({n} days left)",
        verdict.days_left,
        day=verdict.expires_at.date(),
    )


def _described(feature: Feature) -> str:
    if not feature.parameters:
        return feature.name
    values = ", ".join(f"{name} {value}" for name, value in feature.parameters)
    return f"{feature.name} ({values})"
