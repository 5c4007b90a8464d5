"""The machine's side of the third file: a license is given back, and the receipt proves it.

First the license is dead here, then its receipt exists. A return that a crash interrupted is
finished by the next one, and a receipt that was lost is given again. A TPM that signs the receipt
keeps besides, where it lets us, that the license is dead: a restored backup does not revive it.
"""

from __future__ import annotations

from contextlib import ExitStack

from hwlock.codec import cbor
from hwlock.codec.fields import Fields, numeric_date
from hwlock.crypto import sha2
from hwlock.enforce.nv_counter import bury
from hwlock.enforce.own_key import DeviceSigner, OwnKey
from hwlock.enforce.stores import Live, live_licenses, stores_of
from hwlock.errors import DeniedError, Finding, UsageError
from hwlock.evidence.claims import DONGLES
from hwlock.exchange import receipt
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from hwlock.crypto.keys import Signer
    from hwlock.enforce.machine import Machine
    from hwlock.store.product_store import ProductStore

__all__ = ["Gone", "give_back"]


class Gone(Record):
    """What is kept of a license that was given back: enough to make its receipt again.

    `key` is the raw public key that the license named.
    """

    product_id: str
    license_id: bytes
    license_digest: bytes
    key: bytes
    returned_at: datetime

    def encode(self) -> bytes:
        """Return the bytes that the store keeps."""
        return cbor.encode(
            {
                1: self.product_id,
                2: self.license_id,
                3: self.license_digest,
                4: self.key,
                5: numeric_date(self.returned_at),
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> Gone:
        """Read those bytes; FormatError."""
        fields = Fields(cbor.decode(data), "returned license")
        gone = cls(
            product_id=fields.text(1, "product", max_bytes=64),
            license_id=fields.bytes(2, "license id", size=16),
            license_digest=fields.bytes(3, "license digest", size=32),
            key=fields.bytes(4, "key", min_bytes=32, max_bytes=64),
            returned_at=fields.time(5, "returned"),
        )
        fields.done()
        return gone


def give_back(machine: Machine, product_id: str, license_id: str = "") -> bytes:
    """Kill a license of `product_id` on this machine and return its receipt (binary form).

    `license_id` (hex) chooses among several. Where nothing is licensed any more, the last
    receipt is returned again. DeniedError where there never was a license; DeviceError
    where the device that must sign does not answer: then the license lives on.
    """
    stores = stores_of(machine, product_id)
    for store in stores:
        for begun in store.unfinished_returns():
            if license_id in ("", begun.name):
                return _finish(machine, store, Gone.parse(begun.data()))
    unreadable: list[Finding] = []
    live = [
        one
        for one in live_licenses(stores, unreadable)
        if license_id in ("", one.license.says.id.hex())
    ]
    if len(live) > 1:
        ids = ", ".join(one.license.says.id.hex() for one in live)
        raise UsageError("HWL-RETURN-WHICH", product=product_id, ids=ids)
    if live:
        return _finish(machine, live[0].store, _gone(live[0], machine.now()))
    return _again(stores, product_id, license_id, tuple(unreadable))


def _gone(live: Live, now: datetime) -> Gone:
    terms = live.license.says
    return Gone(
        product_id=terms.product_id,
        license_id=terms.id,
        license_digest=sha2.sha256(live.license.signed.raw),
        key=terms.key.raw,
        returned_at=now,
    )


def _finish(machine: Machine, store: ProductStore, gone: Gone) -> bytes:
    """Make the receipt; the signer is there before the license dies."""
    license_id = gone.license_id.hex()
    with store.locked() as held, ExitStack() as opened:
        signer = _signer(machine, held, gone, opened)
        files = [
            one.name for one in live_licenses((held,), []) if one.license.says.id == gone.license_id
        ]
        held.begin_return(license_id, gone.encode())
        if isinstance(signer, DeviceSigner):
            bury(signer.device, gone.license_id)
        says = receipt.Returning(
            product_id=gone.product_id,
            license_id=gone.license_id,
            license_digest=gone.license_digest,
            returned_at=gone.returned_at,
        )
        raw = receipt.give_back(says, signer)
        held.finish_return(license_id, raw, files=files)
    return raw


def _signer(machine: Machine, store: ProductStore, gone: Gone, opened: ExitStack) -> Signer:
    """Return whoever holds the key that the license named."""
    own = OwnKey.kept(store).signer()
    if own.key.raw == gone.key:
        return own
    for kind in store.kinds():
        if kind in DONGLES:
            continue  # a dongle never signs for a machine
        enrolled = store.enrollment(kind)
        if enrolled is not None and enrolled.record:
            device = opened.enter_context(machine.open_key(enrolled.uri))
            signer = DeviceSigner(device, enrolled.record)
            if signer.key.raw == gone.key:
                return signer
    raise DeniedError("HWL-RETURN-KEY", product=gone.product_id)


def _again(
    stores: tuple[ProductStore, ...],
    product_id: str,
    license_id: str,
    unreadable: tuple[Finding, ...],
) -> bytes:
    kept = [file for store in stores for file in store.receipts() if license_id in ("", file.name)]
    receipts = [receipt.UnverifiedReceipt.parse(file.data()) for file in kept]
    if not receipts:
        nothing = Finding("HWL-RETURN-NOTHING", "deny", product=product_id)
        raise DeniedError(nothing.code, findings=(nothing, *unreadable), product=product_id)
    return max(receipts, key=lambda one: one.says.returned_at).signed.raw
