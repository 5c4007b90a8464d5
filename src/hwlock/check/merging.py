"""What several licenses of one product amount to together.

1. A license that is no add-on may decide. One that allows goes before one that does not, then
   the one that add-ons enlarge most, the one without an end, the one that ends last.
2. An add-on names its base: the entitlement of the license that decides, or a feature of it.
   Where it allows, it adds its features, parameters, counters and findings. Its value of a
   parameter replaces the base's; of two add-ons, the younger one's counts. A feature of both
   ends when the later one ends.
3. An add-on whose base is not here, or that does not allow, adds nothing: that is said, and
   does not take away what the base allows.
"""

from __future__ import annotations

from hwlock.check.verdict import Verdict
from hwlock.errors import Finding
from hwlock.license.model import Feature
from hwlock.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["merge"]


def merge(verdicts: Iterable[Verdict]) -> Verdict | None:
    """Return the one verdict of several, by the rules of this module; None of none."""
    ordered = sorted(verdicts, key=lambda one: (one.issued_at, one.license_id))
    bases = [one for one in ordered if not one.addon_to]
    addons = [one for one in ordered if one.addon_to]
    if not bases:
        return None if not addons else _lonely(addons[-1])
    # 1.
    best = max(reversed(bases), key=lambda base: _rank(base, addons))
    # 2. 3.
    for addon in addons:
        best = _with(best, addon)
    return best


def _rank(base: Verdict, addons: list[Verdict]) -> tuple[bool, int, bool, float]:
    end = base.expires_at
    enlarged = sum(addon.allowed and _fits(base, addon) for addon in addons)
    return (base.allowed, enlarged, end is None, 0.0 if end is None else end.timestamp())


def _fits(base: Verdict, addon: Verdict) -> bool:
    return addon.addon_to == base.entitlement_id or addon.addon_to in base.features


def _lonely(addon: Verdict) -> Verdict:
    alone = Finding("HWL-ADDON-BASE", "deny", base=addon.addon_to)
    return replace(
        addon,
        allowed=False,
        features=(),
        details=(),
        counters=(),
        findings=(*addon.findings, alone),
    )


def _with(base: Verdict, addon: Verdict) -> Verdict:
    if not base.allowed:
        return base
    if not _fits(base, addon):
        alone = Finding("HWL-ADDON-BASE", "warn", base=addon.addon_to)
        return replace(base, findings=(*base.findings, alone))
    if not addon.allowed:
        against = tuple(
            Finding(found.code, "warn", **found.details) if found.level == "deny" else found
            for found in addon.findings
        )
        return replace(base, findings=_once(base.findings, against))
    details = {one.name: one for one in base.details}
    for name in addon.features:
        own = addon.feature(name)
        details[name] = _joined(base.feature(name), own) if name in base.features else own
    return replace(
        base,
        features=(*base.features, *(one for one in addon.features if one not in base.features)),
        details=tuple(details[name] for name in sorted(details) if details[name].encode()),
        counters=base.counters,
        addons=(*base.addons, addon),
        findings=_once(base.findings, addon.findings),
        degraded=base.degraded or addon.degraded,
    )


def _joined(one: Feature, other: Feature) -> Feature:
    ends = [end for end in (one.expires_at, other.expires_at) if end is not None]
    return Feature(
        name=one.name,
        expires_at=max(ends) if len(ends) == 2 else None,
        parameters=tuple(sorted((dict(one.parameters) | dict(other.parameters)).items())),
    )


def _once(first: tuple[Finding, ...], more: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return both, without what is said twice: the clock is the same for all."""
    return (*first, *(found for found in more if found not in first))
