"""Typed codes: each single mistake in each group is found and named."""

from __future__ import annotations

import pytest

from hwlock.codec import typed_code
from hwlock.errors import FormatError, InternalError

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
NUMBERS = (0, 1, 2**100 - 1, 0x9E3779B97F4A7C15F39CC0605)


def refusal(text: str) -> FormatError:
    """Return the error that `text` is refused with."""
    with pytest.raises(FormatError) as caught:
        typed_code.decode(text)
    assert caught.value.stage == "typed"
    return caught.value


@pytest.mark.parametrize("number", NUMBERS)
def test_a_code_is_five_groups_of_five(number: int) -> None:
    """It looks like what is printed on a card, and is read back."""
    code = typed_code.encode(number)
    groups = code.split("-")
    assert [len(group) for group in groups] == [5] * 5
    assert set(code) <= set(ALPHABET) | {"-"}
    assert typed_code.decode(code) == number


@pytest.mark.parametrize("number", NUMBERS)
def test_any_wrong_character_is_found_and_its_group_named(number: int) -> None:
    """For each place and each other character of the alphabet."""
    code = typed_code.encode(number)
    for at, char in enumerate(code):
        for other in set(ALPHABET) - {char} if char != "-" else ():
            error = refusal(code[:at] + other + code[at + 1 :])
            assert (error.code, error.details["group"]) == ("HWL-CODE-GROUP", at // 6 + 1)


@pytest.mark.parametrize("number", NUMBERS)
def test_any_two_characters_of_a_group_exchanged_are_found(number: int) -> None:
    """Neighbours or not, the check among them or not."""
    groups = typed_code.encode(number).split("-")
    for at, group in enumerate(groups):
        for left in range(5):
            for right in range(left + 1, 5):
                chars = list(group)
                chars[left], chars[right] = chars[right], chars[left]
                if chars[left] == chars[right]:
                    continue
                error = refusal("-".join([*groups[:at], "".join(chars), *groups[at + 1 :]]))
                assert (error.code, error.details["group"]) == ("HWL-CODE-GROUP", at + 1)


@pytest.mark.parametrize("number", NUMBERS)
def test_any_two_groups_exchanged_are_found(number: int) -> None:
    """Also where their characters are alike: the place is part of the check."""
    groups = typed_code.encode(number).split("-")
    for left in range(5):
        for right in range(left + 1, 5):
            swapped = [*groups]
            swapped[left], swapped[right] = swapped[right], swapped[left]
            error = refusal("-".join(swapped))
            assert (error.code, error.details["group"]) == ("HWL-CODE-ORDER", left + 1)


def test_any_group_left_out_is_named() -> None:
    """The first that is not where it belongs is the one that is missing."""
    groups = typed_code.encode(NUMBERS[3]).split("-")
    for at in range(5):
        error = refusal("-".join(groups[:at] + groups[at + 1 :]))
        assert (error.code, error.details["group"]) == ("HWL-CODE-MISSING", at + 1)


def test_a_very_long_text_is_refused_unread() -> None:
    """A pasted document is no code."""
    assert refusal("A" * 401).code == "HWL-CODE-SIZE"


def test_a_foreign_character_is_named() -> None:
    """A letter of another alphabet that looks alike is not taken for it."""
    code = typed_code.encode(NUMBERS[3])
    error = refusal("\u0410" + code[1:])
    assert (error.code, error.details["character"]) == ("HWL-CODE-CHARACTER", "\u0410")


@pytest.mark.parametrize("groups", [1, 4, 5, 31])
def test_other_lengths_follow_the_same_rules(groups: int) -> None:
    """The number of groups is a parameter; a code of one length is none of another."""
    number = (1 << 20 * groups) - 2
    assert typed_code.decode(typed_code.encode(number, groups=groups), groups=groups) == number
    with pytest.raises(FormatError):
        typed_code.decode(typed_code.encode(number, groups=groups), groups=groups + 1)


@pytest.mark.parametrize("number", [-1, 2**100])
def test_writes_only_numbers_of_100_bits(number: int) -> None:
    """Anything else is our own fault."""
    with pytest.raises(InternalError):
        typed_code.encode(number)
