"""What a product's store remembers of time, loaded once for a check and kept before a grant."""

from __future__ import annotations

from hwlock.check import State
from hwlock.enforce.own_key import OwnKey

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hwlock.enforce.machine import Machine
    from hwlock.store.product_store import ProductStore

__all__ = ["Memory"]


class Memory:
    """The state of one product's store, authenticated by the store's own key."""

    def __init__(self, store: ProductStore, machine: Machine) -> None:
        self._store = store
        self._machine = machine
        self._state: State | None = None

    def load(self) -> State | None:
        """Return the state, None where this store has none yet; StoreError."""
        data = self._store.state()
        self._state = None if data is None else self._key().unseal(data)
        return self._state

    def advance(self, after: State) -> None:
        """Keep `after` where it is later than what is kept; done when this returns.

        Reads again under the lock: another process may have moved the mark meanwhile.
        """
        if self._state is not None and after.seen_at <= self._state.seen_at:
            return
        with self._store.locked():
            kept = self.load()
            if kept is None or after.seen_at > kept.seen_at:
                self.set(after)

    def set(self, state: State) -> None:
        """Keep `state`, later or earlier than what is kept; the caller holds the lock."""
        self._store.put_state(self._key().seal(state))
        self._state = state

    def _key(self) -> OwnKey:
        return OwnKey.of(self._store, self._machine.entropy)
