"""One line of `hwlock doctor`."""

from __future__ import annotations

from hwlock.errors import HwlockError
from hwlock.record import Record

__all__ = ["Examined"]

_ITSELF = "hwlock doctor"


class Examined(Record):
    """One thing that was looked at: `mark` is ok, mind or no."""

    what: str
    mark: str
    said: str
    code: str = ""
    hint: str = ""

    @classmethod
    def bad(cls, what: str, error: HwlockError, mark: str = "no") -> Examined:
        """Return the finding that `error` is; who reads it need not be told to run the doctor."""
        steps = [step for step in error.hint.split("; ") if _ITSELF not in step]
        hint = "; ".join(steps)
        return cls(what=what, mark=mark, said=error.message, code=error.code, hint=hint)
