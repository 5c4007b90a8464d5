"""A machine accepts a renewal that it did not ask for.

1. It is genuine, and so is the license inside.
2. A license is live here for the same entitlement, the same hardware and the same key of the
   machine, and was issued before. It need not be the very one that the renewal names: one that was
   missed is repaired by the next. The TPM does not know it as given back.
3. The new license would run, by the memory and the clocks of this machine. The memory is not set:
   a renewal proves nothing of the time.
4. The new license is kept before the old one is removed.

A file can hold the renewals of many machines: each takes its own.
"""

from __future__ import annotations

from hwlock.check import check
from hwlock.crypto.trust import Product
from hwlock.enforce.clocks import look
from hwlock.enforce.gather import gather
from hwlock.enforce.memory import kept
from hwlock.enforce.own_key import OwnKey
from hwlock.enforce.revoking import with_list
from hwlock.enforce.stores import Live, live_licenses, product_file, stores_of
from hwlock.errors import DeniedError, StoreError
from hwlock.exchange.renewal import UnverifiedRenewal
from hwlock.license.license import UnverifiedLicense

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hwlock.check import Verdict
    from hwlock.enforce.machine import Machine
    from hwlock.license.license import Terms

__all__ = ["accept", "accept_own"]


def accept_own(machine: Machine, files: Iterable[bytes]) -> list[tuple[bytes, Verdict]]:
    """Accept those of the renewals `files` (binary form) that are for licenses of this machine.

    Errors as of `accept`, where there is none that could be accepted.
    """
    accepted, refused = [], DeniedError("HWL-RENEWAL-NONE")
    for raw in files:
        try:
            accepted.append(accept(machine, raw))
        except DeniedError as exc:
            if exc.code != "HWL-RENEWAL-OTHER":
                refused = exc
    if not accepted:
        raise refused
    return accepted


def accept(machine: Machine, raw: bytes) -> tuple[bytes, Verdict]:
    """Accept the renewal `raw` (binary form); return the new license and its verdict.

    A refusal changes nothing. DeniedError where there is nothing here that it renews, or the new
    license would not run; UntrustedError where it is not genuine.
    """
    unverified = UnverifiedRenewal.parse(raw)
    product_id = unverified.says.product_id
    stores = stores_of(machine, product_id)
    shipped = product_file(stores)
    if shipped is None:
        raise StoreError("HWL-STORE-PRODUCT", product=product_id)
    product = Product.parse(shipped)
    # 1.
    says = unverified.verify(product)
    license = UnverifiedLicense.parse(says.license)
    # 2.
    renewed = [live for live in live_licenses(stores, []) if _same(live.license.says, license.says)]
    if not renewed:
        raise DeniedError("HWL-RENEWAL-OTHER", product=product_id)
    if any(live.license.says.issued_at >= license.says.issued_at for live in renewed):
        raise DeniedError("HWL-RENEWAL-OLD", product=product_id)
    # 3.
    store = renewed[0].store
    revoked = with_list(stores, product, says.revocations)
    evidence = gather(machine, stores, [license.says])
    clocks = look(machine, (store,), [license.says, *(live.license.says for live in renewed)])
    if any(live.license.says.id in clocks.dead for live in renewed):
        raise DeniedError("HWL-RENEWAL-OTHER", product=product_id)
    verdict, after = check(
        license, evidence, kept(store), product, machine.now(), clocks=clocks, revoked=revoked
    )
    verdict.require()
    # 4.
    with store.locked() as held:
        if revoked is not None:
            held.put_revocations(revoked.encode())
        before = kept(held)
        joined = after if before is None else before.joined(after)
        held.put_state(OwnKey.of(held, machine.entropy).seal(joined))
        held.put_license(license.says.id.hex(), license.signed.raw)
        for live in _in(renewed, store.path):
            held.remove_license(live.name)
    return license.signed.raw, verdict


def _same(ours: Terms, theirs: Terms) -> bool:
    return (
        ours.entitlement_id == theirs.entitlement_id
        and ours.key == theirs.key
        and ours.binding == theirs.binding
    )


def _in(renewed: list[Live], path: str) -> list[Live]:
    return [live for live in renewed if live.store.path == path]
