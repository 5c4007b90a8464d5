"""A code that the vendor gave by telephone: it opens a change that a license here holds.

The lock says which license the code is for. What was used is remembered as the code itself, in
the memory of this user (`hwlock.check.redeeming`), and applied at every check from then on.
"""

from __future__ import annotations

from hwlock.check import State
from hwlock.enforce.memory import Memory
from hwlock.enforce.nv_counter import opened_counter
from hwlock.enforce.stores import live_licenses, stores_of
from hwlock.errors import DeniedError, HwlockError, UntrustedError
from hwlock.evidence import host
from hwlock.license.amendment import (
    CLOCK,
    CODES,
    TRANSFER,
    Amendment,
    Redeemed,
    read_code,
    used_changes,
)
from hwlock.license.anchors import HostAnchor
from hwlock.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from hwlock.crypto.trust import Product
    from hwlock.enforce.machine import Machine
    from hwlock.license.license import Terms

__all__ = ["Opened", "redeem", "used_here"]


class Opened(Record):
    """What a code has opened: a change of a license of `product`."""

    product: Product
    license_id: bytes
    index: int
    amendment: Amendment


def redeem(machine: Machine, products: Iterable[Product], text: str) -> Opened:
    """Use the code `text` for whichever license of `products` it opens; the memory is stored.

    1. its check characters are right (FormatError names the wrong group);
    2. there were not too many wrong codes just now;
    3. a genuine license here has its lock (a wrong code is remembered);
    4. it was not used here before, and what must come before it was;
    5. of a transfer, this machine has parts of its own.

    DeniedError for 2 to 5; StoreError.
    """
    # 1.
    number = read_code(text)
    now = machine.now()
    found = [(product, terms) for product in products for terms in _amendable(machine, product)]
    if not found:
        raise DeniedError("HWL-REDEEM-NONE")
    memories = {product.id: _memory(machine, product) for product, _ in found}
    # 2.
    _wait(memories.values(), now)
    # 3.
    for product, terms in found:
        opened = _opened(product, terms, number)
        if opened is not None:
            _apply(machine, opened, terms, number, now)
            return opened
    for memory in memories.values():
        memory.change(lambda kept: _missed(kept, now))
    raise DeniedError("HWL-REDEEM-WRONG")


def used_here(
    machine: Machine, product_id: str, terms: Terms
) -> tuple[tuple[Amendment, bool], ...]:
    """Return the changes that a license holds, each with whether it was used here; StoreError."""
    if not terms.amendments:
        return ()
    state = Memory(stores_of(machine, product_id)[0], machine.entropy).load()
    codes = () if state is None else state.codes.redeemed
    used = used_changes(terms, codes)
    return tuple((one, index in used) for index, one in enumerate(terms.amendments))


def _amendable(machine: Machine, product: Product) -> list[Terms]:
    """Return the genuine licenses here that hold changes."""
    genuine = []
    for live in live_licenses(stores_of(machine, product.id), []):
        try:
            terms = live.license.verify(product).terms
        except HwlockError:
            continue  # what a forged license holds is nobody's business; `check` says so
        if terms.amendments:
            genuine.append(terms)
    return genuine


def _memory(machine: Machine, product: Product) -> Memory:
    return Memory(stores_of(machine, product.id)[0], machine.entropy)


def _wait(memories: Iterable[Memory], now: datetime) -> None:
    for memory in memories:
        state = memory.load()
        left = 0.0 if state is None else state.codes.misses.wait(now).total_seconds()
        if left > 0:
            raise DeniedError("HWL-REDEEM-WAIT", minutes=-int(-left // 60))


def _missed(kept: State | None, now: datetime) -> State:
    state = State.begin(now) if kept is None else kept
    return replace(state, codes=state.codes.missed(now))


def _opened(product: Product, terms: Terms, number: int) -> Opened | None:
    if number >= CODES:
        return None
    for index, amendment in enumerate(terms.amendments):
        if Redeemed(license_id=terms.id, index=index, number=number).opens(terms):
            return Opened(product=product, license_id=terms.id, index=index, amendment=amendment)
    return None


def _apply(machine: Machine, opened: Opened, terms: Terms, number: int, now: datetime) -> None:
    change = opened.amendment
    # 5.
    anchor = _this_machine(machine, opened.product) if change.kind == TRANSFER else None
    one = Redeemed(license_id=terms.id, index=opened.index, number=number, anchor=anchor)
    counter = _counter(machine, opened.product) if change.kind == CLOCK else 0

    def use(kept: State | None) -> State:
        state = State.begin(now) if kept is None else kept
        # 4.
        used = used_changes(terms, state.codes.redeemed)
        if opened.index in used:
            raise DeniedError("HWL-REDEEM-USED", change=change.told)
        if change.after is not None and change.after not in used:
            before = terms.amendments[change.after]
            raise DeniedError("HWL-REDEEM-ORDER", before=before.told)
        if change.kind == CLOCK:
            state = state.unlocked(now, counter)
        return replace(state, codes=state.codes.added(one))

    _memory(machine, opened.product).change(use)


def _counter(machine: Machine, product: Product) -> int:
    """Return what the TPM's counter says now, so that the memory is believed again; 0 without."""
    with opened_counter(machine, stores_of(machine, product.id)) as tpm:
        return 0 if tpm is None else tpm.read()


def _this_machine(machine: Machine, product: Product) -> HostAnchor:
    """Return the parts of this machine as an anchor; DeniedError where they tell nothing."""
    stores = stores_of(machine, product.id)
    uri = next((e.uri for store in stores if (e := store.enrollment("host"))), machine.host_uri)
    with machine.open_host(uri) as reader:
        components = reader.components()
    claims = host.claim(components, machine.entropy(host.SALT_BYTES))
    try:
        needed = host.appraise(claims)
    except UntrustedError as exc:
        raise DeniedError("HWL-REDEEM-HOST") from exc
    return HostAnchor(salt=claims.salt, components=claims.components, needed=needed)
