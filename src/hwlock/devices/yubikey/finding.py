"""Which YubiKeys are here, and which one a URI means."""

from __future__ import annotations

from hwlock.devices import libusb, uri
from hwlock.errors import BadAnswer, DeviceError, NotFound, UsageError

from .frames import exchange
from .wire import keyboard_of, opened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .wire import Reports

__all__ = ["PLAIN_URI", "SLOTS", "chosen", "keys", "parse", "serial_of"]

PLAIN_URI = "yubikey:slot=2"
SLOTS = {1: 0x30, 2: 0x38}  # the commands that ask a slot for HMAC-SHA1
_YUBICO = 0x1050
_SERIAL = 0x10
_NAMES = ("serial", "slot")


def parse(text: str) -> tuple[int | None, int]:
    """Return serial (None: any) and slot of a URI; UsageError."""
    said = uri.parts(text, _NAMES)
    serial, slot = said.get("serial"), said.get("slot", "2")
    if slot not in ("1", "2"):
        raise UsageError("HWL-YUBIKEY-URI", uri=text)
    if serial is None:
        return None, int(slot)
    if not (serial.isascii() and serial.isdecimal() and len(serial) <= 10 and serial[0] != "0"):
        raise UsageError("HWL-YUBIKEY-URI", uri=text)
    return int(serial), int(slot)


def keys() -> list[tuple[Any, int]]:
    """Return each YubiKey that has slots with the number of its keyboard interface."""
    found = []
    for device in libusb.find("yubikey", _YUBICO):
        interface = keyboard_of(device)
        if interface is not None:
            found.append((device, interface))
    return found


def chosen(text: str) -> tuple[Any, int, int]:
    """Return device, interface and serial of the key that `text` names.

    NotFound, UsageError where several could be meant, or what kept the only one from answering.
    """
    wanted, _ = parse(text)
    found: list[tuple[Any, int, int]] = []
    failure: DeviceError | None = None
    for device, interface in keys():
        try:
            with opened(device, interface) as reports:
                serial = serial_of(reports)
        except DeviceError as exc:  # another one may be it
            failure = exc
            continue
        if wanted in (None, serial):
            found.append((device, interface, serial))
    if len(found) > 1 and wanted is None:
        serials = ", ".join(f"yubikey:serial={serial}" for _, _, serial in found)
        raise UsageError("HWL-USB-SEVERAL", uri=text, found=serials)
    if not found:
        raise failure or NotFound("HWL-DEVICE-NONE", device=text)
    return found[0]


def serial_of(reports: Reports) -> int:
    """Ask for the serial number; DeviceError where the key was told to hide it."""
    try:
        answer = exchange(reports, _SERIAL, b"", 4, touch=_never)
    except BadAnswer as exc:
        if exc.code == "HWL-YUBIKEY-REFUSED":
            raise BadAnswer("HWL-YUBIKEY-SERIAL") from exc
        raise
    return int.from_bytes(answer, "big")


def _never() -> None:
    raise BadAnswer("HWL-YUBIKEY-BAD", fault="a wish to be touched for its serial number")
