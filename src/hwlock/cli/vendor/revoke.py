"""`hwlock vendor revoke` and `revocations`: take something back, and the list that says so."""

from __future__ import annotations

from datetime import datetime

import click

from hwlock.cli.carried import Target, carried_options
from hwlock.cli.options import json_option, pass_world
from hwlock.cli.vendor.issued import MOMENT, falling_lines, issued_shape
from hwlock.cli.vendor.opening import open_desk
from hwlock.cli.vendor.shapes import day, moment
from hwlock.cli.world import World
from hwlock.errors import UsageError
from hwlock.issue import revoking, rotating
from hwlock.issue.records import ACTIVE

__all__ = ["revocations", "revoke"]

_KINDS = ("license", "device", "issuer", "ek")


@click.command(epilog="Example: hwlock vendor revoke license 4f0c… --reason 'not paid'")
@click.argument("kind", type=click.Choice(_KINDS))
@click.argument("subject", metavar="ID")
@click.option("--reason", required=True, help="Why, for the audit.")
@click.option(
    "--after-days",
    type=click.IntRange(0, 3650),
    default=0,
    show_default=True,
    metavar="N",
    help="Let it run so long yet; the person is told.",
)
@click.option(
    "--since",
    type=MOMENT,
    help="Of an issuer: from this day (or moment, UTC) in the past on.  [default: now]",
)
@json_option
@pass_world
def revoke(
    world: World,
    *,
    kind: str,
    subject: str,
    reason: str,
    after_days: int,
    since: datetime | None,
) -> None:
    """Take back a license, a device, an issuer's key, or all licenses of a TPM (its EK).

    ID is hexadecimal: the id of a license, the SHA-256 of a device's public key (or of its URI,
    where it has no key), the id of an issuer's key, the SHA-256 of an EK. Machines know it when
    the next response or the list reaches them. Of an issuer, what it issued before stays good; the
    licenses that fall are listed, to be renewed.
    """
    try:
        raw = bytes.fromhex(subject)
    except ValueError as exc:
        raise UsageError("HWL-DESK-REVOKE-ID", kind=kind, id=subject) from exc
    desk = open_desk(world)
    added = revoking.revoke(desk, kind, raw, reason=reason, after_days=after_days, since=since)
    fallen = rotating.issued_by(desk, raw, since=added[0].since) if kind == "issuer" else ()
    world.output.result(
        {
            "falling": [issued_shape(*one) for one in fallen if one[1].state == ACTIVE],
            "revoked": [
                {
                    "product": one.product_id,
                    "number": one.number,
                    "kind": one.kind,
                    "id": one.subject.hex(),
                    "since": moment(one.since),
                }
                for one in added
            ],
        },
        [
            *(
                f"{one.kind} {one.subject.hex()} of {one.product_id}: taken back "
                f"from {day(one.since)} on (number {one.number})"
                for one in added
            ),
            *falling_lines(fallen),
            "  next: hwlock vendor revocations PRODUCT -o FILE, or answer a request",
        ],
    )


@click.command(epilog="Example: hwlock vendor revocations acme-cad -o acme-cad.hwcrl")
@click.argument("product_id", metavar="PRODUCT")
@click.option(
    "--since",
    type=click.IntRange(0),
    default=0,
    metavar="N",
    help="Only what was added since list N.  [default: everything]",
)
@carried_options("the list")
@json_option
@pass_world
def revocations(world: World, *, product_id: str, since: int, to: Target) -> None:
    """Write the revocation list of PRODUCT, for `hwlock import` on machines.

    It travels in every response as well. A machine takes it where it is newer than its own.
    """
    listed, raw = revoking.make_list(open_desk(world), product_id, base=since)
    size = to.write(raw, "REVOCATION")
    if to.is_stdout:
        return
    world.output.result(
        {
            "product": listed.product_id,
            "number": listed.number,
            "base": listed.base,
            "entries": len(listed.entries),
            **to.shape,
            "bytes": size,
        },
        [
            f"revocation list {listed.number} of {listed.product_id}: {to} ({size} bytes)",
            f"  {len(listed.entries)} entries",
            "  next: on the machine: hwlock import FILE",
        ],
    )
