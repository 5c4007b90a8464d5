"""What is used up, counted on this machine: under the store's lock, before it is used.

A count is in the state, which the store authenticates, and only grows. Where a license is
bound to a TPM, the TPM's NV counter grows along with it, with each hundredth part of what was
sold, so that a memory put back to an earlier day is noticed. The next request tells the vendor.
"""

from __future__ import annotations

from hwlock.check import Grant, State
from hwlock.check.timeline import ZONES
from hwlock.check.usage import Usage
from hwlock.enforce.memory import Memory
from hwlock.enforce.nv_counter import opened_counter
from hwlock.enforce.stores import stores_of
from hwlock.errors import DeniedError, UsageError
from hwlock.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from hwlock.crypto.trust import Product
    from hwlock.enforce.machine import Machine
    from hwlock.license.model import Counter

__all__ = ["Meter"]

_STEPS = 100  # writes of a TPM's memory wear it: so many for all that one counter allows


class _Room(Record):
    """What one license still allows; `soft`: it warns where others refuse."""

    entitlement_id: str
    counter: Counter
    left: int
    soft: bool


class Meter:
    """Keeps the counters of one product on one machine."""

    def __init__(self, machine: Machine, product: Product) -> None:
        self._machine = machine
        self._stores = stores_of(machine, product.id)

    def use(self, grant: Grant, counter: str, amount: int) -> int:
        """Count `amount` of `counter`, and return what is left; DeniedError, StoreError."""
        if amount < 1:
            raise UsageError("HWL-COUNTER-AMOUNT", amount=amount)
        now = self._machine.now()
        with opened_counter(self._machine, self._stores) as tpm:
            stepped = False

            def spend(kept: State | None) -> State:
                nonlocal stepped
                state = State.begin(now) if kept is None else kept
                time = _time(state, now, counter)
                usage = _spent(grant, counter, amount, state.usage, time)
                stepped = tpm is not None and _steps(grant, counter, state.usage, usage, time)
                if not stepped or tpm is None:
                    return replace(state, usage=usage)
                # the memory first: a crash in between leaves it one ahead, which is believed
                ahead = replace(state.time, counter=max(state.time.counter, tpm.read() + 1))
                return replace(state, usage=usage, time=ahead)

            after = Memory(self._stores[0], self._machine.entropy).change(spend)
            if stepped and tpm is not None:
                tpm.increment()
        return _left(grant, counter, after.usage, max(now, after.seen_at))

    def left(self, grant: Grant, counter: str) -> int:
        """Return what is left of `counter`; DeniedError, StoreError."""
        now = self._machine.now()
        state = Memory(self._stores[0], self._machine.entropy).load() or State.begin(now)
        return _left(grant, counter, state.usage, _time(state, now, counter))


def _time(state: State, now: datetime, counter: str) -> datetime:
    """Return the time that decides which period it is; DeniedError where nobody can say."""
    if now < state.seen_at - ZONES:
        raise DeniedError("HWL-COUNTER-CLOCK", counter=counter)
    return max(now, state.seen_at)


def _rooms(grant: Grant, counter: str, usage: Usage, time: datetime) -> list[_Room]:
    return [
        _Room(
            entitlement_id=allowance.entitlement_id,
            counter=one,
            left=max(0, one.limit - usage.used(allowance.entitlement_id, one, time)),
            soft=allowance.soft,
        )
        for allowance in grant.allowances
        for one in allowance.counters
        if one.name == counter
    ]


def _left(grant: Grant, counter: str, usage: Usage, time: datetime) -> int:
    return sum(room.left for room in _rooms(grant, counter, usage, time))


def _spent(grant: Grant, counter: str, amount: int, usage: Usage, time: datetime) -> Usage:
    """Spend from each license what it has left, the first one first; DeniedError."""
    rooms = _rooms(grant, counter, usage, time)
    over = amount - sum(room.left for room in rooms)
    if over > 0 and not any(room.soft for room in rooms):
        _refuse(counter, amount, rooms)
    for room in rooms:
        taken = min(amount, room.left)
        if room.soft and over > 0:
            taken, over = taken + over, 0
        if taken:
            usage = usage.spent(room.entitlement_id, room.counter, taken, time)
            amount -= taken
    return usage


def _refuse(counter: str, amount: int, rooms: list[_Room]) -> None:
    left = sum(room.left for room in rooms)
    if left:
        raise DeniedError("HWL-COUNTER-LEFT", counter=counter, amount=amount, left=left)
    limit = sum(room.counter.limit for room in rooms)
    period = rooms[0].counter.period
    raise DeniedError(
        "HWL-COUNTER-SPENT",
        counter=counter,
        limit=limit,
        period=f"this {period}" if period else "in all",
    )


def _steps(grant: Grant, counter: str, before: Usage, after: Usage, time: datetime) -> bool:
    """Tell whether another hundredth part of what was sold is used up."""
    limit = sum(room.counter.limit for room in _rooms(grant, counter, before, time))
    step = max(1, limit // _STEPS)
    total = {one.key: one.total for one in before.counts}
    return any(one.total // step > total.get(one.key, 0) // step for one in after.counts)
