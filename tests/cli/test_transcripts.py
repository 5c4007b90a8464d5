"""What people type and what they are told, word for word.

A transcript is a text file. `vendor$ …`, `machine$ …` and `other$ …` are commands by three
people; what follows is everything that the command prints. `…` stands for any words, `KEY` in a
command for the last activation key that was printed. A line `[exit N]` ends what a command with
another exit status than 0 printed; `# …` is a comment, and so is an empty line. After
`machine$ LANG=… ` a command speaks the language of that environment.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hwlock import errors
from hwlock.testing.host_tree import DESKTOP, LAPTOP
from tests.story.actors import Actor, Clock, at_machine

FOLDER = Path(__file__).parent / "transcripts"
PROMPT = re.compile(r"(vendor|machine|other)\$ (?:LANG=(\S+) )?hwlock ?(.*)")
ACTIVATION_KEY = re.compile(r"[0-9A-Z]{5}(-[0-9A-Z]{5}){4}")


class Typed:
    """One command of a transcript: who typed it, its words, and the lines that are expected."""

    def __init__(self, line: int, who: str, language: str | None, words: str) -> None:
        self.line = line
        self.who = who
        self.language = language
        self.words = words
        self.expected: list[str] = []


def read(path: Path) -> list[Typed]:
    """Return the commands of a transcript."""
    typed: list[Typed] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        prompt = PROMPT.fullmatch(line)
        if prompt:
            typed.append(Typed(number, *prompt.groups()))
        elif line and not line.startswith("#"):
            typed[-1].expected.append(line.rstrip())
    return typed


def fits(told: list[str], expected: list[str]) -> bool:
    """Tell whether the lines are those expected; `…` stands for any words."""
    patterns = [".*".join(map(re.escape, line.split("…"))) for line in expected]
    return len(told) == len(patterns) and all(
        re.fullmatch(pattern, line) for pattern, line in zip(patterns, told, strict=True)
    )


@contextmanager
def speaking(language: str | None) -> Iterator[None]:
    """Let this process have the environment of somebody who speaks `language`."""
    if language is None:
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HWLOCK_LANG", "LC_ALL", "LC_MESSAGES"):
            patch.delenv(name, raising=False)
        patch.setenv("LANG", language)
        errors.speak()
        try:
            yield
        finally:
            errors.speak("en")


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_transcript(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each command of the file prints what the file says and exits as it says."""
    monkeypatch.chdir(tmp_path)
    clock = Clock()
    people = {
        "vendor": Actor(
            at_machine(tmp_path / "v", clock).machine,
            {"HWLOCK_VENDOR": "desk", "HWLOCK_PASSPHRASE": "correct horse"},
        ),
        "machine": at_machine(tmp_path / "m", clock, DESKTOP),
        "other": at_machine(tmp_path / "o", clock, LAPTOP),
    }
    key = ""
    for typed in read(path):
        words = shlex.split(typed.words.replace("KEY", key))
        with speaking(typed.language):
            told = people[typed.who].types(*words)
        lines = [line.rstrip() for line in (told.out + told.err).splitlines() if line.strip()]
        if told.status:
            lines.append(f"[exit {told.status}]")
        shown = "\n".join(lines)
        assert fits(lines, typed.expected), f"{path.name}:{typed.line}\n{shown}"
        found = ACTIVATION_KEY.search(told.out)
        key = found.group() if found else key
