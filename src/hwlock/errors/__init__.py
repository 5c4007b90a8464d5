"""What can go wrong.

Everything that hwlock raises is drawn here, and every sentence that a person can be
shown stands in one table (`hwlock.errors.table`)::

    HwlockError(code)         one row of the table: sentence, hint, exit status, HTTP status
    ├ FormatError             the bytes are not the format; .stage (armor|cbor|cose|field) .offset
    ├ UntrustedError          well formed, but a signature, chain, key or attestation fails
    │ ├ BadSignature            this signature is not of this key over these bytes
    │ └ BadKey                  these bytes are no key that we accept
    ├ DeniedError             genuine, and the answer is no; .findings (all of them)
    ├ DeviceError             the hardware did not do it
    │ ├ NotFound                no such device here
    │ ├ Busy                    somebody else holds it
    │ ├ Removed                 it was here a moment ago
    │ ├ AccessDenied            it is here, this user may not use it
    │ ├ PinRequired             it wants a PIN, or another one; .attempts_left
    │ ├ Cancelled               the person said no, or did not touch it in time
    │ └ BadAnswer               it answered, and the answer is wrong; .raw_code
    ├ UnsupportedError        this installation or operating system lacks it
    ├ StoreError              the place where things are kept does not let us
    ├ UsageError              the request makes no sense here
    └ InternalError           our own fault; the only one that shows a trace

Raise with a code and the particulars that its sentence names::

    raise FormatError("HWL-ARMOR-LINE", line=4, stage="armor")

This room imports nothing, so that every other room can use it.
"""

from __future__ import annotations

__all__ = [
    "AccessDenied",
    "BadAnswer",
    "BadKey",
    "BadSignature",
    "Busy",
    "Cancelled",
    "Code",
    "DeniedError",
    "DeviceError",
    "Finding",
    "FormatError",
    "HwlockError",
    "InternalError",
    "NotFound",
    "PinRequired",
    "Removed",
    "StoreError",
    "UnsupportedError",
    "UntrustedError",
    "UsageError",
    "lookup",
]


class Code:
    """One row of the table: what a code says, advises, and returns to a caller.

    `kind` is the name of the class that raises it, or "Finding" where the code only
    ever stands in a verdict. `text` and `hint` are `str.format` templates.
    """

    __slots__ = ("hint", "kind", "slug", "text")

    def __init__(self, slug: str, kind: str, text: str, hint: str) -> None:
        self.slug = slug
        self.kind = kind
        self.text = text
        self.hint = hint

    @property
    def exit_status(self) -> int:
        """Process exit status of a command that ends with this code."""
        return _STATUS[self.kind][0]

    @property
    def http_status(self) -> int:
        """Status of an HTTP answer (RFC 9457) that carries this code."""
        return _STATUS[self.kind][1]

    @property
    def retry(self) -> bool:
        """True where the same call may succeed later with nothing changed by the caller."""
        return self.kind in ("Busy", "Removed")

    @property
    def anchor(self) -> str:
        """Where the reference explains it: a file of docs/ and a fragment."""
        return f"errors.md#{self.slug.lower()}"


# class of a code → (exit status, HTTP status)
_STATUS = {
    "Finding": (1, 403),
    "DeniedError": (1, 403),
    "UsageError": (2, 400),
    "DeviceError": (3, 503),
    "NotFound": (3, 404),
    "Busy": (3, 503),
    "Removed": (3, 503),
    "AccessDenied": (3, 403),
    "PinRequired": (3, 403),
    "Cancelled": (3, 403),
    "BadAnswer": (3, 502),
    "UnsupportedError": (3, 501),
    "FormatError": (4, 422),
    "UntrustedError": (5, 403),
    "BadSignature": (5, 403),
    "BadKey": (5, 403),
    "StoreError": (7, 507),
    "InternalError": (70, 500),
}


def lookup(code: str) -> Code:
    """Return the table's row of `code`; KeyError where there is none."""
    from .table import TABLE  # long, and of no use while nothing is wrong

    return Code(code, *TABLE[code])


def _sentence(template: str, details: dict[str, object]) -> str:
    """Fill a template; what a hostile file names must not command the reader's terminal."""
    text = template.format_map(details)
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else "?" for char in text)


def _restored(kind: type[HwlockError], args: tuple[object, ...]) -> HwlockError:
    """Make an error without its code looked up again; its attributes follow."""
    return kind.__new__(kind, *args)


