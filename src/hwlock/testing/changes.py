"""Plugging and pulling without hardware: what a test says, every listener hears."""

from __future__ import annotations

import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Plugs", "VirtualChanges"]


class VirtualChanges:
    """One listener of `Plugs`; a `hwlock.devices.base.Changes`."""

    def __init__(self, plugs: Plugs) -> None:
        self._plugs = plugs
        self._told = threading.Event()
        self._done = False

    def wait(self, timeout_s: float) -> bool:
        """Return True as soon as `Plugs.happen` is called, False after `timeout_s` or `wake`."""
        if self._done or not self._told.wait(timeout_s) or self._done:
            return False
        self._told.clear()
        return True

    def wake(self) -> None:
        """End every wait, now and later."""
        self._done = True
        self._told.set()

    def tell(self) -> None:
        """Let one wait return True."""
        self._told.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.wake()
        self._plugs.forget(self)


class Plugs:
    """The sockets of an imaginary machine.

    Give `Machine(changes=plugs.changes)`, then `happen` is heard by every watch on it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: list[VirtualChanges] = []

    @property
    def listeners(self) -> int:
        """How many listen at the moment."""
        with self._lock:
            return len(self._open)

    def changes(self, kind: str = "") -> VirtualChanges:
        """Return a new listener, whatever the kind."""
        changes = VirtualChanges(self)
        with self._lock:
            self._open.append(changes)
        return changes

    def happen(self) -> None:
        """Say that something was plugged in or pulled."""
        with self._lock:
            for changes in self._open:
                changes.tell()

    def forget(self, changes: VirtualChanges) -> None:
        """Take a listener away; one that is gone already is nothing."""
        with self._lock:
            if changes in self._open:
                self._open.remove(changes)
