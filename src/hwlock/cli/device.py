"""`hwlock device`: the devices that a license can be bound to."""

from __future__ import annotations

import click

from hwlock.cli.device_enroll import enroll
from hwlock.cli.device_watch import watch
from hwlock.cli.options import json_option, pass_world
from hwlock.cli.output import Output, finding_shape
from hwlock.cli.words import label, marked, say
from hwlock.cli.world import World
from hwlock.devices import registry
from hwlock.devices.base import Description
from hwlock.errors import HwlockError
from hwlock.record import replace

__all__ = ["device"]


@click.group()
def device() -> None:
    """Devices that a license can be bound to."""


device.add_command(watch)
device.add_command(enroll)


@device.command("list", epilog="Example: hwlock device list --device tpm2:swtpm:port=2321")
@click.option("--device", "uris", multiple=True, metavar="URI", help="Look at this device as well.")
@json_option
@pass_world
def list_devices(world: World, *, uris: tuple[str, ...]) -> None:
    """Show what is here, what it is good for, and what is wrong with it."""
    found = [_looked_at(world, one) for one in registry.scan()]
    found += [
        _looked_at(world, Description(uri=uri, kind=registry.kind_of(uri), name=uri))
        for uri in uris
    ]
    lines = [line for one in found for line in _lines(world.output, one)]
    world.output.result({"devices": [_shape(one) for one in found]}, lines)


def _looked_at(world: World, scanned: Description) -> Description:
    """Open what was found, unless it is already known not to open."""
    if scanned.problem is not None:
        return scanned
    try:
        with registry.open(scanned.uri) as opened:
            return opened.describe()
    except HwlockError as exc:
        return replace(scanned, assurance="", problem=exc)


def _shape(one: Description) -> dict[str, object]:
    problem = one.problem
    return {
        "uri": one.uri,
        "kind": one.kind,
        "name": one.name,
        "assurance": one.assurance or None,
        "details": dict(one.details),
        "notes": [finding_shape(note) for note in one.notes],
        "problem": problem
        and {"code": problem.code, "message": problem.message, "hint": problem.hint},
    }


def _lines(output: Output, one: Description) -> list[str]:
    good_for = say("not usable")
    if one.assurance:
        good_for = say("assurance {assurance}", assurance=one.assurance)
    lines = [f"{one.uri}  {one.name}: {good_for}"]
    lines += [f"  {label(name)}: {value}" for name, value in one.details]
    if one.problem is not None:
        lines.append(f"  {marked('no')} {one.problem.message}  [{one.problem.code}]")
        if one.problem.hint:
            lines.append(f"      {one.problem.hint}")
    return [*lines, *output.findings(one.notes)]
