"""One PIN, asked once.

A PIN lives as long as the open device, in memory only, and is forgotten when it was wrong
or when the card was away. It is never tried a second time after it was wrong, and never
sent to a card that would not take it for a PIN: a typing error of length costs nothing.
"""

from __future__ import annotations

from hwlock.errors import AccessDenied, Cancelled, PinRequired

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hwlock.devices.base import Interaction

__all__ = ["Pins", "blocked", "wrong"]

_LEAST = 6  # of PIV and of OpenPGP


class Pins:
    """The PIN of one card."""

    def __init__(self, person: Interaction | None) -> None:
        self._person = person
        self._pin = ""
        self._connection = 0

    def known(self, connection: int) -> str:
        """Return the PIN that was right on this connection; empty where there is none."""
        return self._pin if connection == self._connection else ""

    def ask(self, device: str, attempts_left: int | None, most: int) -> str:
        """Ask the person for a PIN of at most `most` bytes.

        PinRequired where there is nobody, Cancelled where nothing is said.
        """
        if self._person is None:
            raise PinRequired("HWL-DEVICE-PIN", device=device, attempts_left=attempts_left)
        pin = self._person.pin(device, attempts_left)
        if not pin:
            raise Cancelled("HWL-DEVICE-CANCELLED", device=device)
        if len(pin) < _LEAST or len(pin.encode()) > most:
            raise PinRequired(
                "HWL-SMARTCARD-PIN-LENGTH",
                device=device,
                least=_LEAST,
                most=most,
                attempts_left=attempts_left,
            )
        return pin

    def right(self, pin: str, connection: int) -> None:
        """Keep a PIN that the card took."""
        self._pin, self._connection = pin, connection

    def forget(self) -> None:
        """Forget it."""
        self._pin = ""


def wrong(device: str, attempts_left: int) -> PinRequired:
    """Return the error of a PIN that the card did not take."""
    return PinRequired("HWL-DEVICE-PIN-WRONG", device=device, attempts_left=attempts_left)


def blocked(device: str) -> AccessDenied:
    """Return the error of a PIN that no card takes any more."""
    return AccessDenied("HWL-DEVICE-PIN-BLOCKED", device=device)
