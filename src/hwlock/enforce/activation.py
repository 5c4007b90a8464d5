"""The machine's side of the first two files: it asks, and accepts the answer.

The store's order of writes (hwlock.store.locked) makes every crash a before or an after;
running the same command again finishes what was begun.
"""

from __future__ import annotations

from contextlib import ExitStack

from hwlock.check import State, Verdict, check
from hwlock.crypto import sha2
from hwlock.crypto.trust import Product
from hwlock.devices import registry
from hwlock.enforce.gather import gather
from hwlock.enforce.own_key import DeviceSigner, OwnKey
from hwlock.enforce.pending import Pending, name_of
from hwlock.enforce.stores import stores_of
from hwlock.errors import (
    DeniedError,
    DeviceError,
    Finding,
    FormatError,
    HwlockError,
    NotFound,
    StoreError,
    UnsupportedError,
    UsageError,
)
from hwlock.evidence import host as host_evidence
from hwlock.evidence.tpm2.claims import Tpm2Claims
from hwlock.exchange import request
from hwlock.exchange.response import Response, UnverifiedResponse
from hwlock.license.license import UnverifiedLicense
from hwlock.record import Record
from hwlock.store.product_store import Enrollment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from hwlock.crypto.keys import Signer
    from hwlock.devices.base import KeyAttester
    from hwlock.enforce.machine import Machine
    from hwlock.evidence.host import HostClaims
    from hwlock.exchange.activation_key import ActivationKey
    from hwlock.store.locked import LockedStore
    from hwlock.store.product_store import ProductStore, StoredFile

__all__ = ["Activated", "Requested", "activate", "make_request"]

NONCE_BYTES = 32
MAX_WAITING = 32  # requests of one product whose answer is still taken


class Requested(Record):
    """A request that was made: its file, what it offers, and why it offers no more."""

    raw: bytes
    anchors: tuple[str, ...]
    notes: tuple[Finding, ...]


class Activated(Record):
    """A license that was accepted: its file, and the verdict that it led to."""

    license: bytes
    verdict: Verdict


def make_request(
    machine: Machine,
    product: Product,
    key: ActivationKey,
    *,
    devices: tuple[str, ...] = (),
    system: bool = False,
    software: str,
    note: str = "",
) -> Requested:
    """Make and remember a request for `product`.

    `devices` are URIs; without any, a TPM is used where there is one that we may use. The
    host's fingerprint always goes along, so that the vendor's policy can choose.
    DeviceError where a named device fails; DeniedError where nothing can be offered.
    """
    notes: list[Finding] = []
    store = stores_of(machine, product.id)[1 if system else 0]
    with store.locked() as held, ExitStack() as opened:
        held.put_product(product.raw)
        host = _host_claims(machine, held, devices, key.salt(product.id), notes)
        nonce = machine.entropy(NONCE_BYTES)
        tpm2 = _tpm2_claims(machine, held, devices, nonce, opened, notes)
        if tpm2 is None and host is None:
            raise DeniedError("HWL-REQUEST-NOTHING", findings=tuple(notes))
        own = OwnKey.of(held, machine.entropy).signer()
        signer: Signer = own if tpm2 is None else tpm2.signer
        asking = request.Asking(
            product_id=product.id,
            asked_at=machine.now(),
            nonce=nonce,
            key=signer.key,
            key_id=key.id,
            key_proof=key.proof(nonce, signer.key.kid),
            host=host,
            tpm2=None if tpm2 is None else tpm2.claims,
            software=software,
            note=note,
        )
        raw = request.ask(asking, signer)
        pending = Pending(
            nonce=nonce,
            digest=request.digest(raw),
            asked_at=asking.asked_at,
            state=_digest_of_state(held.state()),
        )
        _make_room(held)
        held.put_pending(pending.name, pending.encode())
    anchors = [kind for kind, there in (("tpm2", tpm2), ("host", host)) if there is not None]
    return Requested(raw=raw, anchors=tuple(anchors), notes=tuple(notes))


def activate(machine: Machine, raw: bytes) -> Activated:
    """Accept the response `raw` (binary form): verify, open, check, and only then keep it.

    A refusal changes nothing: the request waits on. DeniedError where the response is not
    for this request, or its license would not run here; UntrustedError where it is not
    genuine.
    """
    answer = UnverifiedResponse.parse(raw)
    store, pending, product = _waiting(machine, answer)
    now = machine.now()
    response = answer.verify(product, nonce=pending.nonce, request=pending.digest, now=now)
    license = UnverifiedLicense.parse(_opened(machine, store, response))
    state = _state_after(store, pending, response.answers.issued_at)
    evidence = gather(machine, (store,), [license.says])
    verdict, after = check(license, evidence, state, product, now)
    verdict.require()
    with store.locked() as held:
        sealed = OwnKey.of(held, machine.entropy).seal(after)
        held.activate(
            license.says.id.hex(),
            license.signed.raw,
            request_id=pending.name,
            state=sealed,
        )
    return Activated(license=license.signed.raw, verdict=verdict)


