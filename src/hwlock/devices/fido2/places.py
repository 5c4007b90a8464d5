"""Where security keys are: one list, filled by each way to reach one."""

from __future__ import annotations

from hwlock.errors import UnsupportedError
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from fido2.ctap import CtapDevice

    from hwlock.errors import HwlockError

__all__ = ["SOURCES", "Place", "find"]


class Place(Record):
    """A socket with a security key in it.

    `path` names the place for this machine, `name` and `serial` are what the key says of
    itself without being opened; `connect` opens it, and may raise what `token.converted`
    knows. `problem` says why it cannot be used.
    """

    path: str
    name: str
    serial: str
    connect: Callable[[], CtapDevice]
    problem: HwlockError | None = None


def _usb() -> tuple[Place, ...]:
    from . import hid

    return hid.places()


# Every way to find keys; a test adds one of its own.
SOURCES: list[Callable[[], tuple[Place, ...]]] = [_usb]


def find() -> tuple[Place, ...]:
    """Return every place with a key in it; UnsupportedError where the extra is missing."""
    try:
        import fido2.ctap  # noqa: F401 - whether it is there
    except ImportError as exc:
        raise UnsupportedError(
            "HWL-DEVICE-EXTRA", kind="FIDO2", package="fido2", extra="fido2"
        ) from exc
    return tuple(place for source in tuple(SOURCES) for place in source())
