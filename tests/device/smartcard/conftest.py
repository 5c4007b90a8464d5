"""The real pcscd with virtual readers, once for all tests of this folder; people; cards."""

from __future__ import annotations

import pytest

from hwlock.testing.cards.maker import CardMaker
from hwlock.testing.cards.yubikey import VirtualPivCard, VirtualYubiKey
from hwlock.testing.pcsc import CardService


@pytest.fixture(scope="session")
def running():
    """Start the service once."""
    with CardService() as service:
        yield service


@pytest.fixture
def service(running):
    """Return the running service; its readers are empty before and after a test."""
    yield running
    running.start()
    running.eject()


@pytest.fixture(scope="session")
def maker():
    """Return a maker of tokens."""
    return CardMaker()


@pytest.fixture
def yubikey(maker):
    """Return a YubiKey-like card with a P-256 key in 9e, not inserted."""
    card = VirtualYubiKey(token=maker.token())
    card.piv.put_key(0x9E)
    return card


@pytest.fixture
def plain():
    """Return a plain PIV card with a P-256 key in 9a, not inserted."""
    card = VirtualPivCard()
    card.piv.put_key(0x9A)
    return card


class Person:
    """Somebody in front of the machine; remembers what was asked."""

    def __init__(self, *pins):
        self.pins = list(pins)
        self.asked = []
        self.touches = []

    def pin(self, device, attempts_left):
        """Type the next PIN."""
        self.asked.append((device, attempts_left))
        return self.pins.pop(0)

    def touch(self, device):
        """See that a touch is wanted."""
        self.touches.append(device)


@pytest.fixture
def person():
    """Return the class of people, to be made with the PINs that they type."""
    return Person
