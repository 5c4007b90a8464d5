"""Findings as a vector and a program in C name them, and as Python's check does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timezone
from typing import NamedTuple

from hwlock.check.timeline import minute
from hwlock.errors import Finding

# What C leaves to whoever has the license: the kinds of parts, and which anchor it is about.
_PARTS = ("changed", "same")


class Said(NamedTuple):
    """A finding of csrc/include/hwlock.h; what a code does not name is empty or 0."""

    code: str
    level: str
    anchor: int = 0
    name: str = ""
    time: int = 0
    other: int = 0
    number: int = 0


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)


def _day(seconds: int) -> date:
    return _at(seconds).date()


def _clock(said: Said) -> str:
    return minute(_at(said.time))


def _ends(said: Said) -> dict[str, object]:
    return {"day": _day(said.time), "days": said.number}


_DETAILS: dict[str, Callable[[Said], dict[str, object]]] = {
    "CLOCK-SLACK": lambda said: {"seen": _clock(said)},
    "CLOCK-ZONE": lambda said: {"now": _clock(said), "hours": said.number},
    "CLOCK-RESUMED": lambda said: {"now": _clock(said), "days": said.number},
    "CLOCK-AHEAD": lambda said: {"now": _clock(said), "days": said.number},
    "CLOCK-BACK": lambda said: {"now": _clock(said), "seen": minute(_at(said.other))},
    "CLOCK-EARLY": lambda said: {"now": _clock(said), "issued": minute(_at(said.other))},
    "TERM-ENDING": _ends,
    "TRIAL-ENDING": _ends,
    "TERM-GRACE": lambda said: _ends(said) | {"last": _day(said.other)},
    "TERM-ENDED": lambda said: {"day": _day(said.time)},
    "TRIAL-ENDED": lambda said: {"day": _day(said.time)},
    "FLOATING-LEASE": lambda _: {},
    "MAINTENANCE-UNKNOWN": lambda said: {"until": _day(said.time)},
    "MAINTENANCE-ENDED": lambda said: {"released": _day(said.time), "until": _day(said.other)},
    "FEATURE-ENDING": lambda said: _ends(said) | {"feature": said.name},
    "FEATURE-ENDED": lambda said: {"feature": said.name, "day": _day(said.time)},
    "ADDON-BASE": lambda said: {"base": said.name},
    "HOST-CHANGED": lambda said: {"spare": said.number, "tolerance": said.other},
    "HOST-TOO-CHANGED": lambda said: {"score": said.number, "needed": said.other},
    "HOST-OTHER": lambda said: {"score": said.number, "needed": said.other},
    "ANCHOR-OTHER": lambda said: {"anchor": said.name},
    "ANCHOR-PROOF": lambda said: {"anchor": said.name},
    "DONGLE-ABSENT": lambda said: {"label": said.name},
    "DONGLE-PROOF": lambda said: {"label": said.name},
    "REVOKED-LICENSE": lambda said: {"day": _day(said.time)},
    "REVOKED-SOON": lambda said: {"day": _day(said.time)},
    "REVOKED-ISSUER": lambda said: {"issuer": said.name, "day": _day(said.time)},
    "REVOKED-DEVICE": lambda said: {"device": said.name},
    "REVOKED-LIST": lambda said: {"found": said.number, "known": said.other},
}
CODES = {f"HWL-{code}" for code in _DETAILS}


def told(found: Finding) -> tuple[str, str, dict[str, object]]:
    """Return what Python's check found, as far as a program in C says it."""
    details = {key: value for key, value in found.details.items() if key not in _PARTS}
    return found.code, found.level, details


def expected(said: Said) -> tuple[str, str, dict[str, object]]:
    """Return the same of a finding of a vector or of C."""
    return said.code, said.level, _DETAILS[said.code.removeprefix("HWL-")](said)
