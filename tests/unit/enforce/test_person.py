"""The person is asked once, and a card is never blocked by what is remembered."""

from __future__ import annotations

import pytest

from hwlock.enforce.person import RememberedPins
from hwlock.errors import Cancelled

URI = "piv:serial=1"


class Typist:
    """Somebody who types these PINs, one for each time that they are asked."""

    def __init__(self, *pins):
        self.pins = list(pins)
        self.asked = []
        self.touched = []

    def pin(self, device, attempts_left):
        """Type the next one, or say no where it is None."""
        self.asked.append((device, attempts_left))
        said = self.pins.pop(0)
        if said is None:
            raise Cancelled("HWL-DEVICE-CANCELLED", device=device)
        return said

    def touch(self, device):
        """Hear of it."""
        self.touched.append(device)


def test_a_pin_is_asked_once_for_each_device():
    """And given again; another device is asked of its own."""
    typist = Typist("1234", "9999")
    people = RememberedPins(typist)
    for _ in range(3):
        assert people.for_device(URI).pin("red", 3) == "1234"
    assert people.for_device("piv:serial=2").pin("blue", None) == "9999"
    assert typist.asked == [("red", 3), ("blue", None)]


def test_a_pin_that_was_wrong_is_asked_again():
    """Forgetting is what whoever met the refusal does."""
    typist = Typist("0000", "1234")
    people = RememberedPins(typist)
    assert people.for_device(URI).pin("red", 3) == "0000"
    people.forget(URI)
    assert people.for_device(URI).pin("red", 2) == "1234"


def test_the_last_attempt_is_the_persons():
    """A remembered PIN that may be wrong must not block a card."""
    typist = Typist("1234", "1234")
    people = RememberedPins(typist)
    people.for_device(URI).pin("red", 3)
    people.for_device(URI).pin("red", 1)
    assert typist.asked == [("red", 3), ("red", 1)]


def test_no_is_no_until_the_dongle_comes_again():
    """A check every few seconds is not a question every few seconds."""
    typist = Typist(None, "1234")
    people = RememberedPins(typist)
    for _ in range(3):
        with pytest.raises(Cancelled):
            people.for_device(URI).pin("red", 3)
    assert len(typist.asked) == 1
    people.ask_again(URI)
    assert people.for_device(URI).pin("red", 3) == "1234"


def test_what_is_forgotten_is_overwritten():
    """The memory that held a PIN holds zeros afterwards, and nothing shows a PIN."""
    people = RememberedPins(Typist("1234"))
    people.for_device(URI).pin("red", 3)
    (kept,) = people._pins.values()
    assert "1234" not in repr(people)
    people.forget_all()
    assert kept == bytearray(4)
    assert people._pins == {}


def test_a_touch_is_passed_on():
    """The person hears which device waits."""
    typist = Typist()
    RememberedPins(typist).for_device(URI).touch("red")
    assert typist.touched == ["red"]
