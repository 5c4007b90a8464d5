"""Other Unixes have what psutil knows."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import psutil
import pytest

from hwlock.devices.host import other
from hwlock.errors import UnsupportedError


def test_psutil_gives_memory_and_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Interfaces named like software are left out; the rest count by their address."""
    link = psutil.AF_LINK

    def addresses() -> dict[str, list[SimpleNamespace]]:
        return {
            "lo0": [SimpleNamespace(family=2, address="127.0.0.1")],
            "tap0": [SimpleNamespace(family=link, address="58:9c:fc:10:20:30")],
            "igb0": [SimpleNamespace(family=link, address="0c:c4:7a:10:20:30")],
            "odd0": [SimpleNamespace(family=link, address="?")],
        }

    monkeypatch.setattr(psutil, "net_if_addrs", addresses)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(total=16_900_000_000))
    reading = other.read()
    assert ("memory", b"17179869184") in reading.parts
    assert [value for kind, value in reading.parts if kind == "nic"] == [b"0CC47A102030"]
    assert "HWL-HOST-SOFTWARE" in [note.code for note in reading.notes()]


def test_a_system_without_psutil_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not an ImportError, but a sentence."""
    monkeypatch.setitem(sys.modules, "psutil", None)
    with pytest.raises(UnsupportedError) as caught:
        other.read()
    assert caught.value.code == "HWL-HOST-SYSTEM"
