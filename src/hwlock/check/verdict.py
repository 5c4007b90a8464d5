"""The outcome of a check, and what it gives the application."""

from __future__ import annotations

from hwlock.errors import DeniedError, Finding
from hwlock.license.model import Counter, Feature
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from os import PathLike
    from typing import BinaryIO, Protocol

    class Meter(Protocol):
        """Whoever keeps the counters of a grant on this machine."""

        def use(self, grant: Grant, counter: str, amount: int) -> int:
            """Count `amount` of `counter`, and return what is left; DeniedError, StoreError."""

        def left(self, grant: Grant, counter: str) -> int:
            """Return what is left of `counter`; DeniedError, StoreError."""

    class Opener(Protocol):
        """Whoever opens the sealed files of a grant on this machine."""

        def open(self, path: str | PathLike[str]) -> BinaryIO:
            """Open a sealed file; DeniedError, UntrustedError, FormatError, UsageError."""


__all__ = ["Allowance", "Grant", "Verdict"]


class Allowance(Record):
    """The counters of one license that a grant rests on; `soft`: what is over is only told."""

    entitlement_id: str
    counters: tuple[Counter, ...]
    soft: bool = False


class Grant(Record):
    """What the application may do: `features`, until `expires_at` (None: for good).

    `details` holds the features that carry more than their name. `standing` is where the
    license stands (`Verdict`), `degraded` asks to do less until the clock is right.
    """

    product_id: str
    license_id: str
    features: tuple[str, ...]
    expires_at: datetime | None
    details: tuple[Feature, ...] = ()
    edition: str = ""
    standing: str = "active"
    days_left: int | None = None
    grace_days_left: int | None = None
    degraded: bool = False
    allowances: tuple[Allowance, ...] = ()
    meter: Meter | None = None
    opener: Opener | None = None

    def has(self, feature: str) -> bool:
        """Tell whether `feature` was granted, to show or hide a menu entry."""
        return feature in self.features

    def require(self, feature: str) -> None:
        """Return if `feature` was granted; DeniedError."""
        if feature not in self.features:
            raise DeniedError("HWL-FEATURE-MISSING", feature=feature)

    def parameter(
        self, name: str, default: str | int | None = None, *, feature: str | None = None
    ) -> str | int | None:
        """Return the value of a parameter, of one feature or of any; `default` where none has it.

        A feature that was sold with a single value has a parameter of its own name.
        """
        for one in self.details:
            if feature in (None, one.name) and (value := one.parameter(name)) is not None:
                return value
        return default

    def open(self, path: str | PathLike[str]) -> BinaryIO:
        """Open a sealed file, to be read as any binary file.

        DeniedError where no license that this grant rests on opens it, or the hardware that
        it needs is not here; UntrustedError where the file was changed; FormatError,
        UsageError where it is no such file or cannot be read.
        """
        if self.opener is None:
            raise DeniedError("HWL-SEALED-NONE", product=self.product_id)
        return self.opener.open(path)

    def use(self, counter: str, amount: int = 1) -> int:
        """Count that `amount` of `counter` is used up now, and return what is left.

        Ask before you do what it meters. DeniedError where there is no such counter, not so
        much is left, or the clock is too wrong to count; nothing is counted then. StoreError.
        """
        return self._metered(counter).use(self, counter, amount)

    def left(self, counter: str) -> int:
        """Return how much of `counter` may still be used now; DeniedError, StoreError."""
        return self._metered(counter).left(self, counter)

    def _metered(self, counter: str) -> Meter:
        names = {one.name for allowance in self.allowances for one in allowance.counters}
        if self.meter is None or counter not in names:
            raise DeniedError("HWL-COUNTER-MISSING", counter=counter)
        return self.meter


class Verdict(Record):
    """The outcome of a check: allowed or not, and every finding that speaks to it.

    A verdict is not a truth value: `if verdict:` is the one-byte patch that every cracker
    looks for, and reads as if a warning were a denial. Ask `.allowed`, or `.require()`.

    `standing` is active, renewing, grace or ended, and empty where there is no license;
    `days_left` counts to the end of the term, `grace_days_left` to the end of the grace, in
    which the license still runs. `soft` tells that the license warns where others refuse;
    `addons` are the licenses that were merged into this one.
    """

    allowed: bool
    product_id: str
    findings: tuple[Finding, ...] = ()
    license_id: str = ""
    entitlement_id: str = ""
    customer: str = ""
    kind: str = ""
    edition: str = ""
    addon_to: str = ""
    features: tuple[str, ...] = ()
    details: tuple[Feature, ...] = ()
    counters: tuple[Counter, ...] = ()
    issued_at: datetime | None = None
    expires_at: datetime | None = None
    standing: str = ""
    days_left: int | None = None
    grace_until: datetime | None = None
    grace_days_left: int | None = None
    degraded: bool = False
    soft: bool = False
    addons: tuple[Verdict, ...] = ()
    meter: Meter | None = None
    opener: Opener | None = None

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

    def feature(self, name: str) -> Feature:
        """Return what was granted with a feature: its parameters, its end."""
        return next((one for one in self.details if one.name == name), Feature(name=name))

    @property
    def allowances(self) -> tuple[Allowance, ...]:
        """The counters of this license and of its add-ons."""
        return tuple(
            Allowance(entitlement_id=one.entitlement_id, counters=one.counters, soft=one.soft)
            for one in (self, *self.addons)
            if one.counters
        )

    def require(self, feature: str | None = None) -> Grant:
        """Return the Grant, or raise DeniedError with all findings."""
        if not self.allowed:
            raise DeniedError("HWL-DENIED", findings=self.findings, product=self.product_id)
        grant = Grant(
            product_id=self.product_id,
            license_id=self.license_id,
            features=self.features,
            expires_at=self.expires_at,
            details=self.details,
            edition=self.edition,
            standing=self.standing,
            days_left=self.days_left,
            grace_days_left=self.grace_days_left,
            degraded=self.degraded,
            allowances=self.allowances,
            meter=self.meter,
            opener=self.opener,
        )
        if feature is not None:
            grant.require(feature)
        return grant
