"""Files that were typed wrong: the line and the group are named, and nothing else is ever read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hwlock.codec import typed_file
from hwlock.codec.groups import DIGITS, LETTERS
from hwlock.errors import FormatError

ALPHABETS = {False: "0123456789ABCDEFGHJKMNPQRSTVWXYZ", True: "0123456789"}
FILES = st.binary(min_size=1, max_size=200)
FORMS = st.booleans()


def groups_of(data: bytes, digits: bool) -> list[str]:
    """Return the groups of a file, without numbers of lines."""
    text = typed_file.encode(data, digits=digits)
    return [word for line in text.splitlines() for word in line.partition(":")[2].split()]


def place_of(error: FormatError) -> int:
    """Return the group that an error names, counted through all lines from 0."""
    line, group = error.details["line"], error.details["group"]
    assert isinstance(line, int)
    assert isinstance(group, int)
    return (line - 1) * typed_file.ACROSS + group - 1


def refused(groups: list[str], digits: bool) -> FormatError | bytes:
    """Return the error for groups, or what they say."""
    lines = [groups[at : at + typed_file.ACROSS] for at in range(0, len(groups), typed_file.ACROSS)]
    text = "\n".join(f"{at}: {' '.join(line)}" for at, line in enumerate(lines, 1))
    try:
        return typed_file.decode(text, digits=digits)
    except FormatError as error:
        assert error.stage == "typed"
        return error


@given(data=FILES, digits=FORMS, draw=st.data())
def test_one_to_three_wrong_characters_are_never_accepted(data, digits, draw):
    """One in a group is located, the first of several groups is named; a whole file is refused."""
    chars = list("".join(groups_of(data, digits)))
    length = (DIGITS if digits else LETTERS).length
    wrong = draw.draw(st.sets(st.integers(0, len(chars) - 1), min_size=1, max_size=3))
    for at in wrong:
        chars[at] = draw.draw(st.sampled_from(ALPHABETS[digits].replace(chars[at], "")))
    typed = "".join(chars)
    error = refused([typed[at : at + length] for at in range(0, len(typed), length)], digits)
    assert isinstance(error, FormatError)
    groups = [at // length for at in wrong]
    alone = [group for group in groups if groups.count(group) == 1]
    if error.code == "HWL-CODE-LINE":
        assert place_of(error) in groups
        assert not alone or place_of(error) <= min(alone)
    else:
        assert not alone, "a single wrong character of a group was not found"


@given(data=FILES, digits=FORMS, draw=st.data())
def test_neighbors_exchanged_are_located_and_corrected(data, digits, draw):
    """In a group, and over the end of one; the group that was meant is offered."""
    groups = groups_of(data, digits)
    typed = "".join(groups)
    length = len(groups[0])
    pairs = [at for at in range(len(typed) - 1) if typed[at] != typed[at + 1]]
    if not pairs:
        return
    at = draw.draw(st.sampled_from(pairs))
    swapped = typed[:at] + typed[at + 1] + typed[at] + typed[at + 2 :]
    error = refused([swapped[i : i + length] for i in range(0, len(swapped), length)], digits)
    assert isinstance(error, FormatError)
    assert (error.code, place_of(error)) == ("HWL-CODE-LINE", at // length)
    if at // length == (at + 1) // length:
        hint = str(error.details["perhaps"])
        assert groups[at // length] in hint or not hint  # not offered among more than three


@given(data=FILES, digits=FORMS, draw=st.data())
def test_a_lost_or_added_character_is_never_accepted(data, digits, draw):
    """It is refused, at that group or behind it."""
    groups = groups_of(data, digits)
    place = draw.draw(st.integers(0, len(groups) - 1))
    at = draw.draw(st.integers(0, len(groups[place]) - 1))
    word = groups[place]
    more = draw.draw(st.sampled_from(ALPHABETS[digits])) + word[at:]
    changed = draw.draw(st.sampled_from([word[:at] + word[at + 1 :], word[:at] + more]))
    error = refused([*groups[:place], changed, *groups[place + 1 :]], digits)
    assert isinstance(error, FormatError)


@given(data=FILES, digits=FORMS, draw=st.data())
def test_groups_in_another_order_are_never_accepted(data, digits, draw):
    """Two groups that changed their places are two wrong groups, or a wrong whole."""
    groups = groups_of(data, digits)
    places = st.integers(0, len(groups) - 1)
    one, other = draw.draw(places), draw.draw(places)
    mixed = list(groups)
    mixed[one], mixed[other] = groups[other], groups[one]
    found = refused(mixed, digits)
    assert (found == data) == (mixed == groups)
    assert found == data or isinstance(found, FormatError)
