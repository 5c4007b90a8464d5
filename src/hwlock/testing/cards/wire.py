"""A virtual card without reader and service, and a wire that lies.

    card = VirtualYubiKey()
    device = PivAttester("piv:", find=cards(CardWire(card)))

The wire takes the place of PC/SC alone: drivers and cards are the real ones.
"""

from __future__ import annotations

from contextlib import contextmanager

from hwlock.devices.smartcard.apdu import Channel
from hwlock.devices.smartcard.link import Found
from hwlock.errors import DeviceError, Removed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from .iso import VirtualCard

__all__ = ["CardWire", "cards"]


class CardWire:
    """A wire to `card`. `lie` sees each command and the true answer, and gives the answer.

    `present` is False while the card is pulled; `t0` makes the protocol T=0.
    """

    def __init__(self, card: VirtualCard, reader: str = "a virtual reader") -> None:
        self.card = card
        self.reader = reader
        self.t0 = False
        self.present = True
        self.lie: Callable[[bytes, bytes], bytes] | None = None

    def exchange(self, command: bytes) -> bytes:
        """Return what the card, or the lie, answers; Removed."""
        if not self.present:
            raise Removed("HWL-DEVICE-GONE", device=f"the card in {self.reader}")
        answer = self.card.transmit(command)
        return answer if self.lie is None else self.lie(command, answer)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do nothing: nobody else is here."""
        yield

    def close(self) -> None:
        """Let go; the same wire is found again by the next look."""


def cards(*wires: CardWire) -> Callable[..., Iterator[Found[Any]]]:
    """Return what finds these cards, in place of looking into readers."""

    def find(select: Callable[[Channel], Any], only_reader: str = "") -> Iterator[Found[Any]]:
        for wire in wires:
            if not wire.present or only_reader not in ("", wire.reader):
                continue
            try:
                yield Found(wire.reader, wire, select(Channel(wire)))
            except DeviceError as exc:
                yield Found(wire.reader, problem=exc)

    return find
