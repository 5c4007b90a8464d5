"""One line of `hwlock doctor`."""

from __future__ import annotations

from hwlock.errors import Finding, HwlockError
from hwlock.record import Record

__all__ = ["MARKS", "Examined"]

# the level of a finding → the mark of its line
MARKS = {"deny": "no", "warn": "mind", "note": "ok"}

_ITSELF = "hwlock doctor"
_JOINTS = ("; ", "。")  # between the steps of a hint


class Examined(Record):
    """One thing that was looked at: `mark` is ok, mind or no, `found` says what was seen."""

    what: str
    mark: str
    found: Finding

    @classmethod
    def of(cls, what: str, found: Finding) -> Examined:
        """Return the line of a finding, marked by its level."""
        return cls(what=what, mark=MARKS[found.level], found=found)

    @classmethod
    def bad(cls, what: str, error: HwlockError, mark: str = "no") -> Examined:
        """Return the finding that `error` is."""
        return cls(what=what, mark=mark, found=Finding.of(error))

    @property
    def hint(self) -> str:
        """The next step; who reads it need not be told to run the doctor."""
        hint = self.found.hint
        for joint in _JOINTS:
            hint = joint.join(step for step in hint.split(joint) if _ITSELF not in step)
        return hint
