"""A watch with its real threads: what is told, when it ends, and what it survives.

Nothing here sleeps: a test waits for what it was told, with a deadline far away.
"""

from __future__ import annotations

import asyncio
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from hwlock.check import Verdict
from hwlock.codec import armor
from hwlock.enforce import listening, watch
from hwlock.enforce.guard import Guard
from hwlock.enforce.machine import Machine
from hwlock.enforce.watch import Watch
from hwlock.errors import Busy, DeviceError, Finding, UsageError
from hwlock.testing.changes import Plugs
from hwlock.testing.vendor import Vendor

FAR_S = 60
GONE = Finding("HWL-DEVICE-NONE", "deny", device="the dongle")


class Desk(Guard):
    """A guard whose dongles are a set of names; one is enough."""

    def __init__(self, folder: Path) -> None:
        self.plugs = Plugs()
        machine = Machine(
            user_root=str(folder / "user"),
            system_root=str(folder / "system"),
            changes=self.plugs.changes,
        )
        super().__init__(Vendor().product.raw, machine=machine)
        self.here = {"red"}
        self.raises: Exception | None = None
        self.checks = threading.Semaphore(0)

    def check(self) -> Verdict:
        """Return whether a dongle is here."""
        self.checks.release()
        if self.raises is not None:
            raise self.raises
        findings = () if self.here else (GONE,)
        return Verdict(allowed=bool(self.here), product_id="acme-cad", findings=findings)

    def plug(self, *names: str) -> None:
        """Let exactly these dongles be here."""
        self.here = set(names)
        self.plugs.happen()

    def looked(self, times: int = 1) -> None:
        """Wait until so many checks have begun since the last call."""
        for _ in range(times):
            assert self.checks.acquire(timeout=FAR_S)


class Told:
    """Callbacks that put what they are told into a queue."""

    def __init__(self) -> None:
        self.queue: queue.Queue[tuple[str, Verdict, datetime | None]] = queue.Queue()

    def watch(self, guard: Guard, **times: Any) -> Watch:
        """Return a watch that tells this queue; a twentieth of a second of doubt."""
        return guard.watch(
            on_lost=lambda verdict, deadline: self.queue.put(("lost", verdict, deadline)),
            on_back=lambda verdict: self.queue.put(("back", verdict, None)),
            on_lock=lambda verdict: self.queue.put(("lock", verdict, None)),
            **{"debounce_s": 0.05, **times},
        )

    def next(self) -> str:
        """Return the kind of the next thing told."""
        return self.queue.get(timeout=FAR_S)[0]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Return a guard of a license that names a card; no thread of a watch outlives the test."""
    monkeypatch.setattr(watch, "kinds_of", lambda _: ("piv",))
    yield Desk(tmp_path)
    assert [each.name for each in threading.enumerate() if "hwlock watch" in each.name] == []


@pytest.fixture
def told() -> Told:
    """Return a fresh queue."""
    return Told()


def test_pulled_and_plugged(desk: Desk, told: Told) -> None:
    """A pull is told with a deadline in the future, a plug as return; then all is well."""
    with told.watch(desk, grace_s=100) as watching:
        assert (watching.state, watching.verdict.allowed) == ("held", True)
        desk.plug()
        kind, verdict, deadline = told.queue.get(timeout=FAR_S)
        assert (kind, verdict.findings, watching.state) == ("lost", (GONE,), "lost")
        assert deadline is not None
        assert 0 < (deadline - datetime.now(timezone.utc)).total_seconds() <= 100
        assert watching.deadline is not None
        desk.plug("red")
        assert told.next() == "back"
        assert (watching.state, watching.deadline) == ("held", None)
    assert watching.state == "stopped"
    assert told.queue.empty()


def test_the_window_ends(desk: Desk, told: Told) -> None:
    """Without the dongle the program is told to lock, and later that it may go on."""
    with told.watch(desk, grace_s=0.01) as watching:
        desk.plug()
        assert [told.next(), told.next()] == ["lost", "lock"]
        assert watching.state == "locked"
        desk.plug("red")
        assert told.next() == "back"


def test_it_begins_locked(desk: Desk, told: Told) -> None:
    """Who starts without a dongle is told to lock, and gets no window."""
    desk.here = set()
    with told.watch(desk) as watching:
        assert told.next() == "lock"
        assert not watching.verdict.allowed
        desk.plug("red")
        assert told.next() == "back"


def test_a_hub_reset_is_not_told(desk: Desk, told: Told) -> None:
    """What comes back within the doubt never was away."""
    with told.watch(desk, debounce_s=FAR_S) as watching:
        desk.looked()
        desk.plug()
        desk.looked()
        desk.plug("red")
        desk.looked()
    assert told.queue.empty()
    assert watching.verdict.allowed


def test_a_second_dongle_takes_over(desk: Desk, told: Told) -> None:
    """Where another one is enough, pulling the first is not told."""
    with told.watch(desk):
        desk.looked()
        desk.plug("red", "blue")
        desk.looked()
        desk.plug("blue")
        desk.looked()
    assert told.queue.empty()


def test_the_end_leaves_nothing(desk: Desk, told: Told) -> None:
    """Stopping joins the threads and closes the listeners; twice is once."""
    watching = told.watch(desk)
    watching.start()
    watching.start()
    assert desk.plugs.listeners == 1
    assert watching.stop()
    assert watching.stop()
    assert desk.plugs.listeners == 0


def test_a_watch_can_begin_again(desk: Desk, told: Told) -> None:
    """After its end it is as good as new."""
    watching = told.watch(desk)
    for _ in range(2):
        with watching:
            desk.plug()
            assert told.next() == "lost"
            desk.plug("red")
            assert told.next() == "back"


def test_a_callback_may_stop_it(desk: Desk) -> None:
    """A callback that stops its own watch does not wait for itself."""
    stopped = queue.Queue[bool]()
    watching = desk.watch(on_lost=lambda *_: stopped.put(watching.stop()), debounce_s=0)
    with watching:
        desk.plug()
        assert stopped.get(timeout=FAR_S) is False
        assert watching.state == "stopped"
    assert watching.stop()


def test_stopping_during_a_callback(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who stops it meanwhile waits for it, as long as was said; it cannot begin before."""
    inside, go_on = threading.Event(), threading.Event()

    def slow(*_: object) -> None:
        inside.set()
        assert go_on.wait(FAR_S)

    watching = desk.watch(on_lost=slow, debounce_s=0)
    watching.start()
    desk.plug()
    assert inside.wait(FAR_S)
    assert watching.stop(timeout_s=0.01) is False
    monkeypatch.setattr(watch, "_STOP_S", 0.01)
    with pytest.raises(Busy):
        watching.start()
    go_on.set()
    assert watching.stop(timeout_s=FAR_S)


