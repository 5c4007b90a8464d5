"""Which product file counts on this machine, and how a newer one takes its place.

An application trusts the file that it ships. A store can hold a newer one, brought by
`hwlock import` or by a request; it counts where the shipped one leads to it
(`hwlock.crypto.succession`). So an update of the application works with the licenses that are
here, and an application that was not updated accepts what a new root of its vendor signs.
"""

from __future__ import annotations

from hwlock.crypto.trust import Product
from hwlock.enforce.stores import stores_of
from hwlock.errors import Finding, FormatError, HwlockError, StoreError, UntrustedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hwlock.enforce.machine import Machine
    from hwlock.store.product_store import ProductStore

__all__ = ["accept", "newer_of", "newest"]


def newest(
    product: Product, stores: Iterable[ProductStore], findings: list[Finding] | None = None
) -> Product:
    """Return the newest file of `product` that it leads to: itself, or one that a store keeps.

    A store's file that cannot be read is told in `findings`, and does no harm.
    """
    for store in stores:
        try:
            raw = store.product()
            if raw is not None and raw != product.raw:
                product = newer_of(product, Product.parse(raw))
        except (FormatError, StoreError, UntrustedError) as exc:
            if findings is not None:
                findings.append(Finding.of(exc))
    return product


def newer_of(known: Product, other: Product) -> Product:
    """Return `other` if it may take the place of `known`, else `known`."""
    from hwlock.crypto.succession import verify_successor  # few machines ever hold two files

    try:
        verify_successor(known, other)
    except HwlockError:
        return known  # an older one, or somebody else's: it was not asked for
    return other


def accept(machine: Machine, raw: bytes, *, system: bool = False) -> tuple[Product, bool]:
    """Keep the product file `raw` (binary form); return it, and whether it is new here.

    StoreError where no file of this product is known here; UntrustedError where that one does not
    lead to it; DeniedError where it is not newer.
    """
    from hwlock.crypto.succession import verify_successor

    product = Product.parse(raw)
    stores = stores_of(machine, product.id)
    store, other = stores[::-1] if system else stores
    if store.product() is None and other.product() is None:  # before a folder is made for it
        raise StoreError("HWL-STORE-PRODUCT", product=product.id)
    with store.locked() as held:
        kept = held.product()
        known = other.product() if kept is None else kept
        if kept == raw:
            return product, False
        if known is not None and known != raw:
            verify_successor(Product.parse(known), product)
        held.put_product(raw)
    return product, True
