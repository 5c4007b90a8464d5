"""What CI checks, stage by stage, and the table at the end.

Every stage runs even when an earlier one failed. pytest comes last and in full view; its
closing line is said again at the very end, so that the counts are the last thing one reads.
"""

from __future__ import annotations

import os
import subprocess
import sys

from . import PYTHON, TOP, environment, package, ring, tool
from .steps import Outcome, call, fail, follow, say, step
from .venv import digest

__all__ = [
    "c",
    "docs_command",
    "layers_command",
    "lint_commands",
    "nightly",
    "pytest_command",
    "test",
    "types_command",
    "watch",
]

_C_TESTS = os.path.join(TOP, "csrc", "tests")
_C_OUTPUT = os.path.join(TOP, "build", "csrc-tests")
_C_PROVEN = os.path.join(TOP, ".cache", "core-proven")


def lint_commands() -> list[tuple[str, list[str]]]:
    """Return (name, command) of each check of the text itself."""
    return [
        ("lint", [tool("ruff"), "check", "--output-format=concise"]),
        ("format", [tool("ruff"), "format", "--check", "--output-format=concise"]),
        ("spelling", [tool("typos"), "--format", "brief"]),
    ]


def types_command() -> list[str]:
    """Return the command that checks all types, strictly."""
    return [tool("mypy")]


def layers_command() -> list[str]:
    """Return the command that checks who imports whom."""
    return [tool("lint-imports"), "--no-cache"]


def docs_command(*arguments: str) -> list[str]:
    """Return the command that writes, or with --check compares, the generated pages."""
    return [PYTHON, os.path.join(TOP, "tools", "docs.py"), *arguments]


def pytest_command() -> list[str]:
    """Return the command that runs all tests, as CI wants them."""
    return [PYTHON, "-m", "pytest"]


def watch(name: str, command: list[str]) -> Outcome:
    """Run `command` in full view, in the project's environment."""
    return follow(name, command, env=environment())


def c(targets: list[str], *, hidden: bool = True) -> Outcome:
    """Build and run the tests of the native core: `targets` of its Makefile, or its default."""
    jobs = f"-j{os.cpu_count() or 1}"
    command = ["make", jobs, "-C", _C_TESTS, f"OUT={_C_OUTPUT}", f"PYTHON={PYTHON}", *targets]
    return step("core in C", command) if hidden else watch("core in C", command)


def _c_unless_proven() -> Outcome:
    """Run the tests of the core, unless they passed with the same sources and tools."""
    key = "\n".join(
        [digest(("csrc", "tests/vectors")), *map(_version, ("gcc", "clang", "valgrind", "make"))]
    )
    if _read(_C_PROVEN) == key:
        say("  ok               core in C (nothing changed since it passed; anew: tools/run c)")
        return Outcome("core in C, unchanged since it passed", True, 0.0)
    outcome = c([])
    if outcome.ok:
        with open(_C_PROVEN, "w", encoding="utf-8") as file:
            file.write(key)
    return outcome


def _version(name: str) -> str:
    done = subprocess.run([name, "--version"], env=environment(), capture_output=True, check=False)
    return done.stdout.decode("utf-8", "replace")


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def nightly(*, cases: str, seconds: str) -> list[Outcome]:
    """Run what takes hours: `cases` signatures, the nightly profile, `seconds` for each fuzzer."""
    env = {**environment(), "HWLOCK_CASES": cases, "HWLOCK_HYPOTHESIS": "nightly"}
    command = [*pytest_command(), "--timeout=0", os.path.join(TOP, "tests", "property")]
    return [c(["fuzz", f"FUZZ_SECONDS={seconds}"], hidden=False), follow("tests", command, env=env)]


def test(arguments: list[str]) -> int:
    """Run every stage, show the table, end with pytest's counts; return the exit status."""
    if arguments:
        raise fail("test takes no arguments; for a part of the tests use: tools/run unit …")
    outcomes = [step(name, command) for name, command in lint_commands()]
    outcomes.append(step("types", types_command()))
    outcomes.append(step("layers", layers_command()))
    outcomes.append(step("docs", docs_command("--check")))
    outcomes.append(_c_unless_proven())
    outcomes.append(call("wheel and sdist", package.build))
    if outcomes[-1].ok:
        outcomes.append(call("install them", package.check))
        outcomes += ring.stages()
        outcomes.append(call("the same bytes again", package.again))
    outcomes.append(_pytest())
    return _close(outcomes)


def _pytest() -> Outcome:
    command = [*pytest_command(), "--no-undeclared-skips"]
    if sys.stdout.isatty():
        command.append("--color=yes")
    return follow("pytest", command, env=environment())


def _close(outcomes: list[Outcome]) -> int:
    say("")
    for outcome in outcomes:
        say(f"  {'ok  ' if outcome.ok else 'FAIL'} {outcome.seconds:6.1f} s  {outcome.name}")
    failed = [outcome.name for outcome in outcomes if not outcome.ok]
    say(f"\nFAILED: {', '.join(failed)}" if failed else "\nEverything passes.")
    say(outcomes[-1].note)
    return 1 if failed else 0
