"""What a machine tells of its licenses, whenever it is heard of.

A request says which licenses are live there and which unlock codes were used, a diagnostic file
which licenses are there, a second receipt that a license was alive again. What is told is kept
whatever becomes of the request.

1. A license that is still there, and is booked as returned or lost, or was replaced by one that is:
   a backup was put back, which only a TPM would have noticed by itself. It is told to whoever sits
   at the desk, stands in the audit, and goes on the revocation list where the entitlement says so
   (`on_reuse`). No more follows: whoever tells a wrong id of a returned license harms nobody.
2. A code that was used is booked once. The entitlement gets the end to which the code led, and the
   limit of the counter, where these are more than it has: so the next license takes back nothing
   that a code gave. The later of two ends counts, not their sum; seats of one entitlement share it.
   A trial is of one machine: the end to which its codes led is that machine's alone.
3. A machine to which a license was moved by code has the seat of that license. When it gets a
   license of its own, the one that was moved is taken back, so that the old machine stops.
"""

from __future__ import annotations

from datetime import datetime

from hwlock.crypto import constant
from hwlock.errors import Finding
from hwlock.exchange.request import Asking, Held, use_proof
from hwlock.exchange.response import MAX_ENDED
from hwlock.issue import revoking
from hwlock.issue.books import Books
from hwlock.issue.desk import Desk
from hwlock.issue.records import (
    ACTIVE,
    LOST,
    RETURNED,
    REVOKE,
    SUPERSEDED,
    Activation,
    Entitlement,
    Locked,
)
from hwlock.license.amendment import TRANSFER, Redeemed, amended
from hwlock.license.license import Terms, UnverifiedLicense
from hwlock.license.model import TRIAL, Model
from hwlock.record import replace

__all__ = ["end_by_codes", "hear", "moved_here", "notice", "reused"]

_REASON = "used again after it was given back"


def hear(desk: Desk, books: Books, asks: Asking) -> tuple[Finding, ...]:
    """Book what a genuine request tells of the licenses on its machine; return what to tell."""
    findings: list[Finding] = []
    for held in asks.held:
        activation = books.activation(held.license_id)
        if activation is None:
            continue
        sold = books.hold_entitlement(activation.entitlement_id)
        if sold.product_id == asks.product_id:
            _book_codes(desk, books, sold, activation, _used(books, held, asks.nonce))
            findings += reused(desk, books, activation, by="request")
    return tuple(findings)


def notice(
    desk: Desk, books: Books, license_ids: tuple[bytes, ...], *, by: str
) -> tuple[Finding, ...]:
    """Book which of these licenses, told by a file of kind `by`, were returned; see rule 1."""
    told = [books.activation(one) for one in license_ids]
    return tuple(
        found for one in told if one is not None for found in reused(desk, books, one, by=by)
    )


def ended(books: Books, asks: Asking, before: Activation | None) -> tuple[bytes, ...]:
    """Return which licenses of this machine hold no seat: `before`, and what it tells of."""
    known = [books.activation(one.license_id) for one in asks.held]
    gone = [one.id for one in known if one is not None and one.state != ACTIVE]
    if before is not None:
        gone.insert(0, before.id)
    return tuple(dict.fromkeys(gone))[:MAX_ENDED]


def reused(
    desk: Desk, books: Books, activation: Activation, *, by: str, again: bool = False
) -> tuple[Finding, ...]:
    """Book that a license is still on a machine, if it was returned or lost; else nothing.

    `by` names the file that told. `again` says that it was given back a second time.
    """
    fate = _fate(books, activation)
    if fate.state not in (RETURNED, LOST):
        return ()
    assert fate.ended_at is not None  # as of every license that has ended
    sold = books.hold_entitlement(activation.entitlement_id)
    now, added = desk.now(), None
    if sold.on_reuse == REVOKE:
        added = revoking.take_back(
            desk, books, sold.product_id, "license", activation.id, _REASON, now
        )
    desk.record(
        books,
        "reuse",
        activation.id.hex(),
        entitlement=sold.id,
        told_by=by,
        state=fate.state,
        ended_at=fate.ended_at.isoformat(),
        revoked=None if added is None else added.number,
    )
    code = "HWL-DESK-REUSED-LOST" if fate.state == LOST else "HWL-DESK-REUSED"
    if again:
        code = "HWL-DESK-REUSED-AGAIN"
    found = [
        Finding(code, "warn", license=activation.id.hex(), day=fate.ended_at.date()),
    ]
    if books.revoked(sold.product_id, "license", (activation.id,)):
        found.append(Finding("HWL-DESK-REUSED-REVOKED", "note", license=activation.id.hex()))
    return tuple(found)


