"""Shares of a secret: enough give it back, fewer say nothing."""

from __future__ import annotations

import itertools
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwlock.license import shares


def times(a: int, b: int) -> int:
    """Multiply in the field of AES, by the schoolbook."""
    product = 0
    for bit in range(8):
        if b >> bit & 1:
            product ^= a << bit
    for bit in range(14, 7, -1):
        if product >> bit & 1:
            product ^= 0x11B << (bit - 8)
    return product


@pytest.mark.parametrize(("needed", "count"), [(1, 1), (1, 3), (2, 2), (2, 5), (3, 5), (5, 5)])
def test_any_that_are_enough_give_the_secret(needed: int, count: int) -> None:
    """Every choice of them."""
    secret = bytes(range(16))
    made = dict(enumerate(shares.split(secret, needed, count, os.urandom), 1))
    for chosen in itertools.combinations(made, needed):
        assert shares.combine({number: made[number] for number in chosen}) == secret


def test_a_share_is_the_value_of_the_polynomial() -> None:
    """By another multiplication: 7 + 200x + 33x² at 1 to 5."""
    given_bytes = iter((b"\xc8", b"\x21"))
    made = shares.split(b"\x07", 3, 5, lambda _: next(given_bytes))
    for number, share in enumerate(made, 1):
        square = times(number, number)
        assert share[0] == 7 ^ times(200, number) ^ times(33, square)


def test_one_share_less_fits_every_secret() -> None:
    """For each secret there is a polynomial through the two shares that are known."""
    known = {1: b"\x51", 2: b"\xa7"}
    found = {shares.combine({**known, 3: bytes([third])}) for third in range(256)}
    assert len(found) == 256


@given(
    secret=st.binary(min_size=1, max_size=32),
    needed=st.integers(1, 40),
    extra=st.integers(0, 215),
    data=st.data(),
)
def test_up_to_255_shares(secret: bytes, needed: int, extra: int, data: st.DataObject) -> None:
    """Any of them, as many as are needed."""
    made = dict(enumerate(shares.split(secret, needed, needed + extra, os.urandom), 1))
    chosen = data.draw(st.permutations(sorted(made)))[:needed]
    assert shares.combine({number: made[number] for number in chosen}) == secret