class HwlockError(Exception):
    """Base of all: a `code` of the table, its `message`, and a `hint` for this person."""

    def __init__(self, code: str, **details: object) -> None:
        row = lookup(code)
        self.code = code
        self.details = details
        self.message = _sentence(row.text, details)
        self.hint = _sentence(row.hint, details)
        super().__init__(self.message)

    def __reduce__(self) -> tuple[object, ...]:
        """Survive copying and pickling: worker processes send errors to each other."""
        return _restored, (type(self), self.args), self.__dict__

    @property
    def row(self) -> Code:
        """The row of the table that this error stands for."""
        return lookup(self.code)


class FormatError(HwlockError, ValueError):
    """The bytes are not the format: at `stage` (armor|cbor|cose|field), byte `offset`."""

    def __init__(
        self, code: str, *, stage: str, offset: int | None = None, **details: object
    ) -> None:
        super().__init__(code, offset=offset, **details)
        self.stage = stage
        self.offset = offset


class UntrustedError(HwlockError):
    """Well formed, but a signature, a chain, a key or an attestation fails."""


class BadSignature(UntrustedError):
    """The signature is not one of this key over these bytes."""


class BadKey(UntrustedError):
    """The bytes are not a public key that we accept."""


class DeniedError(HwlockError):
    """Genuine, and the answer is no; `findings` says everything that stands against it."""

    def __init__(self, code: str, *, findings: tuple[Finding, ...] = (), **details: object) -> None:
        super().__init__(code, **details)
        self.findings = findings or (Finding(code, "deny", **details),)

    def __str__(self) -> str:
        """Return the sentence and the reasons: what a log or a traceback shows."""
        reasons = [f.message for f in self.findings if f.level == "deny" and f.code != self.code]
        return f"{self.message}: {'; '.join(reasons)}" if reasons else self.message


class DeviceError(HwlockError):
    """The hardware did not do what was asked."""


class NotFound(DeviceError):
    """There is no such device here."""


class Busy(DeviceError):
    """Somebody else holds the device; later it may be free."""


class Removed(DeviceError):
    """The device was here a moment ago and is gone."""


class AccessDenied(DeviceError):
    """The device is here, and this user may not use it."""


class PinRequired(DeviceError):
    """The device wants a PIN, or another than it got; it allows `attempts_left` more."""

    def __init__(self, code: str, *, attempts_left: int | None = None, **details: object) -> None:
        super().__init__(code, attempts_left=attempts_left, **details)
        self.attempts_left = attempts_left


class Cancelled(DeviceError):
    """The person said no, or did not do in time what the device asked for."""


class BadAnswer(DeviceError):
    """The device answered with something that is wrong; `raw_code` is its own status."""

    def __init__(self, code: str, *, raw_code: int | None = None, **details: object) -> None:
        super().__init__(code, raw_code=raw_code, **details)
        self.raw_code = raw_code


class UnsupportedError(HwlockError):
    """An extra that is not installed, or something that this operating system lacks."""


class StoreError(HwlockError):
    """The place where licenses are kept cannot be read, written or believed."""


class UsageError(HwlockError):
    """What was asked makes no sense here: an unknown name, a contradiction, a bad option."""


class InternalError(HwlockError):
    """Our own fault."""


class Finding:
    """One sentence of a verdict: a `code`, a `level` (deny|warn|note), particulars.

    A finding is a value: two with the same code, level and particulars are equal.
    """

    __slots__ = ("code", "details", "level")

    code: str
    level: str
    details: dict[str, object]

    def __init__(self, code: str, level: str, **details: object) -> None:
        lookup(code)  # an unknown code is our own fault, found here and not by a user
        self.code = code
        self.level = level
        self.details = details

    @classmethod
    def of(cls, error: HwlockError, level: str = "deny") -> Finding:
        """Return the finding that says what `error` says."""
        return cls(error.code, level, **error.details)

    @property
    def message(self) -> str:
        """The sentence, for a person."""
        return _sentence(lookup(self.code).text, self.details)

    @property
    def hint(self) -> str:
        """What this person can do next; empty where there is nothing."""
        return _sentence(lookup(self.code).hint, self.details)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Finding):
            return NotImplemented
        return (self.code, self.level, self.details) == (other.code, other.level, other.details)

    def __hash__(self) -> int:
        return hash((self.code, self.level))

    def __repr__(self) -> str:
        return f"Finding({self.code}, {self.level}: {self.message})"
