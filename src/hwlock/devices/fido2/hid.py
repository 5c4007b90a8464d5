"""Security keys on USB: CTAPHID (CTAP 2.1 §11.2) over hidraw and its likes.

On Linux the keys are read from /sys, so that one that this user may not open is shown with
that reason. Elsewhere fido2 lists them, and shows none that it may not open.

fido2 waits for a packet as long as it takes. A key that falls silent must not stop a program
for ever, so every wait here has an end: by `select` where the connection is a file, and by
the time between packets everywhere.
"""

from __future__ import annotations

import errno
import os
import select
import sys
import time

from fido2.hid import CtapHidDevice, open_connection
from fido2.hid.base import CtapHidConnection, HidDescriptor, parse_report_descriptor

from hwlock.errors import AccessDenied, NotFound

from .places import Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hwlock.errors import HwlockError

__all__ = ["Bounded", "connect", "places"]

_SYS = "/sys/class/hidraw"
_DEV = "/dev"
# A key says every 100 ms that it still works (§11.2.9.2.1); so silence of this length is an end.
SILENCE_S = 3.0


class Bounded(CtapHidConnection):
    """A connection that never waits longer than `silence_s` for a packet."""

    def __init__(self, inner: CtapHidConnection, silence_s: float = SILENCE_S) -> None:
        self._inner = inner
        self._silence_s = silence_s

    def write_packet(self, data: bytes) -> None:
        """Send one packet; OSError."""
        self._inner.write_packet(data)

    def read_packet(self) -> bytes:
        """Return the next packet; OSError, TimeoutError after silence."""
        handle = getattr(self._inner, "handle", None)
        started = time.monotonic()
        if type(handle) is int and os.name == "posix":
            readable, _, _ = select.select([handle], [], [], self._silence_s)
            if not readable:
                raise TimeoutError(errno.ETIMEDOUT, "the key is silent")
        packet = self._inner.read_packet()
        if not packet:
            raise OSError(errno.ENODEV, "the key is gone")
        if time.monotonic() - started > self._silence_s:
            raise TimeoutError(errno.ETIMEDOUT, "the key is slow")
        return packet

    def close(self) -> None:
        """Let go of the key."""
        self._inner.close()


def places() -> tuple[Place, ...]:
    """Return the keys on USB."""
    if sys.platform == "linux":
        return linux_places(_SYS, _DEV)
    else:
        from fido2.hid import list_descriptors

        return tuple(_place(descriptor) for descriptor in list_descriptors())


def linux_places(sys_folder: str, dev_folder: str) -> tuple[Place, ...]:
    """Return the FIDO keys among the hidraw devices of `sys_folder`, in order of their number."""
    try:
        names = sorted(os.listdir(sys_folder), key=lambda name: (len(name), name))
    except FileNotFoundError:
        return ()
    found = []
    for name in names:
        descriptor = _described(os.path.join(sys_folder, name, "device"), f"{dev_folder}/{name}")
        if descriptor is not None:
            found.append(_place(descriptor, _problem(str(descriptor.path))))
    return tuple(found)


def connect(descriptor: HidDescriptor) -> CtapHidDevice:
    """Open the key that `descriptor` tells of."""
    connection = Bounded(open_connection(descriptor))  # type: ignore[no-untyped-call]
    try:
        return CtapHidDevice(descriptor, connection)
    except BaseException:
        connection.close()
        raise


def _described(folder: str, path: str) -> HidDescriptor | None:
    """Read what the kernel knows of a hidraw device; None where it is no FIDO key, or gone."""
    try:
        with open(os.path.join(folder, "report_descriptor"), "rb") as file:
            sizes = parse_report_descriptor(file.read(4096))
        with open(os.path.join(folder, "uevent"), encoding="utf-8", errors="replace") as file:
            said = dict(line.partition("=")[::2] for line in file.read(4096).splitlines())
    except (OSError, ValueError):
        return None
    return HidDescriptor(
        path,
        *(0, 0),  # nobody asks for the numbers of maker and product
        *sizes,
        said.get("HID_NAME") or None,
        said.get("HID_UNIQ") or None,
    )


def _problem(path: str) -> HwlockError | None:
    if not os.path.exists(path):
        return NotFound("HWL-FIDO2-NODE", path=path)
    if not os.access(path, os.R_OK | os.W_OK):
        return AccessDenied("HWL-FIDO2-DENIED", path=path)
    return None


def _place(descriptor: HidDescriptor, problem: HwlockError | None = None) -> Place:
    path = descriptor.path if isinstance(descriptor.path, str) else os.fsdecode(descriptor.path)
    return Place(
        path=path,
        name=plain(descriptor.product_name or "") or "security key",
        serial=plain(descriptor.serial_number or ""),
        connect=lambda: connect(descriptor),
        problem=problem,
    )


def plain(text: str) -> str:
    """Return what a device calls itself, fit to be shown and to travel: one line, short."""
    return "".join(char for char in text if char.isascii() and char.isprintable()).strip()[:64]
