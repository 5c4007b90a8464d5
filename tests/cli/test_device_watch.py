"""`hwlock device watch`: a line for each plug and pull, and what it means for a license."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hwlock.cli import device_watch
from hwlock.errors import UnsupportedError
from hwlock.testing.usb_bus import VirtualUsbBus, VirtualUsbDevice
from hwlock.testing.vendor import Vendor
from tests.story.actors import Actor, Clock, Told, at_machine


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[VirtualUsbBus]:
    """Return the sockets of the machine; only plain USB devices are looked at."""
    monkeypatch.setattr(device_watch, "_KINDS", ("usb",))
    with VirtualUsbBus() as opened:
        yield opened


@pytest.fixture
def machine(tmp_path: Path) -> Actor:
    """Return somebody at a machine."""
    return at_machine(tmp_path, Clock())


def until(condition: object) -> None:
    """Wait until a condition holds, at most a minute."""
    end = time.monotonic() + 60
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Return what grows whenever the command has looked at the sockets."""
    done: list[object] = []
    genuine = device_watch._look

    def look() -> object:
        done.append(genuine())
        return done[-1]

    monkeypatch.setattr(device_watch, "_look", look)
    return done


def told_while(machine: Actor, looks: list[object], *words: object, step: object = None) -> Told:
    """Run `device watch`, and take a step (plug, pull) once it has looked and listens."""
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(machine.types, "device", "watch", *words)
        until(lambda: looks or running.done())
        if callable(step):
            step()
        return running.result(60)


def test_plugs_and_pulls(machine: Actor, bus: VirtualUsbBus, looks: list[object]) -> None:
    """What is here at the start is told, then each change."""
    dongle = bus.plug(VirtualUsbDevice(0x1234, 0xABCD, serial="A1"))
    told = told_while(machine, looks, "--count", 2, "--for", 60, step=lambda: bus.unplug(dongle))
    lines = told.out.splitlines()
    assert (told.status, len(lines)) == (0, 2)
    assert lines[0].endswith("plugged  usb:vid=1234;pid=abcd  USB device 1234:abcd")
    assert lines[1].endswith("pulled   usb:vid=1234;pid=abcd  USB device 1234:abcd")
    assert bus.listeners == 0


def test_lines_of_json(machine: Actor, bus: VirtualUsbBus, looks: list[object]) -> None:
    """With --json each line is an object of its own."""
    bus.plug(VirtualUsbDevice(0x1234, 0xABCD, serial="A1"))
    told = told_while(machine, looks, "--count", 1, "--for", 60, "--json")
    assert json.loads(told.out) | {"at": ""} == {
        "at": "",
        "event": "plugged",
        "uri": "usb:vid=1234;pid=abcd",
        "name": "USB device 1234:abcd",
        "problem": None,
    }


def test_the_verdict_is_told(
    machine: Actor, bus: VirtualUsbBus, looks: list[object], tmp_path: Path
) -> None:
    """With a product its verdict is told; here nobody activated it."""
    product = tmp_path / "acme-cad.hwproduct"
    product.write_bytes(Vendor().product.raw)
    told = told_while(machine, looks, "--product", product, "--count", 1, "--for", 60, "--json")
    said = json.loads(told.out)
    assert (said["event"], said["product"], said["allowed"]) == ("lock", "acme-cad", False)
    assert said["findings"][0]["code"] == "HWL-LICENSE-NONE"


def test_what_cannot_be_seen_is_told_once(
    machine: Actor, bus: VirtualUsbBus, looks: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing library is a line, and not repeated at each change."""

    def none(*_: object) -> None:
        raise UnsupportedError("HWL-USB-LIBRARY")

    monkeypatch.setattr("hwlock.devices.libusb.find", none)
    dongle = VirtualUsbDevice(0x1234, 0xABCD, serial="A1")
    told = told_while(machine, looks, "--for", 0.2, step=lambda: bus.plug(dongle))
    assert told.out.count("HWL-USB-LIBRARY") == 1


def test_ctrl_c_is_how_it_ends(
    machine: Actor, bus: VirtualUsbBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever interrupts it has seen enough: no error."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(device_watch, "_events", interrupted)
    told = machine.types("device", "watch")
    assert (told.status, told.err) == (0, "")
    assert bus.listeners == 0
