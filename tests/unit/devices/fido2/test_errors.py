"""Every failure of python-fido2 has its place in our tree."""

from __future__ import annotations

import errno
import importlib
import inspect
from types import ModuleType

import pytest
from fido2.ctap import CtapError
from fido2.hid import ConnectionFailure

from hwlock.devices.fido2.token import FOREIGN, converted, refusal
from hwlock.errors import (
    AccessDenied,
    BadAnswer,
    Busy,
    Cancelled,
    DeviceError,
    NotFound,
    PinRequired,
    Removed,
)

# the parts of fido2 that the driver calls
MODULES = (
    "fido2.cbor", "fido2.cose", "fido2.ctap", "fido2.ctap2.base", "fido2.ctap2.pin", "fido2.hid",
    "fido2.hid.base", "fido2.utils",
)  # fmt: skip
ERR = CtapError.ERR


def classes(module: ModuleType) -> list[type[BaseException]]:
    """Return the exception classes that a module defines."""
    return [
        each
        for _, each in inspect.getmembers(module, inspect.isclass)
        if issubclass(each, BaseException) and each.__module__.startswith("fido2")
    ]


def test_every_class_is_known() -> None:
    """No module that we call has an exception class of its own that is not converted."""
    found = {each for name in MODULES for each in classes(importlib.import_module(name))}
    assert {CtapError, ConnectionFailure} <= found
    assert [each for each in found if not issubclass(each, FOREIGN)] == []


@pytest.mark.parametrize("code", sorted((set(ERR) - {ERR.SUCCESS}) | {0x5A, 0xFE}))
def test_every_status(code: int) -> None:
    """Each status of CTAP becomes a DeviceError with a sentence that names the key."""
    error = refusal(CtapError(code).code, "the red key")
    assert isinstance(error, DeviceError)
    assert "the red key" in error.message or error.code == "HWL-FIDO2-OTHER"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (ERR.NO_CREDENTIALS, NotFound),
        (ERR.PUAT_REQUIRED, PinRequired),
        (ERR.PIN_BLOCKED, AccessDenied),
        (ERR.PIN_AUTH_BLOCKED, AccessDenied),
        (ERR.USER_ACTION_TIMEOUT, Cancelled),
        (ERR.UP_REQUIRED, Cancelled),
        (ERR.CHANNEL_BUSY, Busy),
        (ERR.INVALID_CBOR, BadAnswer),
    ],
)
def test_what_a_status_means(code: int, kind: type[DeviceError]) -> None:
    """The statuses that a person can do something about have a class of their own."""
    assert type(refusal(code, "it")) is kind


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (CtapError(0x2E), NotFound),
        (ConnectionFailure("wrong channel"), BadAnswer),
        (OSError(errno.ENODEV, "gone"), Removed),
        (OSError(errno.EIO, "gone"), Removed),
        (FileNotFoundError(errno.ENOENT, "gone"), Removed),
        (PermissionError(errno.EACCES, "no", "/dev/hidraw0"), AccessDenied),
        (TimeoutError(errno.ETIMEDOUT, "slow"), BadAnswer),
        (OSError(errno.EBUSY, "busy"), Busy),
        (OSError(errno.ENOSPC, "odd"), BadAnswer),
        (ValueError("odd"), BadAnswer),
        (KeyError("odd"), BadAnswer),
        (RecursionError(), BadAnswer),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_converted(raised: BaseException, kind: type[DeviceError]) -> None:
    """Whatever comes out of the library is one of ours, with the cause kept."""
    with pytest.raises(DeviceError) as caught, converted("the red key"):
        raise raised
    assert type(caught.value) is kind
    assert caught.value.__cause__ is raised
