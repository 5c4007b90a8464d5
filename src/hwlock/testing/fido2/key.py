"""A virtual key that is plugged into this process: `fido2:` finds it as it finds a real one."""

from __future__ import annotations

import errno
import os

from fido2.hid import CtapHidDevice
from fido2.hid.base import HidDescriptor

from hwlock.devices.fido2.hid import Bounded
from hwlock.devices.fido2.places import SOURCES, Place

from .authenticator import Authenticator
from .wires import PACKET_BYTES, DirectDevice, HidWire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fido2.ctap import CtapDevice
    from typing_extensions import Self

    from hwlock.errors import HwlockError

__all__ = ["VirtualKey"]

_VID, _PID = 0x1209, 0xF1D0


class VirtualKey:
    """`authenticator` in a socket called `path`; plugged in while the `with` lasts.

    `framed` puts it under CTAPHID; else the driver speaks to it directly. `silence_s` is how
    long the driver waits for a packet. `problem` is why it cannot be used, as scanning says.
    """

    def __init__(
        self,
        authenticator: Authenticator | None = None,
        *,
        path: str = "virtual",
        name: str = "Virtual Key",
        serial: str = "",
        framed: bool = True,
        silence_s: float = 3.0,
        problem: HwlockError | None = None,
    ) -> None:
        self.authenticator = authenticator or Authenticator()
        self.path = path
        self.name = name
        self.serial = serial
        self.problem = problem
        self._framed = framed
        self._silence_s = silence_s
        self._plugged = False
        self.wires: list[HidWire] = []

    @property
    def uri(self) -> str:
        """How hwlock names it on this machine."""
        return f"fido2:path={self.path}"

    def plug(self) -> None:
        """Put the key in."""
        self._plugged = True
        self.authenticator.replug()

    def unplug(self) -> None:
        """Pull the key out, also in the middle of a command."""
        self._plugged = False
        for wire in self.wires:
            wire.unplug()

    def connect(self) -> CtapDevice:
        """Open the key, as the driver does."""
        if not self._plugged:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        if not self._framed:
            return DirectDevice(self.authenticator)
        wire = HidWire(self.authenticator)
        self.wires = [wire]
        descriptor = HidDescriptor(
            self.path, _VID, _PID, PACKET_BYTES, PACKET_BYTES, self.name, self.serial or None
        )
        return CtapHidDevice(descriptor, Bounded(wire, self._silence_s))

    def __enter__(self) -> Self:
        self.plug()
        SOURCES.append(self._places)
        return self

    def __exit__(self, *exc: object) -> None:
        SOURCES.remove(self._places)
        self.unplug()

    def _places(self) -> tuple[Place, ...]:
        if not self._plugged:
            return ()
        place = Place(
            path=self.path,
            name=self.name,
            serial=self.serial,
            connect=self.connect,
            problem=self.problem,
        )
        return (place,)
