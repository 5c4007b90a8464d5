"""What the pages point at is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from runner.main import VERBS

TOP = Path(__file__).parent.parent.parent
LEFT_OUT = {".venv", "build", ".cache", "node_modules", ".git"}
PAGES = sorted(
    path for path in TOP.rglob("*.md") if not LEFT_OUT & set(path.relative_to(TOP).parts)
)
IDS = [path.relative_to(TOP).as_posix() for path in PAGES]


def prose(text):
    """Return `text` without its fenced blocks and code spans."""
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))


def anchors(page):
    """Return the fragments that the headings of a page make, as forges make them."""
    headings = re.findall(r"^#+ +(.*?) *$", page.read_text(encoding="utf-8"), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_every_relative_link_resolves(page):
    """A link inside the project names a file that is there, and a heading that is in it."""
    text = prose(page.read_text(encoding="utf-8"))
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, fragment = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (fragment and fragment not in anchors(file)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_every_verb_that_is_shown_exists(page):
    """Whatever follows `tools/run` on a page is a verb of the runner."""
    shown = re.findall(r"tools/run +([a-z]+)", page.read_text(encoding="utf-8"))
    assert set(shown) <= set(VERBS)


def test_readme_shows_the_two_commands():
    """A newcomer finds the demo and the tests in the first fenced block."""
    readme = (TOP / "README.md").read_text(encoding="utf-8")
    first = re.search(r"^```sh\n(.*?)^```", readme, flags=re.M | re.S)[1]
    assert re.findall(r"^tools/run (\w+)", first, flags=re.M) == ["demo", "test"]


def test_readme_shows_every_verb():
    """The table of verbs in README.md is the runner's own."""
    readme = (TOP / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `tools/run (\w+)", readme, flags=re.M) == list(VERBS)
