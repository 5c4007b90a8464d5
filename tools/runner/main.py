"""The verbs: what each is for, what it needs, and what it does once all that is there."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from . import PYTHON, TOP, environment, machine, package, ring, stages, tool, venv
from .steps import Failed, Outcome, call, say, step

__all__ = ["VERBS", "Verb", "main"]

_DEV = frozenset({"dev", "vendor"})
_ALL = _DEV | {"peers", "smartcard"}


class Verb:
    """One word after `tools/run`: its help line, its needs, and the work itself.

    `groups` are those of `machine.NEEDS`, `extras` those of pyproject.toml. `work` takes
    the remaining arguments and returns an exit status.
    """

    def __init__(
        self,
        help_line: str,
        work: Callable[[list[str]], int],
        groups: str = "build",
        extras: frozenset[str] = _DEV,
    ) -> None:
        self.help_line = help_line
        self.work = work
        self.groups = groups.split()
        self.extras = extras


def _status(*outcomes: Outcome) -> int:
    return 0 if all(outcome.ok for outcome in outcomes) else 1


def _replace(command: list[str]) -> int:
    """Become `command`, so that signals and the terminal are its own."""
    sys.stdout.flush()
    os.execve(command[0], command, environment())


def _demo(arguments: list[str]) -> int:
    return _replace([tool("hwlock"), "demo", *arguments])


def _unit(arguments: list[str]) -> int:
    arguments = [_from_here(argument) for argument in arguments]
    os.chdir(TOP)
    return _replace([*stages.pytest_command(), *arguments])


def _from_here(argument: str) -> str:
    """Make a path that the caller wrote from the folder where they stand absolute."""
    path = argument.partition("::")[0]
    if not argument.startswith("-") and os.path.exists(path):
        argument = os.path.abspath(path) + argument[len(path) :]
    return argument


def _c(arguments: list[str]) -> int:
    return _status(stages.c(arguments, hidden=False))


def _bench(arguments: list[str]) -> int:
    folder = os.path.join(TOP, "tools", "bench")
    names = sorted(os.listdir(folder))
    known = [name[:-3] for name in names if name.endswith(".py") and not name.startswith("_")]
    chosen = [arguments.pop(0)] if arguments and not arguments[0].startswith("-") else known
    if not set(chosen) <= set(known):
        raise Failed(f"no benchmark {chosen[0]!r}; there are: {', '.join(known)}")
    outcomes = []
    for name in chosen:
        script = os.path.join(folder, f"{name}.py")
        outcomes.append(stages.watch(name, [PYTHON, script, *arguments]))
    return _status(*outcomes)


def _nightly(arguments: list[str]) -> int:
    numbers = [*arguments, *("1000000", "600")[len(arguments) :]]
    if len(numbers) != 2 or not all(number.isdigit() for number in numbers):
        raise Failed("nightly takes two numbers at most: cases, and seconds for each fuzz target")
    return _status(*stages.nightly(cases=numbers[0], seconds=numbers[1]))


def _docs(arguments: list[str]) -> int:
    return _status(stages.watch("docs", stages.docs_command(*arguments)))


def _build(arguments: list[str]) -> int:
    return _status(
        call("wheel and sdist", package.build),
        call("install them", package.check),
        call("the same bytes again", package.again),
    )


def _lint(arguments: list[str]) -> int:
    return _status(*(step(name, command) for name, command in stages.lint_commands()))


def _fix(arguments: list[str]) -> int:
    return _status(
        step("ruff check --fix", [tool("ruff"), "check", "--fix", TOP]),
        step("ruff format", [tool("ruff"), "format", TOP]),
    )


def _types(arguments: list[str]) -> int:
    return _status(step("types", stages.types_command()))


def _layers(arguments: list[str]) -> int:
    return _status(step("layers", stages.layers_command()))


def _setup(arguments: list[str]) -> int:
    say(f"Ready: {PYTHON}")
    return 0


VERBS = {
    "demo": Verb(
        "watch a machine without a network become licensed",
        _demo,
        extras=frozenset({"vendor"}),
    ),
    "test": Verb("everything that CI checks", stages.test, "build tpm test vm", _ALL),
    "unit": Verb("pytest alone; arguments go to pytest", _unit, "build tpm test", _ALL),
    "vm": Verb(
        "hwlock in a machine whose hardware can be pulled; arguments go to pytest",
        ring.main,
        "build tpm vm",
    ),
    "c": Verb("tests of the native core; arguments are make's targets", _c, "build test"),
    "lint": Verb("style, docstrings, complexity, format, spelling", _lint),
    "fix": Verb("mend style and format where a tool can", _fix),
    "types": Verb("mypy, strict", _types),
    "layers": Verb("who may import whom", _layers),
    "docs": Verb("write the generated pages; --check compares them", _docs),
    "build": Verb("wheel and sdist, made and installed in a clean place", _build),
    "bench": Verb(
        "measurements: all, or the one that is named",
        _bench,
        "build tpm cards",
        _DEV | {"bench", "smartcard"},
    ),
    "nightly": Verb(
        "a million signatures against other libraries, longer fuzzing; [CASES [SECONDS]]",
        _nightly,
        "build test",
        _ALL,
    ),
    "setup": Verb("make ready what `test` needs, and no more", _setup, "build tpm test vm", _ALL),
}


def _usage() -> str:
    lines = ["usage: tools/run VERB [ARGUMENT]...", ""]
    lines += [f"  {name:8} {verb.help_line}" for name, verb in VERBS.items()]
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Run one verb; return its exit status (2: no such verb, 1: something failed)."""
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        say(_usage())
        return 0 if arguments else 2
    name, *rest = arguments
    verb = VERBS.get(name)
    if verb is None:
        say(f"tools/run: no verb {name!r}\n\n{_usage()}")
        return 2
    os.environ["PATH"] = environment()["PATH"]  # for what the rooms beside us start
    try:
        _prepare(name, verb)
        return verb.work(rest)
    except Failed as exc:
        say(f"tools/run: {exc}")
        return 1
    except KeyboardInterrupt:
        return 130


def _prepare(name: str, verb: Verb) -> None:
    if name == "demo" and not os.access("/dev/tpmrm0", os.R_OK | os.W_OK):
        _with_software_tpm(verb.groups)
    else:
        machine.ensure(verb.groups)
    venv.ensure(verb.extras)


def _with_software_tpm(groups: list[str]) -> None:
    """Bring `groups` and a software TPM here; go on where only the latter cannot be had."""
    try:
        machine.ensure([*groups, "tpm"])
    except Failed as exc:
        if machine.missing(groups):
            raise
        say(f"{exc}\nGoing on without a TPM: the machine's fingerprint alone will be used.")
