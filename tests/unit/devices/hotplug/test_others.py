"""Polling, Windows by a stand-in, and which of them a system gets."""

from __future__ import annotations

import ctypes
import struct
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from hwlock.devices import hotplug
from hwlock.devices.hotplug import linux, macos, polling
from hwlock.devices.hotplug.polling import Polling
from hwlock.devices.hotplug.windows import NotifiedChanges


def test_polling_tells_a_difference() -> None:
    """What `look` returns is compared with what it returned before."""
    seen = iter([1, 1, 1, 2, 2])
    with Polling(lambda: next(seen), interval_s=0.001) as changes:
        assert changes.wait(60)


def test_polling_ends() -> None:
    """Without a difference the wait ends by itself, or when it is woken."""
    changes = Polling(lambda: 1, interval_s=0.001)
    assert not changes.wait(0.005)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(changes.wait, 60)
        changes.wake()
        assert waiting.result(30) is False
    assert not changes.wait(60)


def test_where_nobody_tells_everything_may_have_changed() -> None:
    """The last resort of the last resort says yes each time."""
    assert Polling(polling.guess, interval_s=0.001).wait(60)


class Library:
    """cfgmgr32.dll that remembers what was registered."""

    def __init__(self, refuses: int = 0) -> None:
        self.refuses = refuses
        self.filters: list[bytes] = []
        self.callbacks: list[Any] = []
        self.closed: list[int] = []

    def CM_Register_Notification(self, asked: Any, _: None, callback: Any, handle: Any) -> int:
        """Keep the filter and the callback."""
        if self.refuses and self.filters:
            return self.refuses
        self.filters.append(asked.raw)
        self.callbacks.append(callback)
        handle._obj.value = len(self.filters)
        return 0

    def CM_Unregister_Notification(self, handle: Any) -> int:
        """Remember which was closed."""
        self.closed.append(handle.value)
        return 0


def test_windows_tells() -> None:
    """An arrival or a removal that Windows calls back with ends a wait, nothing else does."""
    library = Library()
    changes = NotifiedChanges.listening(("usb", "hidraw"), library)
    assert changes is not None
    size, flags, kind, reserved = struct.unpack_from("<4I", library.filters[0])
    assert (size, flags, kind, reserved, len(library.filters[0])) == (416, 0, 0, 0, 416)
    assert library.filters[0][16:32].hex().startswith("10bfdca5")
    library.callbacks[0](None, None, 7, None, 0)
    assert not changes.wait(0.001)
    for action, callback in enumerate(library.callbacks):
        assert callback(None, None, action, None, 0) == 0
        assert changes.wait(60)
    with changes:
        changes.wake()
        assert not changes.wait(60)
    assert library.closed == [1, 2]


def test_windows_refuses() -> None:
    """Where a registration fails, the earlier one is given back and polling takes over."""
    library = Library(refuses=5)
    assert NotifiedChanges.listening(("usb", "hidraw"), library) is None
    assert library.closed == [1]
    assert NotifiedChanges.listening(("usb",), ctypes.CDLL(None)) is None


def test_each_system_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system decides; where it gives no events, `look` or a guess takes over."""
    monkeypatch.setattr(sys, "platform", "darwin")
    assert isinstance(hotplug.changes(), Polling)
    monkeypatch.setattr(sys, "platform", "win32")
    assert isinstance(hotplug.changes(), Polling)
    monkeypatch.setattr(sys, "platform", "freebsd14")
    assert isinstance(hotplug.changes(look=lambda: 1), Polling)
    assert isinstance(hotplug.changes(), Polling)


def test_a_sandbox_without_netlink_still_sees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the socket is refused, /sys is looked at."""

    def refuse(*_: object) -> None:
        raise OSError(1, "no")

    monkeypatch.setattr(linux, "UeventChanges", refuse)
    assert isinstance(hotplug.changes(), Polling)
    assert macos.usb_devices() == ()


def test_the_tree_of_sys_has_numbers(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A device is seen with the number that it got when it came; interfaces are not devices."""
    (tmp_path / "1-1").mkdir()
    (tmp_path / "1-1:1.0").mkdir()
    (tmp_path / "1-1" / "devnum").write_bytes(b"7\n")
    monkeypatch.setattr(linux, "_SYS_USB", str(tmp_path))
    assert linux.usb_tree() == (("1-1", b"7\n"),)
    monkeypatch.setattr(linux, "_SYS_USB", str(tmp_path / "none"))
    assert linux.usb_tree() == ()
