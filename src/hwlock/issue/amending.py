"""What unlock codes may change in the licenses of an entitlement, and the codes themselves.

A change is said as `extend:30d*2` (twice, 30 days each), `clock*2`, `counter:exports:+1000` or
`transfer`; `none` is no change at all. Each license gets codes of its own when it is issued:
random numbers, which only the registry keeps; a license that replaces another takes over the codes
that were given out and not used yet. Extensions open one after another, all else in
any order. What is not asked for is `clock*2`: two ways back from a wrong clock, by telephone.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from hwlock.errors import UsageError
from hwlock.issue.records import Locked
from hwlock.license.amendment import (
    CLOCK,
    CODE_BYTES,
    CODES,
    COUNTER,
    EXTEND,
    KINDS,
    MAX_AMENDMENTS,
    TRANSFER,
    Amendment,
    lock,
    typed,
)
from hwlock.license.license import Terms
from hwlock.license.model import MAX_DAYS, MAX_NUMBER, Model
from hwlock.record import replace

__all__ = [
    "DEFAULT",
    "checked",
    "chosen",
    "codes",
    "entries",
    "inherited",
    "locked",
    "read",
    "typed_code_of",
]

DEFAULT = ("clock*2",)
_NOTHING = "none"
_ENTROPY_BYTES = 24  # more than a code, so that none is likelier by more than 2^-90
_WORD = re.compile(
    r"(?:(?P<plain>clock|transfer)|extend:(?P<days>[0-9]{1,5})d"
    r"|counter:(?P<counter>.{1,255}):\+(?P<amount>[0-9]{1,10}))(?:\*(?P<times>[0-9]{1,2}))?"
)


def read(said: tuple[str, ...]) -> tuple[Amendment, ...]:
    """Return the changes that words say, without locks; UsageError."""
    changes: list[Amendment] = []
    extension: int | None = None
    for word in said:
        change, times = _read(word)
        for _ in range(times):
            if change.kind == EXTEND:
                change = replace(change, after=extension)
                extension = len(changes)
            changes.append(change)
    if len(changes) > MAX_AMENDMENTS:
        raise UsageError(
            "HWL-DESK-NUMBER", what="number of unlock codes", least=0, most=MAX_AMENDMENTS
        )
    return tuple(changes)


def checked(said: tuple[str, ...], model: Model, *, ends: bool) -> tuple[str, ...]:
    """Return the words if such changes fit what is sold; UsageError."""
    said = tuple(word.strip() for word in said if word.strip() != _NOTHING)
    limits = {one.name: one.limit for one in model.counters}
    for change in read(said):
        if change.kind == EXTEND and not ends:
            raise _misfit(change, "it was sold without an end")
        if change.kind == COUNTER:
            if change.counter not in limits:
                raise _misfit(change, "no such counter was sold")
            limits[change.counter] += change.amount
            if limits[change.counter] > MAX_NUMBER:
                raise _misfit(change, f"a counter holds at most {MAX_NUMBER}")
    return said


def codes(said: tuple[str, ...], entropy: Callable[[int], bytes]) -> tuple[int, ...]:
    """Return fresh codes, one for each change."""
    return tuple(int.from_bytes(entropy(_ENTROPY_BYTES), "big") % CODES for _ in read(said))


def inherited(
    said: tuple[str, ...], before: tuple[Locked, ...], entropy: Callable[[int], bytes]
) -> tuple[int, ...]:
    """Return codes for a license that comes in the place of one with the changes `before`.

    A code that somebody was given, and no machine has told of, opens the same change again: nobody
    loses a code by a newer license. All others are fresh.
    """
    numbers = list(codes(said, entropy))
    free = [one for one in before if one.given_at is not None and one.used_at is None]
    for index, change in enumerate(read(said)):
        same = next((one for one in free if one.said == str(change)), None)
        if same is not None:
            free.remove(same)
            numbers[index] = int.from_bytes(same.code, "big")
    return tuple(numbers)


def locked(
    license_id: bytes, said: tuple[str, ...], numbers: tuple[int, ...]
) -> tuple[Amendment, ...]:
    """Return the changes as the license of this id holds them, locked for these codes."""
    return tuple(
        replace(change, lock=lock(license_id, index, number))
        for index, (change, number) in enumerate(zip(read(said), numbers, strict=True))
    )


def entries(
    terms: Terms, numbers: tuple[int, ...], before: tuple[Locked, ...] = ()
) -> tuple[Locked, ...]:
    """Return what the registry keeps of the changes of a license; given `before` is given still."""
    given = {one.code: one.given_at for one in before}
    return tuple(
        Locked(
            license_id=terms.id,
            index=index,
            kind=change.kind,
            said=str(change),
            code=number.to_bytes(CODE_BYTES, "big"),
            given_at=given.get(number.to_bytes(CODE_BYTES, "big")),
        )
        for index, (change, number) in enumerate(zip(terms.amendments, numbers, strict=True))
    )


def chosen(
    waiting: tuple[Locked, ...], kind: str, counter: str = "", *, again: bool = False
) -> Locked:
    """Return the next change of a kind whose code was not given, or the last given; UsageError."""
    if kind not in KINDS:
        raise UsageError("HWL-DESK-AMEND-KIND", kind=kind, kinds=", ".join(KINDS))
    fitting = [
        one
        for one in waiting
        if one.kind == kind and (not counter or one.said.startswith(f"counter {counter} +"))
    ]
    given = [one for one in fitting if one.given_at is not None]
    free = [one for one in fitting if one.given_at is None]
    if again and given:
        return given[-1]
    if again or not free:
        raise UsageError("HWL-DESK-AMEND-NONE", kind=kind, had=len(fitting), given=len(given))
    return free[0]


def typed_code_of(one: Locked, *, digits: bool = False) -> str:
    """Return the code of a change as it is read out."""
    return typed(int.from_bytes(one.code, "big"), digits=digits)


def _read(word: str) -> tuple[Amendment, int]:
    match = _WORD.fullmatch(word)
    if match is None:
        raise _unreadable(word, "it is none of extend:30d, clock, counter:NAME:+1000, transfer")
    times = int(match["times"] or 1)
    if not 1 <= times <= MAX_AMENDMENTS:
        raise _unreadable(word, f"a change can be had 1 to {MAX_AMENDMENTS} times")
    if match["plain"]:
        return Amendment(kind=CLOCK if match["plain"] == CLOCK else TRANSFER), times
    if match["days"]:
        days = int(match["days"])
        if not 1 <= days <= MAX_DAYS:
            raise _unreadable(word, f"an extension has 1 to {MAX_DAYS} days")
        return Amendment(kind=EXTEND, days=days), times
    amount = int(match["amount"])
    if not 1 <= amount <= MAX_NUMBER:
        raise _unreadable(word, f"a counter is raised by 1 to {MAX_NUMBER}")
    return Amendment(kind=COUNTER, counter=match["counter"], amount=amount), times


def _unreadable(word: str, why: str) -> UsageError:
    return UsageError("HWL-DESK-AMEND-WORD", said=word, why=why)


def _misfit(change: Amendment, why: str) -> UsageError:
    return UsageError("HWL-DESK-AMEND-WORD", said=str(change), why=why)
