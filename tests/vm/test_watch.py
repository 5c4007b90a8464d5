"""A guarded program whose dongle is pulled while it runs, with the drivers of a real kernel."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from usb.core import USBError
from vm.agent import Running
from vm.computer import Computer
from vm.dongles import FIDO_REPORT, INTERRUPT, KEYBOARD_REPORT, Dongle, Endpoint, Interface, Stall

from hwlock.testing.cards.yubikey import VirtualYubiKey as VirtualCard
from hwlock.testing.usb_bus import VirtualUsbDevice
from hwlock.testing.yubikey import VirtualYubiKey

from .conftest import Desk, Person

pytestmark = pytest.mark.vm

GUARDED = """
import hwlock, sys, threading
def tell(word):
    def told(verdict, *deadline):
        print(word, *[each.code for each in verdict.findings], flush=True)
    return told
guard = hwlock.Guard("acme-cad.hwproduct")
told = {f"on_{word}": tell(word) for word in ("lost", "back", "lock")}
with guard.watch(**told, grace_s=float(sys.argv[1]), interval_s=60) as watch:
    print("working", watch.state, *[each.code for each in watch.deaf], flush=True)
    threading.Event().wait()
"""


# Ends when the dongle that its word names can be opened.
READY = """
import sys, time
from hwlock.devices import registry
from hwlock.errors import HwlockError
deadline = time.monotonic() + 30
while True:
    try:
        with registry.open_dongle(sys.argv[1]) as dongle:
            break
    except HwlockError as exc:
        if time.monotonic() > deadline:
            raise
        time.sleep(0.05)
"""


# Asks a dongle who it is, again and again.
ASKING = """
import sys
from hwlock.devices import registry
for _ in range(40):
    with registry.open_dongle(sys.argv[1]) as dongle:
        assert dongle.serial == 1234567
