"""A guarded program that notices when its dongle is pulled, and is kind about it.

::

    with guard.watch(on_lost=warn, on_back=resume, on_lock=lock, grace_s=120) as watch:
        grant = watch.verdict.require()
        ...

Checks run on a thread of their own: at an interval, and at once when a device of a kind that
the licenses name comes or goes. What the states are and when they change: `enforce.grace`.
Callbacks run on that thread, one at a time; a GUI hands them to its own. One that raises is
reported through `threading.excepthook` and changes nothing else.
"""

from __future__ import annotations

import sys
import threading
import time

from hwlock.check import Verdict
from hwlock.enforce.grace import LOCKED, STOPPED, WatchEvent
from hwlock.enforce.listening import Listener
from hwlock.enforce.rounds import Rounds
from hwlock.enforce.stores import live_licenses, stores_of
from hwlock.errors import Busy, Finding, HwlockError, UsageError
from hwlock.evidence.claims import DONGLES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import TypeAlias

    from typing_extensions import Self

    from hwlock.enforce.guard import Guard

    OnVerdict: TypeAlias = "Callable[[Verdict], object] | None"
    OnLost: TypeAlias = "Callable[[Verdict, datetime], object] | None"

__all__ = ["Watch", "Watching", "kinds_of"]

_STOP_S = 5.0


def kinds_of(guard: Guard) -> tuple[str, ...]:
    """Return the kinds of dongle that the licenses of `guard` name, sorted; HwlockError."""
    stores = stores_of(guard.machine, guard.product.id)
    live = live_licenses(stores, [])
    named = {anchor.kind for one in live for anchor in one.license.says.binding.anchors}
    return tuple(sorted(named.intersection(DONGLES)))


