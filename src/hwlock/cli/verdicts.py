"""How a verdict looks, to a person and to a script."""

from __future__ import annotations

from hwlock.check import Verdict
from hwlock.cli.output import Output, finding_shape

__all__ = ["verdict_lines", "verdict_shape"]


def verdict_shape(verdict: Verdict) -> dict[str, object]:
    """Return the JSON shape of a verdict."""
    return {
        "allowed": verdict.allowed,
        "product": verdict.product_id,
        "license": verdict.license_id or None,
        "customer": verdict.customer or None,
        "features": list(verdict.features),
        "expires": verdict.expires_at.isoformat() if verdict.expires_at else None,
        "days_left": verdict.days_left,
        "findings": [finding_shape(found) for found in verdict.findings],
        "next_step": verdict.next_step or None,
    }


def verdict_lines(output: Output, verdict: Verdict) -> list[str]:
    """Return what a person reads of a verdict."""
    if not verdict.allowed:
        return [f"not licensed: {verdict.product_id}", *output.findings(verdict.findings)]
    until = f"until {verdict.expires_at:%Y-%m-%d}" if verdict.expires_at else "for good"
    left = f" ({verdict.days_left} days left)" if verdict.days_left is not None else ""
    return [
        f"licensed: {verdict.product_id} for {verdict.customer}, {until}{left}",
        f"  features: {', '.join(verdict.features) or 'none beside the product itself'}",
        *output.findings(verdict.findings),
    ]
