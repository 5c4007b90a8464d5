"""Armor survives everything that mail and chat do, one after the other, in any order."""

from __future__ import annotations

import quopri
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from hwlock.codec import armor

Mangling = Callable[[str, int], str]

SPACES = (" ", "\t", "\n", "\u00a0", "\u200b", "\u2028", "\ufeff", "\r\n", "\r", "  \n")
QUOTES = ("> ", ">", ">> ", " > > ", "| ", "&gt; ", "\t")
DASHES = ("\u2013", "\u2014", "-", "--", "\u2010\u2011\u2012", "---- -", "\u2212" * 5)


def line_ends(text: str, seed: int) -> str:
    """Use the line ends of another system."""
    return text.replace("\r\n", "\n").replace("\n", ("\r\n", "\r", "\n\n", " \n")[seed % 4])


def quote(text: str, seed: int) -> str:
    """Put a quote mark in front of each line."""
    mark = QUOTES[seed % len(QUOTES)]
    return "".join(f"{mark}{line}\n" for line in text.splitlines())


def add_space(text: str, seed: int) -> str:
    """Put white space in at a regular distance."""
    step = 2 + seed % 90
    return SPACES[seed % len(SPACES)].join(text[at : at + step] for at in range(0, len(text), step))


def lose_space(text: str, seed: int) -> str:
    """Join all lines, or all words."""
    return "".join(text.splitlines()) if seed % 2 else "".join(text.split())


def trail(text: str, seed: int) -> str:
    """Put white space at the end of each line."""
    return "".join(f"{line}{SPACES[seed % 3]}\n" for line in text.splitlines())


def dash(text: str, seed: int) -> str:
    """Make other dashes of the dashes."""
    return text.replace("-----", DASHES[seed % len(DASHES)])


def letter_case(text: str, seed: int) -> str:
    """Change the letter case of BEGIN and END."""
    for word in ("BEGIN", "END", "HWLOCK", "REQUEST"):
        text = text.replace(word, word.lower() if seed % 2 else word.capitalize())
    return text


def surround(text: str, seed: int) -> str:
    """Put a letter around it."""
    return f"Guten Tag & hallo,\n\n{text}\n-- \nM\u00fcller, 100 % <m@example.com>\n"[: 9999 + seed]


MANGLINGS = (line_ends, quote, add_space, lose_space, trail, dash, letter_case, surround)


def wrap_quoted_printable(data: bytes) -> bytes:
    """Encode as mail programs do, escaped white space and soft line breaks included."""
    return quopri.encodestring(data, quotetabs=True)


ENVELOPES: tuple[Callable[[str], bytes], ...] = (
    lambda text: text.encode(),
    lambda text: text.encode("utf-8-sig"),
    lambda text: text.encode("utf-16"),
    lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    lambda text: wrap_quoted_printable(text.replace("\r", "\n").encode()),
)


@given(
    st.binary(min_size=1, max_size=600),
    st.lists(st.tuples(st.sampled_from(MANGLINGS), st.integers(0, 10**6)), max_size=5),
    st.sampled_from(ENVELOPES),
)
def test_a_block_survives_what_mail_and_chat_do(
    data: bytes, manglings: list[tuple[Mangling, int]], envelope: Callable[[str], bytes]
) -> None:
    """Whatever was done to it that changes no character of the block, it is read."""
    text = armor.encode(data, "REQUEST")
    for mangle, seed in manglings:
        text = mangle(text, seed)
    assert armor.decode(envelope(text), expected_label="REQUEST") == ("REQUEST", data)
