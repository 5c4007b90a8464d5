"""Every kind of device, by the scheme of its URI; a kind is imported when it is asked for."""

from __future__ import annotations

from hwlock.errors import UnsupportedError, UsageError
from hwlock.evidence.claims import DONGLES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import cast

    from hwlock.devices.base import (
        AgreeingDongle,
        Attester,
        Backend,
        Changes,
        Description,
        DongleAttester,
        DongleBackend,
        HostReader,
        Interaction,
        KeyAttester,
    )
else:
    AgreeingDongle = Backend = DongleAttester = DongleBackend = HostReader = KeyAttester = object

    def cast(_kind: object, value: object) -> object:
        """Stand in for what only type checkers look at."""
        return value


__all__ = [
    "KINDS",
    "agreeing",
    "changes",
    "kind_of",
    "open",
    "open_dongle",
    "open_host",
    "open_key",
    "scan",
]

# the scheme of a URI → the module of its kind
_MODULES = {
    "tpm2": "tpm2",
    "host": "host",
    "piv": "smartcard.piv",
    "openpgp": "smartcard.openpgp",
    "pkcs11": "pkcs11",
    "fido2": "fido2",
    "yubikey": "yubikey",
    "usb": "usb",
}
KINDS = tuple(_MODULES)


def kind_of(uri: str) -> str:
    """Return the kind of device that `uri` names; UsageError."""
    kind, colon, _ = uri.partition(":")
    if not colon or kind not in KINDS:
        raise UsageError("HWL-DEVICE-URI", uri=uri, kinds=", ".join(f"{k}:" for k in KINDS))
    return kind


def open(uri: str, person: Interaction | None = None) -> Attester:
    """Open the device that `uri` names; DeviceError, UsageError, UnsupportedError."""
    kind = kind_of(uri)
    if kind in DONGLES:
        return _dongles(kind).open(uri, person)
    return cast(Backend, _module(kind)).open(uri)


def open_host(uri: str) -> HostReader:
    """Open the machine that `uri` names; DeviceError, UsageError."""
    if kind_of(uri) != "host":
        raise UsageError("HWL-DEVICE-KIND", uri=uri, wanted="a machine, such as host:")
    return cast(HostReader, open(uri))


def open_key(uri: str) -> KeyAttester:
    """Open the machine's own key store (a TPM) that `uri` names; DeviceError, UsageError."""
    if kind_of(uri) != "tpm2":
        raise UsageError("HWL-DEVICE-KIND", uri=uri, wanted="a TPM, such as tpm2:")
    return cast(KeyAttester, open(uri))


def open_dongle(uri: str, person: Interaction | None = None) -> DongleAttester:
    """Open the dongle that `uri` names; DeviceError, UsageError, UnsupportedError."""
    if kind_of(uri) not in DONGLES:
        raise UsageError("HWL-DEVICE-KIND", uri=uri, wanted="a dongle or card, such as piv:")
    return cast(DongleAttester, open(uri, person))


def agreeing(dongle: DongleAttester) -> AgreeingDongle:
    """Return `dongle` as one that agrees on secrets; UnsupportedError where its kind does not."""
    if not hasattr(dongle, "agree"):
        dongle.__exit__(None, None, None)
        raise UnsupportedError("HWL-DEVICE-AGREE", kind=dongle.kind)
    return cast(AgreeingDongle, dongle)


def scan(kinds: tuple[str, ...] = KINDS) -> Iterator[Description]:
    """Yield every device of `kinds` that is here, without opening any."""
    for kind in kinds:
        yield from cast(Backend, _module(kind)).scan()


def changes(kind: str) -> Changes:
    """Return what tells that a dongle of `kind` was plugged in or pulled."""
    return _dongles(kind).changes()


def _dongles(kind: str) -> DongleBackend:
    return cast(DongleBackend, _module(kind))


def _module(kind: str) -> object:
    return __import__(f"hwlock.devices.{_MODULES[kind]}", fromlist=("open",))
