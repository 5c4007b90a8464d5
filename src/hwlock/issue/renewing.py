"""A renewal that no machine asked for: the present terms of an entitlement, pushed.

The new license is for the hardware and the machine's key of the one that it renews, and carries the
same wrapped content keys. It takes over the seat, and the unlock codes that were given out. A
machine that never gets it keeps its old license, which ends when it would have; a later renewal
fits it as well.
"""

from __future__ import annotations

from hwlock.crypto import sha2
from hwlock.crypto.trust import verify_delegation
from hwlock.errors import Finding, UsageError
from hwlock.exchange.renewal import Renewing, renew
from hwlock.issue import amending, revoking, seats
from hwlock.issue.desk import Desk
from hwlock.issue.records import ACTIVE, Activation, Entitlement
from hwlock.license.license import UnverifiedLicense, issue
from hwlock.license.model import TRIAL
from hwlock.license.revocation import LICENSE
from hwlock.record import Record, replace

__all__ = ["Renewed", "push", "push_all"]

_ID_BYTES = 16


class Renewed(Record):
    """A renewal in binary form, the license (id) that it renews, the new one, its entitlement."""

    file: bytes
    renews: bytes
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
        given = books.amendments(license_id)
        codes = amending.inherited(sold.amend, given, desk.entropy)
        terms = replace(terms, amendments=amending.locked(terms.id, sold.amend, codes))
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
        books.replace_activation(license_id, terms.id, now)
        books.add_activation(activation, seats.parts_of(terms.binding))
        books.add_amendments(amending.entries(terms, codes, given))
        says = Renewing(
            product_id=sold.product_id,
            renews=license_id,
            issued_at=now,
            license=license,
            revocations=revoking.current(desk, books, sold.product_id, signer, delegation),
        )
        entitlement = books.hold_entitlement(sold.id)
    return Renewed(
        file=renew(says, signer, delegation),
        renews=license_id,
        activation=activation,
        entitlement=entitlement,
    )


def push_all(desk: Desk, entitlement: str) -> tuple[tuple[Renewed, ...], tuple[Finding, ...]]:
    """Renew every license that holds a seat of an entitlement, by its id or its activation key.

    Returns the renewals, the oldest license first, and why others could not be. UsageError where
    there is no such entitlement, or none of its licenses holds a seat.
    """
    sold, activations = desk.entitlement(desk.entitlement_id(entitlement))
    living = [one for one in activations if one.state == ACTIVE]
    if not living:
        raise UsageError("HWL-DESK-RENEW-NONE", entitlement=sold.id)
    renewed, refused = [], []
    for one in living:
        try:
            renewed.append(push(desk, one.id))
        except UsageError as exc:
            refused.append(Finding.of(exc, "warn"))
    return tuple(renewed), tuple(refused)


def _against(before: Activation, sold: Entitlement, *, taken_back: bool) -> str:
    if before.state != ACTIVE:
        return "it holds no seat"
    if taken_back:
        return "it was taken back"
    if sold.state != ACTIVE:
        return f"{sold.id} is suspended"
    return "a trial is once for each machine" if sold.model.kind == TRIAL else ""
