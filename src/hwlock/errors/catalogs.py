"""Catalogs of sentences in other languages: gettext's PO files, read as they are.

A catalog maps a context and an English template to a template of its language. The context of
a sentence is its code, that of a hint the code and `.hint`. What is read is the part of the
format that such a catalog needs: entries with one blank line between, `msgctxt`, `msgid` and
`msgstr` in quotes, continued on further lines, with the escapes \\\\, \\", \\n and \\t; comments.
Plural forms are not. As everywhere in gettext, an entry that is empty or marked fuzzy is not used,
and an entry whose English changed is not found: the English sentence is shown.

A translation names exactly the particulars of its English template. That is checked here, so
that filling it in cannot fail, nor reach anything that the English does not.
"""

from __future__ import annotations

import os

from hwlock.errors import UsageError

__all__ = ["SHIPPED", "find", "parse", "particulars", "read"]

SHIPPED = os.path.join(os.path.dirname(os.path.dirname(__file__)), "locale")

_KEYS = ("msgctxt", "msgid", "msgstr")
_ESCAPES = {"\\": "\\", '"': '"', "n": "\n", "t": "\t"}


def find(folder: str, languages: tuple[str, ...]) -> str:
    """Return the first of `languages` that `folder` has a catalog of; "" where it has none."""
    for name in languages:
        if name.isidentifier() and os.path.isfile(_path(folder, name)):
            return name
    return ""


def read(folder: str, language: str) -> dict[tuple[str, str], str]:
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


def parse(source: str, path: str) -> dict[tuple[str, str], str]:
    """Return {(context, English template): template}; UsageError names the line at fault."""
    catalog: dict[tuple[str, str], str] = {}
    for start, block in _blocks(source):
        entry = _entry(start, block, path)
        if not entry or not entry["msgid"]:  # comments alone, or the header
            continue
        key = entry["msgctxt"], entry["msgid"]
        if key in catalog:
            raise _fault(path, start, f"{key[0]} stands there twice")
        if entry["msgstr"] and "fuzzy" not in entry:
            if particulars(entry["msgstr"]) != particulars(entry["msgid"]):
                raise _fault(path, start, f"{key[0]} names other particulars")
            catalog[key] = entry["msgstr"]
    return catalog


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
    if "msgid" not in fields or "msgstr" not in fields:
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
