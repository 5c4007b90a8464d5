"""What a check costs with each kind of device, next to the bare exchange with the same device.

    python tools/bench/devices.py [--runs N] [--json]

Every kind is licensed by a desk, in this process, to a device that is software: swtpm, cards in
the real pcscd (without it, on a wire alone), a virtual security key under CTAPHID, SoftHSM, a
virtual USB bus, the files of an imaginary laptop. A round does everything once: for each kind
the bare exchange that makes the device answer, over a device that is open, and a whole
`Guard.check()`, which reads and writes the store, opens the device, and verifies license and
answer. Virtual devices compute in this process too; a real one answers more slowly, twice.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import NamedTuple

from hwlock.crypto import sha2
from hwlock.devices import libusb, registry
from hwlock.devices.base import DongleAttester, Interaction, KeyAttester
from hwlock.devices.fido2.enrollment import Enrollment
from hwlock.devices.fido2.places import find
from hwlock.devices.fido2.token import Token
from hwlock.devices.pkcs11 import keys
from hwlock.devices.pkcs11.enrollment import Enrollment as TokenKey
from hwlock.devices.pkcs11.module import Module, session
from hwlock.devices.smartcard.apdu import Channel
from hwlock.devices.smartcard.openpgp import OpenPgpAttester
from hwlock.devices.smartcard.openpgp_card import OpenPgpCard
from hwlock.devices.smartcard.piv import PivAttester
from hwlock.devices.smartcard.piv_card import PivCard
from hwlock.devices.yubikey import finding, frames, wire
from hwlock.enforce.activation import activate
from hwlock.enforce.asking import make_request
from hwlock.enforce.guard import Guard
from hwlock.enforce.machine import Machine
from hwlock.enforce.person import RememberedPins
from hwlock.errors import HwlockError, NotFound
from hwlock.issue.desk import Desk
from hwlock.issue.responder import respond
from hwlock.issue.selling import Sale
from hwlock.testing import host_tree
from hwlock.testing.cards.iso import VirtualCard
from hwlock.testing.cards.openpgp import VirtualOpenPgpCard
from hwlock.testing.cards.wire import CardWire, cards
from hwlock.testing.cards.yubikey import VirtualYubiKey as VirtualYubiKeyCard
from hwlock.testing.fido2 import VirtualKey
from hwlock.testing.pcsc import READERS, CardService
from hwlock.testing.softhsm import SoftHsm
from hwlock.testing.swtpm import SoftwareTpm
from hwlock.testing.usb_bus import VirtualUsbBus, VirtualUsbDevice
from hwlock.testing.yubikey import VirtualYubiKey

__all__ = ["Kind", "main", "measure"]

Row = dict[str, "str | float | int"]
Bare = Callable[[], AbstractContextManager[Callable[[], object]]]
Sending = Callable[[], AbstractContextManager[Channel]]

_COLUMNS = ("bare_ms", "check_ms", "least_bare_ms", "least_check_ms")
_PIN = "123456"
_MESSAGE = b"a challenge with its context"


class Typist:
    """Types the one PIN that all these devices have."""

    def pin(self, device: str, attempts_left: int | None) -> str:
        """Type it."""
        return _PIN

    def touch(self, device: str) -> None:
        """Touch it."""


class Kind(NamedTuple):
    """A kind to time: its device, what its license is bound to, and the bare exchange.

    `bare` opens the device and gives what is timed; `over` names device and exchange.
    """

    uri: str
    bind: str
    over: str
    bare: Bare
    open_dongle: Callable[[str, Interaction | None], DongleAttester] = registry.open_dongle


def measure(runs: int) -> tuple[list[Row], list[str]]:
    """Return a row for each kind, in milliseconds, and why a kind was left out."""
    rows: list[Row] = []
    with ExitStack() as opened:
        folder = opened.enter_context(tempfile.TemporaryDirectory())
        desk = Desk.init(os.path.join(folder, "desk"), name="ACME", passphrase="bench")
        desk.add_product("acme-cad")
        kinds, left_out = _kinds(folder, opened)
        guards = [_licensed(desk, kind, folder) for kind in kinds]
        bares: list[list[float]] = [[] for _ in kinds]
        checks: list[list[float]] = [[] for _ in kinds]
        for turn in range(runs + 1):
            for kind, guard, bare, check in zip(kinds, guards, bares, checks, strict=True):
                with kind.bare() as exchange:
                    spent = _timed(exchange)
                took = _timed(lambda guard=guard: guard.check().require())  # type: ignore[misc]
                if turn:  # the first imports what the later ones find
                    bare.append(spent)
                    check.append(took)
        for kind, bare, check in zip(kinds, bares, checks, strict=True):
            rows.append(_row(kind, bare, check))
    return rows, left_out


def _row(kind: Kind, bare: list[float], check: list[float]) -> Row:
    low, _, high = statistics.quantiles(check, n=4)
    return {
        "kind": kind.uri.partition(":")[0],
        "over": kind.over,
        "bare_ms": round(statistics.median(bare), 2),
        "check_ms": round(statistics.median(check), 2),
        "least_bare_ms": round(min(bare), 2),
        "least_check_ms": round(min(check), 2),
        "low_ms": round(low, 2),
        "high_ms": round(high, 2),
    }


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def _licensed(desk: Desk, kind: Kind, folder: str) -> Guard:
    """Sell, ask, answer, activate; return the guard of the program."""
    scheme = kind.uri.partition(":")[0]
    product = desk.product("acme-cad")
    home = os.path.join(folder, "homes", scheme)
    machine = Machine(
        user_root=home,
        system_root=os.path.join(home, "system"),
        open_dongle=kind.open_dongle,
        open_key=registry.open_key if scheme == "tpm2" else _no_tpm,
        host_uri=f"host:root={os.path.join(folder, 'laptop')}",
        person=RememberedPins(Typist()),
    )
    sold = desk.add_entitlement(Sale(product_id=product.id, customer="Globex", bind=kind.bind))
    asked = make_request(machine, product, sold.key, devices=(kind.uri,), software="bench")
    activate(machine, respond(desk, asked.raw).response)
    return Guard(product.raw, machine=machine)


def _no_tpm(uri: str) -> KeyAttester:
    """Stand in for this machine's TPM, which is nobody's business here."""
    raise NotFound("HWL-DEVICE-NONE", device=uri)


def _kinds(folder: str, opened: ExitStack) -> tuple[list[Kind], list[str]]:
    """Return what can be timed here, and why the rest cannot."""
    kinds: list[Kind] = []
    left_out: list[str] = []
    for make in (_host, _tpm2, _cards, _fido2, _pkcs11, _usb):
        try:
            kinds += make(folder, opened)
        except HwlockError as exc:
            left_out.append(f"{make.__name__[1:]}: {exc.message}; {exc.hint}")
    return kinds, left_out


def _host(folder: str, opened: ExitStack) -> list[Kind]:
    laptop = host_tree.VirtualHost(os.path.join(folder, "laptop"), host_tree.LAPTOP)

    @contextmanager
    def bare() -> Iterator[Callable[[], object]]:
        with registry.open_host(laptop.uri) as host:
            yield host.components

    return [Kind(laptop.uri, "host", "a laptop's files: read them", bare)]


def _tpm2(folder: str, opened: ExitStack) -> list[Kind]:
    tpm = opened.enter_context(SoftwareTpm(os.path.join(folder, "tpm")))
    with registry.open_key(tpm.uri) as device:
        record = device.enroll()

    @contextmanager
    def bare() -> Iterator[Callable[[], object]]:
        with registry.open_key(tpm.uri) as device:
            yield lambda: device.sign(record, _MESSAGE)

    return [Kind(tpm.uri, "tpm2", "swtpm: Load, Sign", bare)]


def _cards(folder: str, opened: ExitStack) -> list[Kind]:
    """Return both applications: in the readers of pcscd, or each on a wire of its own."""
    piv, openpgp = VirtualYubiKeyCard(), VirtualOpenPgpCard()
    piv.piv.put_key(0x9E)
    openpgp.openpgp.put_key()
    try:
        service = opened.enter_context(CardService())
    except HwlockError as exc:
        print(f"cards on a wire alone: {exc.message}", file=sys.stderr)
        return [_on_a_wire(piv, _piv), _on_a_wire(openpgp, _openpgp)]
    service.insert(piv, reader=0)
    service.insert(openpgp, reader=1)
    return [_piv(_reader(0), "pcscd"), _openpgp(_reader(1), "pcscd")]


def _on_a_wire(card: VirtualCard, kind: Callable[[Sending, str], Kind]) -> Kind:
    only = CardWire(card)

    @contextmanager
    def channel() -> Iterator[Channel]:
        yield Channel(only)

    def open_dongle(uri: str, person: Interaction | None = None) -> DongleAttester:
        attester = PivAttester if uri.startswith("piv:") else OpenPgpAttester
        return attester(uri, person, cards(only))

    return kind(channel, "a wire")._replace(open_dongle=open_dongle)


def _reader(number: int) -> Sending:
    @contextmanager
    def channel() -> Iterator[Channel]:
        from hwlock.devices.smartcard.pcsc import Context

        context = Context()
        connected = context.connect(READERS[number])
        try:
            yield Channel(connected)
        finally:
            connected.close()
            context.close()

    return channel


def _piv(channel: Sending, over: str) -> Kind:
    @contextmanager
    def bare() -> Iterator[Callable[[], object]]:
        with channel() as sending:
            card = PivCard.select(sending)
            key = card.key(0x9E)
            yield lambda: card.sign(0x9E, key, _MESSAGE)

    return Kind("piv:slot=9e", "piv", f"{over}: GENERAL AUTHENTICATE", bare)


def _openpgp(channel: Sending, over: str) -> Kind:
    @contextmanager
    def bare() -> Iterator[Callable[[], object]]:
        with channel() as sending:
            card = OpenPgpCard.select(sending)
            key = card.key(0)
            card.verify(_PIN)
            yield lambda: card.sign(0, key, _MESSAGE)

    return Kind("openpgp:", "openpgp", f"{over}: INTERNAL AUTHENTICATE", bare)


def _fido2(folder: str, opened: ExitStack) -> list[Kind]:
    key = opened.enter_context(VirtualKey())
    with registry.open_dongle(key.uri, Typist()) as device:
        credential = Enrollment.parse(device.enroll()).credential
    place = next(place for place in find() if place.path == key.path)
    digest = sha2.sha256(_MESSAGE)

    @contextmanager
    def bare() -> Iterator[Callable[[], object]]:
        with Token.opened(place, None) as token:
            yield lambda: token.get_assertion(credential, digest, None, up=False)

    return [Kind(key.uri, "fido2", "CTAPHID: GetAssertion", bare)]


def _pkcs11(folder: str, opened: ExitStack) -> list[Kind]:
    hsm = SoftHsm(os.path.join(folder, "softhsm"))
    hsm.make_token("bench", pin=_PIN)
    hsm.make_key("bench", "P-256", pin=_PIN)
    opened.enter_context(hsm)
    with registry.open_dongle(hsm.uri("bench"), Typist()) as device:
        known = TokenKey.parse(device.enroll())
    module = Module.find("")

    @contextmanager
    def bare() -> Iterator[Callable[[], object]]:
        (token,) = (token for token in module.tokens() if token.label == "bench")
        with module.used("the token"), session(token, _PIN) as logged_in:
            (private,) = keys.private_keys(logged_in, known.label, known.identity)
            yield lambda: keys.sign(private, known.key, _MESSAGE, None)

    return [Kind(hsm.uri("bench"), "pkcs11", "SoftHSM: C_Sign", bare)]


def _usb(folder: str, opened: ExitStack) -> list[Kind]:
    bus = opened.enter_context(VirtualUsbBus())
    bus.plug(VirtualUsbDevice(0x1209, 0x4857, serial="A1"))
    bus.plug(VirtualYubiKey())
    slot = "yubikey:serial=1234567;slot=2"

    @contextmanager
    def look() -> Iterator[Callable[[], object]]:
        yield lambda: libusb.find("usb", 0x1209, 0x4857)

    @contextmanager
    def ask() -> Iterator[Callable[[], object]]:
        device, interface, _ = finding.chosen(slot)
        with wire.opened(device, interface) as reports:
            number = finding.SLOTS[2]
            yield lambda: frames.exchange(reports, number, _MESSAGE, 20, touch=lambda: None)

    return [
        Kind(slot, "yubikey", "virtual bus: HMAC-SHA1", ask),
        Kind("usb:vid=1209;pid=4857;serial=A1", "usb@identifier", "virtual bus: look", look),
    ]


def _machine() -> str:
    model = platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            model = next(line.partition(": ")[2].strip() for line in file if "model name" in line)
    except (OSError, StopIteration):
        pass
    return (
        f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"
    )


def main(arguments: list[str] | None = None) -> int:
    """Measure and print a table, or JSON."""
    parser = argparse.ArgumentParser(description="Time a check with each kind of device.")
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    rows, left_out = measure(chosen.runs)
    if chosen.json:
        told = {"machine": _machine(), "runs": chosen.runs, "rows": rows, "left_out": left_out}
        print(json.dumps(told))
        return 0
    print(f"{_machine()}; {chosen.runs} rounds, milliseconds")
    print(f"{'':<40}{'medians':>16}{'least':>16}")
    print(f"{'kind':<9}{'over':<31}{'bare':>8}{'check':>8}{'bare':>8}{'check':>8}  middle half")
    for row in rows:
        figures = "".join(f"{row[name]:>8}" for name in _COLUMNS)
        print(f"{row['kind']:<9}{row['over']:<31}{figures}  {row['low_ms']} to {row['high_ms']}")
    for line in left_out:
        print(f"left out: {line}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
