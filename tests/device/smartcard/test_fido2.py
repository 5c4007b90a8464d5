"""Security keys on a card reader, through the real service."""

from __future__ import annotations

import os
from datetime import datetime, timezone

import pytest
from fido2.ctap2 import Ctap2
from fido2.pcsc import CtapPcscDevice

from hwlock.devices import registry
from hwlock.errors import BadAnswer, Cancelled, DeviceError, NotFound, PinRequired
from hwlock.evidence import fido2
from hwlock.testing.fido2 import Applet, Authenticator, Maker, VirtualKey

pytestmark = pytest.mark.device
NOW = datetime(2030, 1, 1, tzinfo=timezone.utc)
# of a card with contacts: T=1, no historical bytes
CONTACT = bytes.fromhex("3b800181")
READER = "Virtual PCD 00 00"


@pytest.fixture(scope="module")
def makers():
    """Return a maker of security keys."""
    return Maker()


def enroll(person, uri="fido2:"):
    """Enroll, claim and verify once."""
    with registry.open_dongle(uri, person) as opened:
        record, challenge = opened.enroll(), os.urandom(32)
        claims = opened.claims(record, challenge)
    claims.key.verify(claims.signature, fido2.signed_message(claims.data, challenge))
    return claims


def prove(claims, person=None):
    """Prove afresh and verify."""
    challenge = os.urandom(32)
    with registry.open_dongle(claims.uri, person) as opened:
        proof = opened.prove(claims.record, challenge)
    claims.key.verify(proof.signature, fido2.signed_message(proof.data, challenge))


@pytest.mark.parametrize(
    "switches", [{}, {"algorithms": (-8,)}, {"silent": False}, {"pin": "1234", "always_uv": True}]
)
def test_life(service, person, makers, switches):
    """A key on a reader does all that a key on USB does, its maker's statement included."""
    service.insert(Applet(Authenticator(maker=makers, **switches)))
    (found,) = registry.scan(("fido2",))
    assert (found.uri, found.problem) == ("fido2:path=Virtual%20PCD%2000%2000", None)
    someone = person("1234", "1234")
    claims = enroll(someone)
    said = fido2.verify_attestation(claims.attestation, claims.key, trusted=(makers.der,), at=NOW)
    assert said.maker == "Test Keys AB"
    prove(claims, someone)


def test_another_library(service, makers):
    """python-fido2's own PC/SC device speaks to the same card."""
    service.insert(Applet(Authenticator(maker=makers)))
    (device,) = CtapPcscDevice.list_devices(READER)
    assert Ctap2(device).info.aaguid == b"hwlock-virtual-1"
    device.close(release=True)


def test_the_same_key_on_usb(service, person, makers):
    """A credential that was made on USB is proven on a reader, and the other way around."""
    authenticator = Authenticator(maker=makers)
    with VirtualKey(authenticator):
        claims = enroll(person())
    service.insert(Applet(authenticator))
    prove(claims)
    with VirtualKey(Authenticator(), path="other"):
        prove(claims)  # a stranger on USB does not keep the reader from being asked


def test_a_card_with_contacts_is_left_alone(service, person, plain):
    """A card that is no radio card is not even asked, unless its reader is named."""
    service.insert(plain)
    plain.log.clear()
    assert list(registry.scan(("fido2",))) == []
    with pytest.raises(NotFound):
        registry.open_dongle("fido2:")
    assert plain.log == []
    uri = f"fido2:path={READER}"
    with registry.open_dongle(uri, person()) as opened, pytest.raises(NotFound) as caught:
        opened.enroll()
    assert caught.value.code == "HWL-FIDO2-NO-APPLET"


def test_a_key_with_contacts(service, person, makers):
    """A key whose card has contacts is used where its reader is named."""
    service.insert(Applet(Authenticator(maker=makers), atr=CONTACT))
    with pytest.raises(NotFound):
        registry.open_dongle("fido2:")
    enroll(person(), f"fido2:path={READER}")


def test_wrong_pin(service, person, makers):
    """A wrong PIN costs one try."""
    authenticator = Authenticator(maker=makers, pin="1234")
    service.insert(Applet(authenticator))
    with pytest.raises(PinRequired) as caught:
        enroll(person("4321"))
    assert caught.value.attempts_left == authenticator.attempts_left == 7


def test_nobody_touches(service, makers):
    """A key that waits for a touch is told to stop where nobody can be told."""
    authenticator = Authenticator(maker=makers)
    authenticator.finger = lambda: False
    service.insert(Applet(authenticator))
    with pytest.raises(Cancelled):
        enroll(None)
    authenticator.finger = lambda: True


def test_pulled(service, person, makers):
    """A key that is taken away is not there; back on the reader, it answers."""
    authenticator = Authenticator(maker=makers)
    inserted = service.insert(Applet(authenticator))
    claims = enroll(person())
    inserted.remove()
    with pytest.raises(DeviceError):
        prove(claims)
    service.insert(Applet(authenticator))
    prove(claims)


def test_pulled_in_the_middle(service, person, makers):
    """A key that is taken away during a command is one DeviceError; then it works again."""
    authenticator = Authenticator(maker=makers)
    card = Applet(authenticator)
    inserted = service.insert(card)
    claims = enroll(person())

    def gone(apdu):
        inserted.remove()
        raise ConnectionError("taken away")

    transmit, card.transmit = card.transmit, gone
    with pytest.raises(DeviceError):
        prove(claims)
    card.transmit = transmit
    service.insert(card)
    prove(claims)


@pytest.mark.parametrize(
    "answer",
    [b"\x90\x00", b"\x6f\x00", b"\x61\x10", b"\x91\x00", b"\0" * 10 + b"\x61\xff"],
    ids=["nothing", "an error", "more and nothing", "waits and says not", "endless"],
)
def test_a_card_that_lies(service, person, makers, answer):
    """Wrong status words and chains without end are one DeviceError, and cost no hang."""
    card = Applet(Authenticator(maker=makers))
    service.insert(card)
    claims = enroll(person())
    transmit = card.transmit
    card.transmit = lambda apdu: transmit(apdu) if apdu[1] == 0xA4 else answer
    with pytest.raises((BadAnswer, NotFound)):
        prove(claims)
    card.transmit = transmit
    prove(claims)
