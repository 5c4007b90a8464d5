"""A receipt comes back: the license is dead on its machine, and the seat is free again."""

from __future__ import annotations

from datetime import datetime

from hwlock.codec import armor
from hwlock.crypto import sha2
from hwlock.crypto.keys import VerificationKey
from hwlock.errors import DeniedError, Finding, UntrustedError
from hwlock.exchange.receipt import UnverifiedReceipt
from hwlock.issue import hearing
from hwlock.issue.books import Books
from hwlock.issue.desk import Desk
from hwlock.issue.records import RETURNED, SUPERSEDED, Activation, Entitlement
from hwlock.record import Record, replace

__all__ = ["Booked", "book", "receive"]


class Booked(Record):
    """A return in the books. `again` tells that it stood there before, since `returned_at`.

    `entitlement` is as it is afterwards, `notes` what was noticed.
    """

    activation: Activation
    entitlement: Entitlement
    returned_at: datetime
    again: bool
    notes: tuple[Finding, ...] = ()


def receive(desk: Desk, file: bytes) -> Booked:
    """Book a receipt file (armored or binary).

    1. the file is a receipt;
    2. its license is one of this desk's, of the product that the receipt names;
    3. the key that the license names signed it, for these very bytes of the license;
    4. the license was not replaced by a newer one of the same machine, which lives on;
    5. it is booked, once: a second time changes nothing and says so. Another receipt of the same
       license says that it was alive again after the first (`hwlock.issue.hearing`).

    A license that was released as lost is booked as returned: the receipt is the better
    proof. FormatError, UntrustedError, DeniedError.
    """
    # 1.
    _, raw = armor.decode(file, expected_label="RECEIPT")
    unverified = UnverifiedReceipt.parse(raw)
    try:
        with desk.registry.writing() as books:
            return book(desk, books, unverified)
    except (DeniedError, UntrustedError) as exc:
        with desk.registry.writing() as books:
            license_id = unverified.says.license_id.hex()
            desk.record(books, "receive", license_id, outcome=exc.code)
        raise


def book(desk: Desk, books: Books, unverified: UnverifiedReceipt) -> Booked:
    """Book a receipt within the transaction of `books`; DeniedError, UntrustedError."""
    # 2.
    activation = books.activation(unverified.says.license_id)
    if activation is None:
        raise DeniedError("HWL-DESK-RECEIPT-UNKNOWN", license=unverified.says.license_id.hex())
    entitlement = books.hold_entitlement(activation.entitlement_id)
    if entitlement.product_id != unverified.says.product_id:
        raise UntrustedError(
            "HWL-PRODUCT-OTHER",
            file="receipt",
            theirs=unverified.says.product_id,
            ours=entitlement.product_id,
        )
    # 3.
    license_digest = sha2.sha256(activation.license)
    receipt = unverified.verify(VerificationKey(activation.key), license_digest=license_digest)
    # 4.
    if activation.state == SUPERSEDED:
        assert activation.ended_at is not None
        raise DeniedError("HWL-DESK-RECEIPT-REPLACED", when=activation.ended_at.date())
    # 5.
    if activation.state == RETURNED:
        return _again(desk, books, activation, entitlement, receipt.returns.returned_at)
    now = desk.now()
    books.end_activation(activation.id, RETURNED, now)
    books.keep_receipt(activation.id, receipt.returns.returned_at)
    desk.record(
        books,
        "receive",
        activation.id.hex(),
        entitlement=entitlement.id,
        before=activation.state,
        returned_at=receipt.returns.returned_at.isoformat(),
    )
    return Booked(
        activation=replace(activation, state=RETURNED, ended_at=now),
        entitlement=books.hold_entitlement(entitlement.id),
        returned_at=now,
        again=False,
    )


def _again(
    desk: Desk,
    books: Books,
    activation: Activation,
    entitlement: Entitlement,
    receipt_at: datetime,
) -> Booked:
    assert activation.ended_at is not None  # as of every license that was returned
    notes: tuple[Finding, ...] = ()
    if activation.receipt_at not in (None, receipt_at):
        notes = hearing.reused(desk, books, activation, by="receipt", again=True)
        books.keep_receipt(activation.id, receipt_at)
    return Booked(
        activation=activation,
        entitlement=entitlement,
        returned_at=activation.ended_at,
        again=True,
        notes=notes,
    )
