"""Unlock codes with typing errors: the wrong group is named, or the code opens nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwlock.errors import FormatError
from hwlock.license.amendment import CODES, Amendment, Redeemed, lock, read_code, typed
from hwlock.record import replace
from hwlock.testing.vendor import Vendor

LETTERS, DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ", "0123456789"
TERMS = Vendor().terms()
numbers = st.integers(0, CODES - 1)


def holds(number: int):
    """Return terms whose only change waits for `number`."""
    return replace(TERMS, amendments=(Amendment(kind="clock", lock=lock(TERMS.id, 0, number)),))


def opened(number: int, read: int) -> bool:
    """Tell whether the code `read` opens what waits for `number`."""
    return Redeemed(license_id=TERMS.id, index=0, number=read).opens(holds(number))


@given(number=numbers, digits=st.booleans())
def test_every_code_opens_its_lock(number, digits):
    """In letters and in digits."""
    assert opened(number, read_code(typed(number, digits=digits)))


@given(number=numbers, digits=st.booleans(), data=st.data())
def test_one_to_three_wrong_characters_are_never_accepted(number, digits, data):
    """One in a group is always found and its group named; more are named, or open nothing."""
    code = typed(number, digits=digits).replace("-", "")
    wrong = data.draw(st.sets(st.integers(0, len(code) - 1), min_size=1, max_size=3))
    mutated = list(code)
    for at in wrong:
        others = (DIGITS if digits else LETTERS).replace(code[at], "")
        mutated[at] = data.draw(st.sampled_from(others))
    length = 6 if digits else 5
    groups = [at // length + 1 for at in wrong]
    try:
        read = read_code("".join(mutated))
    except FormatError as error:
        assert error.stage == "typed"
        assert "group" not in error.details or error.details["group"] in groups
        return
    assert len(set(groups)) < len(groups), "a single wrong character of a group was not found"
    assert not opened(number, read)


@given(number=numbers, digits=st.booleans(), data=st.data())
def test_a_lost_or_added_character_is_never_accepted(number, digits, data):
    """The code is too short or too long, and is not taken for the other form."""
    code = typed(number, digits=digits).replace("-", "")
    at = data.draw(st.integers(0, len(code) - 1))
    mutated = (
        code[:at] + code[at + 1 :] if data.draw(st.booleans()) else code[:at] + "7" + code[at:]
    )
    try:
        read = read_code(mutated)
    except FormatError as error:
        assert error.stage == "typed"
        return
    assert not opened(number, read)


@given(number=numbers, digits=st.booleans(), data=st.data())
def test_neighbors_exchanged_are_located_and_corrected(number, digits, data):
    """In a group, and over the end of one; the group that was meant is offered."""
    groups = typed(number, digits=digits).split("-")
    code, length = "".join(groups), len(groups[0])
    pairs = [at for at in range(len(code) - 1) if code[at] != code[at + 1]]
    at = data.draw(st.sampled_from(pairs)) if pairs else None
    if at is None:
        return
    swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    with pytest.raises(FormatError) as caught:
        read_code(swapped)
    place = at // length
    assert (caught.value.code, caught.value.details["group"]) == ("HWL-CODE-GROUP", place + 1)
    if place == (at + 1) // length:
        hint = str(caught.value.details["perhaps"])
        assert groups[place] in hint or not hint  # not offered among more than three


@given(number=numbers, digits=st.booleans(), data=st.data())
def test_groups_in_another_order_are_never_accepted(number, digits, data):
    """The one that stands in another's place is named."""
    groups = typed(number, digits=digits).split("-")
    mixed = data.draw(st.permutations(groups))
    if mixed == groups:
        return
    with pytest.raises(FormatError) as caught:
        read_code("-".join(mixed))
    assert caught.value.code in ("HWL-CODE-ORDER", "HWL-CODE-GROUP")


@given(first=numbers, second=numbers, index=st.integers(0, 31))
def test_a_lock_belongs_to_code_license_and_index(first, second, index):
    """Whatever differs, the lock does."""
    assert (lock(TERMS.id, index, first) == lock(TERMS.id, index, second)) == (first == second)
    assert lock(TERMS.id, index, first) != lock(TERMS.id, (index + 1) % 32, first)
    assert lock(TERMS.id, index, first) != lock(bytes(16), index, first)