def test_no_callback_after_the_end(desk: Desk, told: Told) -> None:
    """A check that was under way when the watch ended tells nobody."""
    watching = told.watch(desk, debounce_s=0)
    watching.start()
    desk.looked()
    assert watching.stop()
    desk.plug()
    assert told.queue.empty()


def test_a_callback_that_raises(desk: Desk, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its author sees the exception; the watch goes on, even where the report fails."""
    seen = queue.Queue[type]()

    def hook(arguments: Any) -> None:
        seen.put(arguments.exc_type)
        raise RuntimeError("the hook fails as well")

    monkeypatch.setattr(threading, "excepthook", hook)
    monkeypatch.setattr(sys, "excepthook", lambda kind, *_: seen.put(kind))
    with desk.watch(
        on_lost=lambda *_: 1 / 0, on_back=lambda verdict: told.queue.put(("back", verdict, None)),
        debounce_s=0,
    ):  # fmt: skip
        desk.plug()
        assert seen.get(timeout=FAR_S) is ZeroDivisionError
        assert seen.get(timeout=FAR_S) is RuntimeError
        desk.plug("red")
        assert told.next() == "back"


def test_our_own_fault_is_a_denial(desk: Desk, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that fails in a way nobody thought of is reported, and does not allow."""
    seen = queue.Queue[type]()
    monkeypatch.setattr(threading, "excepthook", lambda arguments: seen.put(arguments.exc_type))
    with told.watch(desk, debounce_s=0) as watching:
        desk.raises = ZeroDivisionError("ours")
        watching.look()
        assert told.next() == "lost"
        assert seen.get(timeout=FAR_S) is ZeroDivisionError
        assert watching.verdict.reasons[0].code == "HWL-INTERNAL"
        desk.raises = DeviceError("HWL-CLOCK-RANGE", now="never")
        watching.look()
        desk.raises = None
        watching.look()
        assert told.next() == "back"


def test_without_callbacks(desk: Desk) -> None:
    """A program may ask for the state instead of being told."""
    with desk.watch(debounce_s=0, grace_s=0) as watching:
        desk.plug()
        desk.looked(3)
    assert watching.state == "stopped"
    assert not watching.verdict.allowed


def test_many_watches(desk: Desk) -> None:
    """Several watches of one program do not know each other."""
    all_told = [Told() for _ in range(8)]
    watches = [each.watch(desk) for each in all_told]
    with ThreadPoolExecutor() as pool:
        list(pool.map(Watch.start, watches))
        desk.plug()
        assert [each.next() for each in all_told] == ["lost"] * 8
        assert all(pool.map(Watch.stop, watches))


def test_many_threads_look_and_stop(desk: Desk, told: Told) -> None:
    """Looking, asking and stopping from many threads at once harms nothing."""
    watching = told.watch(desk)
    watching.start()

    def use(number: int) -> None:
        watching.look()
        assert watching.verdict.product_id == "acme-cad"
        if number % 50 == 49:
            watching.stop()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(use, range(100)))
    assert watching.stop()


