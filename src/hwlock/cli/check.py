"""`hwlock check`: may the program run on this machine now?"""

from __future__ import annotations

from datetime import datetime

import click

from hwlock.check import Verdict
from hwlock.cli.options import json_option, pass_world
from hwlock.cli.products import product_bytes
from hwlock.cli.verdicts import verdict_lines, verdict_shape
from hwlock.cli.world import World
from hwlock.enforce.guard import Guard
from hwlock.errors import Finding
from hwlock.record import replace

__all__ = ["check", "product_option"]

product_option = click.option(
    "--product",
    type=click.Path(),
    metavar="FILE|ID",
    help="The product; needed where this machine knows several.",
)


@click.command(epilog="Example: hwlock check --product acme-cad --feature simulation")
@product_option
@click.option("--feature", metavar="NAME", help="Ask for this feature as well.")
@click.option(
    "--released",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day on which the program was released, for licenses with maintenance.",
)
@json_option
@pass_world
def check(
    world: World, *, product: str | None, feature: str | None, released: datetime | None
) -> int:
    """Tell whether the product is licensed here now; exit status 0 for yes, 1 for no."""
    day = None if released is None else released.date()
    source = product_bytes(world, product)
    verdict = Guard(source, released=day, machine=world.machine).check()
    if feature is not None:
        verdict = _with_feature(verdict, feature)
    world.output.result(verdict_shape(verdict), verdict_lines(world.output, verdict))
    return 0 if verdict.allowed else 1


def _with_feature(verdict: Verdict, feature: str) -> Verdict:
    """Deny a verdict that allows the product, but not this feature."""
    if not verdict.allowed or feature in verdict.features:
        return verdict
    missing = Finding("HWL-FEATURE-MISSING", "deny", feature=feature)
    return replace(verdict, allowed=False, findings=(*verdict.findings, missing))
