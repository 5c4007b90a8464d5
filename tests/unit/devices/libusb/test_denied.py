"""Whether this user may open a device is told by its node, without opening it."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from hwlock.devices import libusb

DEVICE = SimpleNamespace(bus=2, address=17)


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the node of DEVICE in a /dev of this test."""
    monkeypatch.setattr(libusb, "_DEV", str(tmp_path))
    path = tmp_path / "bus" / "usb" / "002" / "017"
    path.parent.mkdir(parents=True)
    path.touch()
    return path


def test_a_node_that_is_not_permitted_is_told(node: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the hint that names the udev rule."""
    monkeypatch.setattr(os, "access", lambda path, _: Path(path) != node)
    problem = libusb.denied(DEVICE, "YubiKey")
    assert problem is not None
    assert (problem.code, problem.details["device"]) == ("HWL-USB-DENIED", "YubiKey")


def test_a_node_that_is_permitted_is_no_problem(node: Path) -> None:
    """Nor is one that is not there: opening it tells more."""
    assert libusb.denied(DEVICE, "YubiKey") is None
    node.unlink()
    assert libusb.denied(DEVICE, "YubiKey") is None
