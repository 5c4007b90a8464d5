"""`hwlock vendor init`: make a desk."""

from __future__ import annotations

import click

from hwlock.cli.options import json_option, pass_world
from hwlock.cli.vendor.opening import passphrase, place
from hwlock.cli.world import World
from hwlock.crypto.keys import VerificationKey
from hwlock.issue import folder
from hwlock.issue.desk import Desk, system_user

__all__ = ["init"]


@click.command(epilog="Example: hwlock vendor init --name 'ACME Ltd'")
@click.option("--name", help="The vendor's name, as customers read it.  [default: your user name]")
@json_option
@pass_world
def init(world: World, *, name: str | None) -> None:
    """Make a desk: a root key, an issuer key, an empty registry.

    Keep a copy of the folder and the passphrase somewhere safe: nobody can recover either.
    """
    path = place(world)
    folder.refuse_taken(path)
    desk = Desk.init(
        path,
        name=name or system_user(),
        passphrase=passphrase(world, confirm=True),
        clock=world.clock,
        entropy=world.entropy,
    )
    root = VerificationKey(desk.settings.root).kid.hex()
    issuer = VerificationKey(desk.settings.issuer).kid.hex()
    world.output.result(
        {"desk": path, "name": desk.settings.name, "root": root, "issuer": issuer},
        [
            f"desk of {desk.settings.name}: {path}",
            f"  root key    {root}",
            f"  issuer key  {issuer}",
            "  next: hwlock vendor product add ID --name NAME",
        ],
    )
