"""A file as lines of groups: read back whole, or refused with the place of the mistake."""

from __future__ import annotations

import pytest

from hwlock.codec import typed_file
from hwlock.errors import FormatError, InternalError

DATA = bytes(range(1, 90))
BOTH = pytest.mark.parametrize("digits", [False, True], ids=["letters", "digits"])


def refusal(text: str, *, digits: bool = False) -> FormatError:
    """Return the error that `text` is refused with."""
    with pytest.raises(FormatError) as caught:
        typed_file.decode(text, digits=digits)
    assert caught.value.stage == "typed"
    return caught.value


@BOTH
@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6, 7, 8, 500, 8192])
def test_a_file_of_any_size_is_read_back(size: int, digits: bool) -> None:
    """With line numbers, without them, in small letters, on one line."""
    data = bytes(at * 7 % 256 for at in range(size))
    text = typed_file.encode(data, digits=digits)
    bare = "\n".join(line.partition(":")[2] for line in text.splitlines())
    for typed in (text, bare, text.lower(), " ".join(bare.split()), text.replace("\n", "\r\n")):
        assert typed_file.decode(typed, digits=digits) == data


@pytest.mark.parametrize("size", [0, 8193])
def test_what_is_no_file_of_ours_is_not_written(size: int) -> None:
    """Nothing, and more than anybody types."""
    with pytest.raises(InternalError):
        typed_file.encode(bytes(size))


@BOTH
def test_a_typing_error_is_named_by_line_and_group(digits: bool) -> None:
    """Any one character in any group of any line."""
    lines = typed_file.encode(DATA, digits=digits).splitlines()
    for row, line in enumerate(lines):
        number, _, rest = line.partition(":")
        words = rest.split()
        for column, word in enumerate(words):
            wrong = ("1" if word[2] != "1" else "2").join([word[:2], word[3:]])
            typed = [
                *lines[:row],
                f"{number}: {' '.join([*words[:column], wrong, *words[column + 1 :]])}",
            ]
            error = refusal("\n".join([*typed, *lines[row + 1 :]]), digits=digits)
            found = (error.code, error.details["line"], error.details["group"])
            assert found == ("HWL-CODE-LINE", row + 1, column + 1)


@BOTH
def test_a_lost_character_is_found_where_it_was_lost(digits: bool) -> None:
    """The first group that no longer fits."""
    text = typed_file.encode(DATA, digits=digits)
    at = text.index("2: ") + 4
    error = refusal(text[:at] + text[at + 1 :], digits=digits)
    assert (error.code, error.details["line"]) == ("HWL-CODE-SHORT", 2)


@BOTH
def test_lines_in_another_order_are_found(digits: bool) -> None:
    """Their groups are in other places."""
    lines = typed_file.encode(DATA, digits=digits).splitlines()
    lines[0], lines[1] = lines[1], lines[0]
    assert refusal("\n".join(lines), digits=digits).code == "HWL-CODE-LINE"


def test_lost_lines_are_found() -> None:
    """At the end by the length; in the middle by the places of what follows."""
    lines = typed_file.encode(DATA).splitlines()
    assert refusal("\n".join(lines[:-1])).code == "HWL-CODE-SHORT"
    assert refusal("\n".join([*lines[:1], *lines[2:]])).code == "HWL-CODE-LINE"
    assert refusal("").code == "HWL-CODE-SHORT"


def test_groups_that_are_right_and_do_not_belong_together_are_found() -> None:
    """A file's check is the last word."""
    ours, theirs = (
        [word for word in typed_file.encode(data).split() if ":" not in word]
        for data in (DATA, DATA[::-1])
    )
    assert refusal(" ".join([*ours[:5], theirs[5], *ours[6:]])).code == "HWL-CODE-WHOLE"


def test_a_character_of_no_code_is_named() -> None:
    """U is in no code, so that no code is a word."""
    error = refusal("1: 00YB0 YUF68")
    assert (error.details["line"], error.details["group"]) == (1, 2)
    assert "U is in no code" in error.hint


def test_a_text_without_end_is_not_read() -> None:
    """Bounded before anything is made of it."""
    assert refusal("0" * 70_000).code == "HWL-CODE-SIZE"


def test_a_code_is_read_out_group_by_group() -> None:
    """Line numbers stay; letters are spelled."""
    assert typed_file.spoken("1: 7G3KD 0QX2M\n") == (
        "1: Seven Golf Three Kilo Delta, Zero Quebec X-ray Two Mike\n"
    )
    assert typed_file.spoken("7G3KD-0QX2M") == (
        "Seven Golf Three Kilo Delta, Zero Quebec X-ray Two Mike\n"
    )
