"""Insertion and removal as events (SCardGetStatusChange).

The system is asked to answer when any reader's state is another than the one last seen, or
when a reader was plugged or unplugged (`\\\\?PnP?\\Notification`). Where the service itself
ends, that is a change too; until it is back, it is looked for once a second.

A wake that comes in the moment before the wait begins would be lost by the system, so it is
said again until the wait has ended.
"""

from __future__ import annotations

import threading
import time

from hwlock.errors import DeviceError

from . import codes, pcsc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["CardChanges"]

_PNP = "\\\\?PnP?\\Notification"
_SERVICE_S = 1.0
_AGAIN_S = 0.01


class CardChanges:
    """A `Changes` over all readers; make and enter it before the first look at the cards."""

    def __init__(self) -> None:
        self._context: pcsc.Context | None = None
        self._known: dict[str, int] = {}
        self._woken = threading.Event()
        self._idle = threading.Event()
        self._idle.set()

    def __enter__(self) -> Self:
        self._look()
        return self

    def __exit__(self, *exc: object) -> None:
        self.wake()
        self._forget()

    def wait(self, timeout_s: float) -> bool:
        """Return True as soon as something changed, False after `timeout_s` or `wake`."""
        deadline = time.monotonic() + timeout_s
        self._idle.clear()
        try:
            while not self._woken.is_set():
                left = deadline - time.monotonic()
                if self._waited(max(0.0, left)):
                    return not self._woken.is_set()
                if left <= 0:
                    return False
            return False
        finally:
            self._idle.set()

    def wake(self) -> None:
        """End a wait from another thread, at once; every later wait returns False."""
        self._woken.set()
        while not self._idle.wait(_AGAIN_S):
            context = self._context
            if context is not None:
                context.scard.SCardCancel(context.handle)

    def _waited(self, left_s: float) -> bool:
        """Wait for one answer of the system; True where it told a change."""
        if self._context is None:
            return self._await_service(left_s)
        asked = [*self._known.items()]
        result, states = self._context.scard.SCardGetStatusChange(
            self._context.handle, min(int(left_s * 1000), 0x7FFFFFFF), asked
        )
        code = result & 0xFFFFFFFF
        if code in (codes.TIMEOUT, codes.CANCELLED):
            return False
        if code == codes.OK:
            return self._learn(states)
        self._look()  # the service ended, or a reader went away in this moment
        return True

    def _learn(self, states: list[tuple[str, int, list[int]]]) -> bool:
        """Keep what the readers are now; tell whether that is another state than before."""
        assert self._context is not None
        changed = self._context.scard.SCARD_STATE_CHANGED
        told = [(name, event) for name, event, _ in states if event & changed]
        for name, event in told:
            self._known[name] = event & ~changed
        if any(name == _PNP for name, _ in told):
            self._look()
        return bool(told)

    def _look(self) -> None:
        """Learn what is there now, so that the next wait tells what differs from it."""
        self._forget()
        try:
            self._context = pcsc.Context()
            self._list()
        except DeviceError:
            self._forget()  # no service yet: `wait` looks for it

    def _list(self) -> None:
        assert self._context is not None
        scard = self._context.scard
        asked = [(name, scard.SCARD_STATE_UNAWARE) for name in (*self._context.readers(), _PNP)]
        result, states = scard.SCardGetStatusChange(self._context.handle, 0, asked)
        if result & 0xFFFFFFFF not in (codes.OK, codes.TIMEOUT):
            raise codes.refusal(result, "")
        self._known = {name: event & ~scard.SCARD_STATE_CHANGED for name, event, _ in states}

    def _await_service(self, left_s: float) -> bool:
        self._woken.wait(min(left_s, _SERVICE_S))
        if self._woken.is_set():
            return False
        self._look()
        return self._context is not None

    def _forget(self) -> None:
        context, self._context = self._context, None
        if context is not None:
            context.close()
