"""`hwlock activate`: install the vendor's response."""

from __future__ import annotations

import click

from hwlock.cli.carried import carried_argument, read_carried
from hwlock.cli.options import json_option, pass_world
from hwlock.cli.verdicts import verdict_lines, verdict_shape
from hwlock.cli.world import World
from hwlock.codec import armor
from hwlock.enforce import activation

__all__ = ["activate"]


@click.command(epilog="Example: hwlock activate my.hwres")
@carried_argument("response")
@json_option
@pass_world
def activate(world: World, *, response: tuple[str, ...]) -> None:
    """Accept RESPONSE, the vendor's answer to this machine's request (- reads stdin; pictures
    of QR codes will do).

    Everything is verified first; a response that is refused changes nothing, and the
    request goes on waiting.
    """
    _, raw = armor.decode(read_carried(response, "RESPONSE"), expected_label="RESPONSE")
    world.output.note("verifying the response")
    done = activation.activate(world.machine, raw)
    world.output.result(
        {"activated": True, **verdict_shape(done.verdict)},
        ["activated", *verdict_lines(world.output, done.verdict)],
    )
