"""The examples of docs/integrate.md for dongles run as they stand there."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

import hwlock
from hwlock.check import Verdict
from hwlock.devices import registry
from hwlock.enforce.grace import WatchEvent
from hwlock.errors import Finding

PAGE = Path(__file__).parents[2] / "docs" / "integrate.md"
YES = Verdict(allowed=True, product_id="acme-cad")
NO = Verdict(
    allowed=False,
    product_id="acme-cad",
    findings=(Finding("HWL-DEVICE-NONE", "deny", device="the red dongle"),),
)


def examples(title: str) -> list[str]:
    """Return the Python blocks of a section."""
    text = PAGE.read_text(encoding="utf-8")
    start = text.index(f"\n## {title}") + 1
    section = text[start : text.find("\n## ", start)]
    return re.findall(r"^```python\n(.*?)^```", section, flags=re.M | re.S)


class Window:
    """A window whose timer ticks once after each thing that happens."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.happens: list[Callable[[], object]] = []

    def run(self, timer: Callable[[Window], None]) -> None:
        """Run until nothing happens any more."""
        for each in self.happens:
            each()
            timer(self)

    def warn(self, text: str, until: datetime) -> None:
        """Show a warning."""
        self.seen.append(text)

    def keep_copy_of_unsaved_work(self) -> None:
        """Save."""
        self.seen.append("saved")

    def lock(self) -> None:
        """Lock."""
        self.seen.append("locked")

    def go_on(self) -> None:
        """Unlock."""
        self.seen.append("on")

    def show(self, event: WatchEvent) -> None:
        """Show an event."""
        self.seen.append(event.kind)


class Scripted:
    """A guard whose watch does what the test says."""

    def __init__(self, *_: object) -> None:
        self.verdict = YES

    def watch(self, **callbacks: Any) -> Scripted:
        """Keep the callbacks."""
        vars(self).update(callbacks)
        return self

    def __enter__(self) -> Scripted:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def test_the_window_to_save_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """The example warns, keeps the work, locks and goes on."""
    monkeypatch.setattr(hwlock, "Guard", Scripted, raising=False)
    names: dict[str, Any] = {}
    exec(examples("Watch")[0], names)
    window, watch = Window(), names["watch"]
    window.happens = [
        lambda: watch.on_lost(NO, datetime.now(timezone.utc)),
        lambda: watch.on_lock(NO),
        lambda: watch.on_back(YES),
    ]
    names["run"](window)
    assert window.seen[0].startswith("the red dongle is not plugged in. plug it in")
    assert window.seen[1:] == ["saved", "locked", "on"]


def test_asyncio() -> None:
    """The example shows each event until the watch ends."""

    class Events:
        verdict = YES

        def __init__(self) -> None:
            self.left = [WatchEvent(kind="lost", verdict=NO), WatchEvent(kind="back", verdict=YES)]

        async def __aenter__(self) -> Events:
            return self

        async def __aexit__(self, *_: object) -> None:
            pass

        def __aiter__(self) -> Events:
            return self

        async def __anext__(self) -> WatchEvent:
            if not self.left:
                raise StopAsyncIteration
            return self.left.pop(0)

    class Guard:
        def watch_async(self, *, grace_s: float) -> Events:
            return Events()

    names: dict[str, Any] = {}
    exec(examples("Watch")[1], names)
    window = Window()
    asyncio.run(names["watch_license"](Guard(), window))
    assert window.seen == ["lost", "back"]


def test_a_virtual_bus() -> None:
    """The example plugs in a key that the drivers find."""
    code = examples("Tests without hardware")[0]
    seen: list[str] = []
    found = "seen.append(registry.open_dongle('yubikey:').uri)"
    exec(code.replace("...", found), {"seen": seen, "registry": registry})
    assert seen == ["yubikey:serial=1234567;slot=2"]
