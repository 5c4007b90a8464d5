"""`hwlock vendor key`: the keys of the desk, and new ones in their place."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import click

from hwlock.cli.app import LazyGroup
from hwlock.cli.options import json_option, pass_world
from hwlock.cli.output import finding_shape
from hwlock.cli.vendor.issued import MOMENT, falling_lines, issued_shape
from hwlock.cli.vendor.opening import new_passphrase, open_desk
from hwlock.cli.vendor.shapes import day, moment, product_shape, table
from hwlock.cli.world import World
from hwlock.crypto.trust import Limits, Product
from hwlock.errors import UsageError
from hwlock.issue import rotating
from hwlock.issue.keyring import ROLES, ROOT
from hwlock.issue.records import ACTIVE
from hwlock.issue.rotating import Kept

__all__ = ["add", "drop", "key", "list_", "rotate", "show"]

_MAX_DAYS = 3650

key = LazyGroup(
    "key",
    lazy={
        "list": "hwlock.cli.vendor.key:list_",
        "show": "hwlock.cli.vendor.key:show",
        "rotate": "hwlock.cli.vendor.key:rotate",
        "add": "hwlock.cli.vendor.key:add",
        "drop": "hwlock.cli.vendor.key:drop",
    },
    help="The desk's keys: list them, replace them, give agents keys of their own.",
)


@click.command("list", epilog="Example: hwlock vendor key list")
@json_option
@pass_world
def list_(world: World) -> None:
    """List the keys of this desk: which sign, which were replaced, until when they may sign."""
    desk = open_desk(world)
    kept = rotating.kept(desk)
    ending = [one for product in desk.products() if (one := desk.ending(product.id)) is not None]
    rows = [
        (
            one.key.kid.hex(),
            one.key.role,
            one.key.name or "(desk)",
            one.state,
            day(one.until, "-"),
            one.key.file if one.is_here else f"{one.key.file} (not here)",
        )
        for one in kept
    ]
    world.output.result(
        {
            "keys": [_shape(one) for one in kept],
            "notes": [finding_shape(found) for found in ending],
        },
        [
            *table(world.output, ("id", "role", "name", "state", "may sign until", "file"), rows),
            *world.output.findings(tuple(ending)),
        ],
    )


@click.command(epilog="Example: hwlock vendor key show 9bd7… --since 2026-03-01")
@click.argument("key_id", metavar="ID")
@click.option("--since", type=MOMENT, help="Only what was issued from this day on (UTC).")
@json_option
@pass_world
def show(world: World, *, key_id: str, since: datetime | None) -> None:
    """Show a key, and the licenses behind it.

    Of an issuer those that it signed, of a root those whose issuer it appointed.
    """
    desk = open_desk(world)
    kid = _kid(key_id)
    found = [one for one in rotating.kept(desk) if one.key.kid == kid]
    if not found:
        raise UsageError("HWL-DESK-KEY-ID", id=key_id)
    one = found[-1]
    issued = rotating.issued_by(desk, kid, **({} if since is None else {"since": since}))
    rows = [
        (license.id.hex(), product, license.entitlement_id, license.state, day(license.issued_at))
        for product, license in issued
    ]
    world.output.result(
        _shape(one) | {"licenses": [issued_shape(*each) for each in issued]},
        [
            f"{one.key.role} {kid.hex()} {one.key.name}".rstrip() + f": {one.state}",
            f"  made {day(one.key.made_at)}, file {one.key.file}"
            + ("" if one.is_here else " (not here)"),
            *(f"  may sign for {product} until {day(end)}" for product, end in one.products),
            f"  {len(issued)} licenses, {sum(each.state == ACTIVE for _, each in issued)} of them"
            " hold a seat",
            *table(world.output, ("license", "product", "entitlement", "state", "issued"), rows),
        ],
    )


@click.command(epilog="Example: hwlock vendor key rotate issuer")
@click.argument("role", type=click.Choice(ROLES))
@json_option
@pass_world
def rotate(world: World, *, role: str) -> None:
    """Make a new key in the place of the one in use (asks for the passphrase).

    Needs the root key. Licenses that are out stay good. After a new issuer, the old one can be
    taken back. After a new root, export the product files again: the old root hands over to the
    new one in them, so that machines accept them.
    """
    desk = open_desk(world)
    before = desk.keyring.present(role)
    if role == ROOT:
        made, products = rotating.rotate_root(desk)
    else:
        made, products = rotating.rotate_issuer(desk), ()
    world.output.result(
        {
            "role": role,
            "id": made.kid.hex(),
            "replaces": before.kid.hex(),
            "file": made.file,
            "products": [product_shape(one) for one in products],
        },
        [
            f"new {role} key {made.kid.hex()}: {made.file}",
            f"  in the place of {before.kid.hex()}; its file {before.file} is not needed any more",
            "  next: make a new copy of the folder",
            *_next(products),
        ],
    )


@click.command(epilog="Example: hwlock vendor key add anna --product acme-cad --max-seats 5")
@click.argument("name")
@click.option("--product", "products", multiple=True, required=True, metavar="ID")
@click.option("--feature", "features", multiple=True, help="Only these; repeat.  [default: any]")
@click.option("--max-days", type=click.IntRange(1, 36500), help="The longest term of a license.")
@click.option("--max-seats", type=click.IntRange(1), help="The most seats of an entitlement.")
@click.option(
    "--days",
    type=click.IntRange(1, _MAX_DAYS),
    help="How long the key may sign.  [default: five years]",
)
@json_option
@pass_world
def add(
    world: World,
    *,
    name: str,
    products: tuple[str, ...],
    features: tuple[str, ...],
    max_days: int | None,
    max_seats: int | None,
    days: int | None,
) -> None:
    """Give an agent an issuer key with limits, in the place of an earlier one (asks twice).

    Its passphrase comes from HWLOCK_AGENT_PASSPHRASE or is asked for. The agent works with
    HWLOCK_ISSUER=NAME and that passphrase.
    """
    limits = Limits(
        products=tuple(dict.fromkeys(products)),
        features=tuple(dict.fromkeys(features)) or None,
        longest_term_days=max_days,
        most_seats=max_seats,
    )
    desk = open_desk(world)
    made = rotating.add_agent(
        desk, name, passphrase=new_passphrase(world), limits=limits, days=days
    )
    world.output.result(
        {"role": made.role, "name": made.name, "id": made.kid.hex(), "file": made.file},
        [
            f"issuer key of {made.name}, {made.kid.hex()}: {made.file}",
            f"  next: HWLOCK_ISSUER={made.name} hwlock respond REQUEST -o RESPONSE",
        ],
    )


@click.command(epilog="Example: hwlock vendor key drop 9bd7…")
@click.argument("key_id", metavar="ID")
@json_option
@pass_world
def drop(world: World, *, key_id: str) -> None:
    """Let a former root key count no more (asks for the passphrase).

    The licenses whose issuers it appointed fall on machines that get the new product file:
    renew them first. They are listed.
    """
    kid = _kid(key_id)
    desk = open_desk(world)
    newer = rotating.drop_root(desk, kid)
    issued = rotating.issued_by(desk, kid)
    world.output.result(
        {
            "id": kid.hex(),
            "products": [product_shape(one) for one in newer],
            "falling": [issued_shape(*one) for one in issued if one[1].state == ACTIVE],
        },
        [f"root key {kid.hex()} counts no more", *falling_lines(issued), *_next(newer)],
    )


def _next(products: Iterable[Product]) -> list[str]:
    return [
        f"  next: hwlock vendor product export {one.id} -o {one.id}.hwproduct; ship it, or on"
        " machines: hwlock import FILE"
        for one in products
    ]


def _kid(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as exc:
        raise UsageError("HWL-DESK-KEY-ID", id=text) from exc


def _shape(one: Kept) -> dict[str, object]:
    key = one.key
    return {
        "id": key.kid.hex(),
        "role": key.role,
        "name": key.name,
        "state": one.state,
        "made_at": moment(key.made_at),
        "replaced_at": moment(key.replaced_at),
        "revoked_since": moment(one.revoked_since),
        "file": key.file,
        "file_here": one.is_here,
        "products": [{"product": product, "until": moment(end)} for product, end in one.products],
    }
