"""Every failure of python-pkcs11 has its place in our tree."""

from __future__ import annotations

import inspect

import pytest
from pkcs11 import exceptions

from hwlock.devices.pkcs11.module import MEANINGS, converted, refusal
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

CLASSES = {
    name: each
    for name, each in inspect.getmembers(exceptions, inspect.isclass)
    if issubclass(each, BaseException) and each.__module__ == exceptions.__name__
}


def test_every_class_has_a_meaning() -> None:
    """No exception of the library is without a row, and no row without an exception."""
    assert sorted(MEANINGS) == sorted(CLASSES)


@pytest.mark.parametrize("name", CLASSES)
def test_every_class_is_converted(name: str) -> None:
    """Each becomes a DeviceError whose sentence names the token, with the cause kept."""
    raised = CLASSES[name]()
    with pytest.raises(DeviceError) as caught, converted("the red token"):
        raise raised
    assert "the red token" in caught.value.message
    assert caught.value.__cause__ is raised


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("DeviceRemoved", Removed),
        ("TokenNotPresent", Removed),
        ("SessionHandleInvalid", Removed),
        ("PinIncorrect", PinRequired),
        ("UserNotLoggedIn", PinRequired),
        ("PinLocked", AccessDenied),
        ("PinExpired", AccessDenied),
        ("SessionCount", Busy),
        ("FunctionCancelled", Cancelled),
        ("NoSuchKey", NotFound),
        ("MechanismInvalid", BadAnswer),
        ("GeneralError", BadAnswer),
    ],
)
def test_what_a_class_means(name: str, kind: type[DeviceError]) -> None:
    """The failures that a person can do something about have a class of their own."""
    assert type(refusal(CLASSES[name](), "it")) is kind


@pytest.mark.parametrize(
    "raised", [ValueError("odd"), KeyError("odd"), TypeError(), NotImplementedError()]
)
def test_other_failures(raised: Exception) -> None:
    """What the library lets through when a token answers nonsense is a BadAnswer."""
    with pytest.raises(BadAnswer), converted("the red token"):
        raise raised
