"""What a USB device says of itself, and the URI that names it."""

from __future__ import annotations

from hwlock.devices import libusb, uri
from hwlock.errors import DeviceError, NotFound, UsageError
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Identity", "candidates", "named"]

_NAMES = ("vid", "pid", "serial")
_SHOWN = 40  # characters of a serial number in a label
_DIGITS = frozenset("0123456789abcdef")


class Identity(Record):
    """The numbers of one device; `serial` is None where only opening it would tell."""

    vendor: int
    product: int
    serial: str | None

    @property
    def uri(self) -> str:
        """The canonical URI: what is not known is left out."""
        said = {
            "vid": f"{self.vendor:04x}",
            "pid": f"{self.product:04x}",
            "serial": self.serial or "",
        }
        return uri.make("usb", said)

    @property
    def name(self) -> str:
        """What a person calls it; the serial number tells it from others of its make."""
        make = f"USB device {self.vendor:04x}:{self.product:04x}"
        return f"{make} (serial {_shown(self.serial)})" if self.serial else make


def candidates() -> list[Identity]:
    """Return what is here and has a serial number, in the order of the URIs; opens nothing."""
    found = [_identity(device, may_open=False) for device in libusb.find("usb")]
    known = [identity for identity in found if identity.serial != ""]
    return sorted(known, key=lambda identity: identity.uri)


def named(text: str) -> list[Identity]:
    """Return the identities here that `text` names, opened where that must be; at least one.

    NotFound, AccessDenied where none of them lets itself be read, UsageError.
    """
    said = uri.parts(text, _NAMES)
    vendor, product = (_number(text, said.get(name)) for name in ("vid", "pid"))
    wanted = said.get("serial")
    good: list[Identity] = []
    failure: DeviceError | None = None
    for device in libusb.find("usb", vendor, product):
        try:
            identity = _identity(device, may_open=True)
        except DeviceError as exc:  # another one may be it
            failure = exc
            continue
        if identity.serial and wanted in (None, identity.serial):
            good.append(identity)
    if not good:
        raise failure or NotFound("HWL-DEVICE-NONE", device=text)
    if len(set(good)) > 1:
        uris = ", ".join(sorted({each.uri for each in good}))
        raise UsageError("HWL-USB-SEVERAL", uri=text, found=uris)
    return good


def _shown(serial: str) -> str:
    """Return a serial number fit to travel in a label: one line, short; the URI has all of it."""
    plain = "".join(char for char in serial if char.isascii() and char.isprintable())
    return plain if plain == serial and len(plain) <= _SHOWN else f"{plain[:_SHOWN]}…"


def _identity(device: Any, *, may_open: bool) -> Identity:
    bare = Identity(vendor=device.idVendor, product=device.idProduct, serial=None)
    serial = libusb.serial_of(device, bare.name, may_open=may_open)
    return Identity(vendor=bare.vendor, product=bare.product, serial=serial)


def _number(text: str, digits: str | None) -> int | None:
    if digits is None:
        return None
    if len(digits) != 4 or not _DIGITS.issuperset(digits):
        raise UsageError("HWL-USB-URI", uri=text, part=digits)
    return int(digits, 16)