class Failing:
    """A source of changes that fails when it is waited for."""

    def __enter__(self) -> Failing:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def wait(self, _: float) -> bool:
        """Fail."""
        raise DeviceError("HWL-DEVICE-EVENTS", kind="piv", detail="gone")

    def wake(self) -> None:
        """Do nothing."""


def test_a_source_that_fails_comes_back(
    desk: Desk, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a daemon restarts, the failure leads to a check, and the source is opened again."""
    sources = iter([Failing(), DeviceError("HWL-DEVICE-EVENTS", kind="piv", detail="not yet")])
    monkeypatch.setattr(listening, "_AGAIN_S", 0.001)

    def changes(kind: str) -> Any:
        source = next(sources, None)
        if isinstance(source, DeviceError):
            raise source
        return desk.plugs.changes(kind) if source is None else source

    desk._machine = Machine(user_root="/none", system_root="/none", changes=changes)
    with told.watch(desk) as watching:
        desk.looked(3)  # at the start, when the source failed, when it came back
        assert watching.deaf == ()
        desk.plug()
        assert told.next() == "lost"


def test_what_cannot_be_heard_is_said(desk: Desk, told: Told) -> None:
    """A kind without events is only looked at; why stands in `deaf`."""

    def refuse(kind: str) -> Any:
        raise DeviceError("HWL-DEVICE-EVENTS", kind=kind, detail="no")

    desk._machine = Machine(user_root="/none", system_root="/none", changes=refuse)
    with told.watch(desk) as watching:
        assert [found.code for found in watching.deaf] == ["HWL-DEVICE-EVENTS"]
        desk.here = set()
        watching.look()
        assert told.next() == "lost"


@pytest.mark.parametrize(
    "times", [{"grace_s": -1}, {"interval_s": 0}, {"debounce_s": float("nan")}]
)
def test_times_that_make_no_sense(desk: Desk, times: dict[str, float]) -> None:
    """Less than nothing is refused when the watch is made."""
    with pytest.raises(UsageError) as caught:
        desk.watch(**times)
    assert caught.value.code == "HWL-WATCH-TIME"


def test_before_the_start_there_is_nothing(desk: Desk) -> None:
    """A watch that was not started has no verdict."""
    watching = desk.watch()
    assert watching.state == "stopped"
    with pytest.raises(UsageError):
        _ = watching.verdict


def test_a_product_file_at_fault_is_told_at_once(tmp_path: Path) -> None:
    """What no later check can mend is raised where the watch starts."""
    with pytest.raises(UsageError):
        Guard(str(tmp_path / "none")).watch().start()


def test_a_real_guard_without_licenses(tmp_path: Path, told: Told) -> None:
    """A product that nobody activated begins locked, and its watch listens to nothing."""
    machine = Machine(user_root=str(tmp_path / "u"), system_root=str(tmp_path / "s"))
    with told.watch(Guard(Vendor().product.raw, machine=machine)) as watching:
        assert told.next() == "lock"
        assert watching.verdict.reasons[0].code == "HWL-LICENSE-NONE"


def test_asyncio(desk: Desk) -> None:
    """The same events arrive in the loop, and the iteration ends with the watch."""

    async def program() -> list[str]:
        kinds = []
        async with desk.watch_async(debounce_s=0.05, grace_s=100) as watching:
            assert watching.verdict.allowed
            desk.plug()
            async for event in watching:
                kinds.append(event.kind)
                if event.kind == "back":
                    break
                assert event.deadline is not None
                desk.plug("red")
        kinds += [event.kind async for event in watching]
        return kinds

    assert asyncio.run(asyncio.wait_for(program(), FAR_S)) == ["lost", "back"]


def test_asyncio_cancelled_at_the_door(desk: Desk) -> None:
    """A task that is cancelled while the first check runs leaves no thread behind."""

    async def program() -> None:
        watching = desk.watch_async()
        entering = asyncio.ensure_future(watching.__aenter__())
        await asyncio.sleep(0)
        entering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await entering
        with ThreadPoolExecutor() as pool:  # the first check ends on a thread of the loop's own
            await asyncio.get_running_loop().run_in_executor(pool, desk.looked)
            await asyncio.get_running_loop().run_in_executor(pool, watching.stop)

    asyncio.run(asyncio.wait_for(program(), FAR_S))


def test_threads_are_for_those_who_watch(tmp_path: Path) -> None:
    """A guard that only checks imports neither threads nor asyncio nor sockets."""
    product = tmp_path / "acme-cad.hwproduct"
    product.write_bytes(armor.encode(Vendor().product.raw, "PRODUCT").encode())
    program = (
        "import sys; before = set(sys.modules); from hwlock import Guard, Machine; "
        f"machine = Machine(user_root={str(tmp_path)!r}, system_root={str(tmp_path)!r}); "
        f"assert not Guard({str(product)!r}, machine=machine).check().allowed; "
        "print({'threading', 'asyncio', 'socket'} & (set(sys.modules) - before))"
    )
    command = [sys.executable, "-I", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
