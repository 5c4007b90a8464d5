"""Armor: each single fault is found and named, each kind of block is told from the others."""

from __future__ import annotations

import tracemalloc
from binascii import crc32

import pytest

from hwlock.codec import armor
from hwlock.errors import FormatError, InternalError

DATA = bytes(range(256))
TEXT = armor.encode(DATA, "REQUEST")
BEGIN, *BODY, END = TEXT.splitlines()
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def refusal(text: str | bytes, expected_label: str | None = None, **limits: int) -> FormatError:
    """Return the error that `text` is refused with."""
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(FormatError) as caught:
        armor.decode(data, expected_label=expected_label, **limits)
    assert caught.value.stage == "armor"
    return caught.value


@pytest.mark.parametrize("label", armor.LABELS)
def test_each_label_comes_back(label: str) -> None:
    """The block says what it is."""
    text = armor.encode(DATA, label).encode()
    assert armor.decode(text) == (label, DATA)
    assert armor.decode(text, expected_label=label) == (label, DATA)


@pytest.mark.parametrize("size", [1, 2, 3, 40, 41, 42, 44, 45, 46, 85, 86, 87, 5000])
def test_each_size_comes_back(size: int) -> None:
    """Also where the last line is full, or holds nothing but the check of the whole."""
    data = bytes(number % 251 for number in range(size))
    text = armor.encode(data, "LICENSE")
    assert max(len(line) for line in text.splitlines()) <= 64
    assert armor.decode(text.encode()) == ("LICENSE", data)


def test_any_character_exchanged_for_another_is_found_and_its_line_named() -> None:
    """For each place in the block and each other character, the error names that line."""
    for number, line in enumerate(BODY, 1):
        for at, char in enumerate(line):
            for other in ALPHABET + "#-=>& \u00e9":
                if other == char:
                    continue
                damaged = [*BODY]
                damaged[number - 1] = line[:at] + other + line[at + 1 :]
                error = refusal("\n".join([BEGIN, *damaged, END]))
                assert (error.code, error.details["line"]) == ("HWL-ARMOR-LINE", number)


def test_any_character_lost_is_found_and_its_line_named() -> None:
    """For each place in the block; the lines after it do not count as damaged."""
    for number, line in enumerate(BODY, 1):
        for at in range(len(line)):
            damaged = [*BODY]
            damaged[number - 1] = line[:at] + line[at + 1 :]
            error = refusal("\n".join([BEGIN, *damaged, END]))
            if at + 1 < len(line) and line[at] == line[at + 1]:
                continue  # losing the second of two equal characters is the same text
            assert error.code in ("HWL-ARMOR-LINE", "HWL-ARMOR-CUT")
            assert error.details["line"] == number


def test_any_two_neighbours_exchanged_are_found_and_their_line_named() -> None:
    """For each pair of neighbours in the block that differ."""
    for number, line in enumerate(BODY, 1):
        for at in range(len(line) - 1):
            damaged = [*BODY]
            damaged[number - 1] = line[:at] + line[at + 1] + line[at] + line[at + 2 :]
            if damaged == BODY:
                continue
            error = refusal("\n".join([BEGIN, *damaged, END]))
            assert (error.code, error.details["line"]) == ("HWL-ARMOR-LINE", number)


def test_the_check_finds_every_burst_of_twelve_bits_in_every_line() -> None:
    """24 bits of CRC-32 are never blind to two neighbouring characters.

    A CRC is linear: what a change does depends on its place only, so this holds for every
    block and not only for the one above.
    """
    bits = 8 * 45
    effect = [
        (crc32((1 << bit).to_bytes(45, "big")) ^ crc32(bytes(45))) & 0xFFFFFF for bit in range(bits)
    ]
    for lowest in range(bits - 11):
        total = 0
        for step in range(1, 1 << 12):
            total ^= effect[lowest + (step & -step).bit_length() - 1]  # Gray code: all patterns
            assert total != 0


def test_the_check_tells_all_lines_apart() -> None:
    """The same bytes have another check in each line of the largest block, last or not."""
    for size in (1, 44, 45):
        part = bytes(size)
        checks = {
            armor._check(part, n, last=last) for n in range(1, 1500) for last in (False, True)
        }
        assert len(checks) == 2 * 1499


def test_every_prefix_is_refused() -> None:
    """A block that was cut anywhere before the end of END is refused."""
    whole = TEXT.rstrip("-\n")
    for size in range(len(whole)):
        refusal(TEXT[:size])
    assert armor.decode(whole.encode()) == ("REQUEST", DATA)


def test_a_block_of_an_unknown_kind_is_named() -> None:
    """A newer kind of block, or a damaged label, is not read as something else."""
    error = refusal(TEXT.replace("REQUEST", "LEASE"))
    assert (error.code, error.details["found"]) == ("HWL-ARMOR-KIND", "LEASE")


def test_binary_is_given_back_as_it_is() -> None:
    """A file that begins as COSE_Sign1 does has no label and is not changed."""
    assert armor.decode(b"\xd2\x84\x40", expected_label="LICENSE") == (None, b"\xd2\x84\x40")
    assert refusal(b"\xd2\x84" + bytes(99), max_bytes=100).code == "HWL-ARMOR-SIZE"


def test_a_letter_in_cyrillic_is_no_binary_file() -> None:
    """A mail that begins with a Kazakh letter (d2 9a) around a block is text."""
    assert armor.decode(("\u049a\u04b1\u0440\u043c\u0435\u0442\u0442\u0456\n" + TEXT).encode())


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "cp1252"])
def test_files_of_editors_are_read(codec: str) -> None:
    """What Notepad and its kind save is read, with dashes that are not ASCII."""
    text = TEXT if codec in ("utf-16-le", "utf-16-be") else TEXT.replace("-----", "\u2013-\u2014")
    assert armor.decode(text.encode(codec)) == ("REQUEST", DATA)


def test_big_endian_utf_16_with_its_mark_is_read() -> None:
    """The mark says which byte comes first."""
    text = "\ufeff" + TEXT.replace("-----", "\u2014")
    assert armor.decode(text.encode("utf-16-be")) == ("REQUEST", DATA)


def test_size_is_bounded_before_and_after_decoding() -> None:
    """Neither a long text nor a long block in a short text gets through."""
    assert armor.decode(TEXT.encode(), max_bytes=len(DATA)) == ("REQUEST", DATA)
    assert refusal(TEXT, max_bytes=len(DATA) - 1).code == "HWL-ARMOR-SIZE"
    assert refusal(armor.encode(bytes(9000), "REQUEST"), max_bytes=100).code == "HWL-ARMOR-SIZE"
    assert refusal(b" " * 400_000).code == "HWL-ARMOR-SIZE"


@pytest.mark.parametrize(
    "unit",
    ["-BEGIN HWLOCK REQUEST-", "-BEGIN HWLOCK ", "&gt;", "=3D", "\u2014", "A", "-END HWLOCK"],
)
def test_a_hostile_text_costs_little_memory(unit: str) -> None:
    """As large a text as is read, of one piece again and again, takes under 8 MB."""
    text = (unit * 400_000).encode()[:300_000]
    tracemalloc.start()
    try:
        refusal(text)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8_000_000


@pytest.mark.parametrize(("data", "label"), [(b"", "REQUEST"), (b"x", "request"), (b"x", "OTHER")])
def test_writes_only_what_it_reads(data: bytes, label: str) -> None:
    """No block of nothing, and none of an unknown kind."""
    with pytest.raises(InternalError):
        armor.encode(data, label)
