"""One thread that waits for a kind of device to come or go, and tells that something did.

A listener never ends by an error: where its source fails (a daemon that restarts) it tells so
once, as an event, and opens the source again after a moment.
"""

from __future__ import annotations

import threading

from hwlock.errors import HwlockError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hwlock.devices.base import Changes

__all__ = ["Listener"]

_WAIT_S = 3600.0
_AGAIN_S = 2.0


class Listener:
    """Listens to what `open` returns, and calls `tell` for each change, on its own thread.

    `failure` is why nothing is heard at the moment, else None.
    """

    def __init__(self, kind: str, open: Callable[[], Changes], tell: Callable[[], None]) -> None:
        self.kind = kind
        self.failure: HwlockError | None = None
        self._open = open
        self._tell = tell
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        # opened before the first check, so that nothing is missed after it
        self._changes = self._opened()
        self.thread = threading.Thread(target=self._run, name=f"hwlock watch {kind}", daemon=True)

    def stop(self) -> None:
        """Let the thread end; returns at once."""
        with self._lock:
            self._stopping.set()
            if self._changes is not None:
                self._changes.wake()

    def _run(self) -> None:
        while True:
            if self._changes is not None:
                self._listen(self._changes)
            if self._stopping.wait(_AGAIN_S):
                return
            with self._lock:
                if self._stopping.is_set():
                    return
                self._changes = self._opened()
            if self._changes is not None:
                self._tell()

    def _opened(self) -> Changes | None:
        try:
            changes = self._open()
        except HwlockError as exc:
            self.failure = exc
            return None
        self.failure = None
        return changes

    def _listen(self, changes: Changes) -> None:
        try:
            with changes:
                while not self._stopping.is_set():
                    if changes.wait(_WAIT_S):
                        self._tell()
        except HwlockError as exc:
            self.failure = exc
            self._tell()
        with self._lock:
            self._changes = None
