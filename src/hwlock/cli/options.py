"""Options and arguments that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

from hwlock.cli.world import World

__all__ = ["json_option", "output_option", "pass_world", "system_option"]

F = TypeVar("F", bound=Callable[..., object])

pass_world = click.make_pass_decorator(World)


def json_option(command: F) -> F:
    """Add --json, which `run` has already looked for."""
    return click.option(
        "--json", "_json", is_flag=True, expose_value=False, help="Print one JSON object."
    )(command)


def output_option(what: str) -> Callable[[F], F]:
    """Add a required -o/--output for the file `what`; `-` is standard output."""
    return click.option(
        "-o",
        "--output",
        type=click.Path(),
        required=True,
        metavar="FILE",
        help=f"Where to write {what}; - is stdout.",
    )


def system_option(command: F) -> F:
    """Add --system: the store of all users of this machine."""
    return click.option(
        "--system", is_flag=True, help="For all users of this machine (needs administrator rights)."
    )(command)
