"""People who stand in front of a key, and keys of every kind."""

from __future__ import annotations

import pytest

from hwlock.errors import Cancelled
from hwlock.testing.fido2 import Maker


class Person:
    """Types `pins` one after the other, and says nothing when there are no more."""

    def __init__(self, *pins: str) -> None:
        self.pins = list(pins)
        self.asked: list[tuple[str, int | None]] = []
        self.touched: list[str] = []

    def pin(self, device: str, attempts_left: int | None) -> str:
        """Type the next PIN."""
        self.asked.append((device, attempts_left))
        if not self.pins:
            raise Cancelled("HWL-DEVICE-CANCELLED", device=device)
        return self.pins.pop(0)

    def touch(self, device: str) -> None:
        """Remember that the device waits."""
        self.touched.append(device)


@pytest.fixture
def person() -> type[Person]:
    """The class of people."""
    return Person


@pytest.fixture(scope="session")
def maker() -> Maker:
    """A maker of keys."""
    return Maker()
