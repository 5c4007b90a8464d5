"""SoftHSM, one folder for the whole run, because a process reads its settings once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hwlock.errors import Cancelled
from hwlock.testing.softhsm import SoftHsm

PIN = "123456"


class Person:
    """Types `pins` one after the other."""

    def __init__(self, *pins: str) -> None:
        self.pins = list(pins)
        self.asked = 0

    def pin(self, device: str, attempts_left: int | None) -> str:
        """Type the next one."""
        self.asked += 1
        if not self.pins:
            raise Cancelled("HWL-DEVICE-CANCELLED", device=device)
        return self.pins.pop(0)

    def touch(self, device: str) -> None:
        """Look at it."""


@pytest.fixture
def person() -> type[Person]:
    """The class of people."""
    return Person


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> SoftHsm:
    """SoftHSM with a token for each kind of key."""
    hsm = SoftHsm(tmp_path_factory.mktemp("softhsm"))
    for kind in ("P-256", "Ed25519", "RSA-2048", "RSA-1024", "P-384"):
        hsm.make_token(kind)
        hsm.make_key(kind, kind)
    hsm.make_token("several")
    hsm.make_key("several", "P-256", label="one", identity="01")
    hsm.make_key("several", "Ed25519", label="two", identity="ff00")
    hsm.make_key("several", "P-384", label="unusable", identity="03")
    for name in ("empty", "certified", "copy", "brief"):
        hsm.make_token(name)
    hsm.make_key("copy", "P-256")
    hsm.make_key("brief", "P-256")
    return hsm


@pytest.fixture
def hsm(made: SoftHsm) -> Iterator[SoftHsm]:
    """The same, as the default module of this process."""
    with made:
        yield made
