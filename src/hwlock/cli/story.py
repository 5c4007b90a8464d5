"""A diagnostic file at the desk: what happened there, the likely cause, and what to do next."""

from __future__ import annotations

from hwlock.cli.words import plural, say
from hwlock.errors import spoken
from hwlock.exchange.diagnostic import Licensed, Remembered, parse_diagnostic
from hwlock.record import Record

__all__ = ["diagnostic_facts"]

# beginnings of codes → what helps
_CLOCK = ("HWL-CLOCK-", "HWL-MEMORY-")
_PARTS = ("HWL-HOST-", "HWL-ANCHOR-")
_ENDED = ("HWL-TERM-", "HWL-TRIAL-", "HWL-MAINTENANCE-")
_COUNTER = ("HWL-COUNTER-",)
_DEVICE = (
    "HWL-DONGLE-",
    "HWL-SMARTCARD-",
    "HWL-DEVICE-",
    "HWL-FIDO2-",
    "HWL-PKCS11-",
    "HWL-USB-",
)


class _Advice(Record):
    """The likely cause of a finding, the unlock code that helps, other steps."""

    cause: str
    code: str = ""
    steps: tuple[str, ...] = ()


def diagnostic_facts(raw: bytes) -> dict[str, object]:
    """Return what `inspect` says of a diagnostic file (binary form); FormatError, BadSignature."""
    says = parse_diagnostic(raw)
    trouble = [one for one in says.lines if one.mark != "ok"]
    facts: dict[str, object] = {
        "made": say("{at} by the machine's clock", at=says.made_at.isoformat()),
        "software": says.software,
        "system": says.system,
        "whole": say("yes, signed by the machine key {key}", key=says.key.kid.hex()),
        "trouble": [f"{one.what}: {one.said} [{one.code}]" for one in trouble],
    }
    for number, one in enumerate(says.licenses, 1):
        facts[f"license {number}"] = _licensed(one)
    if not says.licenses:
        facts["likely cause"] = say("no license is there")
        facts["next steps"] = [_answer()]
    return facts


def _licensed(one: Licensed) -> dict[str, object]:
    cause, steps = _advice(one)
    standing = f", {spoken('word', one.standing)}" if one.standing else ""
    return {
        "product": one.product_id,
        "license": one.license_id.hex(),
        "entitlement": one.entitlement_id,
        "runs": (say("yes") if one.allowed else say("no")) + standing,
        "bound to": list(one.bound),
        "found": [f"{found.said} [{found.code}]" for found in one.findings],
        "memory": _memory(one.memory),
        "codes waiting": list(one.waiting),
        "codes used": list(one.used),
        "likely cause": cause,
        "next steps": steps,
    }


def _memory(memory: Remembered | None) -> str:
    if memory is None:
        return say("nothing is remembered")
    seen = say("latest time seen: {at} UTC", at=f"{memory.seen_at:%Y-%m-%d %H:%M}")
    turns = plural(
        "the clock was set back {n} time since {day}",
        "the clock was set back {n} times since {day}",
        memory.turns,
        day=memory.began_at.date(),
    )
    answers = plural("{n} answer set it", "{n} answers set it", memory.answers)
    return f"{seen}; {turns}; {answers}"


def _advice(one: Licensed) -> tuple[str, list[str]]:
    """Return cause and steps by the worst finding: what denies before what warns."""
    ranked = sorted(one.findings, key=lambda found: found.mark != "no")
    for code in (found.code for found in ranked if found.mark != "ok"):
        advice = _for(code, one.license_id.hex(), one.entitlement_id)
        if advice is not None:
            by_code = f"hwlock vendor amend {one.license_id.hex()} {advice.code}"
            steps = [by_code] if advice.code in one.waiting else []
            return advice.cause, [*steps, *advice.steps]
    if one.allowed:
        return say("nothing is wrong with this license"), []
    return say("see docs/errors.md for the codes"), [_answer()]


def _for(code: str, license: str, entitlement: str) -> _Advice | None:
    """Return what is known of a code, by how it begins."""
    if code.startswith(_CLOCK):
        return _Advice(
            cause=say("the clock of the machine is or was wrong, or its memory came from a backup"),
            code="clock",
            steps=(say("let them set date and time right, then hwlock check"), _answer()),
        )
    if code.startswith(_PARTS):
        release = f"hwlock vendor release {license} --reason TEXT"
        return _Advice(
            cause=say("parts of the machine were replaced, or it is another machine"),
            code="transfer",
            steps=(_answer(), say("where the old machine is dead: {command}", command=release)),
        )
    if code.startswith(_ENDED):
        extend = f"hwlock vendor entitlement extend {entitlement} --days N"
        return _Advice(
            cause=say("what was sold has ended"), code="extend", steps=(extend, _answer())
        )
    if code.startswith(_COUNTER):
        show = f"hwlock vendor entitlement show {entitlement}"
        return _Advice(cause=say("a counter is used up"), code="counter", steps=(show,))
    if code.startswith(_DEVICE):
        plug = say("let them plug it in, then hwlock doctor; hwlock device watch shows what comes")
        return _Advice(cause=say("the dongle or TPM does not answer"), steps=(plug,))
    return None


def _answer() -> str:
    return say("let them make a request (hwlock request); hwlock respond my.hwreq -o my.hwres")
