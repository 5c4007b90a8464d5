"""What translators start from, and what brings their catalogs up to date.

`tools/run docs --catalogs` writes build/hwlock.pot, and into the catalogs of hwlock what they lack:
an empty entry for each new sentence, and an entry marked fuzzy, with the old translation, where
the English changed. Entries that nothing says any more are taken out. Where it has told of
something, fill it in, and take the line with `fuzzy` away.

What can be said: the table of errors with its hints and counted forms, the words that particulars
may be, and what the sources give to `say` and `plural` (context cli), `label`, `spoken` and
`counted`. Labels of `hwlock inspect` are the keys of the facts that it collects.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import hwlock
from hwlock.errors import LANGUAGES, Catalog, catalogs
from hwlock.errors.table import TABLE
from hwlock.errors.words import LABELS, ONE, WORDS
from hwlock.record import Record

__all__ = ["Entry", "entries", "lacking", "main", "merged", "stale", "template"]

SRC = Path(hwlock.__file__).parent
POT = Path(__file__).resolve().parent.parent / "build" / "hwlock.pot"
_SAYING = ("say", "plural", "label", "spoken", "counted")
_FACTS = ("inspect.py", "story.py")  # modules of the command line whose keys are labels
_HEADER = r"""# Every sentence and hint of hwlock. Words in {braces} are filled in: keep them.
msgid ""
msgstr ""
"Project-Id-Version: hwlock\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=UTF-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"""


class Entry(Record):
    """Something that can be said: its context, its English, and that for many things."""

    context: str
    english: str
    many: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What a catalog finds it by."""
        return self.context, self.english


@cache
def entries() -> tuple[Entry, ...]:
    """Return everything that can be said, each once: table, words, commands."""
    return tuple(dict.fromkeys((*_table(), *_words(), *_commands())))


def _table() -> Iterator[Entry]:
    for code, (_, text, hint) in TABLE.items():
        one = ONE.get(code, ("", ""))[1]
        yield Entry(context=code, english=one or text, many=text if one else "")
        if hint:
            yield Entry(context=f"{code}.hint", english=hint)


def _words() -> Iterator[Entry]:
    for word in WORDS:
        yield Entry(context="word", english=word)
    for name in LABELS:
        yield Entry(context="label", english=name)


def _commands() -> Iterator[Entry]:
    """Yield what the sources say beside the table, file by file."""
    for path in sorted(SRC.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if not any(f"{name}(" in source for name in _SAYING):
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call):
                yield from _called(node)
            elif path.parent.name == "cli" and path.name in _FACTS:
                yield from _keys(node)


def _called(call: ast.Call) -> Iterator[Entry]:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    texts = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
    said = [text for text in texts if isinstance(text, str)]
    if name == "say" and len(said) == 1:
        yield Entry(context="cli", english=said[0])
    elif name == "label" and len(said) == 1:
        yield Entry(context="label", english=said[0])
    elif name == "plural" and len(said) == 2:
        yield Entry(context="cli", english=said[0], many=said[1])
    elif name == "spoken" and len(said) == 2:
        yield Entry(context=said[0], english=said[1])
    elif name == "counted" and len(said) == 3:
        yield Entry(context=said[0], english=said[1], many=said[2])


def _keys(node: ast.AST) -> Iterator[Entry]:
    """Yield the labels that a dict of facts, or an assignment into one, has."""
    keys: list[ast.expr | None] = []
    if isinstance(node, ast.Dict):
        keys = node.keys
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
        keys = [node.slice]
    for key in keys:
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield Entry(context="label", english=key.value)


def template() -> str:
    """Return hwlock.pot: every entry, none of them translated."""
    return "\n".join([_HEADER, *(_block(entry, ()) for entry in entries())])


def _block(entry: Entry, forms: tuple[str, ...], old: str = "") -> str:
    marks = (["fuzzy"] if old else []) + (["python-brace-format"] if "{" in entry.english else [])
    lines = [f"#, {', '.join(marks)}"] if marks else []
    lines += [f'#| msgid "{_quoted(old)}"'] if old else []
    lines += [f'msgctxt "{entry.context}"', f'msgid "{_quoted(entry.english)}"']
    if entry.many:
        lines.append(f'msgid_plural "{_quoted(entry.many)}"')
        lines += [f'msgstr[{at}] "{_quoted(form)}"' for at, form in enumerate(forms or ("", ""))]
    else:
        lines.append(f'msgstr "{_quoted(forms[0] if forms else "")}"')
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _said(catalog: Catalog, entry: Entry) -> tuple[str, ...]:
    """Return the translation of an entry, in all its forms; empty where there is none."""
    if entry.many:
        return catalog.forms.get(entry.key, ())
    text = catalog.texts.get(entry.key, "")
    return (text,) if text else ()


def lacking(catalog: Catalog) -> list[Entry]:
    """Return the entries that `catalog` does not translate."""
    return [entry for entry in entries() if not _said(catalog, entry)]


def stale(catalog: Catalog) -> list[tuple[str, str]]:
    """Return the keys of `catalog` that nothing says, or that say something else now."""
    current = {entry.key for entry in entries()}
    return [key for key in (*catalog.texts, *catalog.forms) if key not in current]


def merged(source: str, path: str) -> str:
    """Return a catalog with an entry for everything that can be said, in that order.

    Its header and its translations stay. One whose English changed stays as well, marked fuzzy,
    where its context can tell which it is.
    """
    catalog = catalogs.parse(source, path)
    former = {key[0]: key for key in stale(catalog)}
    blocks = [source.split("\n\n", 1)[0].rstrip("\n") + "\n"]
    for entry in entries():
        forms, old = _said(catalog, entry), ""
        if not forms and (key := former.get(entry.context)):
            old = key[1]
            forms = catalog.forms.get(key) or (catalog.texts[key],)
        blocks.append(_block(entry, forms, old))
    return "\n".join(blocks)


def main() -> int:
    """Write the template, bring each catalog up to date; 1 where a translator has work."""
    POT.parent.mkdir(exist_ok=True)
    POT.write_text(template(), encoding="utf-8", newline="\n")
    print(f"wrote build/{POT.name}")
    work = 0
    for language in LANGUAGES:
        path = Path(catalogs.SHIPPED, language, "LC_MESSAGES", "hwlock.po")
        source = path.read_text(encoding="utf-8")
        path.write_text(merged(source, str(path)), encoding="utf-8", newline="\n")
        empty = lacking(catalogs.read(catalogs.SHIPPED, language))
        work += len(empty)
        print(f"{language}: to be filled in, or to be looked at, in {path.name}: {len(empty)}")
        for entry in empty:
            print(f"  {entry.context}: {entry.english}")
    return 1 if work else 0
