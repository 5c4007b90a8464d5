"""The outcome of a check, and what it gives the application."""

from __future__ import annotations

from hwlock.errors import DeniedError, Finding
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["Grant", "Verdict"]


class Grant(Record):
    """What the application may do: `features`, until `expires_at` (None: for good)."""

    product_id: str
    license_id: str
    features: tuple[str, ...]
    expires_at: datetime | None

    def has(self, feature: str) -> bool:
        """Tell whether `feature` was granted, to show or hide a menu entry."""
        return feature in self.features

    def require(self, feature: str) -> None:
        """Return if `feature` was granted; DeniedError."""
        if feature not in self.features:
            raise DeniedError("HWL-FEATURE-MISSING", feature=feature)


class Verdict(Record):
    """The outcome of a check: allowed or not, and every finding that speaks to it.

    A verdict is not a truth value: `if verdict:` is the one-byte patch that every cracker
    looks for, and reads as if a warning were a denial. Ask `.allowed`, or `.require()`.
    """

    allowed: bool
    product_id: str
    findings: tuple[Finding, ...] = ()
    license_id: str = ""
    customer: str = ""
    features: tuple[str, ...] = ()
    expires_at: datetime | None = None
    days_left: int | None = None

    def __bool__(self) -> bool:
        raise TypeError("a Verdict is not a truth value: use .allowed or .require()")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What the person should hear although the answer is yes."""
        return tuple(found for found in self.findings if found.level == "warn")

    @property
    def reasons(self) -> tuple[Finding, ...]:
        """Why the answer is no; empty where it is yes."""
        return tuple(found for found in self.findings if found.level == "deny")

    @property
    def next_step(self) -> str:
        """What this person can do about the first reason or warning; may be empty."""
        return next((found.hint for found in (*self.reasons, *self.warnings) if found.hint), "")

    def require(self, feature: str | None = None) -> Grant:
        """Return the Grant, or raise DeniedError with all findings."""
        if not self.allowed:
            raise DeniedError("HWL-DENIED", findings=self.findings, product=self.product_id)
        grant = Grant(
            product_id=self.product_id,
            license_id=self.license_id,
            features=self.features,
            expires_at=self.expires_at,
        )
        if feature is not None:
            grant.require(feature)
        return grant
