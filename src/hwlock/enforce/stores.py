"""Where this machine's licenses of a product can be: this user's store, and everybody's."""

from __future__ import annotations

from hwlock.codec import armor
from hwlock.errors import Finding, HwlockError
from hwlock.license.license import UnverifiedLicense
from hwlock.record import Record
from hwlock.store.product_store import ProductStore, products

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hwlock.enforce.machine import Machine
    from hwlock.store.product_store import StoredFile

__all__ = ["Live", "known_products", "live_licenses", "product_file", "stores_of"]


class Live(Record):
    """A license file that was not given back: where it is, and what it says."""

    store: ProductStore
    name: str
    license: UnverifiedLicense


def stores_of(machine: Machine, product_id: str) -> tuple[ProductStore, ProductStore]:
    """Return the product's store of this user, then that of all users."""
    return (
        ProductStore(machine.user_root, product_id),
        ProductStore(machine.system_root, product_id, system=True),
    )


def known_products(machine: Machine) -> tuple[str, ...]:
    """Return the ids of all products that either store knows, sorted."""
    return tuple(sorted({*products(machine.user_root), *products(machine.system_root)}))


def product_file(stores: Iterable[ProductStore]) -> bytes | None:
    """Return the product file of the first store that has one, or a newer one; StoreError.

    Newer is what a later store has, where the first one's file leads to it.
    """
    found = [raw for store in stores if (raw := store.product()) is not None]
    if all(raw == found[0] for raw in found):
        return found[0] if found else None
    from hwlock.crypto.trust import Product  # few machines ever hold two files
    from hwlock.enforce.trusting import newer_of

    product = Product.parse(found[0])
    for raw in found[1:]:
        product = newer_of(product, Product.parse(raw))
    return product.raw


def live_licenses(stores: Iterable[ProductStore], findings: list[Finding]) -> list[Live]:
    """Read every license that was not given back; what cannot be read goes to `findings`."""
    live = []
    for store in stores:
        for stored in store.licenses():
            try:
                license = _parse(stored)
                if not store.is_returned(license.says.id.hex()):
                    live.append(Live(store=store, name=stored.name, license=license))
            except HwlockError as exc:
                findings.append(
                    Finding("HWL-LICENSE-FILE", "deny", name=stored.name, why=exc.message)
                )
    return live


def _parse(stored: StoredFile) -> UnverifiedLicense:
    return UnverifiedLicense.parse(armor.decode(stored.data(), expected_label="LICENSE")[1])
