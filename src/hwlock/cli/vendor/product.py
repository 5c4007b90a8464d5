"""`hwlock vendor product`: what the vendor licenses."""

from __future__ import annotations

import click

from hwlock.cli.app import LazyGroup
from hwlock.cli.files import write_file
from hwlock.cli.options import json_option, output_option, pass_world
from hwlock.cli.vendor.opening import open_desk
from hwlock.cli.vendor.shapes import day, product_shape, table
from hwlock.cli.world import World

__all__ = ["add", "export", "list_", "product"]

product = LazyGroup(
    "product",
    lazy={
        "add": "hwlock.cli.vendor.product:add",
        "list": "hwlock.cli.vendor.product:list_",
        "export": "hwlock.cli.vendor.product:export",
    },
    help="What you license: add products, export the file that your program ships.",
)


@click.command(epilog="Example: hwlock vendor product add acme-cad --name 'ACME CAD'")
@click.argument("product_id", metavar="ID")
@click.option("--name", default="", help="The name that customers read.  [default: the ID]")
@json_option
@pass_world
def add(world: World, *, product_id: str, name: str) -> None:
    """Add a product, signed by the root key (asks for the passphrase).

    ID is 1 to 64 of a-z 0-9 . _ - and stays for ever: it stands in every file.
    """
    added = open_desk(world).add_product(product_id, name=name)
    world.output.result(
        product_shape(added),
        [
            f"product {added.id}: {added.name}, by {added.vendor}",
            f"  next: hwlock vendor product export {added.id} -o {added.id}.hwproduct",
        ],
    )


@click.command("list", epilog="Example: hwlock vendor product list --json")
@json_option
@pass_world
def list_(world: World) -> None:
    """List the products of this desk."""
    products = open_desk(world).products()
    rows = [(one.id, one.name, one.vendor, day(one.issued_at)) for one in products]
    world.output.result(
        {"products": [product_shape(one) for one in products]},
        table(world.output, ("id", "name", "vendor", "added"), rows),
    )


@click.command(epilog="Example: hwlock vendor product export acme-cad -o acme-cad.hwproduct")
@click.argument("product_id", metavar="ID")
@output_option("the product file")
@json_option
@pass_world
def export(world: World, *, product_id: str, output: str) -> None:
    """Write the product file that your program ships and customers ask with.

    It holds public keys only. It is the same file each time.
    """
    found = open_desk(world).product(product_id)
    size = write_file(output, found.raw, "PRODUCT")
    if output == "-":
        return
    world.output.result(
        product_shape(found) | {"file": output, "bytes": size},
        [
            f"product file of {found.name}: {output} ({size} bytes)",
            "  next: ship it with your program; sell with: hwlock vendor entitlement add",
        ],
    )
