"""The ring of tests in a machine of its own: make its disks, then let pytest boot it.

The system's disk (`vm.image`) is made by root, once per recipe; the disk with our wheel
(`vm.payload`) once per state of the sources. Both are kept in .cache.
"""

from __future__ import annotations

import os
import subprocess
import sys

from vm import NotReady, image, payload

from . import BASE, PYTHON, TOP, environment, machine, package
from .steps import Outcome, call, fail, follow

__all__ = ["main", "stages"]


def main(arguments: list[str]) -> int:
    """Do what the verb says: the disks, then the tests; return the exit status."""
    outcomes = _disks(build=True)
    if all(outcome.ok for outcome in outcomes):
        outcomes.append(_pytest(arguments))
    return 0 if all(outcome.ok for outcome in outcomes) else 1


def stages() -> list[Outcome]:
    """Do the same as a part of `test`, where the wheel has just been built."""
    outcomes = _disks(build=False)
    if all(outcome.ok for outcome in outcomes):
        outcomes.append(_pytest([]))
        outcomes[-1].name = f"vm: {outcomes[-1].note.strip('= ')}"
    return outcomes


def _disks(*, build: bool) -> list[Outcome]:
    """Make what is not there yet, up to the first thing that fails."""
    outcomes = []
    if not image.ready():
        outcomes.append(call("a disk with Debian for the machine", _make_image))
        if not outcomes[-1].ok:
            return outcomes
    digest = payload.sources()
    if payload.ready(digest):
        return outcomes
    if build:
        outcomes.append(call("wheel and sdist", package.build))
        if not outcomes[-1].ok:
            return outcomes
    outcomes.append(call("a disk with hwlock for the machine", lambda: _make_payload(digest)))
    return outcomes


def _make_image() -> str:
    script = os.path.join(TOP, "tools", "vm", "image.py")
    prefix = machine.root_prefix()
    if prefix is None:
        raise fail(
            "the disk of the machine is made by root, and sudo is not usable here. An "
            f"administrator can run, once:\n  {BASE} {script}"
        )
    done = subprocess.run(
        [*prefix, BASE, "-B", script],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise fail((done.stdout + done.stderr).strip())
    return ""


def _make_payload(digest: str) -> str:
    _, wheel = package.built(package.DIST)
    try:
        payload.build(digest, wheel, [PYTHON, "-m", "pip"], image.Image(image.folder()).python)
    except NotReady as exc:
        raise fail(str(exc)) from exc
    return os.path.basename(wheel)


def _pytest(arguments: list[str]) -> Outcome:
    command = [PYTHON, "-m", "pytest", "-m", "vm", "--no-undeclared-skips"]
    if sys.stdout.isatty():
        command.append("--color=yes")
    where = [] if any(each.startswith("tests") for each in arguments) else ["tests/vm"]
    return follow("vm", [*command, *where, *arguments], env=environment())
