"""Life with a dongle: bought, shown, pulled, lost, swapped, and carried to another machine."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hwlock import Guard
from hwlock.errors import Cancelled
from hwlock.record import replace
from hwlock.testing.dongles import Sockets, SoftDongle
from hwlock.testing.host_tree import DESKTOP, LAPTOP

from .actors import Actor, Clock, at_desk, at_machine

RED, BLUE, GREEN = (SoftDongle("piv", name) for name in ("red", "blue", "green"))


def sell(vendor: Actor, bind: str, *words: object, product: str = "acme-cad") -> str:
    """Sell a license that is bound by `bind`; return the activation key."""
    sold = vendor.does(
        *("vendor", "entitlement", "add", "--product", product, "--customer", "Meyer"),
        *("--bind", bind, "--days", 30, *words),
    )
    key = sold["key"]
    assert isinstance(key, str)
    return key


def activated(vendor: Actor, machine: Actor, key: str, product: Path, *uris: str) -> Path:
    """Go through the three steps with these dongles; return the response's file."""
    asked, answered = product.with_suffix(".hwreq"), product.with_suffix(".hwres")
    named = [word for uri in uris for word in ("--device", uri)]
    machine.does("request", "--product", product, "--key", key, "-o", asked, *named)
    vendor.does("respond", asked, "-o", answered)
    machine.does("activate", answered)
    return answered


@pytest.fixture
def product(tmp_path: Path) -> Path:
    """The product file of acme-cad."""
    return tmp_path / "acme-cad.hwproduct"


def checked(machine: Actor) -> tuple[bool, set[str], str]:
    """Return what a check says: the answer, all codes, the next step."""
    told = machine.types("check", "--json")
    return told.json["allowed"], told.codes, told.json["next_step"] or ""


def test_a_dongle_is_pulled_and_comes_back(
    vendor: Actor, clock: Clock, tmp_path: Path, product: Path
) -> None:
    """The person reads which dongle to plug in, does so, and goes on."""
    sockets = Sockets(RED)
    machine = at_machine(tmp_path / "m", clock, DESKTOP, sockets=sockets)
    activated(vendor, machine, sell(vendor, "piv"), product, "piv:")
    assert checked(machine) == (True, set(), "")
    sockets.pull(RED)
    assert checked(machine) == (False, {"HWL-DONGLE-ABSENT"}, f"plug in {RED.label}")
    sockets.plug(RED)
    assert checked(machine) == (True, set(), "")


def test_another_dongle_is_named_beside_the_one_that_is_missing(
    vendor: Actor, clock: Clock, tmp_path: Path, product: Path
) -> None:
    """Who plugged in the wrong one hears that it is the wrong one."""
    sockets = Sockets(RED)
    machine = at_machine(tmp_path / "m", clock, DESKTOP, sockets=sockets)
    activated(vendor, machine, sell(vendor, "piv"), product, RED.uri)
    sockets.pull(RED)
    sockets.plug(BLUE)
    told = machine.types("check", "--json")
    (finding,) = told.json["findings"]
    assert finding["code"] == "HWL-DONGLE-INSTEAD"
    assert RED.label in finding["message"] and BLUE.label in finding["message"]


def test_a_second_dongle_takes_over_without_a_restart(
    vendor: Actor, clock: Clock, tmp_path: Path, product: Path
) -> None:
    """One program, one guard: either of two dongles is enough, and the other is a warning."""
    sockets = Sockets(RED, BLUE)
    machine = at_machine(tmp_path / "m", clock, DESKTOP, sockets=sockets)
    activated(vendor, machine, sell(vendor, "piv or piv"), product, RED.uri, BLUE.uri)
    guard = Guard(product, machine=machine.machine)
    assert guard.check().findings == ()
    sockets.pull(RED)
    verdict = guard.check()
    assert verdict.allowed
    assert [(found.code, found.level) for found in verdict.findings] == [
        ("HWL-DONGLE-ABSENT", "warn")
    ]
    sockets.pull(BLUE)
    assert not guard.check().allowed
    sockets.plug(RED)
    assert guard.check().allowed


def test_two_of_three(vendor: Actor, clock: Clock, tmp_path: Path, product: Path) -> None:
    """Any two of three dongles open, one does not, and no dongle counts twice."""
    sockets = Sockets(RED, BLUE, GREEN)
    machine = at_machine(tmp_path / "m", clock, DESKTOP, sockets=sockets)
    key = sell(vendor, "2 of (piv, piv, piv)")
    activated(vendor, machine, key, product, RED.uri, BLUE.uri, GREEN.uri)
    for pulled in (RED, BLUE, GREEN):
        sockets.pull(pulled)
        assert checked(machine)[0] is True
        sockets.plug(pulled)
    sockets.plugged = [GREEN, GREEN]
    assert checked(machine)[0] is False


