"""From the sale to the check with real parts: desk, commands, pcscd, a virtual card."""

from __future__ import annotations

import json
from io import StringIO

import pytest

from hwlock import Guard
from hwlock.cli.app import run
from hwlock.cli.output import Output
from hwlock.cli.world import World
from hwlock.devices import registry
from hwlock.enforce.machine import Machine
from hwlock.enforce.person import RememberedPins
from hwlock.errors import DeniedError, PinRequired
from hwlock.record import replace
from hwlock.testing.cards.openpgp import VirtualOpenPgpCard
from hwlock.testing.cards.yubikey import VirtualYubiKey

pytestmark = pytest.mark.device


class Place:
    """A folder with a desk and a machine, and somebody who types."""

    def __init__(self, home):
        self.home = home
        self.machine = Machine(
            user_root=str(home / "store"),
            system_root=str(home / "system"),
            host_uri="host:root=/none",
            key_uri="tpm2:device:/none",
        )
        self.environ = {"HWLOCK_VENDOR": str(home / "desk"), "HWLOCK_PASSPHRASE": "correct horse"}

    def does(self, *words, status=0):
        """Run a command and return what it says."""
        out, err = StringIO(), StringIO()
        world = World(machine=self.machine, environ=self.environ, output=Output(out, err))
        found = run([*map(str, words), "--json"], world)
        assert found == status, (words, out.getvalue(), err.getvalue())
        return json.loads(out.getvalue())


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Return a place whose desk sells acme-cad."""
    monkeypatch.chdir(tmp_path)
    place = Place(tmp_path)
    place.does("vendor", "init", "--name", "ACME Ltd")
    place.does("vendor", "product", "add", "acme-cad", "--name", "ACME CAD")
    place.does("vendor", "product", "export", "acme-cad", "-o", tmp_path / "acme-cad.hwproduct")
    return place


def activated(place, bind, uri, *words):
    """Sell, request with a card, answer, activate; return the product file."""
    sold = ("--product", "acme-cad", "--customer", "Meyer", "--bind", bind, *words)
    key = place.does("vendor", "entitlement", "add", *sold)["key"]
    product = place.home / "acme-cad.hwproduct"
    asked = ("--product", product, "--key", key, "--device", uri, "-o", "my.hwreq")
    place.does("request", *asked)
    place.does("respond", "my.hwreq", "-o", "my.hwres")
    place.does("activate", "my.hwres")
    return product


def test_an_attested_card(service, yubikey, maker, place):
    """A card that its maker vouches for opens; pulled it does not; back in it does."""
    (place.home / "desk" / "piv-roots").mkdir(mode=0o700, exist_ok=True)
    (place.home / "desk" / "piv-roots" / "maker.der").write_bytes(maker.root)
    inserted = service.insert(yubikey)
    (listed,) = registry.scan(("piv",))
    assert (listed.uri, listed.assurance) == ("piv:serial=1234567", "attested")
    product = activated(place, "piv(5.7)@attested", "piv:serial=1234567;slot=9e")
    guard = Guard(product, machine=place.machine)
    assert guard.check().allowed
    inserted.remove()
    verdict = guard.check()
    assert not verdict.allowed
    service.insert(yubikey, reader=1)
    assert guard.check().allowed


def test_another_makers_card(service, yubikey, place):
    """Without the maker's root the same card is not attested, and the sale asks for it."""
    service.insert(yubikey)
    sold = ("--product", "acme-cad", "--customer", "Meyer", "--bind", "piv@attested")
    key = place.does("vendor", "entitlement", "add", *sold)["key"]
    product = place.home / "acme-cad.hwproduct"
    asked = ("--product", product, "--key", key, "--device", "piv:", "-o", "my.hwreq")
    place.does("request", *asked)
    place.does("respond", "my.hwreq", "-o", "my.hwres", status=1)


def test_an_openpgp_card(service, person, place):
    """A card with a PIN opens for a person who knows it, and asks once in a session."""
    card = VirtualOpenPgpCard()
    card.openpgp.put_key("Ed25519")
    inserted = service.insert(card)
    place.machine = replace(place.machine, person=RememberedPins(person("123456")))
    product = activated(place, "openpgp", "openpgp:serial=0006:12345678")
    inserted.remove()  # a card keeps in mind that the PIN was right until it is pulled
    service.insert(card)
    nobody = Guard(product, machine=replace(place.machine, person=None))
    assert not nobody.check().allowed
    asked = person("123456")
    guard = Guard(product, machine=replace(place.machine, person=None), person=asked)
    for _ in range(3):
        assert guard.check().allowed
    assert len(asked.asked) == 1


