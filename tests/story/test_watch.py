"""A program that goes on while its dongles come and go: real licenses, drivers and events."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from pathlib import Path

import pytest

from hwlock import Guard, Verdict, Watch
from hwlock.devices import registry
from hwlock.record import replace
from hwlock.testing.host_tree import DESKTOP
from hwlock.testing.usb_bus import VirtualUsbBus, VirtualUsbDevice
from hwlock.testing.yubikey import VirtualYubiKey

from .actors import Actor, Clock, at_machine

FAR_S = 60
USB, YUBIKEY = "usb:vid=1234;pid=abcd;serial=A1", "yubikey:serial=1234567;slot=2"


class Program:
    """A program under watch, and what it was told."""

    def __init__(self, guard: Guard, **times: float) -> None:
        self._told: queue.Queue[tuple[str, Verdict]] = queue.Queue()
        self.watch: Watch = guard.watch(
            on_lost=lambda verdict, _: self._told.put(("lost", verdict)),
            on_back=lambda verdict: self._told.put(("back", verdict)),
            on_lock=lambda verdict: self._told.put(("lock", verdict)),
            **times,  # type: ignore[arg-type]
        )

    def told(self) -> tuple[str, set[str]]:
        """Return the next thing told, and the codes of its reasons."""
        kind, verdict = self._told.get(timeout=FAR_S)
        return kind, {found.code for found in verdict.reasons}

    @property
    def quiet(self) -> bool:
        """Whether nothing was told that nobody asked for."""
        return self._told.empty()


@pytest.fixture
def bus() -> Iterator[VirtualUsbBus]:
    """Return the sockets of the machine."""
    with VirtualUsbBus() as opened:
        yield opened


@pytest.fixture
def dongle(bus: VirtualUsbBus) -> VirtualUsbDevice:
    """Return a plain USB dongle that is plugged in."""
    return bus.plug(VirtualUsbDevice(0x1234, 0xABCD, serial="A1"))


@pytest.fixture
def key(bus: VirtualUsbBus) -> VirtualYubiKey:
    """Return a YubiKey that is plugged in."""
    made = VirtualYubiKey(1234567, secret=bytes(range(20)))
    bus.plug(made)
    return made


def licensed(vendor: Actor, clock: Clock, folder: Path, bind: str, *uris: str) -> Guard:
    """Sell, ask with these dongles, answer, activate; return the program's guard."""
    machine, product = at_machine(folder / "m", clock, DESKTOP), folder / "acme-cad.hwproduct"
    real = {"open_dongle": registry.open_dongle, "scan": registry.scan}
    machine.machine = replace(machine.machine, **real)
    asked, answered = folder / "a.hwreq", folder / "a.hwres"
    key = vendor.does(
        *("vendor", "entitlement", "add", "--product", "acme-cad", "--customer", "Meyer"),
        *("--bind", bind),
    )["key"]
    named = [word for uri in uris for word in ("--device", uri)]
    machine.does("request", "--product", product, "--key", key, "-o", asked, *named)
    vendor.does("respond", asked, "-o", answered)
    machine.does("activate", answered)
    return Guard(product, machine=machine.machine)


def test_pulled_saved_locked_and_back(
    vendor: Actor, clock: Clock, tmp_path: Path, bus: VirtualUsbBus, key: VirtualYubiKey
) -> None:
    """A YubiKey is pulled; the program is warned, locked, and goes on when it is back."""
    guard = licensed(vendor, clock, tmp_path, "yubikey", YUBIKEY)
    program = Program(guard, grace_s=0.05, debounce_s=0.05)
    with program.watch as watch:
        assert watch.verdict.require().product_id == "acme-cad"
        assert bus.listeners == 1
        bus.unplug(key)
        assert program.told() == ("lost", {"HWL-DONGLE-ABSENT"})
        assert program.told() == ("lock", {"HWL-DONGLE-ABSENT"})
        bus.plug(key)
        assert program.told() == ("back", set())
    assert bus.listeners == 0
    assert bus.driven(key)


def test_a_second_dongle_takes_over(
    vendor: Actor,
    clock: Clock,
    tmp_path: Path,
    bus: VirtualUsbBus,
    key: VirtualYubiKey,
    dongle: VirtualUsbDevice,
) -> None:
    """Where either will do, pulling one is no loss; pulling both is."""
    guard = licensed(vendor, clock, tmp_path, "yubikey or usb@identifier", YUBIKEY, USB)
    program = Program(guard, debounce_s=0.05)
    with program.watch:
        assert bus.listeners == 2
        bus.unplug(key)
        bus.plug(key)
        bus.unplug(dongle)
        bus.unplug(key)
        assert program.told()[0] == "lost"
        bus.plug(dongle)
        assert program.told() == ("back", set())
        assert program.quiet


def test_the_wrong_one_does_not_bring_it_back(
    vendor: Actor, clock: Clock, tmp_path: Path, bus: VirtualUsbBus, key: VirtualYubiKey
) -> None:
    """Another YubiKey, with the same serial number and another secret, is told apart."""
    guard = licensed(vendor, clock, tmp_path, "yubikey", YUBIKEY)
    program = Program(guard, grace_s=0.3, debounce_s=0)
    with program.watch:
        bus.unplug(key)
        assert program.told()[0] == "lost"
        bus.plug(VirtualYubiKey(1234567, secret=b"\1" * 20))
        assert program.told() == ("lock", {"HWL-DONGLE-PROOF"})


def test_a_fingerprint_is_watched_by_interval(
    vendor: Actor, clock: Clock, tmp_path: Path, bus: VirtualUsbBus
) -> None:
    """A license without a dongle has no events; the watch holds it all the same."""
    guard = licensed(vendor, clock, tmp_path, "host")
    with Program(guard).watch as watch:
        assert (watch.state, watch.deaf, bus.listeners) == ("held", (), 0)
