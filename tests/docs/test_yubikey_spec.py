"""docs/spec/yubikey.md, written down once more with hashlib alone, agrees with the library."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import cbor2
import pytest
from pycddl import Schema, ValidationError

from hwlock.evidence import yubikey
from hwlock.evidence.claims import Proof

CDDL = Path(__file__).parents[2] / "docs" / "spec" / "hwlock.cddl"
SECRET, SEED = bytes(range(20)), bytes(range(16))


def challenge_of(number: int) -> bytes:
    """Return challenge i of the page."""
    return hashlib.sha256(b"hwlock yubikey challenge v1\0" + SEED + bytes([number])).digest()


def answer_to(number: int) -> bytes:
    """Return answer i of the page."""
    return hmac.new(SECRET, challenge_of(number), hashlib.sha1).digest()


def record(count: int) -> bytes:
    """Return the record of the page, by another CBOR library."""
    commitments = [
        hmac.new(
            answer_to(number), b"hwlock yubikey v1\0" + challenge_of(number), hashlib.sha256
        ).digest()
        for number in range(count)
    ]
    return cbor2.dumps({1: SEED, 2: commitments}, canonical=True)


@pytest.mark.parametrize("count", [2, 3, 32, 200])
def test_the_page_is_what_the_library_does(count: int) -> None:
    """A record and an answer made by the page verify."""
    for fresh in (bytes(32), b"\xff" * 32, hashlib.sha256(b"x").digest()):
        digest = hashlib.sha256(b"hwlock yubikey index v1\0" + fresh).digest()
        first = int.from_bytes(digest[:8], "big") % count
        for number in (first, (first + 1) % count):
            proof = Proof(
                anchor="yubikey", public=b"", signature=answer_to(number), data=bytes([number])
            )
            yubikey.verify(proof, record=record(count), challenge=fresh)


def test_the_schema() -> None:
    """The schema takes records of 2 to 200 commitments of 32 bytes, and nothing else."""
    text = CDDL.read_text(encoding="utf-8").replace(" .cbor protected-header", "")
    schema = Schema("start = yubikey-record\n" + text)
    for count in (2, 200):
        schema.validate_cbor(record(count))
    for wrong in (
        record(1),
        cbor2.dumps({1: SEED, 2: [bytes(31), bytes(32)]}),
        cbor2.dumps({1: SEED[:15], 2: [bytes(32), bytes(32)]}),
        cbor2.dumps({1: SEED, 2: [bytes(32), bytes(32)], 3: 0}),
    ):
        with pytest.raises(ValidationError):
            schema.validate_cbor(wrong)
