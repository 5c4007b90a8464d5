"""`hwlock vendor receive`: book a receipt."""

from __future__ import annotations

import click

from hwlock.cli.carried import carried_argument, read_carried
from hwlock.cli.options import json_option, pass_world
from hwlock.cli.output import finding_shape
from hwlock.cli.vendor.opening import open_desk
from hwlock.cli.vendor.shapes import moment
from hwlock.cli.world import World
from hwlock.issue import returns

__all__ = ["receive"]


@click.command(epilog="Example: hwlock vendor receive their.hwret")
@carried_argument("receipt")
@json_option
@pass_world
def receive(world: World, *, receipt: tuple[str, ...]) -> None:
    """Book the receipt of a license that was given back; its seat is free again.

    RECEIPT is a file, - for a mail pasted into standard input, or pictures of QR codes.
    Booking one twice changes nothing, and says so.
    """
    booked = returns.receive(open_desk(world), read_carried(receipt, "RECEIPT"))
    sold = booked.entitlement
    told = (
        f"booked before, on {booked.returned_at:%Y-%m-%d %H:%M} UTC: nothing has changed"
        if booked.again
        else "booked: its seat is free again"
    )
    world.output.result(
        {
            "license": booked.activation.id.hex(),
            "entitlement": sold.id,
            "product": sold.product_id,
            "customer": sold.customer,
            "seats": sold.seats,
            "taken": sold.taken,
            "returned_at": moment(booked.returned_at),
            "again": booked.again,
            "notes": [finding_shape(found) for found in booked.notes],
        },
        [
            f"return of license {booked.activation.id.hex()} ({sold.customer})",
            f"  {told}",
            f"  {sold.id}: {sold.taken} of {sold.seats} seats taken",
            *world.output.findings(booked.notes),
        ],
    )
