"""The TPM's counter beside a memory that must not go back: made at activation, then counted.

Not every TPM lets us: Windows throws the owner's authorization away, and an index may belong
to somebody else. Then there is none, and a restored memory is believed (docs/threat-model.md).
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager

from hwlock.enforce.clocks import (
    counter_index,
    is_bound,
    mark_index,
    must_not_go_back,
    uri_of,
)
from hwlock.errors import HwlockError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hwlock.devices.base import KeyAttester
    from hwlock.devices.tpm2.nv import Counter
    from hwlock.enforce.machine import Machine
    from hwlock.license.license import Terms
    from hwlock.store.product_store import ProductStore

__all__ = ["bury", "establish", "opened_counter"]


def establish(machine: Machine, store: ProductStore, terms: Terms) -> int:
    """Return what the counter of a store says, made now for a license that wants one; else 0."""
    if not (is_bound(terms) and must_not_go_back(terms)):
        return 0
    with ExitStack() as opened:
        try:
            counter = _open(machine, (store,), opened)
            if counter is None:
                return 0
            counter.define()
            return counter.read()
        except HwlockError:
            return 0


def bury(device: KeyAttester, license_id: bytes) -> bool:
    """Let an open TPM keep that a license was given back; tell whether it does."""
    from hwlock.devices.tpm2.attester import Tpm2Attester

    if not isinstance(device, Tpm2Attester):
        return False
    try:
        device.mark(mark_index(license_id)).define()
    except HwlockError:
        return False  # the desk's word is all that there is then
    return True


@contextmanager
def opened_counter(machine: Machine, stores: tuple[ProductStore, ...]) -> Iterator[Counter | None]:
    """Give the counter of the first store while its TPM is open; None where there is none."""
    with ExitStack() as opened:
        try:
            counter = _open(machine, stores, opened)
            there = counter is not None and counter.exists()
        except HwlockError:
            counter, there = None, False
        yield counter if there else None


def _open(machine: Machine, stores: tuple[ProductStore, ...], opened: ExitStack) -> Counter | None:
    from hwlock.devices.tpm2.attester import Tpm2Attester

    uri = uri_of(stores)
    if uri is None:
        return None
    device = opened.enter_context(machine.open_key(uri))
    if not isinstance(device, Tpm2Attester):
        return None
    return device.counter(counter_index(stores[0]))
