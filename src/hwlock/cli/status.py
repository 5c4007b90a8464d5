"""`hwlock status`: everything that this machine holds, product by product."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias, TypeVar

import click

from hwlock.check import Verdict
from hwlock.cli.options import json_option, pass_world
from hwlock.cli.output import finding_shape
from hwlock.cli.verdicts import verdict_lines, verdict_shape
from hwlock.cli.words import say
from hwlock.cli.world import World
from hwlock.enforce.guard import Guard
from hwlock.enforce.pending import Pending
from hwlock.enforce.redeeming import used_here
from hwlock.enforce.stores import known_products, live_licenses, product_file, stores_of
from hwlock.errors import Finding, HwlockError
from hwlock.license.amendment import Amendment
from hwlock.store.product_store import ProductStore

__all__ = ["status"]

T = TypeVar("T")
_Changes: TypeAlias = tuple[str, tuple[tuple[Amendment, bool], ...]]


@click.command(epilog="Example: hwlock status --json")
@json_option
@pass_world
def status(world: World) -> None:
    """Show every product: its verdict, requests that wait, and licenses given back."""
    shapes, lines = [], []
    for product_id in known_products(world.machine):
        problems: list[Finding] = []
        shape, told = _product(world, product_id, problems)
        shapes.append(shape | {"problems": [finding_shape(found) for found in problems]})
        lines += told or [product_id]
        lines += world.output.findings(problems)
    world.output.result(
        {"home": world.machine.user_root, "products": shapes},
        lines
        or [say("nothing is licensed or asked for here ({home})", home=world.machine.user_root)],
    )


def _product(
    world: World, product_id: str, problems: list[Finding]
) -> tuple[dict[str, object], list[str]]:
    """Return shape and lines of a product; what cannot be read goes to `problems`."""
    stores = stores_of(world.machine, product_id)
    verdict = _or_none(lambda: _verdict(world, stores), problems)
    waiting = _or_none(lambda: _waiting(stores), problems) or []
    returned = _or_none(lambda: _returned(stores), problems) or []
    changes = _or_none(lambda: _changes(world, stores), problems) or []
    shape: dict[str, object] = {
        "product": product_id,
        "verdict": None if verdict is None else verdict_shape(verdict),
        "waiting": [asked_at.isoformat() for asked_at in waiting],
        "returned": returned,
        "unlock_codes": [_codes_shape(*one) for one in changes],
    }
    lines = [] if verdict is None else verdict_lines(world.output, verdict)
    lines += [
        "  " + say("waiting for the answer to a request of {at} UTC", at=f"{at:%Y-%m-%d %H:%M}")
        for at in waiting
    ]
    lines += [_codes_line(*one) for one in changes]
    lines += ["  " + say("given back: license {license}", license=one) for one in returned]
    if not lines and not problems:
        lines = [say("{product}: no product file", product=product_id)]
    return shape, lines


def _verdict(world: World, stores: tuple[ProductStore, ...]) -> Verdict | None:
    raw = product_file(stores)
    return None if raw is None else Guard(raw, machine=world.machine).check()


def _waiting(stores: tuple[ProductStore, ...]) -> list[datetime]:
    return [Pending.parse(file.data()).asked_at for store in stores for file in store.pending()]


def _returned(stores: tuple[ProductStore, ...]) -> list[str]:
    return [file.name for store in stores for file in store.receipts()]


def _changes(world: World, stores: tuple[ProductStore, ...]) -> list[_Changes]:
    """Return the id of each license that holds changes, and which of them were used here."""
    licenses = [live.license.says for live in live_licenses(stores, [])]
    found = ((says.id.hex(), used_here(world.machine, says.product_id, says)) for says in licenses)
    return [(license_id, changes) for license_id, changes in found if changes]


def _codes_shape(license_id: str, changes: tuple[tuple[Amendment, bool], ...]) -> dict[str, object]:
    said = [{"change": str(one), "used": used} for one, used in changes]
    return {"license": license_id, "changes": said}


def _codes_line(license_id: str, changes: tuple[tuple[Amendment, bool], ...]) -> str:
    said = ", ".join(
        say("{change} (used)", change=one.told) if used else one.told for one, used in changes
    )
    return "  " + say("unlock codes of license {license}: {codes}", license=license_id, codes=said)


def _or_none(look: Callable[[], T], problems: list[Finding]) -> T | None:
    try:
        return look()
    except HwlockError as exc:
        problems.append(Finding.of(exc))
        return None
