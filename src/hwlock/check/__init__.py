"""May it run now?

`check` is the heart of hwlock and pure: no clock, disk, network, device or randomness. What
it needs to know comes in as values, what it decides goes out as values, so that every rule
can be tested by calling it.

check, merging
    the rules, for one license and for all of a product together
terms, timeline, usage
    what a license says of its end; whether the clock is believable; what was used up
state
    what is remembered in between
verdict
    what comes out
"""

from __future__ import annotations

from hwlock.check.check import check
from hwlock.check.merging import merge
from hwlock.check.state import State
from hwlock.check.verdict import Grant, Verdict

__all__ = ["Grant", "State", "Verdict", "check", "merge"]
