"""The clocks of this machine besides the system's: a TPM's, where a license names one.

Nothing here is needed for a verdict: a TPM that does not answer, or that forbids it, is a
clock less. What it must prove it proves elsewhere (`hwlock.enforce.gather`).

A TPM's NV counter says that there was a memory, and how far it had counted, where somebody gains
by losing it or putting it back: that of a trial, or of something that is used up. It has one
index for each product and store, the same after the store was deleted, and is looked for only
where such a license is here (`hwlock.enforce.nv_counter` makes it and counts).

A mark in the same memory says that a license was given back, whoever puts its file and the whole
store back, and wherever to: its index is that of the license's id.
"""

from __future__ import annotations

from hwlock.check.timeline import Clocks, TpmTime
from hwlock.crypto import sha2
from hwlock.errors import HwlockError
from hwlock.license.model import TRIAL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hwlock.devices.base import KeyAttester
    from hwlock.enforce.machine import Machine
    from hwlock.license.license import Terms
    from hwlock.store.product_store import ProductStore

__all__ = ["counter_index", "is_bound", "look", "mark_index", "must_not_go_back", "uri_of"]

_FIRST_INDEX = 0x01800000  # the owner's range of NV indexes
_INDEXES = 0x00400000


def look(machine: Machine, stores: tuple[ProductStore, ...], licenses: Iterable[Terms]) -> Clocks:
    """Return what the TPM says of time, where one of `licenses` is bound to a TPM."""
    bound = [terms for terms in licenses if is_bound(terms)]
    uri = uri_of(stores) if bound else None
    if uri is None:
        return Clocks()
    try:
        with machine.open_key(uri) as device:
            index = counter_index(stores[0]) if any(map(must_not_go_back, bound)) else None
            return _ask(device, index, bound)
    except HwlockError:
        return Clocks()


def is_bound(terms: Terms) -> bool:
    """Tell whether a TPM is among the anchors of a license."""
    return any(anchor.kind == "tpm2" for anchor in terms.binding.anchors)


def must_not_go_back(terms: Terms) -> bool:
    """Tell whether somebody gains by putting this license's memory back to an earlier day."""
    return terms.model.kind == TRIAL or bool(terms.model.counters)


def counter_index(store: ProductStore) -> int:
    """Return the NV index of the counter of a store."""
    digest = sha2.sha256(b"hwlock counter v1\0" + store.path.encode(errors="surrogateescape"))
    return _FIRST_INDEX + int.from_bytes(digest[:4], "big") % _INDEXES


def mark_index(license_id: bytes) -> int:
    """Return the NV index of the mark that a license was given back."""
    digest = sha2.sha256(b"hwlock returned v1\0" + license_id)
    return _FIRST_INDEX + int.from_bytes(digest[:4], "big") % _INDEXES


def uri_of(stores: Iterable[ProductStore]) -> str | None:
    """Return the URI of the TPM that one of `stores` knows."""
    try:
        return next((e.uri for store in stores if (e := store.enrollment("tpm2"))), None)
    except HwlockError:
        return None


def _ask(device: KeyAttester, index: int | None, bound: list[Terms]) -> Clocks:
    from hwlock.devices.tpm2.attester import Tpm2Attester

    if not isinstance(device, Tpm2Attester):
        return Clocks()
    said = device.clock()
    time = TpmTime(
        clock_ms=said.clock_ms,
        resets=said.reset_count,
        restarts=said.restart_count,
        safe=said.safe,
    )
    dead = frozenset(one.id for one in bound if device.mark(mark_index(one.id)).exists())
    if index is None:
        return Clocks(tpm=time, dead=dead)
    counter = device.counter(index)
    return Clocks(tpm=time, counter=counter.read() if counter.exists() else 0, dead=dead)
