"""One line of `hwlock doctor`."""

from __future__ import annotations

from hwlock.errors import HwlockError
from hwlock.record import Record

__all__ = ["Examined"]


class Examined(Record):
    """One thing that was looked at: `mark` is ok, mind or no."""

    what: str
    mark: str
    said: str
    code: str = ""
    hint: str = ""

    @classmethod
    def bad(cls, what: str, error: HwlockError, mark: str = "no") -> Examined:
        """Return the finding that `error` is."""
        return cls(what=what, mark=mark, said=error.message, code=error.code, hint=error.hint)
