"""Somebody recorded what a token said, and plays it back."""

from __future__ import annotations

import os

import pytest

from hwlock.devices import registry
from hwlock.errors import BadSignature
from hwlock.evidence.claims import proof_message
from hwlock.testing.softhsm import SoftHsm

RECORDED = 1000


class Someone:
    """Types the PIN."""

    def pin(self, device: str, attempts_left: int | None) -> str:
        """Type it."""
        return "123456"

    def touch(self, device: str) -> None:
        """Never asked."""


@pytest.mark.device
@pytest.mark.slow
def test_a_thousand_recorded_answers(made: SoftHsm) -> None:
    """None of a thousand recorded answers of a token fits a fresh challenge."""
    with made, registry.open_dongle(made.uri("P-256"), Someone()) as opened:
        claims = opened.claims(opened.enroll(), os.urandom(32))
        proofs = [opened.prove(claims.record, os.urandom(32)) for _ in range(RECORDED)]
    assert claims.key is not None
    assert len({proof.signature for proof in proofs}) == RECORDED
    refused = 0
    for proof in proofs:
        with pytest.raises(BadSignature):
            claims.key.verify(proof.signature, proof_message(os.urandom(32)))
        refused += 1
    assert refused == RECORDED
