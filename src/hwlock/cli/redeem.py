"""`hwlock redeem`: use a code that the vendor gave by telephone."""

from __future__ import annotations

import click

from hwlock.cli.check import product_option
from hwlock.cli.options import json_option, pass_world
from hwlock.cli.products import product_bytes
from hwlock.cli.verdicts import verdict_lines, verdict_shape
from hwlock.cli.words import say
from hwlock.cli.world import World
from hwlock.codec import armor
from hwlock.crypto.trust import Product
from hwlock.enforce.guard import Guard
from hwlock.enforce.redeeming import redeem as use
from hwlock.enforce.stores import known_products, product_file, stores_of

__all__ = ["redeem"]


@click.command(epilog="Example: hwlock redeem 7G3KD-0QX2M-28T53-CY4TP-QKFFT")
@click.argument("code", nargs=-1, required=True)
@product_option
@json_option
@pass_world
def redeem(world: World, *, code: tuple[str, ...], product: str | None) -> int:
    """Use an unlock code: 25 letters, or 36 digits, with or without spaces.

    It extends a license, makes this machine's clock count again, raises a counter or moves a
    license here. Set the clock right before you use a code for the clock.
    """
    opened = use(world.machine, _products(world, product), " ".join(code))
    verdict = Guard(opened.product.raw, machine=world.machine).check()
    world.output.result(
        {
            "redeemed": str(opened.amendment),
            "redeemed_license": opened.license_id.hex(),
            **verdict_shape(verdict),
        },
        [
            say(
                "redeemed: {change} (license {license})",
                change=opened.amendment.told,
                license=opened.license_id.hex(),
            ),
            *verdict_lines(world.output, verdict),
        ],
    )
    return 0 if verdict.allowed else 1


def _products(world: World, chosen: str | None) -> tuple[Product, ...]:
    if chosen is not None:
        return (Product.parse(armor.decode(product_bytes(world, chosen))[1]),)
    files = (
        product_file(stores_of(world.machine, product_id))
        for product_id in known_products(world.machine)
    )
    return tuple(Product.parse(armor.decode(raw)[1]) for raw in files if raw is not None)
