"""`hwlock vendor audit`: what was decided at this desk."""

from __future__ import annotations

import click

from hwlock.cli.app import LazyGroup
from hwlock.cli.files import write_raw
from hwlock.cli.options import json_option, pass_world
from hwlock.cli.vendor.opening import open_desk
from hwlock.cli.world import World
from hwlock.errors import UsageError

__all__ = ["audit", "export", "verify"]

audit = LazyGroup(
    "audit",
    lazy={
        "verify": "hwlock.cli.vendor.audit:verify",
        "export": "hwlock.cli.vendor.audit:export",
    },
    help="What was decided at this desk: verify the chain, export it.",
)


@click.command(epilog="Example: hwlock vendor audit verify --against march.jsonl")
@click.option(
    "--against",
    type=click.Path(),
    metavar="FILE",
    help="An earlier export that it must begin with.",
)
@json_option
@pass_world
def verify(world: World, *, against: str | None) -> None:
    """Verify the audit, and name the first record that is broken."""
    desk = open_desk(world)
    audited = desk.verify_audit(None if against is None else _lines_of(against))
    world.output.result(
        {
            "records": audited.records,
            "head": audited.head.hex(),
            "signed_until": audited.signed_until,
            "against": against,
        },
        [
            f"the audit holds: {audited.records} records, signed up to {audited.signed_until}",
            f"  head  {audited.head.hex()}",
            *([f"  it continues {against}"] if against else []),
        ],
    )


@click.command(epilog="Example: hwlock vendor audit export -o march.jsonl")
@click.option(
    "-o",
    "--output",
    type=click.Path(),
    default="-",
    metavar="FILE",
    help="Where to write it; - is stdout.  [default]",
)
@json_option
@pass_world
def export(world: World, *, output: str) -> None:
    """Write the audit, a line of JSON a record. Keep exports on another machine."""
    lines = list(open_desk(world).export_audit())
    write_raw(output, "".join(f"{line}\n" for line in lines).encode())
    if output == "-":
        return
    world.output.result(
        {"file": output, "records": len(lines)}, [f"{len(lines)} records: {output}"]
    )


def _lines_of(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().splitlines()
    except (OSError, ValueError) as exc:
        detail = getattr(exc, "strerror", None) or "it is no text"
        raise UsageError("HWL-FILE-READ", path=path, detail=detail) from exc
