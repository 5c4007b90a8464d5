"""This computer, as the machine's side of hwlock sees it.

Everything that is not pure comes in here: the clock, randomness, the places where things
are kept, the devices. A test, a demo or an embedder that wants another clock or another
home makes its own `Machine`; nothing else has to know.
"""

from __future__ import annotations

import os
from datetime import datetime, timezone

from hwlock.codec.fields import sane
from hwlock.devices import registry
from hwlock.record import Record
from hwlock.store import places

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from hwlock.devices.base import (
        Changes,
        Description,
        DongleAttester,
        HostReader,
        Interaction,
        KeyAttester,
    )
    from hwlock.enforce.person import RememberedPins

__all__ = ["Machine"]


def system_clock() -> datetime:
    """Return the operating system's time, aware UTC."""
    return datetime.now(timezone.utc)


class Machine(Record):
    """The clock, the entropy, the two roots of the store, and who opens devices.

    `user_root` and `system_root` are folders; `open_host`, `open_key` and `open_dongle` take
    a URI and return an open device; `changes` takes a kind of dongle, `scan` several, and
    says what is there; `host_uri` and `key_uri` are used where none is named. `person` is
    asked for PINs, None where nobody can be.
    """

    user_root: str
    system_root: str
    clock: Callable[[], datetime] = system_clock
    entropy: Callable[[int], bytes] = os.urandom
    open_host: Callable[[str], HostReader] = registry.open_host
    open_key: Callable[[str], KeyAttester] = registry.open_key
    open_dongle: Callable[[str, Interaction | None], DongleAttester] = registry.open_dongle
    changes: Callable[[str], Changes] = registry.changes
    scan: Callable[[tuple[str, ...]], Iterable[Description]] = registry.scan
    host_uri: str = "host:"
    key_uri: str = "tpm2:"
    person: RememberedPins | None = None

    def now(self) -> datetime:
        """Return what the clock says; DeviceError where that cannot be."""
        return sane(self.clock())

    @classmethod
    def here(cls, environ: Mapping[str, str] = os.environ) -> Machine:
        """Return this computer with its own clock and devices."""
        return cls(user_root=places.user_root(environ), system_root=places.system_root(environ))
