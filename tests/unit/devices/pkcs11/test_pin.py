"""PINs of tokens: the token's warnings are read first, and a PIN is tried once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pkcs11 import PROTECTED_AUTH, TokenFlag
from pkcs11 import exceptions as foreign

from hwlock.crypto.keys import VerificationKey
from hwlock.devices import pkcs11
from hwlock.devices.pkcs11 import attester
from hwlock.devices.pkcs11.enrollment import Enrollment
from hwlock.devices.pkcs11.module import Module, converted
from hwlock.errors import AccessDenied, Cancelled, DeviceError, NotFound, PinRequired, Removed

KEY = VerificationKey(
    bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
)
RECORD = Enrollment(identity=b"\1", label="license", key=KEY).encode()
USUAL = TokenFlag.TOKEN_INITIALIZED | TokenFlag.LOGIN_REQUIRED | TokenFlag.USER_PIN_INITIALIZED


class FakeToken:
    """A token with a PIN: what the library shows of one, and nothing below it."""

    label, model, manufacturer_id, serial = "red", "fake", "nobody", b"1"

    def __init__(self, flags: TokenFlag = USUAL) -> None:
        self.flags = flags
        self.slot = self
        self.logins: list[object] = []
        self.closed = 0
        self.after_wrong = flags
        self.signing: list[type[Exception]] = []
        self.opening: list[type[Exception]] = []

    def get_token(self) -> FakeToken:
        """Be in the slot."""
        return self

    def open(self, user_pin: object = None) -> FakeToken:
        """Open a session."""
        if self.opening:
            raise self.opening.pop(0)()
        if user_pin is not None:
            self.logins.append(user_pin)
            if user_pin not in ("right", PROTECTED_AUTH):
                self.flags = self.after_wrong
                raise foreign.PinIncorrect
        self.logged_in = user_pin is not None
        return self

    def close(self) -> None:
        """Close the session."""
        self.closed += 1

    def keys(self) -> list[Any]:
        """Return the private keys that can be seen."""
        return [object()] if self.logged_in else []

    def sign(self) -> bytes:
        """Sign, or fail."""
        if self.signing:
            raise self.signing.pop(0)()
        return bytes(64)


class FakeModule:
    """A module that shows some tokens."""

    def __init__(self, *tokens: FakeToken) -> None:
        self.shown = tokens

    def tokens(self) -> tuple[FakeToken, ...]:
        """Show them."""
        return self.shown

    @contextmanager
    def used(self, name: str) -> Iterator[None]:
        """Be used."""
        with converted(name):
            yield


class Someone:
    """A person who types what is given."""

    def __init__(self, *pins: str) -> None:
        self.pins = list(pins)
        self.asked: list[int | None] = []
        self.touched = 0

    def pin(self, device: str, attempts_left: int | None) -> str:
        """Type it."""
        self.asked.append(attempts_left)
        if not self.pins:
            raise Cancelled("HWL-DEVICE-CANCELLED", device=device)
        return self.pins.pop(0)

    def touch(self, device: str) -> None:
        """Look at the reader."""
        self.touched += 1


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> FakeToken:
    """The one token of the default module."""
    fake = FakeToken()
    module = FakeModule(fake)
    monkeypatch.setattr(Module, "find", lambda _: module)
    monkeypatch.setattr(attester, "private_keys", lambda opened, *_: opened.keys())
    monkeypatch.setattr(attester, "wants_pin_each_time", lambda _: False)
    monkeypatch.setattr(attester, "sign", lambda *_: fake.sign())
    return fake


def prove(person: Someone | None) -> None:
    """Prove once, as a check does."""
    with pkcs11.open("pkcs11:", person) as opened:
        opened.prove(RECORD, bytes(32))


def test_once_for_a_session(token: FakeToken) -> None:
    """The PIN is asked for once, however many proofs follow, and every session is closed."""
    someone = Someone("right")
    with pkcs11.open("pkcs11:", someone) as opened:
        for _ in range(3):
            opened.prove(RECORD, bytes(32))
    assert someone.asked == [None]
    assert token.closed == 6
    with pkcs11.open("pkcs11:", Someone("right", "right")) as opened:
        opened.prove(RECORD, bytes(32))
        opened.close()
        opened.prove(RECORD, bytes(32))


def test_wrong(token: FakeToken) -> None:
    """A wrong PIN is tried once and forgotten; what the token says of the next try is told."""
    someone = Someone("wrong", "right")
    with pkcs11.open("pkcs11:", someone) as opened:
        with pytest.raises(PinRequired) as caught:
            opened.prove(RECORD, bytes(32))
        assert caught.value.code == "HWL-PKCS11-PIN-WRONG"
        assert token.logins == ["wrong"]
        opened.prove(RECORD, bytes(32))


def test_wrong_and_one_is_left(token: FakeToken) -> None:
    """After the last but one wrong PIN the person is told that one try is left."""
    token.after_wrong = USUAL | TokenFlag.USER_PIN_FINAL_TRY
    with pytest.raises(PinRequired, match="one try is left") as caught:
        prove(Someone("wrong"))
    assert caught.value.attempts_left == 1


def test_the_last_try_is_the_persons(token: FakeToken) -> None:
    """Before the last try, the person sees that it is the last one."""
    token.flags = USUAL | TokenFlag.USER_PIN_FINAL_TRY
    someone = Someone()
    with pytest.raises(Cancelled):
        prove(someone)
    assert someone.asked == [1]
    assert token.logins == []


def test_wrong_and_blocked(token: FakeToken) -> None:
    """A wrong PIN that blocks the token says so."""
    token.after_wrong = USUAL | TokenFlag.USER_PIN_LOCKED
    with pytest.raises(AccessDenied) as caught:
        prove(Someone("wrong"))
    assert caught.value.code == "HWL-DEVICE-PIN-BLOCKED"


def test_blocked(token: FakeToken) -> None:
    """A blocked token asks nobody, and is listed with that reason."""
    token.flags = USUAL | TokenFlag.USER_PIN_LOCKED
    someone = Someone("right")
    with pytest.raises(AccessDenied):
        prove(someone)
    assert (someone.asked, token.logins) == ([], [])
    (found,) = pkcs11.scan()
    assert isinstance(found.problem, AccessDenied)


def test_nobody_there(token: FakeToken) -> None:
    """Without a person the PIN is not guessed."""
    with pytest.raises(PinRequired) as caught:
        prove(None)
    assert caught.value.code == "HWL-DEVICE-PIN"
    assert token.logins == []


def test_a_reader_with_a_pad(token: FakeToken) -> None:
    """Where the reader has a pad, the person is told to look at it, and types nothing here."""
    token.flags = USUAL | TokenFlag.PROTECTED_AUTHENTICATION_PATH
    someone = Someone()
    prove(someone)
    assert (someone.touched, someone.asked, token.logins) == (1, [], [PROTECTED_AUTH])


def test_a_token_without_a_pin(token: FakeToken) -> None:
    """A token that wants no PIN and does not have the key says that it does not."""
    token.flags = TokenFlag.TOKEN_INITIALIZED
    with pytest.raises(NotFound) as caught:
        prove(Someone())
    assert caught.value.code == "HWL-PKCS11-KEY"


@pytest.mark.parametrize("name", ["DeviceRemoved", "SessionHandleInvalid", "TokenNotPresent"])
def test_pulled_in_the_middle(token: FakeToken, name: str) -> None:
    """A token that is pulled while it signs is Removed, and works when it is back."""
    token.signing = [getattr(foreign, name)]
    someone = Someone("right", "right")
    with pkcs11.open("pkcs11:", someone) as opened:
        with pytest.raises(Removed):
            opened.prove(RECORD, bytes(32))
        opened.prove(RECORD, bytes(32))


@pytest.mark.parametrize("name", ["DeviceRemoved", "GeneralError", "SessionCount", "PinExpired"])
def test_failing_to_open(token: FakeToken, name: str) -> None:
    """A token that does not open a session is one DeviceError."""
    token.opening = [getattr(foreign, name)]
    with pytest.raises(DeviceError):
        prove(Someone("right"))
    prove(Someone("right"))


def test_logged_in_already(token: FakeToken) -> None:
    """A login that another part of the program made does not stand in the way."""
    token.opening = [foreign.UserAlreadyLoggedIn]
    prove(Someone("right"))
