"""The first file: a machine asks, and shows what it can be bound to.

The store's order of writes (hwlock.store.locked) makes every crash a before or an after;
running the same command again finishes what was begun.
"""

from __future__ import annotations

from contextlib import ExitStack

from hwlock.codec import cbor
from hwlock.devices import registry
from hwlock.enforce.memory import stamp, totals
from hwlock.enforce.own_key import DeviceSigner, OwnKey
from hwlock.enforce.pending import Pending
from hwlock.enforce.stores import stores_of
from hwlock.enforce.telling import refuse_receipts, told
from hwlock.enforce.trusting import newest
from hwlock.errors import (
    DeniedError,
    DeviceError,
    Finding,
    FormatError,
    HwlockError,
    NotFound,
    UnsupportedError,
    UsageError,
)
from hwlock.evidence import host as host_evidence
from hwlock.evidence.claims import DONGLES
from hwlock.evidence.tpm2.claims import Tpm2Claims
from hwlock.exchange import request
from hwlock.license.sealed_share import sharing_keys
from hwlock.record import Record, replace
from hwlock.store.product_store import Enrollment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hwlock.crypto.keys import Signer
    from hwlock.crypto.trust import Product
    from hwlock.devices.base import DongleAttester, KeyAttester
    from hwlock.enforce.machine import Machine
    from hwlock.evidence.claims import Component
    from hwlock.evidence.dongle import DongleClaims
    from hwlock.exchange.activation_key import ActivationKey
    from hwlock.store.locked import LockedStore
    from hwlock.store.product_store import StoredFile

__all__ = ["MAX_WAITING", "Requested", "make_request"]

NONCE_BYTES = 32
MAX_WAITING = 32  # requests of one product whose answer is still taken
MAKES_KEYS = ("fido2",)  # kinds whose enrollment makes a key instead of choosing one


class Requested(Record):
    """A request that was made: its file, what it offers, and why it offers no more."""

    raw: bytes
    anchors: tuple[str, ...]
    notes: tuple[Finding, ...]


def make_request(  # noqa: PLR0913 - everything that a request can say
    machine: Machine,
    product: Product,
    key: ActivationKey,
    *,
    devices: tuple[str, ...] = (),
    system: bool = False,
    software: str,
    note: str = "",
    receipts: tuple[bytes, ...] = (),
) -> Requested:
    """Make and remember a request for `product`.

    `receipts` (binary form) are of licenses that were given back on other machines, whose seat
    this one asks for.

    `devices` are URIs. A TPM is used where there is one that we may use, and the host's
    fingerprint always goes along, so that the vendor's policy can choose; dongles only where
    they are named. DeviceError where a named device fails; DeniedError where nothing can be
    offered.
    """
    notes: list[Finding] = []
    named = _sorted(devices)
    refuse_receipts(receipts, product.id)
    stores = stores_of(machine, product.id)
    store = stores[1 if system else 0]
    with store.locked() as held, ExitStack() as opened:
        held.put_product(newest(product, (held,)).raw)  # never back to an older one
        salt = key.salt(product.id)
        components = _components(machine, held, named["host"], notes)
        host = None if components is None else host_evidence.claim(components, salt)
        nonce = machine.entropy(NONCE_BYTES)
        tpm2 = _tpm2_claims(machine, held, named["tpm2"], nonce, opened, notes)
        if tpm2 is None and host is None and not named["dongles"]:
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
            usage=totals(held),
            sharing=() if components is None else sharing_keys(host, salt, components),
            held=told(stores, nonce),
            receipts=receipts,
        )
        asking = replace(
            asking, dongles=_dongles(machine, held, named["dongles"], asking.challenge)
        )
        raw = request.ask(asking, signer)
        if len(raw) > cbor.MAX_BYTES:
            raise UsageError("HWL-REQUEST-LARGE", size=len(raw), limit=cbor.MAX_BYTES)
        pending = Pending(
            nonce=nonce,
            digest=request.digest(raw),
            asked_at=asking.asked_at,
            state=stamp(held),
        )
        _make_room(held)
        held.put_pending(pending.name, pending.encode())
    anchors = [kind for kind, there in (("tpm2", tpm2), ("host", host)) if there is not None]
    anchors += [dongle.label or dongle.uri for dongle in asking.dongles]
    return Requested(raw=raw, anchors=tuple(anchors), notes=tuple(notes))


