"""Where security keys are: one list, filled by each way to reach one."""

from __future__ import annotations

from hwlock.errors import UnsupportedError
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from fido2.ctap import CtapDevice

    from hwlock.errors import HwlockError

__all__ = ["LATER", "SOURCES", "Place", "find", "find_later", "require_extra"]


class Place(Record):
    """A socket with a security key in it.

    `path` names the place for this machine, `name` and `serial` are what the key says of
    itself without being opened; `connect` opens it, and may raise what `token.converted`
    knows. `problem` says why it cannot be used. A `shy` place may hold something else than a
    security key, and is only looked into when a URI names it.
    """

    path: str
    name: str
    serial: str
    connect: Callable[[], CtapDevice]
    problem: HwlockError | None = None
    shy: bool = False


def _usb() -> tuple[Place, ...]:
    from . import hid

    return hid.places()


def _readers() -> tuple[Place, ...]:
    from . import pcsc

    return pcsc.places()


# Every way to find keys; a test adds one of its own.
SOURCES: list[Callable[[], tuple[Place, ...]]] = [_usb]
# And those that are looked at only when no key was found in that way, or none that fits.
LATER: list[Callable[[], tuple[Place, ...]]] = [_readers]


def find() -> tuple[Place, ...]:
    """Return every socket with a key in it; UnsupportedError where the extra is missing."""
    require_extra()
    return tuple(place for source in tuple(SOURCES) for place in source())


def find_later() -> tuple[Place, ...]:
    """Return the readers with a card in them, which may be a key."""
    return tuple(place for source in tuple(LATER) for place in source())


def require_extra() -> None:
    """Raise UnsupportedError where the package fido2 is not installed."""
    try:
        import fido2.ctap  # noqa: F401 - whether it is there
    except ImportError as exc:
        raise UnsupportedError(
            "HWL-DEVICE-EXTRA", kind="FIDO2", package="fido2", extra="fido2"
        ) from exc
