"""Catalogs of sentences in other languages: gettext's PO files, read as they are.

A catalog maps a context and an English template to a template of its language. The context of
a sentence is its code, that of a hint the code and `.hint`; what commands print around them has
the context `cli`, a label `label`, a word that particulars may be `word`. What is read is the
part of the format that such a catalog needs: entries with one blank line between, `msgctxt`,
`msgid`, `msgid_plural`, `msgstr` and `msgstr[0]`… in quotes, continued on further lines, with the
escapes \\\\, \\", \\n and \\t; comments; `Plural-Forms` of the header. As everywhere in gettext,
an entry that is empty or marked fuzzy is not used, and an entry whose English changed is not
found: the English sentence is shown.

A translation names exactly the particulars of its English template. That is checked here, so
that filling it in cannot fail, nor reach anything that the English does not.
"""

from __future__ import annotations

import os

from hwlock.errors import Catalog, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["SHIPPED", "find", "parse", "particulars", "read"]

SHIPPED = os.path.join(os.path.dirname(os.path.dirname(__file__)), "locale")

_FORMS = tuple(f"msgstr[{at}]" for at in range(6))
_KEYS = ("msgctxt", "msgid", "msgid_plural", "msgstr", *_FORMS)
# how most languages count, without the reader of gettext, which is long
_RULES: dict[str, Callable[[int], int]] = {
    "0": lambda number: 0,
    "n!=1": lambda number: int(number != 1),
    "n>1": lambda number: int(number > 1),
}
_ESCAPES = {"\\": "\\", '"': '"', "n": "\n", "t": "\t"}


def find(folder: str, languages: tuple[str, ...]) -> str:
    """Return the first of `languages` that `folder` has a catalog of; "" where it has none."""
    for name in languages:
        if name.isidentifier() and os.path.isfile(_path(folder, name)):
            return name
    return ""


def read(folder: str, language: str) -> Catalog:
    """Return the catalog of `language` in `folder`; UsageError where it cannot be used."""
    path = _path(folder, language)
    try:
        source = _content(path).decode()
    except (OSError, ValueError) as exc:
        fault = getattr(exc, "strerror", None) or str(exc)
        raise UsageError("HWL-LANGUAGE-FILE", path=path, fault=fault) from exc
    return parse(source, path)


def _path(folder: str, language: str) -> str:
    return os.path.join(folder, language, "LC_MESSAGES", "hwlock.po")


def _content(path: str) -> bytes:
    """Return the bytes of a file, which may lie in the archive that hwlock is imported from."""
    loader = globals().get("__loader__")
    if path.startswith(SHIPPED + os.sep) and loader is not None and hasattr(loader, "get_data"):
        content: bytes = loader.get_data(path)
        return content
    with open(path, "rb") as file:
        return file.read()


def parse(source: str, path: str) -> Catalog:
    """Return what a catalog says; UsageError names the line at fault."""
    catalog = Catalog()
    seen: set[tuple[str, str]] = set()
    for start, block in _blocks(source):
        entry = _entry(start, block, path)
        if not entry:  # comments alone
            continue
        if not entry["msgid"]:
            catalog.rule = _rule(entry["msgstr"], path, start)
            continue
        key = entry["msgctxt"], entry["msgid"]
        if key in seen:
            raise _fault(path, start, f"{key[0]} stands there twice")
        seen.add(key)
        if "fuzzy" not in entry:
            _take(catalog, entry, path, start)
    return catalog


def _take(catalog: Catalog, entry: dict[str, str], path: str, start: int) -> None:
    """Put an entry into the catalog; UsageError where it names other particulars."""
    key = entry["msgctxt"], entry["msgid"]
    counts = "msgid_plural" in entry
    forms = tuple(entry[name] for name in _FORMS if name in entry) if counts else (entry["msgstr"],)
    if not all(forms):  # not translated
        return
    named = particulars(key[1])
    for form in forms:
        if particulars(form) != named:
            raise _fault(path, start, f"{key[0]} names other particulars")
    if counts:
        catalog.forms[key] = forms
    else:
        catalog.texts[key] = forms[0]


def _rule(header: str, path: str, start: int) -> Callable[[int], int]:
    """Return what chooses a form by a number: `Plural-Forms`, or as English counts."""
    _, found, said = header.partition("\nPlural-Forms:")
    if not found:
        return _RULES["n!=1"]
    expression = "".join(said.partition("\n")[0].partition("plural=")[2].split()).rstrip(";")
    plain = expression.removeprefix("(").removesuffix(")")
    if plain in _RULES:
        return _RULES[plain]
    from gettext import c2py

    try:
        rule: Callable[[int], int] = c2py(expression)
    except ValueError as exc:
        raise _fault(path, start, f"Plural-Forms: {exc}") from exc
    return rule


def particulars(template: str) -> list[str]:
    """Return what stands in braces, each once and sorted; `}` where braces do not pair."""
    inside = [piece.partition("}")[0] for piece in template.split("{")[1:]]
    return sorted(set(inside)) if template.count("}") == len(inside) else ["}"]


def _blocks(source: str) -> list[tuple[int, list[str]]]:
    """Return the runs of lines that are not blank, each with the number of its first line."""
    blocks: list[tuple[int, list[str]]] = []
    blank = True
    for number, line in enumerate(source.split("\n"), 1):
        if line.strip() and blank:
            blocks.append((number, []))
        blank = not line.strip()
        if not blank:
            blocks[-1][1].append(line.strip())
    return blocks


def _entry(start: int, block: list[str], path: str) -> dict[str, str]:
    """Return the fields of one entry, all of them; an empty dict where there are only comments."""
    fields: dict[str, str] = {}
    key = ""
    for number, line in enumerate(block, start):
        if line.startswith("#"):
            if line.startswith("#,") and "fuzzy" in line:
                fields["fuzzy"] = ""
            continue
        word, _, quoted = line.partition('"')
        if word:
            key = word.strip()
            if key not in _KEYS or key in fields:
                raise _fault(path, number, f"{key} is not expected")
            fields[key] = ""
        if not key or not quoted.endswith('"'):
            raise _fault(path, number, "no text in quotes")
        fields[key] += _unquoted(quoted[:-1], path, number)
    if not key:
        return {}
    if not {"msgid", "msgstr[0]" if "msgid_plural" in fields else "msgstr"} <= fields.keys():
        raise _fault(path, start, "the entry is not whole")
    return {"msgctxt": "", **fields}


def _unquoted(text: str, path: str, number: int) -> str:
    if "\\" not in text and '"' not in text:
        return text
    read, rest = [], iter(text)
    for char in rest:
        plain = _ESCAPES.get(next(rest, "")) if char == "\\" else char
        if plain is None or (char == '"'):
            raise _fault(path, number, "a quote or an escape that is none")
        read.append(plain)
    return "".join(read)


def _fault(path: str, number: int, fault: str) -> UsageError:
    return UsageError("HWL-LANGUAGE-FILE", path=path, fault=f"line {number}: {fault}")
