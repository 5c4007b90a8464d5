"""Whatever bytes come, the readers of FIDO2 data say what is wrong or give a value."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

import pytest
from fido2 import cbor as other_cbor
from hypothesis import given
from hypothesis import strategies as st

from hwlock.crypto.keys import VerificationKey
from hwlock.devices import registry
from hwlock.devices.fido2.enrollment import Enrollment
from hwlock.errors import DeviceError, FormatError, HwlockError, UntrustedError
from hwlock.evidence import fido2
from hwlock.evidence.fido2.attestation import CLIENT_DATA_HASH
from hwlock.evidence.fido2.authenticator_data import AuthenticatorData
from hwlock.testing.fido2 import Authenticator, Maker, VirtualKey

NOW = datetime(2030, 1, 1, tzinfo=timezone.utc)
MAKER = Maker()


def _made() -> tuple[bytes, bytes]:
    """Return a genuine attestation and its authenticator data."""
    request = {1: CLIENT_DATA_HASH, 2: {"id": fido2.RP_ID, "name": "x"}, 3: {"id": b"x"}}
    request[4] = [{"alg": -7, "type": "public-key"}]  # type: ignore[assignment]
    steps = Authenticator(maker=MAKER).run(b"\1" + other_cbor.encode(request))
    while True:
        try:
            next(steps)
        except StopIteration as done:
            said = other_cbor.decode(done.value[1:])
            break
    members = {"fmt": said[1], "attStmt": said[3], "authData": said[2]}
    return other_cbor.encode(members), said[2]


ATTESTATION, DATA = _made()
PARSED = AuthenticatorData.parse(DATA)
assert PARSED.key is not None
KEY: VerificationKey = PARSED.key
RECORD = Enrollment(
    credential=PARSED.credential,
    key=KEY,
    aaguid=PARSED.aaguid,
    touch=False,
    attestation=ATTESTATION,
).encode()


@st.composite
def damaged(draw: st.DrawFn, seed: bytes) -> bytes:
    """Genuine bytes with a few changed, cut out or put in; or any bytes."""
    data = bytearray(seed)
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        data[at : at + draw(st.integers(0, 4))] = draw(st.binary(max_size=4))
    return draw(st.one_of(st.just(bytes(data)), st.binary(max_size=300)))


@given(raw=damaged(DATA))
def test_authenticator_data(raw: bytes) -> None:
    """Authenticator data are read, or one of our errors; what was read is kept as it was."""
    try:
        parsed = AuthenticatorData.parse(raw)
    except (FormatError, UntrustedError):
        return
    assert parsed.raw == raw


@given(raw=damaged(DATA[:37].replace(DATA[32:33], b"\0")), challenge=st.binary(max_size=64))
def test_signed_message(raw: bytes, challenge: bytes) -> None:
    """A message to verify begins with the data as they came, or there is none."""
    try:
        message = fido2.signed_message(raw, challenge)
    except (FormatError, UntrustedError):
        return
    assert message[:-32] == raw


@given(raw=damaged(ATTESTATION))
def test_attestation(raw: bytes) -> None:
    """Only the original statement is believed; any other bytes are one of our errors."""
    try:
        fido2.verify_attestation(raw, KEY, trusted=(MAKER.der,), at=NOW)
    except HwlockError:
        assert raw != ATTESTATION
    else:
        assert raw == ATTESTATION


@given(raw=damaged(RECORD))
def test_record(raw: bytes) -> None:
    """A record is read, or one of our errors; what was read is written back identically."""
    try:
        record = Enrollment.parse(raw)
    except (FormatError, UntrustedError):
        return
    assert record.encode() == raw


class Babbler(Authenticator):
    """A key that answers one command with whatever it is told."""

    answer: bytes
    command: int

    def run(self, request: bytes) -> Iterator[int]:  # type: ignore[override]
        """Say it."""
        if request[0] != self.command:
            return (yield from super().run(request))
        yield from ()
        return self.answer


@pytest.mark.parametrize("command", [1, 2, 4, 6], ids=["make", "assert", "info", "pin"])
@given(
    answer=st.one_of(
        st.binary(max_size=100),
        st.binary(max_size=100).map(lambda rest: b"\0" + rest),
        damaged(b"\0" + other_cbor.encode({1: {"id": b"x"}, 2: DATA[:37], 3: bytes(70)})),
        damaged(b"\0" + other_cbor.encode({1: "packed", 2: DATA, 3: {"x5c": [b"x"]}})),
    )
)
def test_driver(command: int, answer: bytes) -> None:
    """Whatever a key answers, the driver gives a value or a DeviceError."""
    key = Babbler(pin="1234" if command == 6 else None)
    key.answer, key.command = answer, command

    class Someone:
        def pin(self, device: str, attempts_left: int | None) -> str:
            return "1234"

        def touch(self, device: str) -> None:
            pass

    with VirtualKey(key, framed=False), registry.open_dongle("fido2:", Someone()) as opened:
        for call in (opened.enroll, lambda: opened.prove(RECORD, bytes(32))):
            try:
                call()
            except DeviceError:
                pass
