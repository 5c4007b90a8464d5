"""What commands say around the sentences of the table, in the language that is spoken.

The words stand in the sources, in English, as what `say`, `plural` and `label` are called with;
`tools/run docs --catalogs` collects them for the catalogs. Machines read English: `run` lets a
command with --json speak nothing else.
"""

from __future__ import annotations

from hwlock.errors import counted, spoken

__all__ = ["columns", "label", "marked", "padded", "plural", "say", "written"]


def say(english: str, /, **details: object) -> str:
    """Return a sentence or word, its {names} filled in."""
    return spoken("cli", english, **details)


def plural(one: str, many: str, number: int, /, **details: object) -> str:
    """Return what is said of `number` things, which is {n} in the sentence."""
    return counted("cli", one, many, number, n=number, **details)


def label(english: str, /) -> str:
    """Return the name of a fact; a number at its end stays."""
    name, _, number = english.rpartition(" ")
    return f"{label(name)} {number}" if name and number.isdigit() else spoken("label", english)


def marked(mark: str) -> str:
    """Return what a line begins with: ok, mind or no, and note."""
    words = {"ok": say("ok:"), "mind": say("mind:"), "no": say("no:"), "note": say("note:")}
    return words[mark]


def columns(text: str) -> int:
    """Return how wide a terminal shows `text`.

    Characters of East Asian scripts take two columns (Unicode Standard Annex 11).
    """
    from unicodedata import combining, east_asian_width

    return sum(
        0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text
    )


def padded(text: str, width: int) -> str:
    """Return `text` and at least one space, so that what follows begins at column `width`."""
    return text + " " * max(1, width - columns(text))


def written(where: object, size: int) -> str:
    """Return where a file was written, and how large it is."""
    return plural("{file} ({n} byte)", "{file} ({n} bytes)", size, file=where)