class Watching:
    """The threads of a watch: rounds of checks, a listener for each kind, and what is told.

    `tell` gets each event on the watch's thread. `Watch` and `AsyncWatch` are its two faces.
    """

    def __init__(
        self,
        guard: Guard,
        tell: Callable[[WatchEvent], None],
        *,
        grace_s: float,
        interval_s: float,
        debounce_s: float,
    ) -> None:
        for name, value in (("grace_s", grace_s), ("debounce_s", debounce_s)):
            if not 0 <= value < threading.TIMEOUT_MAX:
                raise UsageError("HWL-WATCH-TIME", name=name, value=value, least=0)
        if not 1 <= interval_s < threading.TIMEOUT_MAX:
            raise UsageError("HWL-WATCH-TIME", name="interval_s", value=interval_s, least=1)
        self._guard = guard
        self._tell = tell
        self._times = {"grace_s": grace_s, "interval_s": interval_s, "debounce_s": debounce_s}
        self._news = threading.Condition()
        self._heard = False
        self._stopping = True
        self._rounds: Rounds | None = None
        self._listeners: dict[str, Listener] = {}
        self._thread: threading.Thread | None = None

    @property
    def verdict(self) -> Verdict:
        """The verdict of the latest check; UsageError before the watch was started."""
        return self._started().grace.verdict

    @property
    def state(self) -> str:
        """One of "held", "unsure", "lost", "locked", "stopped"."""
        return STOPPED if self._stopping or self._rounds is None else self._rounds.grace.state

    @property
    def deadline(self) -> datetime | None:
        """Until when work can be saved (aware UTC); None unless the state is "lost"."""
        return self._started().deadline()

    @property
    def deaf(self) -> tuple[Finding, ...]:
        """For each kind whose coming and going is not heard at the moment: why.

        Such a kind is only looked at every `interval_s`.
        """
        failures = [listener.failure for listener in list(self._listeners.values())]
        return tuple(Finding.of(failure, "note") for failure in failures if failure is not None)

    def start(self) -> None:
        """Check once, here and now, then go on in the background; twice is once.

        HwlockError where the product file itself is at fault; Busy where an earlier round of
        this watch was stopped and has not ended yet.
        """
        if not self._stopping:
            return
        if not Watching.stop(self, _STOP_S):
            raise Busy("HWL-WATCH-ENDING")
        self._guard.product  # noqa: B018 - raises now what no later check could mend
        self._stopping = self._heard = False
        self._listen()
        try:
            self._rounds = self._first()
        except BaseException:
            Watching.stop(self)
            raise
        with self._news:
            if not self._stopping:  # somebody may have stopped it during the first check
                self._thread = threading.Thread(target=self._run, name="hwlock watch", daemon=True)
                self._thread.start()

    def stop(self, timeout_s: float = _STOP_S) -> bool:
        """End the watch; no callback begins after this. Tell whether all threads ended.

        Waits for them at most `timeout_s`, and not at all where a callback calls it.
        """
        with self._news:
            self._stopping = True
            self._news.notify_all()
        listeners = list(self._listeners.values())
        for listener in listeners:
            listener.stop()
        end = time.monotonic() + timeout_s
        threads = [listener.thread for listener in listeners]
        threads += [] if self._thread is None else [self._thread]
        if threading.current_thread() in threads:
            return False
        for thread in threads:
            thread.join(max(end - time.monotonic(), 0))
        if any(thread.is_alive() for thread in threads):
            return False
        self._thread, self._listeners = None, {}
        return True

    def look(self) -> None:
        """Check as soon as possible: something may have changed."""
        with self._news:
            self._heard = True
            self._news.notify_all()

    def _first(self) -> Rounds:
        machine = self._guard.machine
        return Rounds(
            self._check,
            monotonic=time.monotonic,
            wall=machine.clock,
            entropy=machine.entropy,
            **self._times,
        )

    def _started(self) -> Rounds:
        if self._rounds is None:
            raise UsageError("HWL-WATCH-BEFORE")
        return self._rounds

    def _run(self) -> None:
        rounds = self._started()
        if rounds.grace.state == LOCKED:
            self._say(WatchEvent(kind="lock", verdict=rounds.grace.verdict))
        while self._waited(rounds):
            with self._news:
                heard, self._heard = self._heard, False
            told = rounds.look(heard)
            if told is not None:
                self._say(told)
                self._listen()

    def _waited(self, rounds: Rounds) -> bool:
        """Wait until it is time to look; False where it is time to stop."""
        with self._news:
            while not self._stopping:
                wait_s = rounds.wait_s(self._heard)
                if wait_s <= 0 or not self._news.wait(wait_s):
                    return True
            return False

    def _check(self) -> Verdict:
        """Check; whatever goes wrong is a denial, for what is not known is not allowed."""
        try:
            return self._guard.check()
        except HwlockError as exc:
            finding = Finding.of(exc)
        except Exception as exc:  # our own fault must not leave the program unwatched
            _report(exc)
            finding = Finding("HWL-INTERNAL", "deny", detail=f"{type(exc).__name__}: {exc}")
        return Verdict(allowed=False, product_id=self._guard.product.id, findings=(finding,))

    def _say(self, told: WatchEvent) -> None:
        with self._news:
            if self._stopping:
                return
        try:
            self._tell(told)
        except Exception as exc:  # a callback's fault is its author's to see, and not our end
            _report(exc)

    def _listen(self) -> None:
        """Listen to every kind that the licenses name now and did not before."""
        try:
            kinds = kinds_of(self._guard)
        except HwlockError:  # the check says it better
            return
        for kind in kinds:
            with self._news:
                if self._stopping or kind in self._listeners:
                    continue
                self._listeners[kind] = listener = self._listener(kind)
                listener.thread.start()

    def _listener(self, kind: str) -> Listener:
        machine = self._guard.machine
        return Listener(kind, lambda: machine.changes(kind), self.look)


class Watch(Watching):
    """A watch that calls back; a context manager that starts and stops it."""

    def __init__(
        self,
        guard: Guard,
        *,
        on_lost: OnLost,
        on_back: OnVerdict,
        on_lock: OnVerdict,
        grace_s: float,
        interval_s: float,
        debounce_s: float,
    ) -> None:
        super().__init__(
            guard,
            self._call,
            grace_s=grace_s,
            interval_s=interval_s,
            debounce_s=debounce_s,
        )
        self._on_lost = on_lost
        self._on_verdict = {"back": on_back, "lock": on_lock}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def _call(self, told: WatchEvent) -> None:
        if told.kind == "lost":
            if self._on_lost is not None and told.deadline is not None:
                self._on_lost(told.verdict, told.deadline)
            return
        callback = self._on_verdict[told.kind]
        if callback is not None:
            callback(told.verdict)


def _report(exc: Exception) -> None:
    """Show an exception the way Python shows one that ends a thread."""
    thread = threading.current_thread()
    arguments = threading.ExceptHookArgs((type(exc), exc, exc.__traceback__, thread))
    try:
        threading.excepthook(arguments)
    except Exception:  # a hook that fails must not end the watch either
        sys.excepthook(*sys.exc_info())
