"""A diagnostic file at the desk: what happened there, the likely cause, and what to do next."""

from __future__ import annotations

from hwlock.exchange.diagnostic import Licensed, parse_diagnostic

__all__ = ["diagnostic_facts"]

_ANSWER = "let them make a request (hwlock request); hwlock respond my.hwreq -o my.hwres"
# beginnings of codes → the likely cause, the kind of unlock code that helps, other steps
_CAUSES: tuple[tuple[tuple[str, ...], str, str, tuple[str, ...]], ...] = (
    (
        ("HWL-CLOCK-", "HWL-MEMORY-"),
        "the clock of the machine is or was wrong, or its memory came from a backup",
        "clock",
        ("let them set date and time right, then hwlock check", _ANSWER),
    ),
    (
        ("HWL-HOST-", "HWL-ANCHOR-"),
        "parts of the machine were replaced, or it is another machine",
        "transfer",
        (
            _ANSWER,
            "where the old machine is dead: hwlock vendor release {license} --reason TEXT",
        ),
    ),
    (
        ("HWL-TERM-", "HWL-TRIAL-", "HWL-MAINTENANCE-"),
        "what was sold has ended",
        "extend",
        (f"hwlock vendor entitlement extend {{entitlement}} --days N, then {_ANSWER}",),
    ),
    (
        ("HWL-COUNTER-",),
        "a counter is used up",
        "counter",
        ("hwlock vendor entitlement show {entitlement}",),
    ),
    (
        ("HWL-DONGLE-", "HWL-SMARTCARD-", "HWL-DEVICE-", "HWL-FIDO2-", "HWL-PKCS11-", "HWL-USB-"),
        "the dongle or TPM does not answer",
        "",
        ("let them plug it in, then hwlock doctor; hwlock device watch shows what comes",),
    ),
)


def diagnostic_facts(raw: bytes) -> dict[str, object]:
    """Return what `inspect` says of a diagnostic file (binary form); FormatError, BadSignature."""
    says = parse_diagnostic(raw)
    trouble = [one for one in says.lines if one.mark != "ok"]
    facts: dict[str, object] = {
        "made": f"{says.made_at.isoformat()} by the machine's clock",
        "software": says.software,
        "system": says.system,
        "whole": f"yes, signed by the machine key {says.key.kid.hex()}",
        "trouble": [f"{one.what}: {one.said}" + _coded(one.code) for one in trouble],
    }
    for number, one in enumerate(says.licenses, 1):
        facts[f"license {number}"] = _licensed(one)
    if not says.licenses:
        facts["likely cause"] = "no license is there"
        facts["next steps"] = [_ANSWER]
    return facts


def _licensed(one: Licensed) -> dict[str, object]:
    cause, steps = _advice(one)
    return {
        "product": one.product_id,
        "license": one.license_id.hex(),
        "entitlement": one.entitlement_id,
        "runs": ("yes" if one.allowed else "no") + (f", {one.standing}" if one.standing else ""),
        "bound to": list(one.bound),
        "found": [f"{found.said}{_coded(found.code)}" for found in one.findings],
        "memory": one.memory,
        "codes waiting": list(one.waiting),
        "codes used": list(one.used),
        "likely cause": cause,
        "next steps": steps,
    }


def _advice(one: Licensed) -> tuple[str, list[str]]:
    """Return cause and steps by the worst finding: what denies before what warns."""
    ranked = sorted(one.findings, key=lambda found: found.mark != "no")
    told = [found.code for found in ranked if found.mark != "ok"]
    for code in told:
        for beginnings, cause, kind, steps in _CAUSES:
            if code.startswith(beginnings):
                filled = [
                    step.format(license=one.license_id.hex(), entitlement=one.entitlement_id)
                    for step in steps
                ]
                by_code = f"hwlock vendor amend {one.license_id.hex()} {kind}"
                return cause, ([by_code] if kind in one.waiting else []) + filled
    if one.allowed:
        return "nothing is wrong with this license", []
    return "see docs/errors.md for the codes", [_ANSWER]


def _coded(code: str) -> str:
    return f" [{code}]" if code else ""
