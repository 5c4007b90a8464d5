"""What translators start from, and what their catalogs lack: `tools/run docs --catalogs`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hwlock.errors import LANGUAGES, catalogs
from hwlock.errors.table import TABLE

__all__ = ["entries", "main", "missing", "stale", "template"]

POT = Path(__file__).resolve().parent.parent / "build" / "hwlock.pot"
_HEADER = r"""# Every sentence and hint of hwlock. Words in {braces} are filled in: keep them.
msgid ""
msgstr ""
"Project-Id-Version: hwlock\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=UTF-8\n"
"Content-Transfer-Encoding: 8bit\n"
"""


def entries() -> Iterator[tuple[str, str]]:
    """Yield (context, English template) of every sentence and hint, in the table's order."""
    for code, (_, text, hint) in TABLE.items():
        yield code, text
        if hint:
            yield f"{code}.hint", hint


def template() -> str:
    """Return hwlock.pot: every entry, none of them translated."""
    blocks = [_HEADER]
    for context, english in entries():
        marked = "#, python-brace-format\n" if "{" in english else ""
        blocks.append(
            f'{marked}msgctxt "{context}"\nmsgid "{_quoted(english)}"\nmsgstr ""\n',
        )
    return "\n".join(blocks)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def missing(catalog: dict[tuple[str, str], str]) -> list[str]:
    """Return the contexts that `catalog` does not translate."""
    return [context for context, english in entries() if (context, english) not in catalog]


def stale(catalog: dict[tuple[str, str], str]) -> list[str]:
    """Return the contexts of `catalog` whose code is gone or says something else now."""
    current = set(entries())
    return [context for context, english in catalog if (context, english) not in current]


def main() -> int:
    """Write the template, tell what each language lacks; 1 where one has stale entries."""
    POT.parent.mkdir(exist_ok=True)
    POT.write_text(template(), encoding="utf-8", newline="\n")
    print(f"wrote build/{POT.name}")
    old = []
    for language in LANGUAGES:
        catalog = catalogs.read(catalogs.SHIPPED, language)
        lacking, old_here = missing(catalog), stale(catalog)
        old += old_here
        print(f"{language}: {len(catalog)} entries; English for {len(lacking)}:")
        for line in [*lacking, *(f"stale: {context}" for context in old_here)]:
            print(f"  {line}")
    return 1 if old else 0
