"""The second file: a machine accepts the answer to its request.

The store's order of writes (hwlock.store.locked) makes every crash a before or an after;
running the same command again finishes what was begun.
"""

from __future__ import annotations

from hwlock.check import Verdict, check
from hwlock.check.timeline import Clocks
from hwlock.codec import cose
from hwlock.crypto.trust import Product
from hwlock.enforce.clocks import look
from hwlock.enforce.gather import gather
from hwlock.enforce.memory import state_after
from hwlock.enforce.nv_counter import establish
from hwlock.enforce.own_key import OwnKey
from hwlock.enforce.pending import Pending, name_of
from hwlock.enforce.revoking import with_list
from hwlock.enforce.stores import live_licenses, product_file, stores_of
from hwlock.errors import DeniedError, StoreError
from hwlock.exchange.renewal import RENEWAL_TYP
from hwlock.exchange.response import Response, UnverifiedResponse
from hwlock.license.license import UnverifiedLicense
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hwlock.enforce.machine import Machine
    from hwlock.store.locked import LockedStore
    from hwlock.store.product_store import ProductStore

__all__ = ["Activated", "activate"]


class Activated(Record):
    """A license that was accepted: its file, and the verdict that it led to."""

    license: bytes
    verdict: Verdict


def activate(machine: Machine, raw: bytes) -> Activated:
    """Accept the response or renewal `raw` (binary form): verify, open, check, then keep it.

    A refusal changes nothing: the request waits on. DeniedError where the response is not
    for this request, or its license would not run here; UntrustedError where it is not
    genuine.
    """
    if cose.parse(raw).header.typ == RENEWAL_TYP:
        from hwlock.enforce.renewing import accept

        renewed, verdict = accept(machine, raw)
        return Activated(license=renewed, verdict=verdict)
    answer = UnverifiedResponse.parse(raw)
    store, pending, product = _waiting(machine, answer)
    now = machine.now()
    response = answer.verify(product, nonce=pending.nonce, request=pending.digest, now=now)
    license = UnverifiedLicense.parse(_opened(machine, store, response))
    stores = stores_of(machine, product.id)
    revoked = with_list(stores, product, response.answers.revocations)
    counter = establish(machine, store, license.says)
    state = state_after(store, pending, response.answers.issued_at, counter)
    evidence = gather(machine, (store,), [license.says])
    clocks = Clocks(dead=look(machine, stores, [license.says]).dead)
    verdict, after = check(license, evidence, state, product, now, clocks=clocks, revoked=revoked)
    verdict.require()
    with store.locked() as held:
        held.put_answer(raw)
        if revoked is not None:
            held.put_revocations(revoked.encode())
        sealed = OwnKey.of(held, machine.entropy).seal(after)
        held.activate(
            license.says.id.hex(),
            license.signed.raw,
            request_id=pending.name,
            state=sealed,
        )
        _remove(held, response.answers.ended)
    return Activated(license=license.signed.raw, verdict=verdict)


def _waiting(machine: Machine, answer: UnverifiedResponse) -> tuple[ProductStore, Pending, Product]:
    """Find the request that waits for `answer`, or say why none does."""
    says = answer.says
    request_id = name_of(says.nonce)
    stores = stores_of(machine, says.product_id)
    for store in stores:
        for stored in store.pending():
            if stored.name == request_id:
                return store, Pending.parse(stored.data()), _product((store, *stores))
    for store in stores:
        license_id = store.answered(request_id)
        if license_id is not None:
            returned = store.is_returned(license_id)
            code = "HWL-RESPONSE-RETURNED" if returned else "HWL-RESPONSE-USED"
            raise DeniedError(code, product=says.product_id)
    raise DeniedError("HWL-RESPONSE-OTHER")


def _remove(held: LockedStore, ended: tuple[bytes, ...]) -> None:
    """Remove licenses that hold no seat any more; a later answer names again what is left."""
    for live in live_licenses((held,), []):
        if live.license.says.id in ended:
            held.remove_license(live.name)


def _product(stores: tuple[ProductStore, ...]) -> Product:
    raw = product_file(stores)
    if raw is None:
        raise StoreError("HWL-STORE-PRODUCT", product=stores[0].product_id)
    return Product.parse(raw)


def _opened(machine: Machine, store: ProductStore, response: Response) -> bytes:
    """Return the license of a response, taken out of its seal by the TPM if it has one."""
    says = response.answers
    if says.sealed is None:
        assert says.license is not None  # an Answer holds exactly one of the two
        return says.license
    enrolled = store.enrollment("tpm2")
    if enrolled is None:
        raise DeniedError("HWL-RESPONSE-OTHER")
    with machine.open_key(enrolled.uri) as device:
        key = device.open_credential(enrolled.record, says.sealed.credential)
    return says.sealed.open(key, says.request)
