"""What a product's store remembers, loaded once for a check and kept before a grant.

Whoever keeps a memory joins it, under the store's lock, with the one that is there: another
process may have remembered something else meanwhile.

A user has a memory of their own for a license of all users. What drove its clock astray can
only be set right by the administrator, who activates again: the response lies in the machine's
store for everybody to read, and each memory heeds it once.
"""

from __future__ import annotations

from hwlock.check import State
from hwlock.crypto import sha2
from hwlock.enforce.own_key import OwnKey
from hwlock.errors import HwlockError, StoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from hwlock.crypto.trust import Product
    from hwlock.enforce.pending import Pending
    from hwlock.exchange.request import Total
    from hwlock.store.locked import LockedStore
    from hwlock.store.product_store import ProductStore

__all__ = ["Memory", "stamp", "state_after", "totals"]


class Memory:
    """The state of one product's store, authenticated by the store's own key."""

    def __init__(self, store: ProductStore, entropy: Callable[[int], bytes]) -> None:
        self._store = store
        self._entropy = entropy
        self._state: State | None = None

    def load(self) -> State | None:
        """Return the state, None where this store has none yet; StoreError."""
        self._state = kept(self._store)
        return self._state

    def hear(self, everybodys: ProductStore, product: Product) -> State | None:
        """Load, and heed the newest answer to the administrator of this machine; StoreError."""
        state = self.load()
        heard_at = _newest_answer(everybodys, product, None if state is None else state.heard_at)
        if heard_at is None:
            return state
        # at the first sight the answer is as good a beginning as any: it is not later than now
        return (State.begin(heard_at) if state is None else state).heard(heard_at)

    def advance(self, after: State) -> State:
        """Keep what `after` knows beyond what is kept; done when this returns, with all of it."""
        if after == self._state:
            return after
        return self.change(lambda kept: after if kept is None else kept.joined(after))

    def change(self, change: Callable[[State | None], State]) -> State:
        """Keep what `change` makes of the state that is kept, under the lock; StoreError."""
        with self._store.locked() as held:
            before = self.load()
            after = change(before)
            if after != before:
                held.put_state(OwnKey.of(held, self._entropy).seal(after))
                self._state = after
        return after


def kept(store: ProductStore) -> State | None:
    """Return the state that a store keeps; StoreError where somebody changed it."""
    data = store.state()
    return None if data is None else OwnKey.kept(store).unseal(data)


def stamp(held: LockedStore) -> bytes:
    """Return what a request remembers of the clock, to know an answer that comes too late."""
    try:
        state = kept(held)
    except StoreError:
        return sha2.sha256(held.state() or b"")
    return sha2.sha256(b"") if state is None else state.stamp


def state_after(
    store: ProductStore, pending: Pending, issued_at: datetime, counter: int = 0
) -> State:
    """Return the memory that a fresh answer leads to; `counter` is the TPM's, where it counts.

    It carries the vendor's time and sets the mark, forward or back: that is the way back from
    a wrong clock. Back only where the mark has not moved since the request, so that a
    response that was kept in a drawer does not turn back time. A memory that somebody
    changed is worth nothing and is begun anew.
    """
    answered = State.begin(issued_at).unlocked(issued_at, counter)
    try:
        state = kept(store)
    except StoreError:
        return answered
    if state is None:
        return answered
    if state.stamp == pending.state:
        return state.unlocked(issued_at, counter)
    return max(state, state.unlocked(issued_at, counter), key=lambda one: one.seen_at)


def totals(held: LockedStore) -> tuple[Total, ...]:
    """Return what a request tells the vendor of what was used up; nothing that is not sure."""
    from hwlock.exchange.request import Total

    try:
        state = kept(held)
    except StoreError:
        return ()
    counts = () if state is None else state.usage.counts
    return tuple(
        Total(entitlement_id=one.entitlement_id, name=one.name, total=one.total) for one in counts
    )


def _newest_answer(
    everybodys: ProductStore, product: Product, heard_at: datetime | None
) -> datetime | None:
    """Return when the administrator's newest answer was issued, if nobody has heeded it here."""
    try:
        raw = everybodys.answer()
        if raw is None:
            return None
        from hwlock.crypto.trust import verify_issued
        from hwlock.exchange.response import UnverifiedResponse

        answer = UnverifiedResponse.parse(raw)
        if heard_at is not None and answer.says.issued_at <= heard_at:
            return None
        verify_issued(answer.signed, product, where="response")
    except HwlockError:
        return None  # an answer that cannot be believed says nothing about the time
    return answer.says.issued_at if answer.says.product_id == product.id else None