def test_a_sealed_file(service, place, person, maker):
    """What is sealed for a card opens with the card, not without it, not with another card."""
    cards = [VirtualYubiKey(serial=number, token=maker.token()) for number in (1234567, 1234567)]
    for card in cards:
        card.piv.put_key(0x9D)
    inserted = service.insert(cards[0])
    place.machine = replace(place.machine, person=RememberedPins(person("123456")))
    (place.home / "model.bin").write_bytes(b"weights" * 20_000)
    place.does("vendor", "seal", "model.bin", "--product", "acme-cad", "--key", "models")
    product = activated(place, "piv", "piv:serial=1234567;slot=9d", "--opens", "models")
    grant = Guard(product, machine=place.machine).require()
    with grant.open("model.bin.hwsealed") as file:
        assert file.read() == b"weights" * 20_000
    inserted.remove()
    service.insert(cards[0], reader=1)
    grant = Guard(product, machine=place.machine).require()
    service.eject()
    for other in (None, cards[1]):  # the second has the same serial number, and another key
        if other is not None:
            service.insert(other)
        with pytest.raises(DeniedError) as caught:
            grant.open("model.bin.hwsealed")
        assert caught.value.code == "HWL-SEALED-HARDWARE"
    service.eject()
    service.insert(cards[0])
    with grant.open("model.bin.hwsealed") as file:
        assert file.read(7) == b"weights"


@pytest.mark.parametrize("algorithm", ["P-256", "X25519"])
def test_a_sealed_file_and_an_openpgp_card(service, place, person, algorithm):
    """Its key for decryption opens the file; after that was replaced, only the license is left."""
    card = VirtualOpenPgpCard()
    card.openpgp.put_key("Ed25519")
    card.openpgp.put_key(algorithm, tag=0xB8)
    service.insert(card)
    place.machine = replace(place.machine, person=RememberedPins(person("123456")))
    (place.home / "model.bin").write_bytes(b"weights" * 20_000)
    place.does("vendor", "seal", "model.bin", "--product", "acme-cad", "--key", "models")
    product = activated(place, "openpgp", "openpgp:serial=0006:12345678", "--opens", "models")
    with Guard(product, machine=place.machine).require().open("model.bin.hwsealed") as file:
        assert file.read() == b"weights" * 20_000
    card.openpgp.put_key(algorithm, tag=0xB8)
    grant = Guard(product, machine=place.machine).require()
    with pytest.raises(DeniedError):
        grant.open("model.bin.hwsealed")


def test_an_openpgp_card_without_a_key_to_decrypt(service, place, person):
    """What can never open a file is not sold as if it could."""
    card = VirtualOpenPgpCard()
    card.openpgp.put_key("Ed25519")
    service.insert(card)
    place.machine = replace(place.machine, person=RememberedPins(person("123456")))
    (place.home / "model.bin").write_bytes(b"weights")
    place.does("vendor", "seal", "model.bin", "--product", "acme-cad", "--key", "models")
    sold = ("--product", "acme-cad", "--customer", "Meyer", "--bind", "openpgp")
    key = place.does("vendor", "entitlement", "add", *sold, "--opens", "models")["key"]
    product = place.home / "acme-cad.hwproduct"
    place.does(
        "request", "--product", product, "--key", key, "--device", "openpgp:", "-o", "a.hwreq"
    )
    place.does("respond", "a.hwreq", "-o", "a.hwres", status=1)


def test_a_sealed_file_and_a_wrong_pin(service, place, person, yubikey):
    """A PIN that the card refused is not tried again when the file is opened once more."""
    yubikey.piv.put_key(0x9D)
    inserted = service.insert(yubikey)
    place.machine = replace(place.machine, person=RememberedPins(person("123456")))
    (place.home / "model.bin").write_bytes(b"weights")
    place.does("vendor", "seal", "model.bin", "--product", "acme-cad", "--key", "models")
    product = activated(place, "piv", "piv:serial=1234567;slot=9d", "--opens", "models")
    grant = Guard(product, machine=place.machine).require()
    inserted.remove()
    yubikey.piv.pin = b"135790"
    service.insert(yubikey)
    with pytest.raises(PinRequired) as caught:
        grant.open("model.bin.hwsealed")
    assert (caught.value.code, caught.value.attempts_left) == ("HWL-DEVICE-PIN-WRONG", 2)
    assert yubikey.piv.tries == 2
    with pytest.raises(IndexError):  # the person is asked, who has no other PIN to type
        grant.open("model.bin.hwsealed")
    assert yubikey.piv.tries == 2
