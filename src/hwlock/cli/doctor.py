"""`hwlock doctor`: is everything in order here, and if not, what to do?"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator
from contextlib import nullcontext

import click

import hwlock
from hwlock.cli.doctor_devices import examine_devices
from hwlock.cli.examined import MARKS, Examined
from hwlock.cli.files import write_file
from hwlock.cli.options import json_option, pass_world
from hwlock.cli.words import columns, marked, padded, say
from hwlock.cli.world import World
from hwlock.enforce.diagnosing import write
from hwlock.enforce.guard import Guard
from hwlock.enforce.stores import known_products, product_file, stores_of
from hwlock.errors import Finding, HwlockError, speaking

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
    # sentences are said when they are read; one that another names stays English in a file
    with nullcontext() if output is None else speaking("en"):
        found = _examine(world)
    lines = [line for one in found for line in _lines(one)]
    if output is not None:
        with speaking("en"):
            raw = write(
                world.machine,
                [(one.what, one.mark, one.found) for one in found],
                software=f"hwlock {hwlock.__version__}, Python {platform.python_version()}",
                system=f"{platform.system()} {platform.release()} {platform.machine()}",
            )
        write_file(output, raw, "DIAGNOSTIC")
        if output == "-":
            return 0
        lines.append(
            say(
                "for support: {file}, which has no serial numbers; they read it with inspect",
                file=output,
            )
        )
    healthy = all(one.mark != "no" for one in found)
    world.output.result({"healthy": healthy, "examined": [_shape(one) for one in found]}, lines)
    return 0 if healthy else 1


def _examine(world: World) -> list[Examined]:
    return [
        one
        for what, look in (
            ("hwlock", _installation),
            ("devices", examine_devices),
            ("store", _store),
            ("products", _products),
        )
        for one in _whatever_happens(what, look, world)
    ]


def _lines(one: Examined) -> list[str]:
    found, is_ok = one.found, one.mark == "ok"
    code = "" if is_ok else f"  [{found.code}]"
    width = 1 + max(columns(marked(mark)) for mark in MARKS.values())
    lines = [f"{padded(marked(one.mark), width)}{_what(one.what)}: {found.message}{code}"]
    if one.hint and not is_ok:
        lines.append(f"          {one.hint}")
    return lines


def _what(what: str) -> str:
    """Return what was looked at: a word of ours, or the name that a product or device has."""
    words = {
        "devices": say("devices"),
        "store": say("store"),
        "products": say("products"),
        "session": say("session"),
        "container": say("container"),
    }
    return words.get(what, what)


def _shape(one: Examined) -> dict[str, object]:
    return {
        "what": one.what,
        "mark": one.mark,
        "said": one.found.message,
        "code": one.found.code,
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
    found = Finding(
        "HWL-DOCTOR-INSTALLED",
        "note",
        version=hwlock.__version__,
        python=platform.python_version(),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
    )
    yield Examined.of("hwlock", found)


def _store(world: World) -> Iterator[Examined]:
    root = world.machine.user_root
    parent = root
    while not os.path.exists(parent):
        parent = os.path.dirname(parent)
    if os.access(parent, os.W_OK | os.X_OK):
        yield Examined.of("store", Finding("HWL-DOCTOR-STORE", "note", path=root))
    else:
        yield Examined.of("store", Finding("HWL-DOCTOR-STORE-CLOSED", "deny", path=parent))


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
            yield Examined.of(product_id, Finding("HWL-DOCTOR-LICENSED", "note"))
        for finding in verdict.findings:
            yield Examined.of(product_id, finding)
