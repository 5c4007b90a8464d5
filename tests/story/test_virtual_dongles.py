"""Each kind of dongle from the request to the check, over a virtual device and its real driver."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hwlock import Guard
from hwlock.devices import registry
from hwlock.devices.smartcard.openpgp import OpenPgpAttester
from hwlock.devices.smartcard.piv import PivAttester
from hwlock.devices.yubikey import attester
from hwlock.record import replace
from hwlock.testing.cards import yubikey as yubikey_card
from hwlock.testing.cards.maker import CardMaker
from hwlock.testing.cards.openpgp import VirtualOpenPgpCard
from hwlock.testing.cards.wire import CardWire, cards
from hwlock.testing.fido2 import Authenticator, Maker, VirtualKey
from hwlock.testing.host_tree import DESKTOP, LAPTOP
from hwlock.testing.usb_bus import VirtualUsbBus, VirtualUsbDevice
from hwlock.testing.yubikey import VirtualYubiKey

from .actors import Actor, Clock, at_machine


class Plugged:
    """One dongle in its socket: how to name it, pull it, and put it back."""

    def __init__(
        self,
        uri: str,
        pull: Callable[[], object],
        plug: Callable[[], object],
        *,
        opens: Callable[..., object] = registry.open_dongle,
        root: bytes = b"",
    ) -> None:
        self.uri = uri
        self.kind = uri.partition(":")[0]
        self.pull = pull
        self.plug = plug
        self.opens = opens
        self.root = root


class Typist:
    """Somebody who knows the PIN of an OpenPGP card, and touches what blinks."""

    def pin(self, device: str, attempts_left: int | None) -> str:
        """Type it."""
        return "123456"

    def touch(self, device: str) -> None:
        """Touch it."""


def in_a_reader(wire: CardWire, kind: type, uri: str, root: bytes = b"") -> Plugged:
    """Return a card that its real driver finds without a card service."""

    def opens(uri: str, person: object) -> object:
        device = kind(uri, person, find=cards(*([wire] if wire.present else [])))
        device.describe()
        return device

    def present(there: bool) -> None:
        wire.present = there

    return Plugged(uri, lambda: present(False), lambda: present(True), opens=opens, root=root)


@pytest.fixture(params=["piv", "openpgp", "fido2", "yubikey", "usb"])
def dongle(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plugged]:
    """Each kind of dongle whose device can be virtual without a daemon."""
    if request.param == "piv":
        maker = CardMaker()
        card = yubikey_card.VirtualYubiKey(token=maker.token())
        card.piv.put_key(0x9E, pin_policy="never")
        yield in_a_reader(CardWire(card), PivAttester, "piv:", maker.root)
    elif request.param == "openpgp":
        old = VirtualOpenPgpCard()
        old.openpgp.put_key("P-256")
        yield in_a_reader(CardWire(old), OpenPgpAttester, "openpgp:")
    elif request.param == "fido2":
        root = Maker()
        with VirtualKey(Authenticator(maker=root)) as key:
            yield Plugged("fido2:", key.unplug, key.plug, root=root.der)
    else:
        monkeypatch.setattr(attester, "_latest", {})
        with VirtualUsbBus() as bus:
            if request.param == "yubikey":
                device = VirtualYubiKey(secret=bytes(range(20)))
                device.busy = 0
                uri = "yubikey:"
            else:
                device = VirtualUsbDevice(0x1209, 0x0001, serial="4711")
                uri = "usb:vid=1209;pid=0001"
            bus.plug(device)
            yield Plugged(uri, lambda: bus.unplug(device), lambda: bus.plug(device))


def machine_with(dongle: Plugged, home: Path, clock: Clock, hardware: object = DESKTOP) -> Actor:
    """Return somebody at a machine that has this dongle in a socket."""
    from hwlock.enforce.person import RememberedPins

    actor = at_machine(home, clock, hardware)
    actor.machine = replace(
        actor.machine,
        open_dongle=dongle.opens,
        scan=lambda kinds: (),
        person=RememberedPins(Typist()),
    )
    return actor


REACHED = {
    "piv": "attested",
    "openpgp": "key",
    "fido2": "attested",
    "yubikey": "shared",
    "usb": "identifier",
}


def test_from_the_request_to_the_check(
    vendor: Actor, clock: Clock, tmp_path: Path, dongle: Plugged
) -> None:
    """It reaches what its kind can reach, is missed when pulled, and goes on when it is back."""
    reached = REACHED[dongle.kind]
    if dongle.root:
        (tmp_path / f"vendor/desk/{dongle.kind}-roots/maker.der").write_bytes(dongle.root)
    product, asked, answered = (
        tmp_path / name for name in ("acme-cad.hwproduct", "a.hwreq", "a.hwres")
    )
    proven = "(5.7)" if dongle.kind == "piv" else ""  # of which the firmware is attested
    bind = f"{dongle.kind}{proven}@{reached}"
    sold = ("--product", "acme-cad", "--customer", "Meyer", "--bind", bind)
    key = vendor.does("vendor", "entitlement", "add", *sold)["key"]
    machine = machine_with(dongle, tmp_path / "m", clock)
    words = ("request", "--product", product, "--key", key, "--device", dongle.uri, "-o")
    machine.does(*words, asked)
    said = vendor.does("respond", asked, "-o", answered)
    assert said["assurance"] == reached
    machine.does("activate", answered)
    guard = Guard(product, machine=machine.machine)
    for _ in range(40):
        assert guard.check().allowed
    dongle.pull()
    verdict = guard.check()
    assert not verdict.allowed
    assert [found.code for found in verdict.reasons] == ["HWL-DONGLE-ABSENT"]
    dongle.plug()
    assert guard.check().allowed
    # the same dongle at another machine is the same seat, and needs no request there
    again = tmp_path / "b.hwreq"
    machine.does(*words, again)
    assert vendor.does("respond", again, "-o", answered)["kind"] == "reactivated"
    machine.does("activate", answered)
    other = machine_with(dongle, tmp_path / "n", clock, LAPTOP)
    licenses = tmp_path / "n/store/acme-cad/licenses"
    licenses.mkdir(parents=True, mode=0o700)
    for file in (tmp_path / "m/store/acme-cad/licenses").iterdir():
        (licenses / file.name).write_bytes(file.read_bytes())
    assert Guard(product, machine=other.machine).check().allowed
