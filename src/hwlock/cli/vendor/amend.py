"""`hwlock vendor amend`: give a customer the next unlock code of a license."""

from __future__ import annotations

import click

from hwlock.cli.options import json_option, pass_world
from hwlock.cli.vendor.opening import open_desk
from hwlock.cli.vendor.shapes import day, table
from hwlock.cli.world import World
from hwlock.codec.typed_file import spoken as spell
from hwlock.errors import UsageError
from hwlock.issue.amending import typed_code_of
from hwlock.issue.records import Locked
from hwlock.license.amendment import EXTEND, TRANSFER

__all__ = ["amend"]

_NEXT = {
    EXTEND: "  the entitlement gets that end when their next request tells that it was used",
    TRANSFER: "  the old machine runs until it hears that the new one has made a request",
}


@click.command(epilog="Example: hwlock vendor amend 4f0c… clock --digits --spoken")
@click.argument("license_id", metavar="LICENSE")
@click.argument("kind", metavar="[extend|clock|transfer|counter[:NAME]]", required=False)
@click.option("--digits", is_flag=True, help="Digits only, for a telephone keypad.")
@click.option("--spoken", is_flag=True, help="Spell it out as well (Alfa, Bravo, …).")
@click.option("--again", is_flag=True, help="The newest code that was given, once more.")
@json_option
@pass_world
def amend(
    world: World, *, license_id: str, kind: str | None, digits: bool, spoken: bool, again: bool
) -> None:
    """Give the next unused code of a license, and book it. Without a kind, list what there is.

    LICENSE is an id from `hwlock vendor entitlement show`, and `hwlock status` on the machine.
    Each code works once, on the machine of this license.
    """
    try:
        raw = bytes.fromhex(license_id)
    except ValueError as exc:
        raise UsageError("HWL-DESK-AMEND-LICENSE", license=license_id) from exc
    desk = open_desk(world)
    if kind is None:
        _list(world, license_id, desk.amendments(raw))
        return
    word, _, counter = kind.partition(":")
    one = desk.amend(raw, word, counter=counter, again=again)
    code = typed_code_of(one, digits=digits)
    lines = [f"{one.said}: {code}"]
    if spoken:
        lines.append(f"  {spell(code.replace('-', ' ')).strip()}")
    lines.append(f"  the customer types: hwlock redeem {code}")
    lines += [_NEXT[one.kind]] if one.kind in _NEXT else []
    world.output.result(_shape(one) | {"license": raw.hex(), "code": code}, lines)


def _list(world: World, license_id: str, found: tuple[Locked, ...]) -> None:
    rows = [
        (str(one.index), one.said, day(one.given_at, "-"), day(one.used_at, "-")) for one in found
    ]
    world.output.result(
        {"license": license_id, "amendments": [_shape(one) for one in found]},
        table(world.output, ("no", "change", "given", "used"), rows)
        if rows
        else [f"license {license_id} has no unlock codes"],
    )


def _shape(one: Locked) -> dict[str, object]:
    return {
        "index": one.index,
        "kind": one.kind,
        "change": one.said,
        "given": None if one.given_at is None else one.given_at.isoformat(),
        "used": None if one.used_at is None else one.used_at.isoformat(),
    }
