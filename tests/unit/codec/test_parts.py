"""A file in parts: in any order and any text, whole or refused with the part that is at fault."""

from __future__ import annotations

import pytest

from hwlock.codec import parts
from hwlock.errors import FormatError, InternalError

DATA = bytes(at * 31 % 256 for at in range(1500))
WHOLE = parts.split(DATA, "REQUEST")


def refusal(text: str, wanted: str | None = None) -> FormatError:
    """Return the error that `text` is refused with."""
    with pytest.raises(FormatError) as caught:
        parts.assemble(text, expected_label=wanted)
    assert caught.value.stage == "parts"
    return caught.value


def test_parts_are_of_one_length_and_of_the_characters_that_qr_codes_pack() -> None:
    """So a sequence of codes can be cut exactly between them."""
    assert len({len(part) for part in WHOLE}) == 1
    alphanumeric = set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
    assert all(set(part) <= alphanumeric for part in WHOLE)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6, 437, 438, 4000, 6900])
def test_a_file_of_any_size_is_read_back(size: int) -> None:
    """In up to 16 parts."""
    data = bytes(at % 251 for at in range(size))
    assert parts.assemble("\n".join(parts.split(data, "RECEIPT"))) == ("RECEIPT", data)


def test_a_file_that_is_too_large_is_not_split() -> None:
    """Our files never are."""
    with pytest.raises(InternalError):
        parts.split(bytes(7001), "REQUEST")


@pytest.mark.parametrize(
    "mangled",
    [
        "\n".join(reversed(WHOLE)),
        "\n".join([*WHOLE, *WHOLE]),
        "".join(WHOLE),
        "\n".join(WHOLE).lower(),
        f"Hi,\nhere it is:\n{WHOLE[1]}\nand {WHOLE[0]} and {' '.join(WHOLE[2:])}\nBob",
        "".join(f"> {line}\n" for part in WHOLE for line in (part[:70], part[70:])),
        "\u200b".join("\n".join(WHOLE)),
        " ".join("".join(WHOLE)),
    ],
    ids=["backwards", "twice", "tight", "small", "in a mail", "quoted", "zero width", "spaced"],
)
def test_parts_survive_mail_and_chat(mangled: str) -> None:
    """As a person pastes them."""
    assert parts.assemble(mangled, expected_label="REQUEST") == ("REQUEST", DATA)


def test_missing_parts_are_named() -> None:
    """So the person knows which code to scan again."""
    error = refusal(WHOLE[1])
    assert (error.code, error.details["missing"]) == ("HWL-PARTS-MISSING", "1, 3, 4")


def test_a_damaged_part_is_named() -> None:
    """Wherever in it a character is wrong."""
    for at in (40, 300, len(WHOLE[1]) - 3):
        wrong = "A" if WHOLE[1][at] != "A" else "B"
        error = refusal("\n".join([WHOLE[0], WHOLE[1][:at] + wrong + WHOLE[1][at + 1 :]]))
        assert (error.code, error.details["number"]) == ("HWL-PARTS-DAMAGED", "2")


def test_a_part_that_is_cut_off_is_named() -> None:
    """It has lost its full stop."""
    error = refusal(WHOLE[0] + "\n" + WHOLE[1][:200])
    assert (error.code, error.details["number"]) == ("HWL-PARTS-CUT", "2")


def test_parts_of_two_files_are_refused() -> None:
    """Two sheets on one desk."""
    other = parts.split(DATA[::-1], "REQUEST")
    assert refusal("\n".join([WHOLE[0], *other[1:]])).code == "HWL-PARTS-MIXED"


def test_parts_of_another_kind_of_file_are_refused() -> None:
    """A request where a response is needed."""
    error = refusal("\n".join(WHOLE), "RESPONSE")
    assert (error.code, error.details["found"]) == ("HWL-PARTS-LABEL", "REQUEST")


def test_text_without_parts_and_text_without_end_are_refused() -> None:
    """Bounded before anything is made of it."""
    assert refusal("hello").code == "HWL-PARTS-NONE"
    assert refusal("A" * 140_000).code == "HWL-PARTS-SIZE"