def test_a_dongle_works_wherever_the_license_file_is(
    vendor: Actor, clock: Clock, tmp_path: Path, product: Path
) -> None:
    """Another machine needs the license file and the dongle, and no enrollment."""
    sockets = Sockets(RED)
    first = at_machine(tmp_path / "m", clock, DESKTOP, sockets=sockets)
    activated(vendor, first, sell(vendor, "piv"), product, "piv:")
    second = at_machine(tmp_path / "n", clock, LAPTOP, sockets=sockets)
    licenses = tmp_path / "m/store/acme-cad/licenses"
    (tmp_path / "n/store/acme-cad").mkdir(parents=True, mode=0o700)
    shutil.copytree(licenses, tmp_path / "n/store/acme-cad/licenses")
    assert Guard(product, machine=second.machine).check().allowed
    sockets.pull(RED)
    assert not Guard(product, machine=second.machine).check().allowed


def test_one_dongle_for_products_of_two_vendors(
    vendor: Actor, clock: Clock, tmp_path: Path, product: Path
) -> None:
    """Each vendor's license names the same dongle; neither knows of the other."""
    other = at_desk(tmp_path / "other", clock)
    other.does("vendor", "product", "add", "evil-sim", "--name", "Simulation")
    simulation = tmp_path / "evil-sim.hwproduct"
    other.does("vendor", "product", "export", "evil-sim", "-o", simulation)
    sockets = Sockets(RED)
    machine = at_machine(tmp_path / "m", clock, DESKTOP, sockets=sockets)
    activated(vendor, machine, sell(vendor, "piv"), product, "piv:")
    activated(other, machine, sell(other, "piv", product="evil-sim"), simulation, "piv:")
    for file in (product, simulation):
        assert Guard(file, machine=machine.machine).check().allowed
    sockets.pull(RED)
    for file in (product, simulation):
        assert not Guard(file, machine=machine.machine).check().allowed


def test_a_dongle_of_two_licenses_is_asked_once(
    vendor: Actor, clock: Clock, tmp_path: Path, product: Path
) -> None:
    """A check that looks at several licenses takes one answer for each dongle."""
    red = SoftDongle("piv", "asked once")
    sockets = Sockets(red)
    machine = at_machine(tmp_path / "m", clock, DESKTOP, sockets=sockets)
    for _ in range(2):
        activated(vendor, machine, sell(vendor, "piv"), product, "piv:")
    before = red.uses
    assert checked(machine)[0] is True
    assert red.uses == before + 1


def test_a_card_with_the_same_serial_is_not_the_card(
    vendor: Actor, clock: Clock, tmp_path: Path, product: Path
) -> None:
    """A number can be printed on any card; the key cannot."""
    sockets = Sockets(RED)
    machine = at_machine(tmp_path / "m", clock, DESKTOP, sockets=sockets)
    activated(vendor, machine, sell(vendor, "piv"), product, "piv:")
    sockets.plugged = [SoftDongle("piv", "a copy", serial=RED.serial)]
    assert checked(machine)[:2] == (False, {"HWL-DONGLE-OTHER"})
    sockets.plugged = [RED]
    assert checked(machine)[0] is True


def test_a_usb_number_is_refused_where_more_is_asked_for(
    vendor: Actor, clock: Clock, tmp_path: Path, product: Path
) -> None:
    """The desk says what it reaches, and what was asked for."""
    stick = SoftDongle("usb", "stick")
    machine = at_machine(tmp_path / "m", clock, DESKTOP, sockets=Sockets(stick))
    asked = tmp_path / "a.hwreq"
    key = sell(vendor, "usb@key")
    machine.does("request", "--product", product, "--key", key, "-o", asked, "--device", stick.uri)
    told = vendor.types("respond", asked, "-o", tmp_path / "a.hwres")
    assert (told.status, told.codes & {"HWL-BIND-LIMIT"}) == (1, {"HWL-BIND-LIMIT"})
    assert vendor.types("vendor", "entitlement", "add", "--bind", "usb").status == 2


def test_a_dongle_that_was_not_shown_is_asked_for(
    vendor: Actor, clock: Clock, tmp_path: Path, product: Path
) -> None:
    """A request without --device offers none, and the agent is told what the customer types."""
    machine = at_machine(tmp_path / "m", clock, DESKTOP, sockets=Sockets(RED))
    asked = tmp_path / "a.hwreq"
    key = sell(vendor, "piv")
    machine.does("request", "--product", product, "--key", key, "-o", asked)
    told = vendor.types("respond", asked, "-o", tmp_path / "a.hwres")
    assert "HWL-BIND-NOT-OFFERED" in told.codes
    assert "hwlock request --device piv:" in told.err


