"""`hwlock doctor`: is everything in order here, and if not, what to do?"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator

import click

import hwlock
from hwlock.cli.doctor_devices import examine_devices
from hwlock.cli.examined import Examined
from hwlock.cli.files import write_file
from hwlock.cli.options import json_option, pass_world
from hwlock.cli.world import World
from hwlock.enforce.diagnosing import write
from hwlock.enforce.guard import Guard
from hwlock.enforce.stores import known_products, product_file, stores_of
from hwlock.errors import HwlockError
from hwlock.exchange.diagnostic import Diagnosed

__all__ = ["doctor"]


@click.command(epilog="Example: hwlock doctor -o for-support.hwdiag")
@click.option(
    "-o", "--output", type=click.Path(), metavar="FILE", help="Write a signed file for support."
)
@json_option
@pass_world
def doctor(world: World, *, output: str | None) -> int:
    """Examine installation, devices, store and licenses; exit status 1 where one says no.

    Reads only. The output names no serial number but that of a dongle which a license wants,
    and can be sent to support as it is.
    """
    found = [
        one
        for what, look in (
            ("hwlock", _installation),
            ("devices", examine_devices),
            ("store", _store),
            ("products", _products),
        )
        for one in _whatever_happens(what, look, world)
    ]
    lines = []
    for one in found:
        lines.append(
            f"{one.mark + ':':6}{one.what}: {one.said}" + (f"  [{one.code}]" if one.code else "")
        )
        if one.hint and one.mark != "ok":
            lines.append(f"          {one.hint}")
    if output is not None:
        diagnosed = [
            Diagnosed(what=one.what, mark=one.mark, said=one.said, code=one.code) for one in found
        ]
        raw = write(
            world.machine,
            diagnosed,
            software=f"hwlock {hwlock.__version__}, Python {platform.python_version()}",
            system=f"{platform.system()} {platform.release()} {platform.machine()}",
        )
        write_file(output, raw, "DIAGNOSTIC")
        if output == "-":
            return 0
        lines.append(
            f"for support: {output}, which has no serial numbers; they read it with inspect"
        )
    healthy = all(one.mark != "no" for one in found)
    world.output.result({"healthy": healthy, "examined": [_shape(one) for one in found]}, lines)
    return 0 if healthy else 1


def _shape(one: Examined) -> dict[str, object]:
    return {
        "what": one.what,
        "mark": one.mark,
        "said": one.said,
        "code": one.code or None,
        "hint": one.hint or None,
    }


def _whatever_happens(
    what: str, look: Callable[[World], Iterator[Examined]], world: World
) -> Iterator[Examined]:
    """Yield what `look` finds; what stops it is a finding as well, and the rest goes on."""
    try:
        yield from look(world)
    except HwlockError as exc:
        yield Examined.bad(what, exc)


def _installation(_: World) -> Iterator[Examined]:
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    python = f"Python {platform.python_version()}"
    yield Examined(what="hwlock", mark="ok", said=f"{hwlock.__version__}, {python}, {system}")


def _store(world: World) -> Iterator[Examined]:
    root = world.machine.user_root
    parent = root
    while not os.path.exists(parent):
        parent = os.path.dirname(parent)
    writable = os.access(parent, os.W_OK | os.X_OK)
    yield Examined(
        what="store",
        mark="ok" if writable else "no",
        said=root if writable else f"{parent} cannot be written by this user",
        hint="" if writable else "give the user the folder, or set HWLOCK_HOME to another one",
    )


def _products(world: World) -> Iterator[Examined]:
    for product_id in known_products(world.machine):
        try:
            raw = product_file(stores_of(world.machine, product_id))
            if raw is None:
                continue
            verdict = Guard(raw, machine=world.machine).check()
        except HwlockError as exc:
            yield Examined.bad(product_id, exc)
            continue
        if verdict.allowed:
            yield Examined(what=product_id, mark="ok", said="licensed")
        for finding in verdict.findings:
            mark = {"deny": "no", "warn": "mind", "note": "ok"}[finding.level]
            yield Examined(
                what=product_id,
                mark=mark,
                said=finding.message,
                code=finding.code,
                hint=finding.hint,
            )