def _digest_of_state(kept: bytes | None) -> bytes:
    return sha2.sha256(kept or b"")


def _state_after(store: ProductStore, pending: Pending, issued_at: datetime) -> State:
    """Return the memory of time that a fresh answer leads to.

    It carries the vendor's time and sets the mark, forward or back: that is the way back from
    a wrong clock. Back only where the mark has not moved since the request, so that a
    response that was kept in a drawer does not turn back time. A memory that somebody
    changed is worth nothing and is begun anew.
    """
    answered = State.begin(issued_at)
    kept = store.state()
    if kept is None or _digest_of_state(kept) == pending.state:
        return answered
    try:
        remembered = OwnKey.kept(store).unseal(kept)
    except StoreError:
        return answered
    return max(answered, remembered, key=lambda state: state.seen_at)


def _make_room(held: LockedStore) -> None:
    """Forget the requests that wait longest: a script that asks each day must not end."""
    waiting = [(_asked_at(file), file.name) for file in held.pending()]
    for _, name in sorted(waiting)[: max(0, len(waiting) + 1 - MAX_WAITING)]:
        held.remove_pending(name)


def _asked_at(file: StoredFile) -> float:
    try:
        return Pending.parse(file.data()).asked_at.timestamp()
    except HwlockError:
        return 0.0  # nobody can answer what cannot be read: it goes first


def _host_claims(
    machine: Machine,
    held: LockedStore,
    devices: tuple[str, ...],
    salt: bytes,
    notes: list[Finding],
) -> HostClaims | None:
    """Read the fingerprint of the host that `devices` names, or of this one."""
    named = [uri for uri in devices if registry.kind_of(uri) == "host"]
    uri = named[0] if named else machine.host_uri
    try:
        with machine.open_host(uri) as host:
            problem = host.describe().problem
            if problem is not None:
                raise problem
            components = host.components()
    except (DeviceError, UnsupportedError) as exc:
        if named:
            raise
        notes.append(Finding.of(exc, "note"))
        return None
    held.put_enrollment("host", Enrollment(uri=uri, record=b""))
    return host_evidence.claim(components, salt)


class _Tpm2(Record):
    """What a TPM states for one request, and the key in it that signs the request."""

    claims: Tpm2Claims
    signer: DeviceSigner


def _tpm2_claims(
    machine: Machine,
    held: LockedStore,
    devices: tuple[str, ...],
    nonce: bytes,
    opened: ExitStack,
    notes: list[Finding],
) -> _Tpm2 | None:
    """Ask the named device that holds keys, or the machine's own where none is named.

    One that was not named and does not do all of it is left out, with a note: it may let
    this user open it and not make keys, as Windows does.
    """
    named = [uri for uri in devices if registry.kind_of(uri) != "host"]
    if len(named) > 1:
        raise UsageError("HWL-REQUEST-DEVICES", uris=", ".join(named))
    try:
        device = opened.enter_context(machine.open_key(named[0] if named else machine.key_uri))
        enrollment = _enrolled(held, device)
        claims = device.claims(enrollment, nonce)
        signer = DeviceSigner(device, enrollment)
    except (DeviceError, UnsupportedError) as exc:
        if named:
            raise
        notes.append(Finding.of(exc, "note"))
        return None
    assert isinstance(claims, Tpm2Claims)  # the only kind that holds keys
    return _Tpm2(claims=claims, signer=signer)


def _enrolled(held: LockedStore, device: KeyAttester) -> bytes:
    """Return the device's enrollment for this product, made now where there is none.

    The keys of an earlier enrollment are used again: the same keys are the same machine
    to the vendor, and cost no second seat.
    """
    try:
        kept = held.enrollment(device.kind)
        if kept is not None:
            device.sign(kept.record, b"hwlock enrollment probe v1")
    except (NotFound, FormatError):
        # The keys of another device, of this one before it was cleared, or unreadable. Not
        # a device that is busy: with a new key, the licenses of the old one would be lost.
        kept = None
    record = device.enroll() if kept is None else kept.record
    held.put_enrollment(device.kind, Enrollment(uri=device.uri, record=record))
    return record


def _waiting(machine: Machine, answer: UnverifiedResponse) -> tuple[ProductStore, Pending, Product]:
    """Find the request that waits for `answer`, or say why none does."""
    says = answer.says
    request_id = name_of(says.nonce)
    stores = stores_of(machine, says.product_id)
    for store in stores:
        for stored in store.pending():
            if stored.name == request_id:
                return store, Pending.parse(stored.data()), _product(store)
    for store in stores:
        license_id = store.answered(request_id)
        if license_id is not None:
            returned = store.is_returned(license_id)
            code = "HWL-RESPONSE-RETURNED" if returned else "HWL-RESPONSE-USED"
            raise DeniedError(code, product=says.product_id)
    raise DeniedError("HWL-RESPONSE-OTHER")


def _product(store: ProductStore) -> Product:
    raw = store.product()
    if raw is None:
        raise StoreError("HWL-STORE-PRODUCT", product=store.product_id)
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
