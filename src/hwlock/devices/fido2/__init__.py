"""FIDO2 security keys, over USB and over card readers.

places, hid, pcsc
    where keys are, found without opening any
token
    one open key: the three commands of CTAP 2.1 that we use, every failure one DeviceError
enrollment
    the record: what a key needs to prove itself again
attester
    all of it as the seam that the rest of hwlock knows

URIs: `fido2:` (whichever key is plugged in), `fido2:aaguid=…` (of this model, 32 hexadecimal
digits), `fido2:serial=…` (where the key has one), `fido2:path=…` (this socket: a device node, or
the name of a card reader).

A credential belongs to one key but says nothing of where that is: to prove it, every key that
fits the URI is asked, silently, until one knows it. What travels is `fido2:aaguid=…;key=…`,
where `key` only tells credentials apart. Nothing is kept open in between, so that other
programs use the same key. Raw access is not given to ordinary users of Windows.
"""

from __future__ import annotations

from hwlock.devices.base import Description
from hwlock.errors import UnsupportedError

from .attester import PARTS, Fido2Attester
from .places import SOURCES, find, find_later

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hwlock.devices.base import Changes, Interaction

__all__ = ["SOURCES", "changes", "open", "scan"]


def open(uri: str, person: Interaction | None = None) -> Fido2Attester:
    """Open the security key that `uri` names; DeviceError, UsageError, UnsupportedError.

    NotFound where none is plugged in. Without a `person`, a key that wants a PIN or a touch
    raises PinRequired or Cancelled when it does.
    """
    from hwlock.devices.uri import parts

    attester = Fido2Attester(uri, parts(uri, PARTS), person)
    attester.require()
    return attester


def scan() -> Iterator[Description]:
    """Yield the security keys that are here without opening any.

    A key's assurance is "attested" where the vendor's desk has the roots of its maker.
    """
    from hwlock.devices.uri import make

    try:
        found = *find(), *(place for place in find_later() if not place.shy)
    except UnsupportedError as problem:
        yield Description(uri="fido2:", kind="fido2", name="security keys", problem=problem)
        return
    for place in found:
        yield Description(
            uri=make("fido2", {"path": place.path}),
            kind="fido2",
            name=place.name,
            assurance="" if place.problem else "attested",
            problem=place.problem,
            details=(("serial", place.serial),) if place.serial else (),
        )


def changes() -> Changes:
    """Return what tells that a security key was plugged in or pulled."""
    from hwlock.devices import hotplug

    return hotplug.changes(hotplug.HID, lambda: tuple(place.path for place in find()))
