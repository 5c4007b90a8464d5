"""`hwlock status`: everything that this machine holds, product by product."""

from __future__ import annotations

import click

from hwlock.cli.options import json_option, pass_world
from hwlock.cli.verdicts import verdict_lines, verdict_shape
from hwlock.cli.world import World
from hwlock.enforce.guard import Guard
from hwlock.enforce.pending import Pending
from hwlock.enforce.stores import known_products, stores_of

__all__ = ["status"]


@click.command(epilog="Example: hwlock status --json")
@json_option
@pass_world
def status(world: World) -> None:
    """Show every product: its verdict, requests that wait, and licenses given back."""
    shapes, lines = [], []
    for product_id in known_products(world.machine):
        shape, told = _product(world, product_id)
        shapes.append(shape)
        lines += told
    world.output.result(
        {"home": world.machine.user_root, "products": shapes},
        lines or [f"nothing is licensed or asked for here ({world.machine.user_root})"],
    )


def _product(world: World, product_id: str) -> tuple[dict[str, object], list[str]]:
    stores = stores_of(world.machine, product_id)
    raw = next((found for store in stores if (found := store.product())), None)
    waiting = [Pending.parse(file.data()).asked_at for store in stores for file in store.pending()]
    returned = [file.name for store in stores for file in store.receipts()]
    shape: dict[str, object] = {
        "product": product_id,
        "verdict": None,
        "waiting": [asked_at.isoformat() for asked_at in waiting],
        "returned": returned,
    }
    lines = []
    if raw is not None:
        verdict = Guard(raw, machine=world.machine).check()
        shape["verdict"] = verdict_shape(verdict)
        lines += verdict_lines(world.output, verdict)
    lines += [f"  waiting for the answer to a request of {at:%Y-%m-%d %H:%M} UTC" for at in waiting]
    lines += [f"  given back: license {license_id}" for license_id in returned]
    return shape, lines or [f"{product_id}: no product file"]