def test_a_lost_dongle_is_replaced(
    vendor: Actor, clock: Clock, tmp_path: Path, product: Path
) -> None:
    """The vendor releases the seat of the lost one; the new one takes it."""
    key = sell(vendor, "piv")
    sockets = Sockets(RED)
    machine = at_machine(tmp_path / "m", clock, DESKTOP, sockets=sockets)
    activated(vendor, machine, key, product, "piv:")
    sockets.plugged = [BLUE]
    asked, answered = tmp_path / "b.hwreq", tmp_path / "b.hwres"
    machine.does("request", "--product", product, "--key", key, "-o", asked, "--device", "piv:")
    assert "HWL-DESK-SEATS" in vendor.types("respond", asked, "-o", answered).codes
    license = machine.does("status")["products"][0]["verdict"]["license"]
    vendor.does("vendor", "release", license, "--reason", "the dongle was lost")
    vendor.does("respond", asked, "-o", answered)
    machine.does("activate", answered)
    assert checked(machine)[0] is True


class Typist:
    """Somebody who types a PIN, or says no."""

    def __init__(self, pin: str | None) -> None:
        self.says = pin
        self.asked = 0

    def pin(self, device: str, attempts_left: int | None) -> str:
        """Type it."""
        self.asked += 1
        if self.says is None:
            raise Cancelled("HWL-DEVICE-CANCELLED", device=device)
        return self.says

    def touch(self, device: str) -> None:
        """Nothing to do."""


def with_pin(
    vendor: Actor, clock: Clock, tmp_path: Path, product: Path
) -> tuple[Actor, Sockets, SoftDongle]:
    """Return a machine that is licensed to a card with a PIN."""
    card = SoftDongle("piv", "card with a PIN")
    sockets = Sockets(card)
    machine = at_machine(tmp_path / "m", clock, DESKTOP, sockets=sockets)
    activated(vendor, machine, sell(vendor, "piv"), product, "piv:")
    card.pin = "123456"
    return machine, sockets, card


def test_the_pin_is_asked_once(vendor: Actor, clock: Clock, tmp_path: Path, product: Path) -> None:
    """Ten checks are one question; without anybody to ask, the verdict says so."""
    machine, _, _ = with_pin(vendor, clock, tmp_path, product)
    typist = Typist("123456")
    guard = Guard(product, machine=machine.machine, person=typist)
    assert [guard.check().allowed for _ in range(10)] == [True] * 10
    assert typist.asked == 1
    verdict = Guard(product, machine=machine.machine).check()
    assert [found.code for found in verdict.reasons] == ["HWL-DEVICE-PIN"]


def test_a_wrong_pin_is_tried_once_and_asked_again(
    vendor: Actor, clock: Clock, tmp_path: Path, product: Path
) -> None:
    """Each try is a person's; the next check asks, and says how many are left."""
    machine, _, card = with_pin(vendor, clock, tmp_path, product)
    typist = Typist("0000")
    guard = Guard(product, machine=machine.machine, person=typist)
    (reason,) = guard.check().reasons
    assert (reason.code, reason.details["attempts_left"]) == ("HWL-DEVICE-PIN-WRONG", 2)
    assert (card.attempts_left, typist.asked) == (2, 1)
    typist.says = "123456"
    assert guard.check().allowed
    assert (card.attempts_left, typist.asked) == (3, 2)


def test_no_is_no_until_the_card_comes_again(
    vendor: Actor, clock: Clock, tmp_path: Path, product: Path
) -> None:
    """Who closes the question is not asked at each check, but when the card is put in again."""
    machine, sockets, card = with_pin(vendor, clock, tmp_path, product)
    typist = Typist(None)
    guard = Guard(product, machine=machine.machine, person=typist)
    for _ in range(5):
        assert not guard.check().allowed
    assert typist.asked == 1
    sockets.pull(card)
    assert not guard.check().allowed
    sockets.plug(card)
    typist.says = "123456"
    assert guard.check().allowed


def test_what_a_request_and_a_license_say_of_dongles_can_be_read(
    vendor: Actor, clock: Clock, tmp_path: Path, product: Path
) -> None:
    """`inspect` shows URI, label and key of each, to the customer and to the agent."""
    machine = at_machine(tmp_path / "m", clock, DESKTOP, sockets=Sockets(RED))
    activated(vendor, machine, sell(vendor, "piv"), product, "piv:")
    said = machine.does("inspect", product.with_suffix(".hwreq"))
    assert RED.uri in said["dongles"][0] and RED.label in said["dongles"][0]
    (license,) = (tmp_path / "m/store/acme-cad/licenses").iterdir()
    bound = machine.does("inspect", license)["bound to"]
    assert RED.uri in bound and RED.label in bound


def test_one_dongle_named_twice_is_told(
    vendor: Actor, clock: Clock, tmp_path: Path, product: Path
) -> None:
    """`piv:` and its full URI are one card: the person hears it before the vendor does."""
    machine = at_machine(tmp_path / "m", clock, DESKTOP, sockets=Sockets(RED))
    key = sell(vendor, "piv and piv")
    words = ("request", "--product", product, "--key", key, "-o", tmp_path / "a.hwreq")
    told = machine.types(*words, "--device", "piv:", "--device", RED.uri)
    assert (told.status, told.codes) == (2, {"HWL-REQUEST-TWICE"})
    assert replace(machine.machine, person=None) == machine.machine
