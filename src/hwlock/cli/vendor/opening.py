"""How the commands of the vendor come to an open desk."""

from __future__ import annotations

import sys

import click

from hwlock.cli.world import World
from hwlock.errors import UsageError
from hwlock.issue import folder
from hwlock.issue.desk import Desk
from hwlock.issue.keys import refuse_empty

__all__ = ["new_passphrase", "open_desk", "passphrase", "place"]


def place(world: World) -> str:
    """Return the path of the desk."""
    return folder.place(world.environ)


def open_desk(world: World) -> Desk:
    """Open the desk; its passphrase is asked for when a key is needed. UsageError.

    HWLOCK_ISSUER names the agent whose key signs.
    """
    return Desk.open(
        place(world),
        passphrase=lambda: passphrase(world),
        clock=world.clock,
        entropy=world.entropy,
        agent=world.environ.get("HWLOCK_ISSUER", ""),
    )


def passphrase(world: World, *, confirm: bool = False) -> str:
    """Return HWLOCK_PASSPHRASE, or ask a person at the terminal; UsageError."""
    found = world.environ.get("HWLOCK_PASSPHRASE")
    if found is None:
        found = _asked(confirm=confirm)
    refuse_empty(found)
    world.output.note("opening the keys of the desk")
    return found


def new_passphrase(world: World) -> str:
    """Return HWLOCK_AGENT_PASSPHRASE for a new key, or ask twice at the terminal; UsageError."""
    found = world.environ.get("HWLOCK_AGENT_PASSPHRASE")
    if found is None:
        found = _asked(confirm=True, what="New passphrase of the agent")
    refuse_empty(found)
    return found


def _asked(*, confirm: bool, what: str = "Passphrase of the desk") -> str:
    if not (sys.stdin.isatty() or sys.stderr.isatty()):
        raise UsageError("HWL-DESK-PASSPHRASE-NONE")
    answer = click.prompt(
        what,
        hide_input=True,
        confirmation_prompt=confirm,
        default="",
        show_default=False,
        err=True,
    )
    return str(answer)