def _fate(books: Books, activation: Activation) -> Activation:
    """Return what became of a license: of itself, or of the newest that took over its seat."""
    while activation.state == SUPERSEDED and activation.replaced_by is not None:
        newer = books.activation(activation.replaced_by)
        assert newer is not None  # nothing ever removes one
        activation = newer
    return activation


def end_by_codes(books: Books, asks: Asking, entitlement_id: str) -> datetime | None:
    """Return the latest end to which codes led licenses of an entitlement on this machine."""
    ends = []
    for held in asks.held:
        activation = books.activation(held.license_id)
        if activation is not None and activation.entitlement_id == entitlement_id:
            after = _as_amended(books, activation)
            if after is not None:
                ends.append(after.expires_at)
    return max((end for end in ends if end is not None), default=None)


def moved_here(books: Books, asks: Asking, entitlement_id: str) -> Activation | None:
    """Return the license with a seat of an entitlement that a code has moved to this machine."""
    for held in asks.held:
        activation = books.activation(held.license_id)
        if activation is None or activation.state != ACTIVE:
            continue
        proven = dict(held.used)
        moves = [one for one in books.amendments(activation.id) if one.kind == TRANSFER]
        if activation.entitlement_id == entitlement_id and any(
            constant.equal(proven.get(one.index, b""), _proof(one, asks.nonce)) for one in moves
        ):
            return activation
    return None


def _proof(one: Locked, nonce: bytes) -> bytes:
    return use_proof(nonce, one.license_id, one.index, _number(one))


def _used(books: Books, held: Held, nonce: bytes) -> list[Locked]:
    """Return the changes of a license that the machine proves to have used, not yet booked."""
    known = {one.index: one for one in books.amendments(held.license_id) if one.used_at is None}
    return [
        one
        for index, proof in held.used
        if (one := known.get(index)) is not None
        and constant.equal(proof, use_proof(nonce, one.license_id, index, _number(one)))
    ]


def _number(one: Locked) -> int:
    return int.from_bytes(one.code, "big")


def _book_codes(
    desk: Desk, books: Books, sold: Entitlement, activation: Activation, used: list[Locked]
) -> None:
    for one in used:
        books.use_amendment(one, desk.now())
        desk.record(
            books,
            "redeemed",
            activation.id.hex(),
            entitlement=sold.id,
            index=one.index,
            change=one.said,
            given=one.given_at is not None,
        )
    after = _as_amended(books, activation) if used else None
    if after is None or sold.model.kind == TRIAL:
        return
    changed = replace(sold, expires_at=_later(sold, after), model=_raised(sold.model, after.model))
    if changed != sold:
        books.extend_entitlement(changed)
        end = changed.expires_at
        desk.record(
            books,
            "entitlement extend",
            sold.id,
            expires_at=None if end is None else end.isoformat(),
            license=activation.id.hex(),
        )


def _as_amended(books: Books, activation: Activation) -> Terms | None:
    """Return the terms of a license as its booked codes left them; None where there are none."""
    used = [one for one in books.amendments(activation.id) if one.used_at is not None]
    if not used:
        return None
    redeemed = tuple(
        Redeemed(license_id=activation.id, index=one.index, number=_number(one)) for one in used
    )
    # the registry holds what this desk signed itself: parsing is enough
    return amended(UnverifiedLicense.parse(activation.license).says, redeemed)


def _later(sold: Entitlement, terms: Terms) -> datetime | None:
    if sold.expires_at is None or terms.expires_at is None:
        return sold.expires_at
    return max(sold.expires_at, terms.expires_at)


def _raised(model: Model, by: Model) -> Model:
    """Return a model whose counters have at least the limits that they have in another."""
    limits = {one.name: one.limit for one in by.counters}
    counters = tuple(
        replace(one, limit=max(one.limit, limits.get(one.name, 0))) for one in model.counters
    )
    return replace(model, counters=counters)
