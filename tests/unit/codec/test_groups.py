"""Groups of both kinds: what is mistyped is found, and named with what was meant."""

from __future__ import annotations

import pytest

from hwlock.codec import typed_code
from hwlock.codec.groups import DIGITS, LETTERS, Digits, Letters, likely
from hwlock.errors import FormatError

KINDS = pytest.mark.parametrize("kind", [LETTERS, DIGITS], ids=["letters", "digits"])
VALUES = (0, 1, 9, 4711, 65_535, 99_999)


@KINDS
@pytest.mark.parametrize("value", VALUES)
def test_a_group_knows_its_value_and_its_place(kind: Letters | Digits, value: int) -> None:
    """At every place, and at no other."""
    for place in range(1, kind.places + 1):
        group = kind.write(value, place)
        assert len(group) == kind.length
        assert kind.value(group) == value
        assert kind.place_of(group) == place % kind.places


@KINDS
@pytest.mark.parametrize("value", VALUES)
def test_any_wrong_character_of_a_group_is_found(kind: Letters | Digits, value: int) -> None:
    """Each other character at each position makes it another place's."""
    group = kind.write(value, 3)
    for at, char in enumerate(group):
        for other in "0123456789ABCDEFGHJKMNPQRSTVWXYZ":
            if kind.reads(other) is not None and other != char:
                assert kind.place_of(group[:at] + other + group[at + 1 :]) != 3


@KINDS
@pytest.mark.parametrize("value", VALUES)
def test_neighbors_exchanged_are_found(kind: Letters | Digits, value: int) -> None:
    """Wherever they differ."""
    group = kind.write(value, 5)
    for at in range(kind.length - 1):
        if group[at] != group[at + 1]:
            slip = group[:at] + group[at + 1] + group[at] + group[at + 2 :]
            assert kind.place_of(slip) != 5


def test_the_slip_of_an_eye_is_told() -> None:
    """5 for S is what anybody would guess, and so would we."""
    assert LETTERS.place_of("ASW9F") == 5
    assert "ASW9F" in likely(LETTERS, "A5W9F", 5)


def test_what_was_meant_is_among_few_guesses() -> None:
    """Z for 2 in any of 200 groups: the right one is told, rarely with more than two others."""
    groups = [LETTERS.write(value * 5003, 1) for value in range(200)]
    slips = [(group, group.replace("2", "Z", 1)) for group in groups if "2" in group]
    told = [(group, likely(LETTERS, slip, 1)) for group, slip in slips]
    assert slips
    assert all(group in guesses for group, guesses in told)
    assert sum(len(guesses) > 3 for _, guesses in told) < len(told) / 10


@pytest.mark.parametrize("number", [0, 10**30 - 1, 314159265358979323846264338327])
def test_thirty_digits_and_their_checks_are_a_code(number: int) -> None:
    """Six groups of six; the error of one of them is named."""
    code = typed_code.encode(number, groups=6, digits=True)
    assert typed_code.decode(code, groups=6, digits=True) == number
    for at, char in enumerate(code):
        for other in set("0123456789") - {char} if char != "-" else ():
            with pytest.raises(FormatError) as caught:
                typed_code.decode(code[:at] + other + code[at + 1 :], groups=6, digits=True)
            assert caught.value.details["group"] == at // 7 + 1


def test_the_hint_of_a_typing_error_says_what_was_probably_meant() -> None:
    """The person compares one group and not five."""
    with pytest.raises(FormatError) as caught:
        typed_code.decode("28T53-CY4TP-QKFFT-04HM2-A5W9F")
    assert "; perhaps it is" in caught.value.hint
    assert "ASW9F" in caught.value.hint
