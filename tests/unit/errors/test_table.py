"""The table is complete, unique, well written, and used as it says."""

from __future__ import annotations

import ast
import inspect
import re
import string
from collections import Counter
from pathlib import Path

import pytest

from hwlock import errors
from hwlock.errors import table
from hwlock.errors.table import TABLE

SRC = Path(errors.__file__).parent.parent
CODE = re.compile(r"HWL(-[A-Z0-9]+)+")

# Particulars that a class itself takes: machines read them, a sentence need not say them.
OWN = {"stage", "offset", "raw_code", "attempts_left", "findings", "level"}
KINDS = {
    name: thing
    for name, thing in vars(errors).items()
    if inspect.isclass(thing) and issubclass(thing, errors.HwlockError)
}


def placeholders(template):
    """Return the names in braces of a `str.format` template."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def test_no_code_stands_twice():
    """A dict keeps the last of two equal keys and says nothing; the source has none."""
    tree = ast.parse(inspect.getsource(table))
    (rows,) = [node.value for node in tree.body if isinstance(node, ast.AnnAssign)]
    counts = Counter(key.value for key in rows.keys)
    assert [code for code, count in counts.items() if count > 1] == []


def test_no_sentence_stands_twice():
    """Two codes that say the same are one code, or one of them says too little."""
    counts = Counter(text for _, text, _ in TABLE.values())
    assert [text for text, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("code", TABLE)
def test_a_row_is_well_written(code):
    """Codes are upper-case words; sentences start small, end open and name plain particulars."""
    kind, text, hint = TABLE[code]
    assert CODE.fullmatch(code)
    assert kind == "Finding" or kind in KINDS
    for sentence in (text, hint):
        assert sentence == sentence.strip()
        assert "  " not in sentence and "\n" not in sentence
        assert not sentence.endswith(".")
        assert all(name.isidentifier() for name in placeholders(sentence))
    assert text
    assert not re.match(r"[A-Z][a-z]", text)
    assert not re.match(r"[A-Z][a-z]", hint)


@pytest.mark.parametrize("code", TABLE)
def test_a_row_has_statuses_and_an_anchor(code):
    """Each row gives an exit status, an HTTP status and the place that explains it."""
    row = errors.lookup(code)
    assert row.exit_status in {1, 2, 3, 4, 5, 7, 70}
    assert 400 <= row.http_status < 600
    assert row.anchor == f"errors.md#{code.lower()}"


def test_an_unknown_code_is_refused():
    """A code that is not in the table is our own fault, and never shown."""
    with pytest.raises(KeyError):
        errors.lookup("HWL-NO-SUCH-CODE")
    with pytest.raises(KeyError):
        errors.Finding("HWL-NO-SUCH-CODE", "note")


def test_every_code_in_the_sources_is_in_the_table(sites):
    """Nothing raises or finds what the table does not have."""
    assert [site for site in sites if site.code not in TABLE] == []


def test_every_row_is_used(sites):
    """A row that nothing raises or finds is a promise that nobody keeps."""
    used = {site.code for site in sites}
    assert sorted(set(TABLE) - used) == []


def test_codes_are_raised_by_their_class(sites):
    """The class that raises a code is the one that the table names."""
    raised = [site for site in sites if site.kind in KINDS and site.code in TABLE]
    assert [site for site in raised if TABLE[site.code][0] != site.kind] == []


def test_rows_of_findings_are_only_found(sites):
    """A code of kind Finding stands in a verdict, so it is made by Finding."""
    rows = [site for site in sites if TABLE.get(site.code, ("",))[0] == "Finding"]
    assert [site for site in rows if site.kind in KINDS] == []


def test_every_literal_code_is_in_the_table():
    """A code that is compared, expected or shown exists as much as one that is raised."""
    unknown = []
    for path in sorted(SRC.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and CODE.fullmatch(text) and text not in TABLE:
                unknown.append(f"{path.relative_to(SRC)}:{node.lineno}: {text}")
    assert unknown == []


def named(code):
    """Return the particulars that sentence and hint of `code` name."""
    _, text, hint = TABLE[code]
    return placeholders(text) | placeholders(hint)


def test_particulars_fit_the_sentence(sites):
    """Each place gives what sentence and hint name, and nothing that none of them does."""
    wrong = []
    for site in sites:
        if site.code in TABLE and (site.kind in KINDS or site.kind == "Finding"):
            others = [named(code) for code in site.others & set(TABLE)]
            lacking = named(site.code) - site.names if site.exact else set()
            spare = site.names - named(site.code).union(OWN, *others)
            if lacking or spare:
                wrong.append(f"{site} lacks {sorted(lacking)}, has to spare {sorted(spare)}")
    assert wrong == []
