"""Every kind of device, by the scheme of its URI; a kind is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module

from hwlock.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import cast

    from hwlock.devices.base import Attester, Backend, Description, HostReader, KeyAttester
else:

    def cast(_kind: str, value: object) -> object:
        """Stand in for what only type checkers look at."""
        return value


__all__ = ["KINDS", "kind_of", "open", "open_host", "open_key", "scan"]

KINDS = ("tpm2", "host")


def kind_of(uri: str) -> str:
    """Return the kind of device that `uri` names; UsageError."""
    kind, colon, _ = uri.partition(":")
    if not colon or kind not in KINDS:
        raise UsageError("HWL-DEVICE-URI", uri=uri, kinds=", ".join(f"{k}:" for k in KINDS))
    return kind


def open(uri: str) -> Attester:
    """Open the device that `uri` names; DeviceError, UsageError."""
    return _backend(kind_of(uri)).open(uri)


def open_host(uri: str) -> HostReader:
    """Open the machine that `uri` names; DeviceError, UsageError."""
    if kind_of(uri) != "host":
        raise UsageError("HWL-DEVICE-KIND", uri=uri, wanted="a machine, such as host:")
    return cast("HostReader", open(uri))


def open_key(uri: str) -> KeyAttester:
    """Open the device that holds keys and that `uri` names; DeviceError, UsageError."""
    if kind_of(uri) == "host":
        raise UsageError("HWL-DEVICE-KIND", uri=uri, wanted="a device that holds keys")
    return cast("KeyAttester", open(uri))


def scan() -> Iterator[Description]:
    """Yield every device that is here, of every kind, without opening any."""
    for kind in KINDS:
        yield from _backend(kind).scan()


def _backend(kind: str) -> Backend:
    return cast("Backend", import_module(f"hwlock.devices.{kind}"))
