"""Life with a security key: enrolled by a touch, pulled, swapped, carried away, lost."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hwlock import Guard
from hwlock.devices import registry
from hwlock.devices.base import Description
from hwlock.enforce.person import RememberedPins
from hwlock.record import replace
from hwlock.testing.dongles import Sockets
from hwlock.testing.fido2 import Authenticator, Maker, VirtualKey
from hwlock.testing.host_tree import DESKTOP, LAPTOP

from .actors import Actor, Clock, at_machine


class RealSockets(Sockets):
    """The sockets that the real drivers see."""

    open = staticmethod(registry.open_dongle)  # type: ignore[assignment]

    def scan(self, kinds: tuple[str, ...]) -> Iterator[Description]:
        """Scan with the real drivers."""
        return registry.scan(tuple(kind for kind in kinds if kind == "fido2"))


class Someone:
    """Types 1234, and touches what blinks."""

    def __init__(self) -> None:
        self.asked = 0

    def pin(self, device: str, attempts_left: int | None) -> str:
        """Type the PIN."""
        self.asked += 1
        return "1234"

    def touch(self, device: str) -> None:
        """Touch it."""


def at(home: Path, clock: Clock, someone: Someone, hardware: object = DESKTOP) -> Actor:
    """Return somebody at a machine with the real drivers."""
    actor = at_machine(home, clock, hardware, sockets=RealSockets())  # type: ignore[arg-type]
    actor.machine = replace(actor.machine, person=RememberedPins(someone))
    return actor


def activated(vendor: Actor, machine: Actor, bind: str, product: Path, *uris: str) -> Path:
    """Sell, request with these keys, respond, activate; return the response."""
    key = vendor.does(
        *("vendor", "entitlement", "add", "--product", "acme-cad", "--customer", "Meyer"),
        *("--bind", bind, "--days", 30),
    )["key"]
    asked, answered = product.with_suffix(".hwreq"), product.with_suffix(".hwres")
    named = [word for uri in uris for word in ("--device", uri)]
    machine.does("request", "--product", product, "--key", key, "-o", asked, *named)
    vendor.does("respond", asked, "-o", answered)
    machine.does("activate", answered)
    return answered


def checked(machine: Actor) -> tuple[bool, set[str]]:
    """Return what a check says."""
    told = machine.types("check", "--json")
    return told.json["allowed"], told.codes


@pytest.fixture
def product(tmp_path: Path) -> Path:
    """The product file of acme-cad."""
    return tmp_path / "acme-cad.hwproduct"


@pytest.fixture
def trusted(tmp_path: Path) -> Maker:
    """A maker of keys whose root is in the desk's folder."""
    maker = Maker()
    folder = tmp_path / "vendor" / "desk" / "fido2-roots"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "root.der").write_bytes(maker.der)
    return maker


def test_a_key_is_pulled_and_comes_back(
    vendor: Actor, clock: Clock, tmp_path: Path, product: Path
) -> None:
    """One touch makes the license; afterwards the key only has to be there."""
    machine = at(tmp_path / "m", clock, Someone())
    with VirtualKey() as key:
        activated(vendor, machine, "fido2", product, "fido2:")
        assert checked(machine) == (True, set())
        key.unplug()
        assert checked(machine) == (False, {"HWL-DONGLE-ABSENT"})
        key.plug()
        assert checked(machine) == (True, set())
        assert key.authenticator.touches == 1


def test_a_key_of_a_trusted_maker(
    vendor: Actor, clock: Clock, tmp_path: Path, product: Path, trusted: Maker
) -> None:
    """Where the vendor asks for it, the maker's statement must be there, and is."""
    with VirtualKey(Authenticator(maker=trusted)):
        machine = at(tmp_path / "m", clock, Someone())
        activated(vendor, machine, "fido2@attested", product, "fido2:")
        assert checked(machine) == (True, set())


def test_a_key_of_nobody(
    vendor: Actor, clock: Clock, tmp_path: Path, product: Path, trusted: Maker
) -> None:
    """A key that vouches for itself is no match for `attested`."""
    with VirtualKey():
        machine = at(tmp_path / "m", clock, Someone())
        with pytest.raises(AssertionError, match="HWL-BIND"):
            activated(vendor, machine, "fido2@attested", product, "fido2:")


def test_two_keys_of_one_model(vendor: Actor, clock: Clock, tmp_path: Path, product: Path) -> None:
    """A spare of the same model is another key: either of the two is enough."""
    red, blue = Authenticator(), Authenticator()
    with VirtualKey(red, path="red") as first, VirtualKey(blue, path="blue") as second:
        machine = at(tmp_path / "m", clock, Someone())
        activated(vendor, machine, "fido2 or fido2", product, first.uri, second.uri)
        assert checked(machine) == (True, set())
        first.unplug()
        assert checked(machine)[0] is True
        second.unplug()
        assert checked(machine)[0] is False


def test_another_key_is_not_the_key(
    vendor: Actor, clock: Clock, tmp_path: Path, product: Path
) -> None:
    """A key of the same model that was not enrolled does not pass for it."""
    machine = at(tmp_path / "m", clock, Someone())
    with VirtualKey():
        activated(vendor, machine, "fido2", product, "fido2:")
    with VirtualKey():
        assert checked(machine) == (False, {"HWL-DONGLE-OTHER"})


def test_the_key_works_on_another_machine(
    vendor: Actor, clock: Clock, tmp_path: Path, product: Path
) -> None:
    """Another machine needs the license file and the key, and no enrollment."""
    home = at(tmp_path / "home", clock, Someone())
    road = at(tmp_path / "road", clock, Someone(), LAPTOP)
    with VirtualKey(Authenticator(pin="1234")) as key:
        activated(vendor, home, "fido2", product, "fido2:")
        there = tmp_path / "road/store/acme-cad"
        there.mkdir(parents=True, mode=0o700)
        shutil.copytree(tmp_path / "home/store/acme-cad/licenses", there / "licenses")
        assert Guard(product, machine=road.machine).check().allowed
        key.unplug()
        assert not Guard(product, machine=road.machine).check().allowed


def test_a_pin_is_asked_for_once(
    vendor: Actor, clock: Clock, tmp_path: Path, product: Path
) -> None:
    """A key that wants its PIN for everything asks once to enroll and once to check."""
    someone = Someone()
    machine = at(tmp_path / "m", clock, someone)
    with VirtualKey(Authenticator(pin="1234", always_uv=True)):
        activated(vendor, machine, "fido2", product, "fido2:")
        for _ in range(3):
            assert checked(machine) == (True, set())
    assert someone.asked == 2
