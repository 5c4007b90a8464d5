"""`hwlock vendor entitlement`: what was sold, to whom, and who uses it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import click

from hwlock.cli.app import LazyGroup
from hwlock.cli.options import json_option, pass_world
from hwlock.cli.vendor.kinds import DAY, kind_options, model_lines, read_features, read_model
from hwlock.cli.vendor.opening import open_desk
from hwlock.cli.vendor.shapes import activation_shape, day, entitlement_shape, table, used_shape
from hwlock.cli.world import World
from hwlock.crypto.keys import VerificationKey
from hwlock.errors import UsageError
from hwlock.issue.amending import DEFAULT as DEFAULT_CHANGES
from hwlock.issue.records import REVOKE, TELL, Activation, Entitlement, Used
from hwlock.issue.selling import Sale, expiry
from hwlock.license.expression import DEFAULT

__all__ = ["add", "entitlement", "extend", "list_", "resume", "show", "suspend"]

entitlement = LazyGroup(
    "entitlement",
    lazy={
        "add": "hwlock.cli.vendor.entitlement:add",
        "list": "hwlock.cli.vendor.entitlement:list_",
        "show": "hwlock.cli.vendor.entitlement:show",
        "extend": "hwlock.cli.vendor.entitlement:extend",
        "suspend": "hwlock.cli.vendor.entitlement:suspend",
        "resume": "hwlock.cli.vendor.entitlement:resume",
    },
    help="What was sold: add, look up, extend, suspend and resume.",
)


@click.command(
    epilog="Example: hwlock vendor entitlement add --product acme-cad --customer Globex "
    "--feature sim --seats 10 --subscription --days 365 --grace-days 14"
)
@click.option("--product", required=True, metavar="ID", help="What is sold.")
@click.option("--customer", required=True, metavar="NAME", help="To whom; made at first mention.")
@click.option(
    "--feature",
    "features",
    multiple=True,
    metavar="NAME[=VALUE][@DATE]",
    help="A feature, with a value or an end of its own; repeat it.",
)
@click.option("--seats", type=int, default=1, show_default=True, help="On how many machines.")
@click.option("--days", type=int, help="For so many days from now.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="To the end of that day, UTC.")
@click.option("--perpetual", is_flag=True, help="Without an end (the default).")
@click.option(
    "--bind",
    default=DEFAULT,
    show_default=True,
    metavar="EXPR",
    help="What licenses are bound to, such as 'tpm2 and host(70%)'.",
)
@click.option(
    "--opens",
    multiple=True,
    metavar="NAME",
    help="The content key of sealed files that it opens; may be repeated.",
)
@click.option(
    "--losses",
    type=int,
    default=3,
    show_default=True,
    help="Lost machines that may be booked a year.",
)
@click.option(
    "--loss-wait-days", type=int, default=7, show_default=True, help="Days between two of them."
)
@click.option(
    "--transfers",
    type=int,
    default=3,
    show_default=True,
    help="Moves to another machine a year, by receipt, that need no decision.",
)
@click.option(
    "--transfer-wait-days", type=int, default=7, show_default=True, help="Days between two of them."
)
@click.option(
    "--on-reuse",
    type=click.Choice((REVOKE, TELL)),
    default=REVOKE,
    show_default=True,
    help="When a license runs after its return: take it back, or only tell.",
)
@kind_options
@click.option(
    "--amend",
    multiple=True,
    metavar="CHANGE[*N]",
    default=DEFAULT_CHANGES,
    show_default=True,
    help="What unlock codes can change later: extend:30d, clock, counter:NAME:+1000, transfer, "
    "or none; repeat it.",
)
@json_option
@pass_world
def add(  # noqa: PLR0913 - an argument for each option
    world: World,
    /,
    *,
    product: str,
    customer: str,
    features: tuple[str, ...],
    seats: int,
    days: int | None,
    until: datetime | None,
    perpetual: bool,
    bind: str,
    trial_days: int,
    opens: tuple[str, ...],
    amend: tuple[str, ...],
    losses: int,
    loss_wait_days: int,
    transfers: int,
    transfer_wait_days: int,
    on_reuse: str,
    **kind: Any,
) -> None:
    """Sell a right, and print the activation key for the customer.

    The key lets machines ask for the seats that were sold; keep it between you and them.
    """
    names, details = read_features(features)
    desk = open_desk(world)
    sold = desk.add_entitlement(
        Sale(
            product_id=product,
            customer=customer,
            features=names,
            seats=seats,
            expires_at=_term(desk.now(), days, until, perpetual=perpetual),
            bind=bind,
            model=read_model(details, trial_days=trial_days, **kind),
            trial_days=trial_days,
            opens=opens,
            amend=amend,
            losses=losses,
            loss_wait_days=loss_wait_days,
            transfers=transfers,
            transfer_wait_days=transfer_wait_days,
            on_reuse=on_reuse,
        )
    )
    world.output.result(
        entitlement_shape(sold) | {"key": str(sold.key)},
        [
            *_lines(sold),
            f"  activation key  {sold.key}",
            "  next: send the customer this key and the product file",
        ],
    )


@click.command("list", epilog="Example: hwlock vendor entitlement list --customer Globex")
@click.option("--product", metavar="ID", help="Only of this product.")
@click.option("--customer", metavar="NAME", help="Only of this customer.")
@json_option
@pass_world
def list_(world: World, *, product: str | None, customer: str | None) -> None:
    """List what was sold, the oldest first, without activation keys."""
    found = open_desk(world).entitlements(product_id=product, customer=customer)
    rows = [
        (
            one.id,
            one.product_id,
            one.customer,
            f"{one.taken}/{one.seats}",
            day(one.expires_at),
            one.state,
        )
        for one in found
    ]
    columns = ("id", "product", "customer", "seats", "ends", "state")
    world.output.result(
        {"entitlements": [entitlement_shape(one) for one in found]},
        table(world.output, columns, rows),
    )


@click.command(epilog="Example: hwlock vendor entitlement show E-7K3QX9M2")
@click.argument("entitlement_id", metavar="ID")
@json_option
@pass_world
def show(world: World, *, entitlement_id: str) -> None:
    """Show one entitlement: its activation key, and every license it has led to."""
    desk = open_desk(world)
    found, licenses = desk.entitlement(entitlement_id)
    usage = desk.usage(entitlement_id)
    shape = entitlement_shape(found) | {
        "key": str(found.key),
        "licenses": [activation_shape(one) for one in licenses],
        "usage": [used_shape(one) for one in usage],
    }
    lines = [*_lines(found), f"  activation key  {found.key}"]
    if usage:
        rows = [(one.counter, str(one.total), day(one.told_at), _machine(one)) for one in usage]
        lines += ["", *table(world.output, ("counter", "used", "told", "machine key"), rows)]
    if licenses:
        columns = ("license", "state", "issued", "ended", "assurance", "software", "note")
        lines += ["", *table(world.output, columns, map(_row, licenses))]
    world.output.result(shape, lines)


@click.command(epilog="Example: hwlock vendor entitlement extend E-7K3QX9M2 --days 365")
@click.argument("entitlement_id", metavar="ID")
@click.option("--days", type=int, help="So many days more; of a trial, on each machine.")
@click.option("--until", type=DAY, help="To the end of that day, UTC.")
@click.option("--maintenance-until", type=DAY, help="Versions up to that day.")
@json_option
@pass_world
def extend(
    world: World,
    *,
    entitlement_id: str,
    days: int | None,
    until: datetime | None,
    maintenance_until: datetime | None,
) -> None:
    """Give it more time. Machines get it with the answer to their next request."""
    changed = open_desk(world).extend(
        entitlement_id,
        days=days,
        until=None if until is None else until.date(),
        maintained_until=None if maintenance_until is None else maintenance_until.date(),
    )
    world.output.result(entitlement_shape(changed), _lines(changed))


@click.command(epilog="Example: hwlock vendor entitlement suspend E-7K3QX9M2")
@click.argument("entitlement_id", metavar="ID")
@json_option
@pass_world
def suspend(world: World, *, entitlement_id: str) -> None:
    """Answer no more requests for it. Licenses that were issued go on until their end."""
    changed = open_desk(world).suspend(entitlement_id)
    world.output.result(entitlement_shape(changed), _lines(changed))


@click.command(epilog="Example: hwlock vendor entitlement resume E-7K3QX9M2")
@click.argument("entitlement_id", metavar="ID")
@json_option
@pass_world
def resume(world: World, *, entitlement_id: str) -> None:
    """Answer requests for it again."""
    changed = open_desk(world).resume(entitlement_id)
    world.output.result(entitlement_shape(changed), _lines(changed))


def _term(
    now: datetime, days: int | None, until: datetime | None, *, perpetual: bool
) -> datetime | None:
    if (days is not None) + (until is not None) + perpetual > 1:
        raise UsageError("HWL-VENDOR-TERM")
    last: date | None = None if until is None else until.date()
    return expiry(now, days=days, until=last)


def _lines(found: Entitlement) -> list[str]:
    return [
        f"entitlement {found.id}: {found.product_id} for {found.customer}, {found.state}",
        f"  features        {', '.join(found.features) or 'none'}",
        f"  seats           {found.taken} of {found.seats} taken",
        f"  ends            {day(found.expires_at)}",
        *model_lines(found),
        f"  bound to        {found.bind}",
        *([f"  opens           {', '.join(found.opens)}"] if found.opens else []),
        f"  losses          {_allowed(found.losses, found.loss_wait_days)}",
        f"  transfers       {_allowed(found.transfers, found.transfer_wait_days)}",
        f"  unlock codes    {', '.join(found.amend) or 'none'}",
    ]


def _allowed(most: int, wait_days: int) -> str:
    return f"{most} a year, {wait_days} days apart" if most else "none without a decision"


def _machine(one: Used) -> str:
    return VerificationKey(one.key).kid.hex()


def _row(one: Activation) -> tuple[str, ...]:
    return (
        one.id.hex(),
        one.state,
        day(one.issued_at),
        day(one.ended_at, "-"),
        one.assurance,
        one.software,
        one.note,
    )