"""


class OnTheWire(Dongle):
    """A virtual device of `hwlock.testing`, with the descriptors that a real one has."""

    def __init__(self, device: VirtualUsbDevice) -> None:
        interfaces = tuple(_interface(*row) for row in enumerate(device.interfaces, 1))
        serial = device.strings.get(3, "")
        super().__init__(device.vendor, device.product, serial, interfaces, "Dongle")
        self._device = device
        device.plugged()

    def asked(
        self, way: int, request: int, value: int, index: int, data: bytes, length: int
    ) -> bytes:
        """Let the virtual device answer; what any HID device takes, it takes."""
        if (way, request) in ((0x21, 0x0A), (0x21, 0x0B)):
            return b""
        try:
            return self._device.control(way, request, value, index, data)
        except USBError as exc:
            raise Stall from exc


def _interface(number: int, triple: tuple[int, int, int]) -> Interface:
    report = {(3, 1, 1): KEYBOARD_REPORT, (3, 0, 0): FIDO_REPORT}.get(triple, b"")
    return Interface(triple, (Endpoint(0x80 | number, INTERRUPT, 8, 10),), report)


class Usb:
    """A plain USB dongle in a socket of the machine; the other one has another serial number."""

    uri, bind = "usb:vid=1209;pid=4857;serial=RED-1", "usb@identifier"
    refusal = "HWL-DONGLE-INSTEAD"

    def __init__(self, station: Computer) -> None:
        self._station = station

    def plug(self, *, other: bool = False) -> None:
        """Plug ours in, or the other one."""
        self._station.plug_dongle(OnTheWire(self._device(other)))

    def pull(self) -> None:
        """Pull out what is plugged in."""
        self._station.unplug_dongle()

    def _device(self, other: bool) -> VirtualUsbDevice:
        return VirtualUsbDevice(0x1209, 0x4857, serial="BLUE-2" if other else "RED-1")


class Yubikey(Usb):
    """A YubiKey with a secret in slot 2; the other one has its serial number, not its secret."""

    uri, bind = "yubikey:serial=1234567;slot=2", "yubikey"
    refusal = "HWL-DONGLE-PROOF"

    def _device(self, other: bool) -> VirtualUsbDevice:
        return VirtualYubiKey(secret=bytes(19) + (b"\2" if other else b"\1"))


class Piv:
    """A PIV card in a reader; the other one has its serial number, not its key."""

    uri, bind = "piv:serial=1234567;slot=9e", "piv"
    refusal = "HWL-SMARTCARD-OTHER"

    def __init__(self, station: Computer) -> None:
        station.agent.start("pcscd", "--foreground")
        self._slot = station.plug_reader()
        self._cards = VirtualCard(), VirtualCard()
        for card in self._cards:
            card.piv.put_key(0x9E)

    def plug(self, *, other: bool = False) -> None:
        """Put our card in, or the other one."""
        self._slot.insert(self._cards[other].transmit)

    def pull(self) -> None:
        """Take the card out."""
        self._slot.take_out()


Kind = Callable[[Computer], "Usb | Piv"]


def licensed(station: Computer, desk: Desk, kind: Kind, user: str) -> tuple[Person, Usb | Piv]:
    """Return somebody with a license for a dongle of this kind, which is plugged in."""
    person = Person(station.agent, user)
    dongle = kind(station)
    dongle.plug()
    seen = person.python(READY, dongle.uri)
    assert seen.status == 0, seen
    person.activates(desk, dongle.bind, "--device", dongle.uri)
    return person, dongle


def refused(person: Person, dongle: Usb | Piv) -> str:
    """See that a check says no to what is plugged in now; return why."""
    told = person.types("check", "--json")
    assert told.status == 1, told
    (finding,) = told.json["findings"]
    assert finding["code"] == dongle.refusal
    return str(finding["message"])


def guarded(person: Person, grace_s: float) -> Running:
    """Start a program that watches its license, as an application does."""
    words = ("python3", "-c", GUARDED, str(grace_s))
    program = person.agent.start(*words, user=person.name, PYTHONPATH="/opt/hwlock")
    assert program.wait_line("working")[1] == "working held"  # and it is deaf to nothing
    return program


@pytest.mark.parametrize(("kind", "user"), [(Yubikey, "root"), (Piv, "ada")])
def test_a_pulled_dongle_is_missed_and_welcome_and_no_other_is(
    station: Computer, desk: Desk, kind: Kind, user: str
) -> None:
    """The program hears that its dongle went; one of the same name does not help, ours does.

    An ordinary user reaches a card through pcscd; whoever asks a YubiKey may open its nodes.
    """
    person, dongle = licensed(station, desk, kind, user)
    program = guarded(person, 600)
    dongle.pull()
    assert "HWL-DONGLE-ABSENT" in program.wait_line("lost")[1]
    dongle.plug(other=True)
    assert person.python(READY, dongle.uri).status == 0
    refused(person, dongle)
    dongle.pull()
    assert not program.heard("back")
    dongle.plug()
    program.wait_line("back")
    assert person.does("check")["allowed"] is True


def test_the_time_to_save_work_ends_and_the_dongle_still_helps(
    station: Computer, desk: Desk
) -> None:
    """After the grace time the program is locked; its dongle, and no other, unlocks it."""
    ada, dongle = licensed(station, desk, Usb, "ada")
    program = guarded(ada, 1)
    dongle.pull()
    program.wait_line("lost")
    program.wait_line("lock")
    dongle.plug(other=True)
    message = refused(ada, dongle)
    assert "RED-1" in message and "BLUE-2" in message, message
    dongle.pull()
    assert not program.heard("back")
    dongle.plug()
    program.wait_line("back")


def test_programs_that_ask_at_the_same_time(station: Computer) -> None:
    """Two programs on one YubiKey take turns: none reads what the other one asked for."""
    dongle = Yubikey(station)
    dongle.plug()
    root = Person(station.agent)
    assert root.python(READY, dongle.uri).status == 0
    words = ("python3", "-c", ASKING, dongle.uri)
    others = [root.agent.start(*words, PYTHONPATH="/opt/hwlock") for _ in range(2)]
    asked = root.python(ASKING, dongle.uri)
    assert asked.status == 0, asked
    for other in others:
        assert other.wait() == 0, other.lines


def test_an_ordinary_user_reads_what_lets_them_at_a_dongle(station: Computer) -> None:
    """A dongle whose nodes only root can open is found, and the fix is told for each way to it."""
    dongle = Yubikey(station)
    dongle.plug()
    assert Person(station.agent).python(READY, dongle.uri).status == 0
    ada = Person(station.agent, "ada")
    denied = ada.types("device", "enroll", dongle.uri)
    assert denied.status == 3, denied
    assert "HWL-USB-DENIED" in denied.err and "udev rule" in denied.err, denied
    hints = {each["code"]: each["hint"] for each in ada.does("doctor")["examined"]}
    assert "udev rule" in hints["HWL-FIDO2-DENIED"]
