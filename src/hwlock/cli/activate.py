"""`hwlock activate`: install the vendor's response."""

from __future__ import annotations

import click

from hwlock.cli.files import read_file
from hwlock.cli.options import json_option, pass_world
from hwlock.cli.verdicts import verdict_lines, verdict_shape
from hwlock.cli.world import World
from hwlock.enforce import activation

__all__ = ["activate"]


@click.command(epilog="Example: hwlock activate my.hwres")
@click.argument("response", type=click.Path())
@json_option
@pass_world
def activate(world: World, *, response: str) -> None:
    """Accept RESPONSE, the vendor's answer to this machine's request (- reads stdin).

    Everything is verified first; a response that is refused changes nothing, and the
    request goes on waiting.
    """
    raw = read_file(response, "RESPONSE")
    world.output.note("verifying the response")
    done = activation.activate(world.machine, raw)
    world.output.result(
        {"activated": True, **verdict_shape(done.verdict)},
        ["activated", *verdict_lines(world.output, done.verdict)],
    )
