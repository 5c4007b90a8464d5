"""`hwlock status`: everything that this machine holds, product by product."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import click

from hwlock.check import Verdict
from hwlock.cli.options import json_option, pass_world
from hwlock.cli.output import finding_shape
from hwlock.cli.verdicts import verdict_lines, verdict_shape
from hwlock.cli.world import World
from hwlock.enforce.guard import Guard
from hwlock.enforce.pending import Pending
from hwlock.enforce.stores import known_products, product_file, stores_of
from hwlock.errors import Finding, HwlockError
from hwlock.store.product_store import ProductStore

__all__ = ["status"]

T = TypeVar("T")


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
        lines or [f"nothing is licensed or asked for here ({world.machine.user_root})"],
    )


def _product(
    world: World, product_id: str, problems: list[Finding]
) -> tuple[dict[str, object], list[str]]:
    """Return shape and lines of a product; what cannot be read goes to `problems`."""
    stores = stores_of(world.machine, product_id)
    verdict = _or_none(lambda: _verdict(world, stores), problems)
    waiting = _or_none(lambda: _waiting(stores), problems) or []
    returned = _or_none(lambda: _returned(stores), problems) or []
    shape: dict[str, object] = {
        "product": product_id,
        "verdict": None if verdict is None else verdict_shape(verdict),
        "waiting": [asked_at.isoformat() for asked_at in waiting],
        "returned": returned,
    }
    lines = [] if verdict is None else verdict_lines(world.output, verdict)
    lines += [f"  waiting for the answer to a request of {at:%Y-%m-%d %H:%M} UTC" for at in waiting]
    lines += [f"  given back: license {license_id}" for license_id in returned]
    if not lines and not problems:
        lines = [f"{product_id}: no product file"]
    return shape, lines


def _verdict(world: World, stores: tuple[ProductStore, ...]) -> Verdict | None:
    raw = product_file(stores)
    return None if raw is None else Guard(raw, machine=world.machine).check()


def _waiting(stores: tuple[ProductStore, ...]) -> list[datetime]:
    return [Pending.parse(file.data()).asked_at for store in stores for file in store.pending()]


def _returned(stores: tuple[ProductStore, ...]) -> list[str]:
    return [file.name for store in stores for file in store.receipts()]


def _or_none(look: Callable[[], T], problems: list[Finding]) -> T | None:
    try:
        return look()
    except HwlockError as exc:
        problems.append(Finding.of(exc))
        return None
