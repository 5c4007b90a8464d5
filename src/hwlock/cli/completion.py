"""`hwlock completion`: completion of commands and options in a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from hwlock.cli.options import pass_world
from hwlock.cli.world import World
from hwlock.errors import InternalError

__all__ = ["completion"]


@click.command(epilog='Example: eval "$(hwlock completion bash)"')
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@pass_world
def completion(world: World, *, shell: str) -> None:
    """Print the lines that teach SHELL to complete hwlock's commands."""
    from hwlock.cli.app import app

    kind = get_completion_class(shell)
    if kind is None:
        raise InternalError("HWL-INTERNAL", detail=f"no completion for {shell}")
    print(kind(app, {}, "hwlock", "_HWLOCK_COMPLETE").source(), file=world.output.out)
