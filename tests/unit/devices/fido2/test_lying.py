"""A key that lies, stalls or vanishes costs one DeviceError, and the next check works."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fido2 import cbor

from hwlock.devices import registry
from hwlock.devices.fido2 import token
from hwlock.devices.fido2.hid import Bounded
from hwlock.errors import (
    BadAnswer,
    Busy,
    DeviceError,
    FormatError,
    NotFound,
    Removed,
    UntrustedError,
)
from hwlock.evidence import fido2
from hwlock.testing.fido2 import Authenticator, HidWire, Maker, VirtualKey

MAKE, ASSERT, INFO = 1, 2, 4
Answer = dict[int, Any]


@pytest.fixture
def key(maker: Maker) -> Iterator[VirtualKey]:
    """A key under CTAPHID whose driver waits a short time only."""
    with VirtualKey(Authenticator(maker=maker), silence_s=0.2) as plugged:
        yield plugged


@pytest.fixture
def record(key: VirtualKey, person: type) -> bytes:
    """A credential of the key."""
    with registry.open_dongle("fido2:", person()) as opened:
        return opened.enroll()


def lie(key: VirtualKey, command: int, change: Callable[[Answer], object]) -> None:
    """Let the key change its answers to one command."""

    def tamper(number: int, raw: bytes) -> bytes:
        if number != command or raw[0]:
            return raw
        said: Any = dict(cbor.decode(raw[1:]))  # type: ignore[arg-type, call-overload]
        change(said)
        return b"\0" + cbor.encode(said)

    key.authenticator.tamper = tamper


def raw(key: VirtualKey, command: int, change: Callable[[bytes], bytes]) -> None:
    """Let the key change the bytes of its answers to one command."""
    key.authenticator.tamper = lambda number, raw: change(raw) if number == command else raw


def prove(record: bytes) -> None:
    """Prove the record and verify the proof, as a check does."""
    from hwlock.devices.fido2.enrollment import Enrollment

    challenge = os.urandom(32)
    with registry.open_dongle("fido2:") as opened:
        proof = opened.prove(record, challenge)
    Enrollment.parse(record).key.verify(
        proof.signature, fido2.signed_message(proof.data, challenge)
    )


def honest_again(key: VirtualKey, record: bytes) -> None:
    """The next check works once the key behaves."""
    key.authenticator.tamper = lambda _, answer: answer
    prove(record)


def other_data(said: Answer, at: int, value: bytes) -> None:
    """Change the authenticator data of an answer."""
    said[2] = said[2][:at] + value + said[2][at + len(value) :]


LIES: dict[str, Callable[[Answer], object]] = {
    "another relying party": lambda said: other_data(said, 0, bytes(32)),
    "a flag of a registration": lambda said: other_data(said, 32, b"\x40"),
    "extensions that are not there": lambda said: other_data(said, 32, b"\x80"),
    "a credential that can be copied": lambda said: other_data(said, 32, b"\x18"),
    "another credential": lambda said: said.update({1: {"id": b"other", "type": "public-key"}}),
    "a credential of a wrong type": lambda said: said.update({1: 5}),
    "data cut short": lambda said: said.update({2: said[2][:36]}),
    "data too long": lambda said: said.update({2: said[2] + b"\0"}),
    "very long data": lambda said: said.update({2: bytes(1025)}),
    "text for data": lambda said: said.update({2: "data"}),
    "no data": lambda said: said.pop(2),
    "no signature": lambda said: said.pop(3),
    "an empty signature": lambda said: said.update({3: b""}),
    "a signature with something behind": lambda said: said.update({3: said[3] + b"\0"}),
    "a signature that is no DER": lambda said: said.update({3: bytes(70)}),
    "a long signature": lambda said: said.update({3: bytes(81)}),
}


@pytest.mark.parametrize("change", LIES.values(), ids=LIES.keys())
def test_lies_in_an_assertion(
    key: VirtualKey, record: bytes, change: Callable[[Answer], object]
) -> None:
    """An assertion that is not what was asked for is a BadAnswer."""
    lie(key, ASSERT, change)
    with pytest.raises(BadAnswer):
        prove(record)
    honest_again(key, record)


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said.update({3: said[3][:-1] + bytes((said[3][-1] ^ 1,))}),
        lambda said: other_data(said, 33, b"\x7f"),
    ],
    ids=["signature", "counter"],
)
def test_a_signature_over_something_else(
    key: VirtualKey, record: bytes, change: Callable[[Answer], object]
) -> None:
    """A well-formed assertion that the credential did not sign is not believed."""
    lie(key, ASSERT, change)
    with pytest.raises(UntrustedError):
        prove(record)
    honest_again(key, record)


BYTES: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda _: b"",
    "only a status": lambda _: b"\0",
    "cut CBOR": lambda answer: answer[:-1],
    "something behind": lambda answer: answer + b"\0",
    "a list": lambda _: b"\0\x80",
    "a float": lambda _: b"\0\xa1\x01\xf9\x00\x00",
    "deep nesting": lambda _: b"\0" + b"\x81" * 900,
    "a huge head": lambda _: b"\0\xbb" + b"\xff" * 8,
    "keys out of order": lambda _: b"\0\xa2\x02\x00\x01\x00",
    "a key twice": lambda _: b"\0\xa2\x01\x00\x01\x00",
    "an unknown status": lambda _: b"\xf3",
}


@pytest.mark.parametrize("command", [INFO, ASSERT])
@pytest.mark.parametrize("change", BYTES.values(), ids=BYTES.keys())
def test_nonsense(
    key: VirtualKey, record: bytes, change: Callable[[bytes], bytes], command: int
) -> None:
    """Bytes that are no answer are a BadAnswer, wherever they come."""
    raw(key, command, change)
    with pytest.raises(BadAnswer):
        prove(record)
    honest_again(key, record)


@pytest.mark.parametrize("change", BYTES.values(), ids=BYTES.keys())
def test_nonsense_about_the_pin(
    maker: Maker, person: type, change: Callable[[bytes], bytes]
) -> None:
    """The same in the PIN protocol, where another library reads."""
    with VirtualKey(Authenticator(maker=maker, pin="1234")) as plugged:
        raw(plugged, 6, change)
        with registry.open_dongle("fido2:", person("1234")) as opened:
            with pytest.raises(DeviceError):
                opened.enroll()
            plugged.authenticator.tamper = lambda _, answer: answer
    assert plugged.authenticator.attempts_left == 8


MADE: dict[str, Callable[[Answer], object]] = {
    "another relying party": lambda said: other_data(said, 0, bytes(32)),
    "no credential": lambda said: said.update({2: said[2][:32] + b"\1" + said[2][33:37]}),
    "a credential that can be copied": lambda said: other_data(said, 32, bytes((said[2][32] | 8,))),
    "a credential of no length": lambda said: other_data(said, 53, b"\0\0"),
    "a key that is none": lambda said: said.update({2: said[2][:-32] + b"\xff" * 32}),
    "an unknown kind of key": lambda said: said.update(
        {2: said[2].replace(bytes.fromhex("0326"), bytes.fromhex("0327"))}
    ),
    "data cut short": lambda said: said.update({2: said[2][:-1]}),
}


@pytest.mark.parametrize("change", MADE.values(), ids=MADE.keys())
def test_lies_in_a_new_credential(
    key: VirtualKey, person: type, change: Callable[[Answer], object]
) -> None:
    """A new credential that is not what was asked for is refused when it is made."""
    lie(key, MAKE, change)
    with registry.open_dongle("fido2:", person()) as opened, pytest.raises(BadAnswer):
        opened.enroll()


def test_a_key_that_forgets(key: VirtualKey, person: type) -> None:
    """A key that does not know the credential it just made is of no use, and says so."""

    def forgets(command: int, answer: bytes) -> bytes:
        if command == MAKE:
            key.authenticator._keys.clear()
        return answer

    key.authenticator.tamper = forgets
    with registry.open_dongle("fido2:", person()) as opened, pytest.raises(BadAnswer):
        opened.enroll()


def test_a_key_that_shows_another_key(key: VirtualKey, person: type) -> None:
    """A key that signs with another key than it showed is found out when it is enrolled."""

    def swaps(command: int, answer: bytes) -> bytes:
        if command == MAKE:
            from cryptography.hazmat.primitives.asymmetric import ec

            keys = key.authenticator._keys
            ((credential, (rp, _)),) = keys.items()
            keys[credential] = rp, ec.generate_private_key(ec.SECP256R1())
        return answer

    key.authenticator.tamper = swaps
    with registry.open_dongle("fido2:", person()) as opened, pytest.raises(BadAnswer):
        opened.enroll()


def test_pulled_between(key: VirtualKey, record: bytes) -> None:
    """A key that is not there is NotFound; back again, it answers."""
    key.unplug()
    with pytest.raises(NotFound):
        prove(record)
    key.plug()
    prove(record)


def test_pulled_in_the_middle(key: VirtualKey, record: bytes) -> None:
    """A key that is pulled at any packet of a proof is Removed; back again, it answers."""
    read, left = HidWire.read_packet, [10_000]

    def counting(wire: HidWire) -> bytes:
        left[0] -= 1
        if left[0] == 0:
            key.unplug()
        return read(wire)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HidWire, "read_packet", counting)
        prove(record)
        packets = 10_000 - left[0]
        assert packets > 5
        for after in range(1, packets + 1):
            left[0] = after
            with pytest.raises(Removed):
                prove(record)
            key.plug()
        left[0] = 10_000
        prove(record)


def test_pulled_while_it_waits(key: VirtualKey, person: type) -> None:
    """A key that is pulled while it waits for a touch is Removed."""

    def pulled() -> bool:
        key.unplug()
        return False

    key.authenticator.finger = pulled
    with registry.open_dongle("fido2:", person()) as opened, pytest.raises(Removed):
        opened.enroll()


def test_a_key_that_says_nothing(key: VirtualKey, record: bytes) -> None:
    """Silence ends after the time that was given, and the key can be used again."""
    started = time.monotonic()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HidWire, "_complete", lambda wire: None)
        with pytest.raises(BadAnswer) as caught:
            prove(record)
    assert caught.value.code == "HWL-FIDO2-SILENT"
    assert time.monotonic() - started < 5
    prove(record)


def test_a_key_that_never_ends(
    key: VirtualKey, record: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that says for ever that it works, even when told to stop, is cut off."""
    monkeypatch.setattr(token, "_SILENT_S", 0.05)
    monkeypatch.setattr(token, "_GRACE_S", 0.05)
    run = key.authenticator.run

    def endless(request: bytes) -> Iterator[int]:
        if request[0] != ASSERT:
            return (yield from run(request))
        while True:
            yield 1

    monkeypatch.setattr(key.authenticator, "run", endless)
    with pytest.raises(BadAnswer) as caught:
        prove(record)
    assert caught.value.code == "HWL-FIDO2-SILENT"
    monkeypatch.undo()
    prove(record)


