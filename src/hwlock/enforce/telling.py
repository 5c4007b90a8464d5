"""What a request tells besides: which licenses are live here, and what was given back elsewhere."""

from __future__ import annotations

from hwlock.enforce.memory import kept
from hwlock.enforce.stores import live_licenses
from hwlock.errors import StoreError, UntrustedError, UsageError
from hwlock.exchange.receipt import UnverifiedReceipt
from hwlock.exchange.request import MAX_HELD, MAX_RECEIPTS, Held, use_proof
from hwlock.license.amendment import used_changes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hwlock.license.amendment import Redeemed
    from hwlock.license.license import Terms
    from hwlock.store.product_store import ProductStore

__all__ = ["refuse_receipts", "told"]


def refuse_receipts(receipts: tuple[bytes, ...], product_id: str) -> None:
    """Return if these are receipts of the product; FormatError, UntrustedError, UsageError."""
    if len(receipts) > MAX_RECEIPTS:
        raise UsageError("HWL-REQUEST-RECEIPTS", most=MAX_RECEIPTS)
    for raw in receipts:
        theirs = UnverifiedReceipt.parse(raw).says.product_id
        if theirs != product_id:
            raise UntrustedError(
                "HWL-PRODUCT-OTHER", file="receipt", theirs=theirs, ours=product_id
            )


def told(stores: tuple[ProductStore, ...], nonce: bytes) -> tuple[Held, ...]:
    """Return what is live here, the newest first, and which codes were used of it.

    A memory that cannot be read tells of no codes.
    """
    used: list[Redeemed] = []
    for store in stores:
        try:
            state = kept(store)
        except StoreError:
            continue
        used += () if state is None else state.codes.redeemed
    found = {live.license.says.id: live.license.says for live in live_licenses(stores, [])}
    newest = sorted(found.values(), key=lambda terms: terms.issued_at, reverse=True)
    return tuple(_told(terms, used, nonce) for terms in newest[:MAX_HELD])


def _told(terms: Terms, used: list[Redeemed], nonce: bytes) -> Held:
    codes = used_changes(terms, used).items()
    proofs = ((at, use_proof(nonce, terms.id, at, one.number)) for at, one in codes)
    return Held(license_id=terms.id, used=tuple(proofs))
