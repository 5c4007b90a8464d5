"""`hwlock doctor`: is everything in order here, and if not, what to do?"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator

import click

import hwlock
from hwlock.cli.options import json_option, pass_world
from hwlock.cli.world import World
from hwlock.devices import registry
from hwlock.enforce.guard import Guard
from hwlock.enforce.stores import known_products, product_file, stores_of
from hwlock.errors import HwlockError
from hwlock.record import Record

__all__ = ["doctor"]


class Examined(Record):
    """One thing that was looked at: `mark` is ok, mind or no."""

    what: str
    mark: str
    said: str
    code: str = ""
    hint: str = ""

    @classmethod
    def bad(cls, what: str, error: HwlockError, mark: str = "no") -> Examined:
        """Return the finding that `error` is."""
        return cls(what=what, mark=mark, said=error.message, code=error.code, hint=error.hint)


@click.command(epilog="Example: hwlock doctor --json > for-support.json")
@json_option
@pass_world
def doctor(world: World) -> int:
    """Examine installation, devices, store and licenses; exit status 1 where one says no.

    Reads only. The output names no serial number and can be sent to support as it is.
    """
    found = [
        one
        for what, look in (
            ("hwlock", _installation),
            ("devices", _devices),
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


def _devices(world: World) -> Iterator[Examined]:
    """A device that cannot be used is no fault while another can."""
    usable = False
    here = {scanned.uri: scanned.problem for scanned in registry.scan()}
    enrolled = {uri: None for uri in _enrolled(world)}
    for uri, problem in {**enrolled, **here}.items():
        try:
            if problem is not None:
                raise problem
            with registry.open(uri) as device:
                described = device.describe()
            if described.problem is not None:
                raise described.problem
        except HwlockError as exc:
            yield Examined.bad(uri, exc, "mind")
            continue
        usable = True
        said = f"{described.name}, assurance {described.assurance}"
        yield Examined(what=uri, mark="ok", said=said)
    if not usable:
        yield Examined(
            what="devices",
            mark="no",
            said="this machine has nothing that a license could be bound to",
            code="HWL-REQUEST-NOTHING",
            hint="enable the TPM in the firmware setup, or ask the vendor for a dongle",
        )


def _enrolled(world: World) -> Iterator[str]:
    """Yield the devices that licenses here are bound to; they may have URIs of their own."""
    for product_id in known_products(world.machine):
        for store in stores_of(world.machine, product_id):
            for kind in store.kinds():
                enrollment = store.enrollment(kind)
                if enrollment is not None:
                    yield enrollment.uri


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
