"""Somebody recorded what a security key said, and plays it back."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator

import pytest

from hwlock.devices import registry
from hwlock.devices.fido2.enrollment import Enrollment
from hwlock.errors import BadSignature
from hwlock.evidence import fido2
from hwlock.evidence.claims import Proof
from hwlock.testing.fido2 import Authenticator, VirtualKey

RECORDED = 1000


class Toucher:
    """Whoever touches the key when it is enrolled."""

    def pin(self, device: str, attempts_left: int | None) -> str:
        """Never asked."""
        raise AssertionError

    def touch(self, device: str) -> None:
        """Touch it."""


@pytest.fixture(scope="module", params=[-7, -8], ids=["P-256", "Ed25519"])
def recorded(request: pytest.FixtureRequest) -> Iterator[tuple[Enrollment, list[Proof]]]:
    """A thousand genuine proofs of one key, each for a challenge of its own."""
    key = VirtualKey(Authenticator(algorithms=(request.param,)), framed=False)
    with key, registry.open_dongle("fido2:", Toucher()) as opened:
        record = opened.enroll()
        proofs = [opened.prove(record, os.urandom(32)) for _ in range(RECORDED)]
    return Enrollment.parse(record), proofs


def test_a_thousand_recorded_answers(recorded: tuple[Enrollment, list[Proof]]) -> None:
    """None of a thousand recorded answers fits a fresh challenge."""
    enrolled, proofs = recorded
    assert len({proof.signature for proof in proofs}) == RECORDED
    refused = 0
    for proof in proofs:
        with pytest.raises(BadSignature):
            message = fido2.signed_message(proof.data, os.urandom(32))
            enrolled.key.verify(proof.signature, message)
        refused += 1
    assert refused == RECORDED


def test_parts_of_recorded_answers(recorded: tuple[Enrollment, list[Proof]]) -> None:
    """The data of one answer with the signature of another fit no challenge."""
    enrolled, proofs = recorded
    for data, signature in itertools.pairwise(proofs):
        with pytest.raises(BadSignature):
            message = fido2.signed_message(data.data, bytes(32))
            enrolled.key.verify(signature.signature, message)


class Parrot(Authenticator):
    """A device that has no key, and answers each assertion with the next recorded one."""

    answers: list[bytes]

    def run(self, request: bytes) -> Iterator[int]:  # type: ignore[override]
        """Say what was recorded."""
        if request[0] != 2:
            return (yield from super().run(request))
        yield from ()
        return self.answers.pop(0)


def test_a_device_that_plays_back() -> None:
    """A device that plays a thousand recorded exchanges back is refused a thousand times."""
    heard: list[bytes] = []

    def listen(command: int, answer: bytes) -> bytes:
        if command == 2:
            heard.append(answer)
        return answer

    genuine = Authenticator()
    with VirtualKey(genuine, framed=False), registry.open_dongle("fido2:", Toucher()) as opened:
        record = opened.enroll()
        genuine.tamper = listen
        for _ in range(RECORDED):
            opened.prove(record, os.urandom(32))
    parrot = Parrot()
    parrot.answers = heard
    key = Enrollment.parse(record).key
    refused = 0
    with VirtualKey(parrot, framed=False), registry.open_dongle("fido2:") as opened:
        for _ in range(RECORDED):
            challenge = os.urandom(32)
            proof = opened.prove(record, challenge)
            with pytest.raises(BadSignature):
                key.verify(proof.signature, fido2.signed_message(proof.data, challenge))
            refused += 1
    assert refused == RECORDED
