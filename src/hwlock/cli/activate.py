"""`hwlock activate`: install the vendor's response."""

from __future__ import annotations

import click

from hwlock.cli.carried import carried_argument, read_blocks
from hwlock.cli.options import json_option, pass_world
from hwlock.cli.verdicts import verdict_lines, verdict_shape
from hwlock.cli.words import say
from hwlock.cli.world import World
from hwlock.enforce import activation, renewing

__all__ = ["activate"]


@click.command(epilog="Example: hwlock activate my.hwres")
@carried_argument("response")
@json_option
@pass_world
def activate(world: World, *, response: tuple[str, ...]) -> None:
    """Accept RESPONSE, the vendor's answer to this machine's request (- reads stdin; pictures
    of QR codes will do). Of renewals for many machines in one file, take what is for this one.

    Everything is verified first; a response that is refused changes nothing, and the
    request goes on waiting.
    """
    raws = read_blocks(response, "RESPONSE")
    world.output.note(say("verifying the response"))
    if len(raws) == 1:
        verdict = activation.activate(world.machine, raws[0]).verdict
    else:
        verdict = renewing.accept_own(world.machine, raws)[-1][1]
    world.output.result(
        {"activated": True, **verdict_shape(verdict)},
        [say("activated"), *verdict_lines(world.output, verdict)],
    )
