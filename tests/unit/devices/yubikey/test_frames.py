"""One exchange with a YubiKey: the format, and every way in which a device can lie."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwlock.devices.yubikey.frames import crc16, exchange, frame
from hwlock.errors import BadAnswer, Cancelled, DeviceError, Removed
from hwlock.testing.yubikey import VirtualYubiKey

_GET, _SET = (0xA1, 0x01, 0x0300, 0), (0x21, 0x09, 0x0300, 0)


class Wire:
    """Reports straight to a virtual key, and a clock that runs when somebody waits."""

    def __init__(self, key: VirtualYubiKey) -> None:
        self.key = key
        self.now = 0.0
        self.reports = 0
        self.touches = 0
        self.gone_after: int | None = None

    def _count(self) -> None:
        self.reports += 1
        if self.gone_after is not None and self.reports > self.gone_after:
            raise Removed("HWL-DEVICE-GONE", device="YubiKey")

    def receive(self) -> bytes:
        """Get the feature report."""
        self._count()
        return self.key.control(*_GET, bytes(8))

    def send(self, report: bytes) -> None:
        """Set the feature report."""
        self._count()
        self.key.control(*_SET, report)

    def pause(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    def touch(self) -> None:
        """Count the wishes to be touched."""
        self.touches += 1

    def ask(self, slot: int = 0x38, payload: bytes = b"challenge", size: int = 20) -> bytes:
        """Run one exchange."""
        return exchange(
            self, slot, payload, size, touch=self.touch, pause=self.pause, clock=lambda: self.now
        )


@pytest.fixture
def wire() -> Wire:
    """Return a wire to a key with a programmed slot 2."""
    return Wire(VirtualYubiKey(secret=bytes(range(20))))


def test_known_checksum() -> None:
    """The CRC is that of ISO 13239: over data and complement the residual is 0xf0b8."""
    assert ~crc16(b"123456789") & 0xFFFF == 0x906E
    assert crc16(b"123456789" + (0x906E).to_bytes(2, "little")) == 0xF0B8


def test_a_frame() -> None:
    """64 bytes of payload, the slot, the checksum, three zeros."""
    made = frame(0x38, b"abc")
    assert (len(made), made[:4], made[64]) == (70, b"abc\0", 0x38)
    assert int.from_bytes(made[65:67], "little") == crc16(made[:64])


def test_known_answers(wire: Wire) -> None:
    """The serial number comes back; a slot answers with HMAC-SHA1 (RFC 2202, case 1)."""
    assert wire.ask(0x10, b"", 4) == (1234567).to_bytes(4, "big")
    wire.key.program(2, b"\x0b" * 20)
    answer = wire.ask(payload=b"Hi There".ljust(64, b"\0"))
    assert answer.hex() == "b617318655057264e28bc0b6fb378c8ef146be00"


def test_pieces_of_zeros_are_left_out(wire: Wire) -> None:
    """A short payload takes few reports."""
    wire.key.busy = 0
    wire.ask(payload=b"x")
    few = wire.reports
    wire.ask(payload=b"x" * 64)
    assert wire.reports - few > few


def test_touch_is_told_once(wire: Wire) -> None:
    """While it waits to be touched, the person is told once; then it answers."""
    wire.key.program(2, bytes(20), touch=True)
    assert len(wire.ask()) == 20
    assert wire.touches == 1


def test_nobody_touches(wire: Wire) -> None:
    """When the key gives up, the exchange is cancelled, and the next one works."""
    wire.key.program(2, bytes(20), touch=True)
    wire.key.finger = False
    with pytest.raises(Cancelled):
        wire.ask()
    wire.key.finger = True
    assert len(wire.ask()) == 20


def test_an_empty_slot_refuses(wire: Wire) -> None:
    """A slot without a secret says nothing."""
    with pytest.raises(BadAnswer) as caught:
        wire.ask(0x30)
    assert caught.value.code == "HWL-YUBIKEY-REFUSED"


@pytest.mark.parametrize("fault", ["crc", "length", "busy", "pieces", "broken"])
def test_a_lying_key(wire: Wire, fault: str) -> None:
    """Each lie ends in one error within seconds, and the next exchange works."""
    wire.key.faults = {fault}
    with pytest.raises(BadAnswer) as caught:
        wire.ask()
    assert caught.value.code == "HWL-YUBIKEY-BAD"
    assert wire.now < 5
    assert wire.reports < 500
    wire.key.faults = set()
    assert len(wire.ask()) == 20


def test_pulled_at_any_moment(wire: Wire) -> None:
    """Whichever report was the last, the exchange ends in Removed; plugged again it works."""
    wire.ask()
    for count in range(wire.reports):
        wire.reports, wire.gone_after = 0, count
        with pytest.raises(Removed):
            wire.ask()
        wire.gone_after = None
        wire.key.plugged()
        assert len(wire.ask()) == 20


class Liar:
    """A device that says what it wants."""

    def __init__(self, says: Callable[[], bytes]) -> None:
        self.receive = says
        self.now = 0.0

    def send(self, report: bytes) -> None:
        """Take anything."""

    def pause(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


@given(st.lists(st.binary(min_size=8, max_size=8), min_size=1, max_size=60))
def test_any_reports_end(reports: list[bytes]) -> None:
    """Whatever a device says, again and again: an answer with a right checksum, or one error."""
    count = 0

    def says() -> bytes:
        nonlocal count
        count += 1
        return reports[count % len(reports)]

    liar = Liar(says)
    try:
        answer = exchange(
            liar, 0x38, b"x", 20, touch=lambda: None, pause=liar.pause, clock=lambda: liar.now
        )
    except DeviceError:
        pass
    else:
        assert len(answer) == 20
    assert count < 3000
    assert liar.now < 40
