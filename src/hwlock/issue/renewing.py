"""A renewal that no machine asked for: the present terms of an entitlement, pushed.

The new license is for the hardware and the machine's key of the one that it renews, and carries the
same wrapped content keys. It takes over the seat. A machine that never gets it keeps its old
license, which ends when it would have; a later renewal fits it as well.
"""

from __future__ import annotations

from hwlock.crypto import sha2
from hwlock.crypto.trust import verify_delegation
from hwlock.errors import UsageError
from hwlock.exchange.renewal import Renewing, renew
from hwlock.issue import revoking, seats
from hwlock.issue.desk import Desk
from hwlock.issue.records import ACTIVE, SUPERSEDED, Activation, Entitlement
from hwlock.license.license import UnverifiedLicense, issue
from hwlock.license.model import TRIAL
from hwlock.license.revocation import LICENSE
from hwlock.record import Record, replace

__all__ = ["Renewed", "push"]

_ID_BYTES = 16


class Renewed(Record):
    """A renewal in binary form, the new license in the books, and its entitlement."""

    file: bytes
    activation: Activation
    entitlement: Entitlement


def push(desk: Desk, license_id: bytes) -> Renewed:
    """Renew a license that holds a seat; UsageError says what stands in the way.

    UntrustedError where the issuer may not grant all this.
    """
    now, signer = desk.now(), desk.issuer()
    with desk.registry.reading() as books:
        found = books.activation(license_id)
        sold = None if found is None else books.entitlement(found.entitlement_id)
    if found is None or sold is None:
        raise UsageError("HWL-DESK-RENEW", license=license_id.hex(), why="it is not known here")
    delegation = desk.delegation(sold.product_id)
    with desk.registry.writing() as books:
        before = books.activation(license_id)
        assert before is not None  # nothing ever removes one
        sold = books.hold_entitlement(sold.id)
        taken_back = bool(books.revoked(sold.product_id, LICENSE, (license_id,)))
        why = _against(before, sold, taken_back=taken_back)
        if sold.expires_at is not None and now >= sold.expires_at:
            why = f"{sold.id} has ended"
        if why:
            raise UsageError("HWL-DESK-RENEW", license=license_id.hex(), why=why)
        terms = replace(
            UnverifiedLicense.parse(before.license).says,
            id=desk.entropy(_ID_BYTES),
            customer=sold.customer,
            features=sold.features,
            seats=sold.seats,
            issued_at=now,
            expires_at=sold.expires_at,
            model=sold.model,
        )
        limits = verify_delegation(delegation, desk.product(sold.product_id)).limits
        limits.refuse(features=terms.features, term_days=terms.term_days, seats=terms.seats)
        license = issue(terms, signer, delegation)
        sequence = desk.record(
            books,
            "renew",
            sold.id,
            signer=signer,
            license=terms.id.hex(),
            license_digest=sha2.sha256(license).hex(),
            replaces=license_id.hex(),
        )
        activation = replace(
            before,
            id=terms.id,
            request_name=sha2.sha256(b"hwlock renewal v1\0" + terms.id),
            license=license,
            issued_at=now,
            audit_sequence=sequence,
        )
        books.end_activation(license_id, SUPERSEDED, now)
        books.add_activation(activation, seats.parts_of(terms.binding))
        says = Renewing(
            product_id=sold.product_id,
            renews=license_id,
            issued_at=now,
            license=license,
            revocations=revoking.current(desk, books, sold.product_id, signer, delegation),
        )
        entitlement = books.hold_entitlement(sold.id)
    return Renewed(
        file=renew(says, signer, delegation), activation=activation, entitlement=entitlement
    )


def _against(before: Activation, sold: Entitlement, *, taken_back: bool) -> str:
    if before.state != ACTIVE:
        return "it holds no seat"
    if taken_back:
        return "it was taken back"
    if sold.state != ACTIVE:
        return f"{sold.id} is suspended"
    return "a trial is once for each machine" if sold.model.kind == TRIAL else ""
