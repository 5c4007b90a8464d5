"""Print the named character references of HTML, as csrc/src/entity_names.h holds them.

    python tools/generate/entity_names.py > csrc/src/entity_names.h

From the list that Python has of the HTML standard, which will not change any more.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from html.entities import html5
from string import ascii_lowercase, ascii_uppercase

__all__ = ["header"]

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe58\ufe63\uff0d"
_WIDTH = 90


def _kept(text: str) -> str:
    """Return what armor keeps of `text`: characters of base64 and plain dashes."""
    plain = "".join("-" if char in _DASHES else char for char in text)
    return "".join(char for char in plain if char.isascii() and (char.isalnum() or char in "+/-"))


def _literal(names: Iterable[str], indent: str) -> Iterator[str]:
    """Yield a string of names, each with a space after it, in the order of their bytes."""
    line = ""
    for name in sorted(names):
        if len(line) + len(name) >= _WIDTH:
            yield f'{indent}"{line}"'
            line = ""
        line += f"{name} "
    yield f'{indent}"{line}"'


def header() -> str:
    """Return the text of the header."""
    out = ["/* By tools/generate/entity_names.py. */"]
    out += ["#ifndef HWLOCK_ENTITY_NAMES_H", "#define HWLOCK_ENTITY_NAMES_H", ""]
    out += ["/* All names, by their first letter: A to Z, then a to z. */"]
    out += ["static const char *const ENTITIES[52] = {"]
    for letter in ascii_uppercase + ascii_lowercase:
        rows = list(_literal((name for name in html5 if name[0] == letter), "    "))
        out += [*rows[:-1], f"{rows[-1]},"]
    out += ["};", "", "/* Those that need no semicolon. */"]
    rows = list(_literal((name for name in html5 if not name.endswith(";")), "    "))
    out += ["static const char ENTITIES_OLD[] =", *rows[:-1], f"{rows[-1]};", ""]
    out += ["/* Those that leave something. */"]
    out += ["static const struct { const char *name, *means; } ENTITIES_KEPT[] = {"]
    kept = [(name, _kept(html5[name])) for name in sorted(html5) if _kept(html5[name])]
    out += [f'    {{"{name}", "{means}"}},' for name, means in kept]
    return "\n".join([*out, "};", "", "#endif", ""])


if __name__ == "__main__":
    sys.stdout.write(header())
