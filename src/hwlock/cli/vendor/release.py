"""`hwlock vendor release`: free the seat of a machine that is lost."""

from __future__ import annotations

import click

from hwlock.cli.options import json_option, pass_world
from hwlock.cli.vendor.opening import open_desk
from hwlock.cli.world import World
from hwlock.errors import UsageError

__all__ = ["release"]


@click.command(epilog="Example: hwlock vendor release 4f0c… --reason 'mainboard died'")
@click.argument("license_id", metavar="LICENSE")
@click.option("--reason", required=True, help="Why, for the audit.")
@click.option(
    "--force", is_flag=True, help="Beyond the losses that were agreed; told in the audit."
)
@json_option
@pass_world
def release(world: World, *, license_id: str, reason: str, force: bool) -> None:
    """Free the seat of a machine that can make no receipt any more.

    LICENSE is an id from `hwlock vendor entitlement show`. The license goes on the revocation
    list; until that reaches the machine, it runs there, if the machine still does.
    """
    try:
        raw = bytes.fromhex(license_id)
    except ValueError as exc:
        raise UsageError("HWL-DESK-RELEASE", license=license_id) from exc
    desk = open_desk(world)
    freed = desk.release(raw, reason=reason, force=force)
    sold, _ = desk.entitlement(freed.entitlement_id)
    world.output.result(
        {
            "license": freed.id.hex(),
            "entitlement": sold.id,
            "product": sold.product_id,
            "customer": sold.customer,
            "seats": sold.seats,
            "taken": sold.taken,
        },
        [
            f"seat of license {freed.id.hex()} ({sold.customer}) released",
            f"  {sold.id}: {sold.taken} of {sold.seats} seats taken",
        ],
    )
