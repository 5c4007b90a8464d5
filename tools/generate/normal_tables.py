"""Print what normalization form C needs of Unicode, as csrc/src/normal_tables.h holds it.

    python tools/generate/normal_tables.py > csrc/src/normal_tables.h

From the tables of the Python that runs it. Unicode promises that a text of characters which it
has is in the form for ever: a newer Python adds rows and changes none. As the output depends on
the Python, no build writes it: the header stands in the repository, and changes with a commit.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator, Sequence

__all__ = ["VERSION", "header", "tables"]

VERSION = unicodedata.unidata_version

_HANGUL = range(0xAC00, 0xD7A4)  # computed


def _order() -> Iterator[int]:
    """Yield runs of characters with one combining class: first, last, class."""
    first = last = kind = 0
    for point in range(0x110000):
        found = unicodedata.combining(chr(point))
        if found == kind and point == last + 1:
            last = point
            continue
        if kind:
            yield first << 32 | last << 8 | kind
        first, last, kind = point, point, found


def _apart() -> Iterator[tuple[int, int, int]]:
    """Yield each character that has canonical parts, with one or two of them."""
    for point in range(0x110000):
        parts = unicodedata.decomposition(chr(point))
        if parts and not parts.startswith("<") and point not in _HANGUL:
            first, second = [int(part, 16) for part in parts.split()] + [0] * (" " not in parts)
            yield point, first, second


def tables() -> dict[str, list[int]]:
    """Return the rows of each table, by its name in C; each row is one word."""
    apart = list(_apart())
    joined = [
        first << 42 | second << 21 | point
        for point, first, second in apart
        if second and unicodedata.normalize("NFC", chr(first) + chr(second)) == chr(point)
    ]
    return {
        "NORMAL_ORDER": list(_order()),
        "NORMAL_APART": [point << 42 | first << 21 | second for point, first, second in apart],
        "NORMAL_JOINED": sorted(joined),
    }


def _lines(rows: Sequence[int]) -> Iterator[str]:
    for at in range(0, len(rows), 4):
        yield "    " + " ".join(f"0x{row:016x}," for row in rows[at : at + 4])


def header() -> str:
    """Return the text of the header."""
    out = [f"/* Unicode {VERSION}, by tools/generate/normal_tables.py. */"]
    out += ["#ifndef HWLOCK_NORMAL_TABLES_H", "#define HWLOCK_NORMAL_TABLES_H", ""]
    out += ["#include <stdint.h>"]
    for name, rows in tables().items():
        out += ["", f"static const uint64_t {name}[{len(rows)}] = {{", *_lines(rows), "};"]
    return "\n".join([*out, "", "#endif", ""])


if __name__ == "__main__":
    sys.stdout.write(header())
