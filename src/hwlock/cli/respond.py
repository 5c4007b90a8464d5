"""`hwlock respond`: turn a customer's request into a response."""

from __future__ import annotations

import click

from hwlock.cli.carried import Target, carried_argument, carried_options, read_carried
from hwlock.cli.files import read_file
from hwlock.cli.options import json_option, pass_world
from hwlock.cli.output import finding_shape
from hwlock.cli.vendor.opening import open_desk
from hwlock.cli.vendor.shapes import day, moment
from hwlock.cli.world import World
from hwlock.errors import Finding
from hwlock.issue import responder
from hwlock.issue.responder import Answered

__all__ = ["respond"]

_KINDS = {
    responder.NEW: "a seat was taken",
    responder.REACTIVATED: "the same machine again: it keeps its seat",
    responder.REPEATED: "answered before: the same license again",
}


@click.command(epilog="Example: hwlock respond their.hwreq -o for-them.hwres")
@carried_argument("request")
@click.option(
    "--receipt",
    "receipts",
    type=click.Path(),
    multiple=True,
    metavar="FILE",
    help="A receipt that came with the request, of the machine whose seat it gets.",
)
@click.option(
    "--transfer",
    is_flag=True,
    help="Move the seat beyond the transfers that were agreed; told in the audit.",
)
@carried_options("the response")
@json_option
@pass_world
def respond(
    world: World,
    *,
    request: tuple[str, ...],
    receipts: tuple[str, ...],
    transfer: bool,
    to: Target,
) -> None:
    """Answer a request from a customer's machine, or say why not.

    REQUEST is a file, - for a mail pasted into standard input, or pictures of the QR codes
    that the machine showed. Answering the same request again gives the same license; the
    same machine keeps its seat. A receipt in the request, or with it, is booked together with
    the answer: the seat moves, as often as was agreed.
    """
    desk = open_desk(world)
    answered = responder.respond(
        desk,
        read_carried(request, "REQUEST"),
        receipts=tuple(read_file(path, "RECEIPT") for path in receipts),
        transfer=transfer,
    )
    ending = desk.ending(answered.entitlement.product_id)
    notes = answered.notes if ending is None else (*answered.notes, ending)
    size = to.write(answered.response, "RESPONSE")
    if to.is_stdout:
        return
    world.output.result(
        _shape(answered, notes) | {**to.shape, "bytes": size},
        [
            f"response for {answered.entitlement.customer}: {to} ({size} bytes)",
            f"  {_KINDS[answered.kind]}",
            *(f"  returned  {one.id.hex()}, for this seat" for one in answered.moved),
            *_lines(answered),
            *world.output.findings(notes),
            f"  next: send it back; it can be used until {day(answered.expires_at)}",
        ],
    )


def _shape(answered: Answered, notes: tuple[Finding, ...]) -> dict[str, object]:
    sold, activation = answered.entitlement, answered.activation
    return {
        "kind": answered.kind,
        "license": activation.id.hex(),
        "product": sold.product_id,
        "entitlement": sold.id,
        "customer": sold.customer,
        "features": list(sold.features),
        "seats": sold.seats,
        "taken": sold.taken,
        "assurance": activation.assurance,
        "sealed": answered.sealed,
        "license_expires_at": moment(sold.expires_at),
        "response_expires_at": moment(answered.expires_at),
        "moved": [one.id.hex() for one in answered.moved],
        "notes": [finding_shape(found) for found in notes],
    }


def _lines(answered: Answered) -> list[str]:
    sold, activation = answered.entitlement, answered.activation
    opens = ", opens only in its TPM" if answered.sealed else ""
    return [
        f"  license   {activation.id.hex()}",
        f"  grants    {', '.join(sold.features) or 'no features'}; ends {day(sold.expires_at)}",
        f"  bound     {activation.assurance}{opens}",
        f"  seats     {sold.id}: {sold.taken} of {sold.seats} taken",
    ]
