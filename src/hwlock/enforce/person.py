"""The person at the machine, as a program that checks again and again needs them.

A PIN is asked once for each device and process, and given again at later checks: a guarded
program proves its dongle every few seconds. What is kept is in memory that is overwritten
when it is forgotten, and at the end of the process; copies that Python makes on the way to a
driver are beyond our reach. Three rules keep a card from being blocked:

1. a PIN that a device refused is forgotten, and the person is asked again next time;
2. where a device has one attempt left, the person is asked, never the memory;
3. who said no is not asked again until the dongle was pulled, or `ask_again` is called.
"""

from __future__ import annotations

import atexit

from hwlock.errors import Cancelled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hwlock.devices.base import Interaction

__all__ = ["RememberedPins"]


class RememberedPins:
    """Asks `person`, and remembers what they said, for each device by its URI."""

    def __init__(self, person: Interaction) -> None:
        self._person = person
        self._pins: dict[str, bytearray] = {}
        self._refused: set[str] = set()

    def for_device(self, uri: str) -> Interaction:
        """Return who answers for the device that `uri` names."""
        return _ForDevice(self, uri)

    def forget(self, uri: str) -> None:
        """Forget the PIN of one device."""
        kept = self._pins.pop(uri, bytearray())
        kept[:] = bytes(len(kept))

    def forget_all(self) -> None:
        """Forget all PINs, and who said no."""
        for uri in tuple(self._pins):
            self.forget(uri)
        self._refused.clear()

    def ask_again(self, uri: str) -> None:
        """Ask for the PIN of a device again, although the person said no."""
        self._refused.discard(uri)

    def pin(self, uri: str, device: str, attempts_left: int | None) -> str:
        """Return the PIN of a device, asked or remembered; Cancelled."""
        kept = self._pins.get(uri)
        last = attempts_left is not None and attempts_left <= 1
        if kept is not None and not last:
            return kept.decode()
        if uri in self._refused:
            raise Cancelled("HWL-DEVICE-CANCELLED", device=device)
        try:
            said = self._person.pin(device, attempts_left)
        except Cancelled:
            self._refused.add(uri)
            raise
        self._keep(uri, said)
        return said

    def touch(self, device: str) -> None:
        """Say that `device` waits to be touched."""
        self._person.touch(device)

    def _keep(self, uri: str, pin: str) -> None:
        if not self._pins:
            atexit.unregister(self.forget_all)
            atexit.register(self.forget_all)
        self.forget(uri)
        self._pins[uri] = bytearray(pin, "utf-8")

    def __repr__(self) -> str:
        return f"RememberedPins({len(self._pins)} PINs)"


class _ForDevice:
    """The person, asked about one device."""

    def __init__(self, people: RememberedPins, uri: str) -> None:
        self._people = people
        self._uri = uri

    def pin(self, device: str, attempts_left: int | None) -> str:
        """Return the PIN of the device; Cancelled."""
        return self._people.pin(self._uri, device, attempts_left)

    def touch(self, device: str) -> None:
        """Say that the device waits to be touched."""
        self._people.touch(device)
