"""Tokens and keys are named as RFC 7512 names them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwlock.devices.pkcs11.uri import TokenUri
from hwlock.errors import UsageError


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("pkcs11:", TokenUri()),
        ("pkcs11:token=red", TokenUri(token="red")),
        (
            "pkcs11:token=The%20red%20one;object=license;type=private;id=%69%95%3E",
            TokenUri(token="The red one", object="license", id=b"\x69\x95\x3e"),
        ),
        ("pkcs11:id=%FF%00a", TokenUri(id=b"\xff\0a")),
        ("pkcs11:serial=A1;model=M;manufacturer=Acme", TokenUri(
            serial="A1", model="M", manufacturer="Acme")),
        ("pkcs11:token=red?module-path=/usr/lib/x.so", TokenUri(
            token="red", module_path="/usr/lib/x.so")),
        ("pkcs11:module-path=/usr/lib/x%3B.so", TokenUri(module_path="/usr/lib/x;.so")),
        ("pkcs11:token=gr%C3%BCn", TokenUri(token="grün")),
    ],
)  # fmt: skip
def test_read(uri: str, expected: TokenUri) -> None:
    """Attributes of the path and the module of the query are understood."""
    assert TokenUri.parse(uri) == expected


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        ("pkcs11:token", "HWL-DEVICE-URI-PART"),
        ("pkcs11:token=a;token=b", "HWL-DEVICE-URI-PART"),
        ("pkcs11:slot-id=1", "HWL-DEVICE-URI-PART"),
        ("pkcs11:type=secret", "HWL-DEVICE-URI-PART"),
        ("pkcs11:token=a?pin-value=1234", "HWL-DEVICE-URI-PART"),
        ("pkcs11:module-path=/a?module-path=/b", "HWL-DEVICE-URI-PART"),
        ("pkcs11:token=%", "HWL-DEVICE-URI-ESCAPE"),
        ("pkcs11:token=%1", "HWL-DEVICE-URI-ESCAPE"),
        ("pkcs11:id=%zz", "HWL-DEVICE-URI-ESCAPE"),
        ("pkcs11:token=%FF", "HWL-DEVICE-URI-ESCAPE"),
    ],
)
def test_refused(uri: str, code: str) -> None:
    """What means nothing here is refused, and nothing is guessed."""
    with pytest.raises(UsageError) as caught:
        TokenUri.parse(uri)
    assert caught.value.code == code


def test_a_pin_is_not_repeated() -> None:
    """A PIN that somebody wrote into a URI is not written into the sentence about it."""
    with pytest.raises(UsageError) as caught:
        TokenUri.parse("pkcs11:token=a?pin-value=123456")
    assert "123456" not in caught.value.details["part"]  # type: ignore[operator]


@given(
    token=st.text(max_size=20), serial=st.text(max_size=20), label=st.text(max_size=20),
    identity=st.binary(max_size=20),
)  # fmt: skip
def test_there_and_back(token: str, serial: str, label: str, identity: bytes) -> None:
    """What is written is read again, whatever tokens are called."""
    said = TokenUri(token=token, serial=serial, object=label, id=identity)
    assert TokenUri.parse(said.write()) == said


def test_what_travels_names_no_module() -> None:
    """A URI that is written never says which library to load."""
    assert TokenUri(token="a", module_path="/tmp/evil.so").write() == "pkcs11:token=a"
