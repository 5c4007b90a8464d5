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

Sentences and hints are English, or of the language that the environment or `speak` names,
where there is a catalog of it; codes are the same in every language.

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
    "Catalog",
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
    "counted",
    "lookup",
    "retold",
    "speak",
    "speaking",
    "spoken",
]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# Languages beside English that come with hwlock: folders of src/hwlock/locale.
LANGUAGES = ("de", "ja")
# Who says which language it is; the first that says anything does.
_VARIABLES = ("HWLOCK_LANG", "LC_ALL", "LC_MESSAGES", "LANG")


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
    if _catalog is not None and _catalog.texts:
        details = {name: _worded(_catalog, value) for name, value in details.items()}
    text = template.format_map(details)
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else "?" for char in text)


def _worded(catalog: Catalog, value: object) -> object:
    """Return a particular; in the language that is spoken where it is made of `words.WORDS`."""
    if not isinstance(value, str):
        return value
    words = value.replace(" and ", ", ").split(", ")
    said = [catalog.texts.get(("word", word), "") for word in words]
    return ", ".join(said) if all(said) else value


class Catalog:
    """What is said in one language; without anything in it, English.

    `texts` maps (context, English) to a template. `forms` maps (context, English for one) to the
    templates of the forms that the language has for numbers, of which `rule` names one.
    """

    __slots__ = ("forms", "rule", "texts")

    def __init__(
        self,
        texts: dict[tuple[str, str], str] | None = None,
        forms: dict[tuple[str, str], tuple[str, ...]] | None = None,
        rule: Callable[[int], int] | None = None,
    ) -> None:
        self.texts = texts or {}
        self.forms = forms or {}
        self.rule = rule or (lambda number: int(number != 1))

    def counted(self, context: str, one: str, many: str, number: int) -> str:
        """Return the template for `number` things; of `one` and `many` where there is none."""
        forms = self.forms.get((context, one), ())
        at = self.rule(number) if forms else 0
        if 0 <= at < len(forms):
            return forms[at]
        return one if number == 1 else many


# what is spoken; None as long as nothing was said
_catalog: Catalog | None = None


def speak(language: str | None = None, *, folder: str | None = None) -> str:
    """Say from now on, in the whole process, every sentence in `language`; return which it is.

    Names are those of gettext or of BCP 47 ("de", "de_AT.UTF-8", "pt-BR"). A language that nobody
    has is English, and "en" is returned. None is the language of the environment, or of
    Windows. Catalogs in `folder`, as LANGUAGE/LC_MESSAGES/hwlock.po, come before those of hwlock;
    UsageError where one is damaged.
    """
    global _catalog
    names = _names(_environment() if language is None else language)
    if folder is not None:
        from . import catalogs

        if found := catalogs.find(folder, names):
            _catalog = catalogs.read(folder, found)
            return found
    found = next((name for name in names if name in LANGUAGES), "")
    _catalog = _shipped(found) if found else Catalog()
    return found if _catalog.texts else "en"


class speaking:
    """Speak `language` as long as a `with` statement lasts, and then what was spoken before.

    As `speak`, for the whole process.
    """

    def __init__(self, language: str, *, folder: str | None = None) -> None:
        self._said = language, folder
        self._before: Catalog | None = None

    def __enter__(self) -> str:
        self._before = _catalog
        language, folder = self._said
        return speak(language, folder=folder)

    def __exit__(self, *exc: object) -> None:
        global _catalog
        _catalog = self._before


def _environment() -> str:
    import os

    return next(filter(None, map(os.environ.get, _VARIABLES)), "") or _system() or "en"


def _system() -> str:
    """Return the language in which Windows speaks to this user, such as de-DE; "" elsewhere."""
    import sys

    if sys.platform == "win32":
        import ctypes

        name = ctypes.create_unicode_buffer(85)  # LOCALE_NAME_MAX_LENGTH
        kernel = ctypes.windll.kernel32
        kernel.LCIDToLocaleName(kernel.GetUserDefaultUILanguage(), name, len(name), 0)
        return name.value
    return ""


def _names(language: str) -> tuple[str, str]:
    """Return the two names that a catalog may have: de_AT.UTF-8 → de_AT, de."""
    name = language.partition(".")[0].partition("@")[0].replace("-", "_")
    return name, name.partition("_")[0].lower()


def _shipped(language: str) -> Catalog:
    """Return a catalog of hwlock's own; an empty one where it was left out or is damaged.

    A person who waits for a sentence is better served in English than with a second error.
    """
    global _catalog
    from . import catalogs

    _catalog = Catalog()  # what goes wrong from here on is said in English
    try:
        return catalogs.read(catalogs.SHIPPED, language)
    except UsageError:
        return Catalog()


def _current() -> Catalog:
    if _catalog is None:
        speak()
    return _catalog or Catalog()


def spoken(context: str, english: str, /, **details: object) -> str:
    """Return a sentence in the language that is spoken, its {names} filled in with `details`."""
    return _sentence(_current().texts.get((context, english), english), details)


def counted(context: str, one: str, many: str, number: int, /, **details: object) -> str:
    """Return a sentence about `number` things: `one` or `many`, or as the language counts.

    `details` fill the {names} in; the number itself is one of them.
    """
    return _sentence(_current().counted(context, one, many, number), details)


def retold(code: str, details: dict[str, object]) -> tuple[str, str]:
    """Return sentence and hint of a code that another hwlock wrote down, with its particulars.

    Where this hwlock lacks the code, or its sentence names more, both are said as they are.
    """
    try:
        row = lookup(code)
        return _text(row, details), spoken(code + ".hint", row.hint, **details)
    except KeyError:
        told = ", ".join(f"{name} {value}" for name, value in details.items())
        return _sentence("{code}: {told}" if told else "{code}", {"code": code, "told": told}), ""


def _text(row: Code, details: dict[str, object]) -> str:
    """Return the sentence of a row, in the form for the number in it."""
    from .words import ONE

    name, one = ONE.get(row.slug, ("", ""))
    number = details.get(name)
    if isinstance(number, int):
        return counted(row.slug, one, row.text, number, **details)
    return spoken(row.slug, row.text, **details)


def _restored(kind: type[HwlockError], args: tuple[object, ...]) -> HwlockError:
    """Make an error without its code looked up again; its attributes follow."""
    return kind.__new__(kind, *args)


class HwlockError(Exception):
    """Base of all: a `code` of the table, its `message`, and a `hint` for this person."""

    def __init__(self, code: str, **details: object) -> None:
        row = lookup(code)
        self.code = code
        self.details = details
        self.message = _text(row, details)
        self.hint = spoken(code + ".hint", row.hint, **details)
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
        return _text(lookup(self.code), self.details)

    @property
    def hint(self) -> str:
        """What this person can do next; empty where there is nothing."""
        return spoken(self.code + ".hint", lookup(self.code).hint, **self.details)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Finding):
            return NotImplemented
        return (self.code, self.level, self.details) == (other.code, other.level, other.details)

    def __hash__(self) -> int:
        return hash((self.code, self.level))

    def __repr__(self) -> str:
        return f"Finding({self.code}, {self.level}: {self.message})"