def _sorted(devices: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return the URIs of the host, of a TPM and of dongles; UsageError for others, or twice."""
    sorted_: dict[str, list[str]] = {"host": [], "tpm2": [], "dongles": []}
    for uri in dict.fromkeys(devices):
        is_dongle = uri.partition(":")[0] in DONGLES
        sorted_["dongles" if is_dongle else registry.kind_of(uri)].append(uri)
    for kind, most in (("host", 1), ("tpm2", 1), ("dongles", request.MAX_DONGLES)):
        if len(sorted_[kind]) > most:
            raise UsageError(
                "HWL-REQUEST-DEVICES", kind=kind, most=most, uris=", ".join(sorted_[kind])
            )
    return {kind: tuple(uris) for kind, uris in sorted_.items()}


def _dongles(
    machine: Machine, held: LockedStore, uris: tuple[str, ...], challenge: bytes
) -> tuple[DongleClaims, ...]:
    """Return what each of these dongles states over `challenge`; DeviceError."""
    claims: list[DongleClaims] = []
    for uri in uris:
        person = None if machine.person is None else machine.person.for_device(uri)
        with machine.open_dongle(uri, person) as dongle:
            one = _claims(held, dongle, challenge)
        if one.identity in {other.identity for other in claims}:
            raise UsageError("HWL-REQUEST-TWICE", label=one.label or one.uri, uri=one.uri)
        claims.append(one)
    return tuple(claims)


def _claims(held: LockedStore, dongle: DongleAttester, challenge: bytes) -> DongleClaims:
    """Return what a dongle states; one that makes keys states it by the key it made here before.

    Without that each request would show another key, and cost another seat.
    """
    if dongle.kind not in MAKES_KEYS:
        return dongle.claims(dongle.enroll(), challenge)
    made = _made(held, dongle.kind)
    for record in made:
        try:
            return dongle.claims(record, challenge)
        except NotFound:  # of another dongle of the kind
            continue
    record = dongle.enroll()
    kept = cbor.encode((*made, record)[-request.MAX_DONGLES :])
    held.put_enrollment(dongle.kind, Enrollment(uri=f"{dongle.kind}:", record=kept))
    return dongle.claims(record, challenge)


def _made(held: LockedStore, kind: str) -> tuple[bytes, ...]:
    """Return the records of dongles of `kind` that made a key for this product here."""
    try:
        kept = held.enrollment(kind)
        made = () if kept is None else cbor.decode(kept.record)
    except FormatError:
        return ()  # a new key is the way out
    listed = made if isinstance(made, tuple) else ()
    return tuple(record for record in listed if isinstance(record, bytes))


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


def _components(
    machine: Machine, held: LockedStore, named: tuple[str, ...], notes: list[Finding]
) -> tuple[Component, ...] | None:
    """Read the fingerprint of the host that is named, or of this one."""
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
    return components


class _Tpm2(Record):
    """What a TPM states for one request, and the key in it that signs the request."""

    claims: Tpm2Claims
    signer: DeviceSigner


def _tpm2_claims(
    machine: Machine,
    held: LockedStore,
    named: tuple[str, ...],
    nonce: bytes,
    opened: ExitStack,
    notes: list[Finding],
) -> _Tpm2 | None:
    """Ask the TPM that is named, or the machine's own where none is.

    One that was not named and does not do all of it is left out, with a note: it may let
    this user open it and not make keys, as Windows does.
    """
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
