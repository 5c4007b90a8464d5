"""Strict reading of a decoded map: members become typed values once.

A reader of a file asks for each member by key and by the name that a person knows it by,
and then says `done()`: members that nobody asked for are refused, so that two programs
never understand one file differently. Every refusal is a FormatError (stage field) that
names the place and the member::

    fields = Fields(cbor.decode(payload), "license")
    expires = fields.time(4, "expiry", default=None)
    binding = fields.map(-70003, "binding")
    fields.done()

A default makes a member optional; it is returned as it is. Null is a value like another
and never stands for an absent member.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from hwlock.errors import DeviceError, FormatError, InternalError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn, TypeVar

    from typing_extensions import Never

    from .cbor import Value

    D = TypeVar("D")
    Bytes = bytes
    # A member is required unless a default is given. Never is assignable to every default
    # type and adds nothing to the result's, so no overloads are needed.
    REQUIRED: Never
else:
    REQUIRED = object()

__all__ = ["Fields", "numeric_date", "sane"]

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_SECOND = timedelta(seconds=1)
# Times that we make are of these years: nothing that is counted from them leaves datetime.
_SANE_YEARS = range(1970, 9001)
_LAST_SECOND = 253402300799  # 9999-12-31T23:59:59Z, the end of datetime

# What turns a line of text around or breaks it, so that a name could pass for another one.
_DECEIVING = frozenset("\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def numeric_date(moment: datetime) -> int:
    """Return the whole seconds from 1970 to `moment`, rounded down (RFC 8392, NumericDate).

    InternalError for a naive datetime, and for one before 1970.
    """
    if moment.tzinfo is None:
        raise InternalError("HWL-INTERNAL", detail="a time without a time zone")
    seconds = (moment - _EPOCH) // _SECOND
    if seconds < 0:
        raise InternalError("HWL-INTERNAL", detail="a time before 1970")
    return seconds


def sane(now: datetime) -> datetime:
    """Return `now`, what a clock says, if files can carry it; DeviceError HWL-CLOCK-RANGE.

    Whoever reads a clock passes it through here, so that a battery that died or a date typed
    with a year too many is told, and does no harm that outlasts it.
    """
    if now.year not in _SANE_YEARS:
        raise DeviceError("HWL-CLOCK-RANGE", now=now.date())
    return now


class Fields:
    """The members of one map, each read at most once; `where` names the map for a person."""

    __slots__ = ("_left", "where")

    def __init__(self, value: Value, where: str) -> None:
        if type(value) is not dict:
            raise FormatError("HWL-FIELD-MAP", stage="field", where=where)
        self.where = where
        self._left = dict(value)

    def text(
        self, key: int | str, name: str, *, max_bytes: int = 255, default: D = REQUIRED
    ) -> str | D:
        """Return a text of at most `max_bytes` of UTF-8, one line, in NFC.

        Control characters, line separators and marks that turn the writing direction
        around are refused.
        """
        if key not in self._left:
            return self._absent(name, default)
        value = self._left.pop(key)
        if type(value) is not str:
            self._refuse("TYPE", name, wanted="text")
        if len(value.encode()) > max_bytes:
            self._refuse("LONG", name, limit=max_bytes)
        if not value.isprintable() and not _is_plain(value):
            self._refuse("TEXT", name)
        if not value.isascii() and not _is_normalized(value):
            self._refuse("TEXT", name)
        return value

    def bytes(
        self,
        key: int | str,
        name: str,
        *,
        size: int | None = None,
        min_bytes: int = 0,
        max_bytes: int = 65536,
        default: D = REQUIRED,
    ) -> Bytes | D:
        """Return bytes: exactly `size`, or from `min_bytes` to `max_bytes`."""
        if key not in self._left:
            return self._absent(name, default)
        value = self._left.pop(key)
        if type(value) is not bytes:
            self._refuse("TYPE", name, wanted="bytes")
        if size is not None and len(value) != size:
            self._refuse("SIZE", name, found=len(value), wanted=size)
        if len(value) < min_bytes:
            self._refuse("SHORT", name, limit=min_bytes)
        if len(value) > max_bytes:
            self._refuse("LONG", name, limit=max_bytes)
        return value

    def uint(
        self, key: int | str, name: str, *, max_value: int = 2**32 - 1, default: D = REQUIRED
    ) -> int | D:
        """Return an integer from 0 to `max_value`."""
        if key not in self._left:
            return self._absent(name, default)
        value = self._left.pop(key)
        if type(value) is not int:
            self._refuse("TYPE", name, wanted="a number")
        if not 0 <= value <= max_value:
            self._refuse("RANGE", name, found=value, limit=max_value)
        return value

    def flag(self, key: int | str, name: str, default: D = REQUIRED) -> bool | D:
        """Return true or false."""
        if key not in self._left:
            return self._absent(name, default)
        value = self._left.pop(key)
        if type(value) is not bool:
            self._refuse("TYPE", name, wanted="true or false")
        return value

    def time(self, key: int | str, name: str, default: D = REQUIRED) -> datetime | D:
        """Return a NumericDate (RFC 8392, whole seconds) as an aware UTC time, 1970 to 9999."""
        if key not in self._left:
            return self._absent(name, default)
        value = self._left.pop(key)
        if type(value) is not int:
            self._refuse("TYPE", name, wanted="a time")
        if not 0 <= value <= _LAST_SECOND:
            self._refuse("RANGE", name, found=value, limit=_LAST_SECOND)
        return _EPOCH + timedelta(seconds=value)

    def array(
        self, key: int | str, name: str, *, max_items: int = 64, default: D = REQUIRED
    ) -> tuple[Value, ...] | D:
        """Return an array of at most `max_items` values."""
        if key not in self._left:
            return self._absent(name, default)
        value = self._left.pop(key)
        if type(value) is not tuple:
            self._refuse("TYPE", name, wanted="a list")
        if len(value) > max_items:
            self._refuse("MANY", name, found=len(value), limit=max_items)
        return value

    def texts(
        self, key: int | str, name: str, *, max_items: int = 64, default: D = REQUIRED
    ) -> tuple[str, ...] | D:
        """Return an array of different texts, each as `text` wants it."""
        if key not in self._left:
            return self._absent(name, default)
        values = self.array(key, name, max_items=max_items)
        each = Fields(dict(enumerate(values)), self.where)
        texts = tuple(each.text(number, name) for number in range(len(values)))
        if len(set(texts)) != len(texts):
            self._refuse("TWICE", name)
        return texts

    def map(self, key: int | str, name: str, default: D = REQUIRED) -> Fields | D:
        """Return the reader of a map inside this one; it has a `done()` of its own."""
        if key not in self._left:
            return self._absent(name, default)
        value = self._left.pop(key)
        if type(value) is not dict:
            self._refuse("TYPE", name, wanted="a map")
        return Fields(value, f"{self.where}: {name}")

    def choice(
        self, key: int | str, name: str, words: tuple[str, ...], default: D = REQUIRED
    ) -> str | D:
        """Return a text that is one of `words`."""
        if key not in self._left:
            return self._absent(name, default)
        value = self._left.pop(key)
        if type(value) is not str:
            self._refuse("TYPE", name, wanted="text")
        if value not in words:
            self._refuse("WORD", name, words=", ".join(words))
        return value

    def raw(self, key: int | str, name: str, default: D = REQUIRED) -> Value | D:
        """Return the value as it was decoded."""
        if key not in self._left:
            return self._absent(name, default)
        return self._left.pop(key)

    def peek(self, key: int | str) -> Value:
        """Return a member that is still to be read, None where there is none."""
        return self._left.get(key)

    def done(self) -> None:
        """Refuse members that nobody asked for; the first of them is named."""
        for key in self._left:
            raise FormatError(
                "HWL-FIELD-UNKNOWN", stage="field", where=self.where, key=ascii(key)[:64]
            )

    def _absent(self, name: str, default: D) -> D:
        if default is REQUIRED:
            self._refuse("MISSING", name)
        return default

    def _refuse(self, fault: str, name: str, **details: object) -> NoReturn:
        raise FormatError(
            f"HWL-FIELD-{fault}",
            stage="field",
            offset=None,
            where=self.where,
            name=name,
            **details,
        )


def _is_plain(text: str) -> bool:
    """Tell whether `text` has no control characters (C0, C1, DEL) and none that deceive."""
    return not any(char < " " or "\x7f" <= char <= "\x9f" or char in _DECEIVING for char in text)


def _is_normalized(text: str) -> bool:
    from unicodedata import is_normalized

    return is_normalized("NFC", text)
