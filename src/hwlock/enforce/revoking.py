"""The machine's side of the revocation list: read at a check, and taken where it arrives.

A list comes in a response or by `hwlock import`. It is verified with the product file that this
machine knows, and kept only where it is newer. What is kept and cannot be believed denies, and is
replaced by the next list that can.
"""

from __future__ import annotations

from hwlock.crypto.trust import Product
from hwlock.enforce.memory import kept
from hwlock.enforce.stores import product_file, stores_of
from hwlock.errors import DeniedError, FormatError, StoreError, UntrustedError
from hwlock.license.revocation import Revocations, UnverifiedList

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hwlock.enforce.machine import Machine
    from hwlock.store.product_store import ProductStore

__all__ = ["accept", "known", "with_list"]


def known(stores: Iterable[ProductStore], product: Product) -> Revocations | None:
    """Return the newest of what `stores` keep; None where they keep nothing.

    FormatError, UntrustedError, StoreError.
    """
    found = [data for store in stores if (data := store.revocations()) is not None]
    lists = [Revocations.parse(data, product) for data in found]
    return max(lists, key=lambda one: one.number, default=None)


def with_list(
    stores: tuple[ProductStore, ...], product: Product, raw: bytes | None
) -> Revocations | None:
    """Return what is known with the list `raw` (binary form), an older one ignored.

    UntrustedError where it is not genuine; DeniedError where it is a delta that does not fit.
    """
    try:
        before = known(stores, product)
    except (DeniedError, FormatError, StoreError, UntrustedError):
        if raw is None:
            raise
        before = None  # what cannot be believed is replaced
    if raw is None:
        return before
    return (before or Revocations()).joined(UnverifiedList.parse(raw).verify(product))


def accept(machine: Machine, raw: bytes, *, system: bool = False) -> tuple[Revocations, bool]:
    """Keep the revocation list `raw` (binary form); return what is known, and whether it is new.

    DeniedError where this machine has seen a newer one.
    """
    unverified = UnverifiedList.parse(raw)
    stores = stores_of(machine, unverified.says.product_id)
    shipped = product_file(stores)
    if shipped is None:
        raise StoreError("HWL-STORE-PRODUCT", product=unverified.says.product_id)
    product = Product.parse(shipped)
    number = unverified.verify(product).listed.number
    store = stores[1 if system else 0]
    with store.locked() as held:
        after = with_list(stores, product, raw)
        assert after is not None  # there is a list
        seen = max(after.number, _seen(stores[0]))
        if number < seen:
            raise DeniedError("HWL-REVOKED-OLD", number=number, known=seen)
        data = after.encode()
        if held.revocations() == data:
            return after, False
        held.put_revocations(data)
    return after, True


def _seen(store: ProductStore) -> int:
    try:
        state = kept(store)
    except StoreError:
        return 0
    return 0 if state is None else state.revoked
