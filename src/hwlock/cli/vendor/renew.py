"""`hwlock vendor renew`: a newer license for a machine that did not ask."""

from __future__ import annotations

import click

from hwlock.cli.carried import Target, carried_options
from hwlock.cli.options import json_option, pass_world
from hwlock.cli.vendor.opening import open_desk
from hwlock.cli.vendor.shapes import day, moment
from hwlock.cli.world import World
from hwlock.errors import UsageError
from hwlock.issue import renewing

__all__ = ["renew"]


@click.command(epilog="Example: hwlock vendor renew 4f0c… -o for-them.hwres")
@click.argument("license_id", metavar="LICENSE")
@carried_options("the renewal")
@json_option
@pass_world
def renew(world: World, *, license_id: str, to: Target) -> None:
    """Give a machine the present terms of its entitlement, without a request.

    LICENSE is an id from `hwlock vendor entitlement show`. The machine takes the file with
    `hwlock activate`, where a license of the same hardware and entitlement is live.
    """
    try:
        raw = bytes.fromhex(license_id)
    except ValueError as exc:
        raise UsageError("HWL-DESK-RENEW", license=license_id, why="that is no id") from exc
    renewed = renewing.push(open_desk(world), raw)
    size = to.write(renewed.file, "RESPONSE")
    if to.is_stdout:
        return
    sold = renewed.entitlement
    world.output.result(
        {
            "license": renewed.activation.id.hex(),
            "renews": license_id.lower(),
            "entitlement": sold.id,
            "product": sold.product_id,
            "customer": sold.customer,
            "license_expires_at": moment(sold.expires_at),
            **to.shape,
            "bytes": size,
        },
        [
            f"renewal for {sold.customer}: {to} ({size} bytes)",
            f"  license   {renewed.activation.id.hex()}; ends {day(sold.expires_at)}",
            "  next: send it; on the machine: hwlock activate FILE",
        ],
    )
