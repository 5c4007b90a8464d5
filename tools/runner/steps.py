"""How a piece of work is shown: its name while it runs, its time, its output if it fails."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence

from . import TOP, environment

__all__ = ["Failed", "Outcome", "call", "fail", "follow", "say", "step"]

_SHOW_AFTER_S = 1.0


class Failed(Exception):
    """A step went wrong; the sentence says what a person can do."""


class Outcome:
    """What became of one step: `ok`, the `seconds` it took, and one line of `note`."""

    def __init__(self, name: str, ok: bool, seconds: float, note: str = "") -> None:
        self.name = name
        self.ok = ok
        self.seconds = seconds
        self.note = note


def say(text: str) -> None:
    """Print one line, at once."""
    print(text, flush=True)


def fail(text: str) -> Failed:
    """Return the exception that ends the runner with `text`."""
    return Failed(text)


class _Line:
    """The line of a running step: on a terminal it counts, elsewhere it appears once."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.start = time.monotonic()
        self.shown = False
        self.live = sys.stdout.isatty()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.start

    def begin(self) -> None:
        if self.live:
            print(f"\r  ...  {self.seconds:6.1f} s  {self.name}", end="", flush=True)
        elif not self.shown:
            self.shown = True
            say(f"  ...            {self.name}")

    def tick(self) -> None:
        if self.live or self.seconds >= _SHOW_AFTER_S:
            self.begin()

    def done(self, ok: bool) -> None:
        start = "\r" if self.live else ""
        say(f"{start}  {'ok  ' if ok else 'FAIL'} {self.seconds:6.1f} s  {self.name}")


def step(
    name: str,
    command: Sequence[str],
    *,
    cwd: str = TOP,
    env: dict[str, str] | None = None,
    quiet: bool = False,
) -> Outcome:
    """Run `command`, hide its output unless it fails; `quiet` shows nothing of quick ones."""
    line = _Line(name)
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env=env or environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        except OSError as exc:
            line.done(False)
            say(f"    cannot start {command[0]}: {exc.strerror}")
            return Outcome(name, False, line.seconds)
        ok = _wait(process, line) == 0
        if not (ok and quiet and line.seconds < _SHOW_AFTER_S):
            line.done(ok)
        if not ok:
            output.seek(0)
            _show(command, output.read().decode("utf-8", "replace"))
    return Outcome(name, ok, line.seconds)


def _wait(process: subprocess.Popen[bytes], line: _Line) -> int:
    """Wait for the end, keeping `line` alive; an interrupt ends the process with us."""
    try:
        while True:
            try:
                return process.wait(timeout=0.2 if line.live else _SHOW_AFTER_S)
            except subprocess.TimeoutExpired:
                line.tick()
    except BaseException:
        process.terminate()
        process.wait()
        raise


def _show(command: Sequence[str], output: str) -> None:
    say("    $ " + " ".join(command))
    for text in output.rstrip().splitlines():
        say("    | " + text)


def call(name: str, work: Callable[[], str]) -> Outcome:
    """Do `work` in this process; it returns a note, or raises Failed."""
    line = _Line(name)
    line.begin()
    try:
        note = work()
    except Failed as exc:
        line.done(False)
        for text in str(exc).splitlines():
            say("    | " + text)
        return Outcome(name, False, line.seconds)
    line.done(True)
    return Outcome(name, True, line.seconds, note)


def follow(name: str, command: Sequence[str], *, env: dict[str, str]) -> Outcome:
    """Run `command` in full view; the note is the last line that it wrote."""
    start = time.monotonic()
    last = ""
    with subprocess.Popen(
        command, cwd=TOP, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdout is not None
        for raw in process.stdout:
            text = raw.decode("utf-8", "replace").rstrip("\n")
            say(text)
            last = text or last
    return Outcome(name, process.returncode == 0, time.monotonic() - start, last)
