"""A PIV card through OpenSC's PKCS#11 module: a second real library, and one that plugs."""

from __future__ import annotations

import glob
import os
import subprocess
import sys
import threading
import time

import pytest

from hwlock.devices import registry
from hwlock.devices.pkcs11.module import ENVIRONMENT, Module
from hwlock.errors import AccessDenied, DeviceError, NotFound, PinRequired
from hwlock.evidence.claims import proof_message
from hwlock.testing.cards.yubikey import VirtualPivCard

pytestmark = pytest.mark.device
PIN = "123456"


@pytest.fixture
def opensc(monkeypatch):
    """Make OpenSC's module the default one; afterwards it holds no card any more."""
    (path,) = glob.glob("/usr/lib/*/opensc-pkcs11.so")[:1]
    monkeypatch.setenv(ENVIRONMENT, path)
    yield
    Module.find(path)._library.reinitialize()


@pytest.fixture
def card():
    """Return a PIV card with a key that wants the PIN, and one that does not."""
    card = VirtualPivCard()
    card.piv.put_key(0x9A)
    card.piv.put_key(0x9E, "RSA-2048")
    return card


def enroll(person, uri):
    """Enroll, prove and verify once."""
    with registry.open_dongle(uri, person) as opened:
        record, challenge = opened.enroll(), os.urandom(32)
        claims = opened.claims(record, challenge)
    claims.key.verify(claims.signature, proof_message(challenge))
    return claims


def prove(claims, person=None):
    """Prove afresh and verify."""
    challenge = os.urandom(32)
    with registry.open_dongle(claims.uri, person) as opened:
        proof = opened.prove(claims.record, challenge)
    claims.key.verify(proof.signature, proof_message(challenge))


def test_with_a_pin(opensc, service, card, person):
    """The key of slot 9a is enrolled and proves itself with the PIN, asked for once."""
    service.insert(card)
    someone = person(PIN, PIN)
    claims = enroll(someone, "pkcs11:id=%01")
    assert len(someone.asked) == 1
    prove(claims, someone)
    with pytest.raises(PinRequired):
        prove(claims)


def test_without_a_pin(opensc, service, card, person):
    """The key of slot 9e, RSA, proves itself with the PIN of nobody."""
    service.insert(card)
    someone = person(PIN)
    claims = enroll(someone, "pkcs11:id=%04")
    assert len(claims.key.raw) == 256
    prove(claims, person(PIN))


def test_a_key_that_wants_the_pin_each_time(opensc, service, person):
    """The key of slot 9c gets the PIN for each signature, and the person types it once."""
    card = VirtualPivCard()
    card.piv.put_key(0x9C)
    service.insert(card)
    someone = person(PIN)
    with registry.open_dongle("pkcs11:", someone) as opened:
        record = opened.enroll()
        for _ in range(3):
            opened.prove(record, os.urandom(32))
    assert len(someone.asked) == 1


def test_pulled_and_back(opensc, service, card, person):
    """A card that is pulled is not there; back in, it answers without a restart."""
    inserted = service.insert(card)
    claims = enroll(person(PIN), "pkcs11:id=%01")
    inserted.remove()
    deadline = time.monotonic() + 10
    while True:  # the service notices a moment later; until then it is another DeviceError
        with pytest.raises(DeviceError) as caught:
            prove(claims, person(PIN))
        if caught.type is NotFound or time.monotonic() > deadline:
            break
    assert caught.value.code == "HWL-DEVICE-NONE"
    service.insert(card)
    proves_again(claims, person)


def proves_again(claims, person):
    """Prove as soon as the service has seen the card."""
    deadline = time.monotonic() + 10
    while True:
        try:
            return prove(claims, person(PIN))
        except DeviceError:
            if time.monotonic() > deadline:
                raise


def test_pulled_while_it_signs(opensc, service, card, person, monkeypatch):
    """A card that is pulled in the middle of a signature is one DeviceError."""
    inserted = service.insert(card)
    claims = enroll(person(PIN), "pkcs11:id=%01")
    transmit = card.transmit

    def pulled(apdu):
        if apdu[1] == 0x87:
            threading.Thread(target=inserted.remove).start()
            raise ConnectionError("pulled")
        return transmit(apdu)

    monkeypatch.setattr(card, "transmit", pulled)
    with pytest.raises(DeviceError):
        prove(claims, person(PIN))
    monkeypatch.setattr(card, "transmit", transmit)
    service.insert(card)
    proves_again(claims, person)


def test_a_service_that_restarts(opensc, service, card, person):
    """After the card service was restarted, checks work again without a restart of ours."""
    service.insert(card)
    claims = enroll(person(PIN), "pkcs11:id=%01")
    service.stop()
    with pytest.raises(DeviceError):
        prove(claims, person(PIN))
    service.start()
    service.insert(card)
    proves_again(claims, person)


def test_wrong_and_blocked(opensc, service, card, person):
    """A wrong PIN costs one try; a card whose PIN is blocked asks nobody."""
    service.insert(card)
    claims = enroll(person(PIN), "pkcs11:id=%01")
    for left in (2, 1, 0):
        with pytest.raises((PinRequired, AccessDenied)):
            prove(claims, person("000000"))
        assert card.piv.tries == left
    someone = person(PIN)
    with pytest.raises(AccessDenied):
        prove(claims, someone)
    assert someone.asked == []


def test_changes(opensc, service, card):
    """A card that is put in or pulled is noticed."""
    with registry.changes("pkcs11") as changes:
        inserted = service.insert(card)
        assert changes.wait(10) is True
        inserted.remove()
        assert changes.wait(10) is True
        assert changes.wait(0.05) is False
        changes.wake()
        assert changes.wait(10) is False


BOTH = """
import glob, os
from hwlock.devices import registry
(opensc,) = glob.glob("/usr/lib/*/opensc-pkcs11.so")[:1]
(usual,) = glob.glob("/usr/lib/*/pkcs11/opensc-pkcs11.so")[:1]
print([found.name for found in registry.scan(("pkcs11",))])
for path in (opensc, usual):
    with registry.open_dongle(f"pkcs11:?module-path={path}") as device:
        print(device.describe().name)
"""


def test_a_list_and_then_one_module(service, card):
    """What p11-kit has loaded for a list can be opened by its own name, and by a link to it."""
    service.insert(card)
    environment = {name: said for name, said in service.environment.items() if name != ENVIRONMENT}
    done = subprocess.run(
        (sys.executable, "-c", BOTH), env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    listed, *opened = done.stdout.splitlines()
    assert len(opened) == 2 and opened[0] == opened[1]
    assert opened[0] in listed
