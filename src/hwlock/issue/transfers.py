"""A seat moves from one machine to another: a receipt of the old one, a request of the new one.

The receipt comes inside the request, or beside it. Return and answer are one transaction:

1. each receipt is genuine (`hwlock.issue.returns`), of a license of the entitlement that is asked
   for, and books its return;
2. one that was booked before is no transfer: somebody decided that return;
3. transfers keep to what was agreed for the entitlement: so many in a year, and so many days
   apart. Beyond that a person decides, who is named in the audit. A request is one transfer,
   however many receipts it brings.

What was refused booked nothing: the receipt can be shown again.
"""

from __future__ import annotations

from datetime import datetime

from hwlock.codec import armor
from hwlock.errors import Finding
from hwlock.exchange.receipt import UnverifiedReceipt
from hwlock.issue import allowances, returns
from hwlock.issue.books import Books
from hwlock.issue.desk import Desk
from hwlock.issue.records import Activation, Entitlement
from hwlock.record import Record

__all__ = ["Moving", "finish", "move", "parse"]


class Moving(Record):
    """Licenses whose seats were just given back, and what stands against moving them.

    `forced` tells that a person decided beyond what was agreed; `notes` are what was noticed.
    """

    given_back: tuple[Activation, ...] = ()
    against: tuple[Finding, ...] = ()
    notes: tuple[Finding, ...] = ()
    forced: bool = False


def parse(files: tuple[bytes, ...]) -> tuple[UnverifiedReceipt, ...]:
    """Return the receipts in `files` (armored or binary), each license once; FormatError."""
    parsed = [
        UnverifiedReceipt.parse(armor.decode(file, expected_label="RECEIPT")[1]) for file in files
    ]
    return tuple({one.says.license_id: one for one in parsed}.values())


def move(
    desk: Desk,
    books: Books,
    sold: Entitlement,
    receipts: tuple[UnverifiedReceipt, ...],
    *,
    decided: bool,
) -> Moving:
    """Book the returns that `receipts` prove; `decided` lets them pass what was agreed.

    DeniedError or UntrustedError for a receipt that is not genuine.
    """
    next_at = _next(books, sold, desk.now())
    moved: list[Activation] = []
    notes: list[Finding] = []
    against: list[Finding] = []
    for receipt in receipts:
        # 1.
        if _entitlement_id(books, receipt) != sold.id:
            license_id = receipt.says.license_id.hex()
            against.append(
                Finding("HWL-DESK-TRANSFER-OTHER", "deny", license=license_id, entitlement=sold.id)
            )
            continue
        booked = returns.book(desk, books, receipt)
        notes += booked.notes
        # 2.
        if not booked.again:
            moved.append(booked.activation)
    # 3.
    beyond = bool(moved) and next_at is not None
    if beyond and not decided:
        assert next_at is not None
        against.append(_refused(sold, next_at))
    return Moving(
        given_back=tuple(moved), against=tuple(against), notes=tuple(notes), forced=beyond
    )


def finish(desk: Desk, books: Books, sold: Entitlement, moving: Moving, to: bytes) -> None:
    """Book that a seat went to the license `to` (its id): one, for whoever asks is one machine."""
    for one in moving.given_back[:1]:
        books.move_activation(one.id, to)
        desk.record(
            books, "transfer", sold.id, license=one.id.hex(), to=to.hex(), forced=moving.forced
        )


def _entitlement_id(books: Books, receipt: UnverifiedReceipt) -> str:
    """Return whose license a receipt is for; "" for one that this desk does not know."""
    found = books.activation(receipt.says.license_id)
    return "" if found is None else found.entitlement_id


def _next(books: Books, sold: Entitlement, now: datetime) -> datetime | None:
    moved = [one for one in books.activations(sold.id) if one.moved_to is not None]
    return allowances.next_allowed(
        [one.ended_at for one in moved if one.ended_at is not None],
        most=sold.transfers,
        wait_days=sold.transfer_wait_days,
        now=now,
    )


def _refused(sold: Entitlement, next_at: datetime) -> Finding:
    return Finding(
        "HWL-DESK-TRANSFERS",
        "deny",
        entitlement=sold.id,
        transfers=sold.transfers,
        days=sold.transfer_wait_days,
        next=allowances.said(next_at),
    )
