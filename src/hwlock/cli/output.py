"""How commands speak: lines for a person, one JSON object for a script, errors for both.

A command computes one mapping of plain JSON values, its documented shape, and the lines that
say the same to a person; `Output.result` prints one of the two. Errors go to standard error
as sentence, hint and code; with --json they are an object on standard output as well.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Iterable, Mapping
from typing import TextIO

from hwlock.cli.words import marked, say
from hwlock.errors import DeniedError, Finding, HwlockError, InternalError

__all__ = ["Output", "finding_shape"]


def finding_shape(finding: Finding) -> dict[str, str]:
    """Return the JSON shape of a finding."""
    return {
        "code": finding.code,
        "level": finding.level,
        "message": finding.message,
        "hint": finding.hint,
    }


class Output:
    """Where a command writes; `as_json` is set by its --json option."""

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self.out = out or sys.stdout
        self.err = err or sys.stderr
        self.as_json = False

    def result(self, shape: Mapping[str, object], lines: Iterable[str]) -> None:
        """Print the outcome of a command: `shape` with --json, else `lines`."""
        if self.as_json:
            print(json.dumps(shape, indent=2, ensure_ascii=False), file=self.out)
            return
        for line in lines:
            print(line, file=self.out)

    def line(self, shape: Mapping[str, object], lines: Iterable[str]) -> None:
        """Print one event of a command that goes on: an object on one line, or `lines`."""
        if self.as_json:
            lines = [json.dumps(shape, ensure_ascii=False)]
        for line in lines:
            print(line, file=self.out, flush=True)

    def note(self, text: str) -> None:
        """Tell a person at a terminal what takes a moment; scripts never see it."""
        if self.err.isatty() and not self.as_json:
            print(f"{text} …", file=self.err)

    def findings(self, findings: Iterable[Finding], indent: str = "  ") -> list[str]:
        """Return the lines that tell a person about `findings`."""
        lines = []
        for finding in findings:
            lines.append(
                f"{indent}{marked(_MARKS[finding.level])} {finding.message}  [{finding.code}]"
            )
            if finding.hint:
                lines.append(f"{indent}    {finding.hint}")
        return lines

    def failure(self, error: HwlockError) -> int:
        """Print `error` for its reader and return the exit status that stands for it."""
        if isinstance(error, InternalError):
            traceback.print_exception(error.__cause__ or error, file=self.err)
        if self.as_json:
            print(json.dumps({"error": _error_shape(error)}, indent=2), file=self.out)
        else:
            self._say(error)
        return error.row.exit_status

    def _say(self, error: HwlockError) -> None:
        print(f"hwlock: {say('error')}: {error.message}", file=self.err)
        if isinstance(error, DeniedError):
            others = [found for found in error.findings if found.code != error.code]
            for line in self.findings(others):
                print(f"hwlock: {line}", file=self.err)
        if error.hint:
            print(f"hwlock: {say('hint')}: {error.hint}", file=self.err)
        print(f"hwlock: {say('code')}: {error.code}", file=self.err)


_MARKS = {"deny": "no", "warn": "mind", "note": "note"}


def _error_shape(error: HwlockError) -> dict[str, object]:
    shape: dict[str, object] = {
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "exit_status": error.row.exit_status,
    }
    if isinstance(error, DeniedError):
        shape["findings"] = [finding_shape(found) for found in error.findings]
    return shape
