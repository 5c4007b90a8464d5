"""Every kind of device, by the scheme of its URI; a kind is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module

from hwlock.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import cast

    from hwlock.devices.base import Attester, Backend, Description

__all__ = ["KINDS", "open", "scan"]

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


def scan() -> Iterator[Description]:
    """Yield every device that is here, of every kind, without opening any."""
    for kind in KINDS:
        yield from _backend(kind).scan()


def _backend(kind: str) -> Backend:
    module = import_module(f"hwlock.devices.{kind}")
    return cast("Backend", module) if TYPE_CHECKING else module
