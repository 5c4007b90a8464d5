"""Which product a command of the machine's side is about."""

from __future__ import annotations

import os

from hwlock.cli.files import read_raw
from hwlock.cli.world import World
from hwlock.enforce.stores import known_products, product_file, stores_of
from hwlock.errors import UsageError
from hwlock.store.names import is_product_id, shown

__all__ = ["one_product", "product_bytes"]


def one_product(world: World, chosen: str | None) -> str | bytes:
    """Return the id that `chosen` or the store means, or the bytes of a product file."""
    if chosen is None:
        known = known_products(world.machine)
        if len(known) == 1:
            return known[0]
        if not known:
            raise UsageError("HWL-PRODUCT-NONE")
        raise UsageError("HWL-PRODUCT-WHICH", products=", ".join(known))
    # a folder that happens to be named like the product is no product file
    if chosen == "-" or chosen.endswith(".hwproduct") or os.path.isfile(chosen):
        return read_raw(chosen)
    if not is_product_id(chosen):
        raise UsageError("HWL-PRODUCT-UNKNOWN", product=shown(chosen))
    return chosen


def product_bytes(world: World, chosen: str | None) -> bytes:
    """Return the product file that `chosen` (a file, an id, or None for the only one) means."""
    which = one_product(world, chosen)
    if isinstance(which, bytes):
        return which
    raw = product_file(stores_of(world.machine, which))
    if raw is None:
        raise UsageError("HWL-PRODUCT-UNKNOWN", product=which)
    return raw
