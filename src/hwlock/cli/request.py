"""`hwlock request`: ask the vendor for a license, by file."""

from __future__ import annotations

import platform

import click

import hwlock
from hwlock.cli.carried import Target, carried_options
from hwlock.cli.files import read_file
from hwlock.cli.options import json_option, pass_world, system_option
from hwlock.cli.output import finding_shape
from hwlock.cli.words import say, written
from hwlock.cli.world import World
from hwlock.crypto.trust import Product
from hwlock.enforce.asking import make_request
from hwlock.exchange.activation_key import ActivationKey

__all__ = ["request"]


@click.command(
    epilog="Example: hwlock request --product acme-cad.hwproduct --key 4F2KM-… -o my.hwreq"
)
@click.option(
    "--product",
    type=click.Path(),
    required=True,
    metavar="FILE",
    help="The product file (.hwproduct) of the vendor.",
)
@click.option("--key", required=True, metavar="KEY", help="The activation key that was bought.")
@click.option(
    "--device",
    "devices",
    multiple=True,
    metavar="URI",
    help="A device to bind to, such as piv:slot=9e (see: hwlock device list); repeat it.",
)
@click.option(
    "--receipt",
    "receipts",
    type=click.Path(),
    multiple=True,
    metavar="FILE",
    help="The receipt of the machine whose seat this one gets; may be repeated.",
)
@click.option("--note", default="", help="A line for the vendor's support.")
@carried_options("the request")
@system_option
@json_option
@pass_world
def request(  # noqa: PLR0913 - an argument for each option
    world: World,
    *,
    product: str,
    key: str,
    devices: tuple[str, ...],
    receipts: tuple[str, ...],
    note: str,
    to: Target,
    system: bool,
) -> None:
    """Write a request file, to be sent to the vendor.

    It shows what this machine can be bound to: its TPM, if it has one, a fingerprint that
    reveals no serial number, and each dongle that --device names. Without a network: carry
    the file by any means. To move a license here from another machine, give it back there
    (hwlock return) and name its receipt with --receipt.
    """
    activation_key = ActivationKey.parse(key)
    trusted = Product.parse(read_file(product, "PRODUCT"))
    world.output.note(say("asking the devices of this machine"))
    made = make_request(
        world.machine,
        trusted,
        activation_key,
        devices=devices,
        system=system,
        software=f"hwlock {hwlock.__version__} {platform.system()} {platform.machine()}",
        note=note,
        receipts=tuple(read_file(path, "RECEIPT") for path in receipts),
    )
    size = to.write(made.raw, "REQUEST")
    if to.is_stdout:
        return
    shape = {
        "product": trusted.id,
        **to.shape,
        "bytes": size,
        "anchors": list(made.anchors),
        "notes": [finding_shape(found) for found in made.notes],
    }
    world.output.result(
        shape,
        [
            say("request for {name}: {file}", name=trusted.name, file=written(to, size)),
            "  " + say("offers: {anchors}", anchors=", ".join(made.anchors)),
            *world.output.findings(made.notes),
            "  "
            + say(
                "next: send it to {vendor}, then: hwlock activate RESPONSE", vendor=trusted.vendor
            ),
        ],
    )
