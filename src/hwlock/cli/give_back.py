"""`hwlock return`: give a license back and get the receipt that frees its seat."""

from __future__ import annotations

import click

from hwlock.cli.carried import Target, carried_options
from hwlock.cli.check import product_option
from hwlock.cli.options import json_option, pass_world
from hwlock.cli.products import product_bytes
from hwlock.cli.words import say, written
from hwlock.cli.world import World
from hwlock.codec import armor
from hwlock.crypto.trust import Product
from hwlock.enforce import returning
from hwlock.exchange.receipt import UnverifiedReceipt

__all__ = ["give_back"]


@click.command("return", epilog="Example: hwlock return --product acme-cad -o back.hwret")
@product_option
@click.option(
    "--license", "license_id", default="", metavar="ID", help="Which license, of several."
)
@carried_options("the receipt")
@json_option
@pass_world
def give_back(world: World, *, product: str | None, license_id: str, to: Target) -> None:
    """Make the license unusable on this machine, then write the receipt for the vendor.

    A receipt that was lost is written again by the same command.
    """
    raw = armor.decode(product_bytes(world, product), expected_label="PRODUCT")[1]
    trusted = Product.parse(raw)
    receipt = returning.give_back(world.machine, trusted.id, license_id)
    size = to.write(receipt, "RECEIPT")
    if to.is_stdout:
        return
    returned = UnverifiedReceipt.parse(receipt).says.license_id.hex()
    world.output.result(
        {"product": trusted.id, "license": returned, **to.shape, "bytes": size},
        [
            say("given back: license {license} of {name}", license=returned, name=trusted.name),
            "  " + say("receipt: {file}", file=written(to, size)),
            "  "
            + say(
                "next: send it to {vendor}; the seat is free when they have booked it",
                vendor=trusted.vendor,
            ),
            "  " + say("or move the seat: hwlock request --receipt FILE on the other machine"),
        ],
    )
