"""The last resort: look again and again, and compare."""

from __future__ import annotations

import threading
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

__all__ = ["Polling", "guess"]


def guess() -> object:
    """Return something new each time: where nobody can tell, everything may have changed."""
    return object()


class Polling:
    """Changes found by calling `look` every `interval_s` and comparing what it returns."""

    def __init__(self, look: Callable[[], object], *, interval_s: float = 0.5) -> None:
        self._look = look
        self._interval_s = interval_s
        self._woken = threading.Event()
        self._seen = look()

    def wait(self, timeout_s: float) -> bool:
        """Return True once `look` returns something else, False after `timeout_s` or `wake`."""
        end = time.monotonic() + timeout_s
        while (left := end - time.monotonic()) > 0:
            if self._woken.wait(min(self._interval_s, left)):
                return False
            now = self._look()
            if now != self._seen:
                self._seen = now
                return True
        return False

    def wake(self) -> None:
        """End every wait, now and later."""
        self._woken.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.wake()
