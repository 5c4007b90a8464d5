"""The watch for asyncio: the same threads, and events that arrive in the loop.

::

    async with guard.watch_async(grace_s=120) as watch:
        watch.verdict.require()
        async for event in watch:  # ends when the watch is stopped
            ...

Devices are asked on threads, for no card answers asynchronously; nothing blocks the loop.
"""

from __future__ import annotations

import asyncio

from hwlock.enforce.watch import Watching

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Self

    from hwlock.enforce.grace import WatchEvent
    from hwlock.enforce.guard import Guard

__all__ = ["AsyncWatch"]


class AsyncWatch(Watching):
    """A watch as an async context manager and an async iterator of its events."""

    def __init__(
        self, guard: Guard, *, grace_s: float, interval_s: float, debounce_s: float
    ) -> None:
        super().__init__(
            guard, self._put, grace_s=grace_s, interval_s=interval_s, debounce_s=debounce_s
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._events: asyncio.Queue[WatchEvent | None] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._events = asyncio.Queue()
        starting = self._loop.run_in_executor(None, self.start)
        try:
            await asyncio.shield(starting)
        except asyncio.CancelledError:
            starting.add_done_callback(lambda _: self.stop(0))
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._loop is not None
        await self._loop.run_in_executor(None, self.stop)

    def stop(self, timeout_s: float = 5.0) -> bool:
        """End the watch and its iteration; see `Watching.stop`. Blocks: not for the loop."""
        ended = super().stop(timeout_s)
        self._put(None)
        return ended

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> WatchEvent:
        event = await self._events.get()
        if event is None:
            self._events.put_nowait(None)  # for whoever iterates as well, or again
            raise StopAsyncIteration
        return event

    def _put(self, event: WatchEvent | None) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._events.put_nowait, event)
