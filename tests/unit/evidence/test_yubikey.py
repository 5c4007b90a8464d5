"""What a license knows of a slot: the record, and which answers count."""

from __future__ import annotations

import hashlib
import hmac
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwlock.codec import cbor
from hwlock.errors import BadSignature, FormatError
from hwlock.evidence import yubikey
from hwlock.evidence.claims import Proof
from hwlock.evidence.yubikey import PAIRS, YubikeyRecord, indices

SECRET = bytes(range(20))
SEED = bytes(16)


def answer(challenge: bytes, secret: bytes = SECRET) -> bytes:
    """Return what a slot with `secret` answers."""
    return hmac.new(secret, challenge, hashlib.sha1).digest()


def enrolled(secret: bytes = SECRET, pairs: int = PAIRS) -> YubikeyRecord:
    """Return the record of a slot, made by another HMAC than the product's."""
    challenges = YubikeyRecord.challenges(SEED, pairs)
    commitments = tuple(
        hmac.new(answer(each, secret), b"hwlock yubikey v1\0" + each, hashlib.sha256).digest()
        for each in challenges
    )
    return YubikeyRecord(seed=SEED, commitments=commitments)


def proof(record: YubikeyRecord, index: int, secret: bytes = SECRET) -> Proof:
    """Return the proof that a slot with `secret` gives for challenge `index`."""
    signature = answer(record.challenge(index), secret)
    return Proof(anchor="yubikey", public=b"", signature=signature, data=bytes([index]))


def test_a_record_survives_its_encoding() -> None:
    """What was encoded is parsed to the same, in less than two kilobytes."""
    record = enrolled()
    assert YubikeyRecord.parse(record.encode()) == record
    assert len(record.encode()) < 2048


@given(st.binary(min_size=32, max_size=32))
def test_two_answers_count(challenge: bytes) -> None:
    """A challenge accepts the answer that it selects and the one after it, no other."""
    record = enrolled(pairs=5)
    good = indices(challenge, 5)
    assert good[1] == (good[0] + 1) % 5
    for index in range(5):
        if index in good:
            yubikey.verify(proof(record, index), record=record.encode(), challenge=challenge)
        else:
            with pytest.raises(BadSignature) as caught:
                yubikey.verify(proof(record, index), record=record.encode(), challenge=challenge)
            assert caught.value.code == "HWL-YUBIKEY-INDEX"


def test_challenges_select_evenly() -> None:
    """Over many checks each answer is asked about as often as the others."""
    counts = [0] * PAIRS
    for number in range(PAIRS * 100):
        counts[indices(number.to_bytes(32, "big"), PAIRS)[0]] += 1
    assert min(counts) > 50
    assert max(counts) < 170


def test_another_secret_fails() -> None:
    """A slot that was programmed anew, or another key, does not fit the commitments."""
    record, challenge = enrolled(), os.urandom(32)
    index = indices(challenge, PAIRS)[0]
    with pytest.raises(BadSignature) as caught:
        yubikey.verify(
            proof(record, index, secret=bytes(20)), record=record.encode(), challenge=challenge
        )
    assert caught.value.code == "HWL-YUBIKEY-ANSWER"


@pytest.mark.parametrize("signature", [b"", bytes(19), bytes(21), bytes(20)])
def test_other_bytes_fail(signature: bytes) -> None:
    """An answer of another length or content is none."""
    record, challenge = enrolled(), bytes(32)
    index = indices(challenge, PAIRS)[0]
    wrong = Proof(anchor="yubikey", public=b"", signature=signature, data=bytes([index]))
    with pytest.raises(BadSignature):
        yubikey.verify(wrong, record=record.encode(), challenge=challenge)


@pytest.mark.parametrize("data", [b"", b"\0\0", b"\xff"])
def test_an_index_out_of_form_fails(data: bytes) -> None:
    """The index is one byte, and a number that the record has."""
    wrong = Proof(anchor="yubikey", public=b"", signature=bytes(20), data=data)
    with pytest.raises(BadSignature):
        yubikey.verify(wrong, record=enrolled().encode(), challenge=bytes(32))


@pytest.mark.parametrize(
    "value",
    [
        [],
        {1: SEED},
        {1: SEED[:15], 2: (bytes(32), bytes(32))},
        {1: SEED, 2: (bytes(32),)},
        {1: SEED, 2: ()},
        {1: SEED, 2: (bytes(32), bytes(31))},
        {1: SEED, 2: (bytes(32), "x")},
        {1: SEED, 2: (bytes(32),) * 201},
        {1: SEED, 2: (bytes(32), bytes(32)), 3: 0},
    ],
)
def test_a_record_is_read_strictly(value: object) -> None:
    """Whatever is not a record is refused."""
    data = cbor.encode(tuple(value) if isinstance(value, list) else value)  # type: ignore[arg-type]
    with pytest.raises(FormatError):
        YubikeyRecord.parse(data)


@given(st.binary(max_size=100))
def test_any_bytes_are_a_record_or_not(data: bytes) -> None:
    """Nothing else than FormatError comes out of the parser."""
    try:
        YubikeyRecord.parse(data)
    except FormatError:
        pass


def test_a_recorder_with_some_answers_mostly_fails() -> None:
    """Who recorded three answers out of 32 answers few fresh challenges: about one in five."""
    record = enrolled()
    recorded = {index: proof(record, index) for index in (3, 4, 20)}
    passed = 0
    for number in range(1000):
        challenge = number.to_bytes(32, "big")
        for index in indices(challenge, PAIRS):
            if index in recorded:
                yubikey.verify(recorded[index], record=record.encode(), challenge=challenge)
                passed += 1
                break
    assert 80 < passed < 250