def test_a_pin_that_never_ends(maker: Maker, person: type, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same in the PIN protocol, where another library waits."""
    monkeypatch.setattr(token, "_SILENT_S", 0.05)
    monkeypatch.setattr(token, "_GRACE_S", 0.05)
    authenticator = Authenticator(maker=maker, pin="1234")
    run = authenticator.run

    def endless(request: bytes) -> Iterator[int]:
        if request[0] != 6:
            return (yield from run(request))
        while True:
            yield 1

    monkeypatch.setattr(authenticator, "run", endless)
    with (
        VirtualKey(authenticator),
        registry.open_dongle("fido2:", person("1234")) as opened,
        pytest.raises(BadAnswer) as caught,
    ):
        opened.enroll()
    assert caught.value.code == "HWL-FIDO2-SILENT"


def test_a_key_that_is_busy(
    key: VirtualKey, record: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that another program uses is Busy after a while, and not for ever."""
    monkeypatch.setattr(token, "_SILENT_S", 0.05)
    complete = HidWire._complete

    def busy(wire: HidWire) -> None:
        if wire._command == 0x10:
            wire._answer(0x3F, b"\6")
        else:
            complete(wire)

    monkeypatch.setattr(HidWire, "_complete", busy)
    with pytest.raises(Busy):
        prove(record)
    monkeypatch.undo()
    prove(record)


def test_a_slow_wire() -> None:
    """A packet that comes after the end of the wait is not taken for an answer."""

    class Slow(HidWire):
        def read_packet(self) -> bytes:
            time.sleep(0.02)
            return bytes(64)

    with pytest.raises(TimeoutError):
        Bounded(Slow(Authenticator()), silence_s=0.01).read_packet()


def test_the_end_of_a_file() -> None:
    """A connection that gives nothing any more is a key that is gone."""

    class Ended(HidWire):
        def read_packet(self) -> bytes:
            return b""

    with pytest.raises(OSError) as caught:
        Bounded(Ended(Authenticator())).read_packet()
    assert caught.value.errno == errno.ENODEV


def test_other_answers_on_the_wire(key: VirtualKey, record: bytes) -> None:
    """Packets of another channel, command or order are a BadAnswer."""
    honest = HidWire.read_packet
    for change in (
        lambda packet: b"\xff\xff\xff\xfe" + packet[4:],
        lambda packet: packet[:4] + b"\x81" + packet[5:],
        lambda packet: packet[:4] + b"\x05" + packet[5:],
        lambda packet: packet[:6],
        lambda packet: packet[:3],
    ):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(HidWire, "read_packet", lambda wire, change=change: change(honest(wire)))
            with pytest.raises(BadAnswer):
                prove(record)
        prove(record)


@pytest.mark.parametrize(
    "damaged", [b"", b"\xa0", b"\xa1\x01\x02", b"\x80", bytes(9000), b"\xa1\x01\x01"]
)
def test_a_damaged_record(key: VirtualKey, damaged: bytes) -> None:
    """A record that is none is told before the key is asked."""
    with registry.open_dongle("fido2:") as opened, pytest.raises(FormatError):
        opened.prove(damaged, bytes(32))
