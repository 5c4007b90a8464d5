"""How soon a pulled dongle is told, and what an idle watch costs.

    python tools/bench/watch.py [--runs N] [--idle SECONDS] [--json]

Each kind is pulled from a virtual bus, cards from the readers of the real pcscd
(`hwlock.testing.pcsc`), while a program is watched with its defaults (half a second of doubt);
from the pull to the begin of `on_lost`: median and worst. Then one watch does
nothing for a while: the processor time of the whole process, every thread counted, with the
events of the virtual bus and with those of this machine's kernel.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import queue
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial

from hwlock.check import Verdict
from hwlock.devices import hotplug, registry
from hwlock.devices.base import Changes
from hwlock.enforce import watch as watching
from hwlock.enforce.guard import Guard
from hwlock.enforce.machine import Machine
from hwlock.errors import Finding, HwlockError
from hwlock.evidence import yubikey
from hwlock.testing.cards.iso import VirtualCard
from hwlock.testing.cards.openpgp import VirtualOpenPgpCard
from hwlock.testing.cards.yubikey import VirtualYubiKey as VirtualYubiKeyCard
from hwlock.testing.pcsc import CardService
from hwlock.testing.usb_bus import VirtualUsbBus, VirtualUsbDevice
from hwlock.testing.vendor import Vendor
from hwlock.testing.yubikey import VirtualYubiKey

__all__ = ["idle", "main", "removals"]

# Between a plug and the next pull: nobody pulls what is just being looked at.
_QUIET_S = 1.5

Row = dict[str, "str | float | int"]


class Typist:
    """Somebody who knows the PIN of every virtual card."""

    def pin(self, device: str, attempts_left: int | None) -> str:
        """Type it."""
        del device, attempts_left
        return "123456"

    def touch(self, device: str) -> None:
        """Nothing here waits for a touch."""


class Bound(Guard):
    """A guard that asks one dongle and nothing else: no store, no license."""

    def __init__(self, uri: str, folder: str, changes: Callable[[str], Changes]) -> None:
        machine = Machine(user_root=folder, system_root=folder, changes=changes)
        super().__init__(Vendor().product.raw, machine=machine)
        self.uri = uri
        with registry.open_dongle(uri) as device:
            self.record = device.enroll()

    def check(self) -> Verdict:
        """Ask the dongle over a fresh challenge."""
        challenge = os.urandom(32)
        try:
            with registry.open_dongle(self.uri, Typist()) as device:
                proof = device.prove(self.record, challenge)
            if proof.anchor == "yubikey":
                yubikey.verify(proof, record=self.record, challenge=challenge)
        except HwlockError as exc:
            return Verdict(allowed=False, product_id="acme-cad", findings=(Finding.of(exc),))
        return Verdict(allowed=True, product_id="acme-cad")


class Sockets:
    """A dongle and where it is plugged in: `plug` and `pull`; `changes` tells of both."""

    def __init__(
        self, plug: Callable[[], object], pull: Callable[[], object], changes: Callable[[], Changes]
    ) -> None:
        self.plug = plug
        self.pull = pull
        self.changes = changes


class Reader:
    """A reader of the real service, and one card."""

    def __init__(self, service: CardService, card: VirtualCard) -> None:
        self._service = service
        self._card = card
        self.plug()

    def plug(self) -> None:
        """Put the card in."""
        self._inserted = self._service.insert(self._card)

    def pull(self) -> None:
        """Take the card out."""
        self._inserted.remove()


def _dongles() -> tuple[tuple[str, VirtualUsbDevice], ...]:
    return (
        ("usb:", VirtualUsbDevice(0x1234, 0xABCD, serial="A1")),
        ("yubikey:slot=2", VirtualYubiKey()),
    )


def removals(runs: int, folder: str) -> list[Row]:
    """Return a row per kind: milliseconds from a pull to `on_lost`, over `runs` pulls."""
    rows: list[Row] = []
    for uri, dongle in _dongles():
        with VirtualUsbBus() as bus:
            bus.plug(dongle)
            sockets = Sockets(partial(bus.plug, dongle), partial(bus.unplug, dongle), bus.changes)
            rows.append(_removal(uri, folder, sockets, runs))
    with CardService() as service:
        piv, openpgp = VirtualYubiKeyCard(), VirtualOpenPgpCard()
        piv.piv.put_key(0x9E)
        openpgp.openpgp.put_key("P-256")
        for uri, card in (("piv:slot=9e", piv), ("openpgp:", openpgp)):
            reader = Reader(service, card)
            events = partial(registry.changes, uri.partition(":")[0])
            rows.append(_removal(uri, folder, Sockets(reader.plug, reader.pull, events), runs))
            service.eject()
    return rows


def _removal(uri: str, folder: str, sockets: Sockets, runs: int) -> Row:
    guard = Bound(uri, folder, lambda _: sockets.changes())
    times = _pulled(guard, sockets, runs)
    return {
        "kind": uri.partition(":")[0],
        "pulls": runs,
        "median_ms": round(statistics.median(times), 1),
        "worst_ms": round(max(times), 1),
    }


def _pulled(guard: Bound, sockets: Sockets, runs: int) -> list[float]:
    told: queue.Queue[float] = queue.Queue()
    times = []
    with guard.watch(
        on_lost=lambda *_: told.put(time.perf_counter()),
        on_back=lambda _: told.put(time.perf_counter()),
    ):
        for _ in range(runs):
            time.sleep(_QUIET_S)
            begin = time.perf_counter()
            sockets.pull()
            times.append((told.get(timeout=30) - begin) * 1000)
            sockets.plug()
            told.get(timeout=30)
    return times


def idle(seconds: float, folder: str) -> list[Row]:
    """Return a row per source of events: milliseconds of processor time of an idle watch."""
    rows: list[Row] = []
    for name in ("virtual bus", "this system's events"):
        with VirtualUsbBus() as bus:
            uri, dongle = _dongles()[1]
            bus.plug(dongle)
            guard = Bound(
                uri,
                folder,
                (lambda _, bus=bus: bus.changes()) if name == "virtual bus" else _own_events,  # type: ignore[misc]
            )
            with guard.watch():
                before, begin = time.process_time(), time.monotonic()
                time.sleep(seconds)
                spent = (time.process_time() - before) * 1000
                took = time.monotonic() - begin
        rows.append({"events": name, "seconds": round(took, 1), "cpu_ms": round(spent, 1)})
    return rows


def _own_events(_: str) -> Changes:
    return hotplug.changes()


def _usb(guard: Guard) -> tuple[str, ...]:
    """Stand in for the licenses: none names the kind here."""
    return ("usb",)


def main(arguments: list[str] | None = None) -> int:
    """Measure and print two tables, or JSON."""
    parser = argparse.ArgumentParser(description="Time the loss of a dongle, and an idle watch.")
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--idle", type=float, default=60.0)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    watching.kinds_of = _usb
    with tempfile.TemporaryDirectory() as folder:
        pulls = removals(chosen.runs, folder)
        costs = idle(chosen.idle, folder)
    if chosen.json:
        print(json.dumps({"removals": pulls, "idle": costs}))
        return 0
    print(f"{platform.platform()}, Python {platform.python_version()}, load {os.getloadavg()[0]}")
    for row in pulls:
        print(
            f"{row['kind']:<10}{row['pulls']} pulls: on_lost after {row['median_ms']} ms "
            f"(median), {row['worst_ms']} ms (worst)"
        )
    for row in costs:
        print(f"idle, {row['events']}: {row['cpu_ms']} ms of processor in {row['seconds']} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
