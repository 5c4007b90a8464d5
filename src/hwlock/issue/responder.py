"""From a request to a response, or to the reasons why not.

 1. the file is a request;
 2. its product is one of this desk, and its key id one of that product's entitlements;
 3. its signer holds the key that it names, and had the activation key;
 4. its evidence is true (`hwlock.issue.appraisal`);
    -- what it tells of the licenses on its machine is booked (`hwlock.issue.hearing`) --
    -- from here on in one transaction, which holds the entitlement --
 5. it was not answered before with a license that has since been returned, released or
    replaced or taken back; a license that is still in use is given again;
 6. the receipts that came with it free their seats (`hwlock.issue.transfers`);
    the entitlement is active and its term has not ended; neither the machine's TPM nor a device
    was taken back (`hwlock.issue.revoking`);
 7. what the machine offers meets the entitlement's binding; it has not had this trial
    (`hwlock.issue.trials`);
 8. the seat is the machine's own (`hwlock.issue.seats`), or one is free;
 9. the issuer may grant all this;
10. the license is signed, put into the books with its audit record, and sealed for the
    TPM where there is one.

Steps 6 to 8 collect: a refusal says everything that stands in the way. Refusals from step 2
on are audited as well. A file that is no request is nobody's request, and is not.

A request is known again (step 5) by what its signature covers, not by its file: an ECDSA
signature can be turned into a second one without the key.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from hwlock.codec import armor
from hwlock.crypto import sha2
from hwlock.crypto.keys import Signer
from hwlock.crypto.trust import Product, verify_delegation
from hwlock.errors import DeniedError, Finding, FormatError, HwlockError, UntrustedError
from hwlock.exchange.receipt import UnverifiedReceipt
from hwlock.exchange.request import Request, UnverifiedRequest
from hwlock.exchange.response import Answer, answer
from hwlock.issue import amending, hearing, payloads, revoking, roots, seats, transfers
from hwlock.issue.appraisal import Appraised, appraise
from hwlock.issue.books import Books
from hwlock.issue.desk import Desk
from hwlock.issue.records import (
    ACTIVE,
    LOST,
    RETURNED,
    Activation,
    Entitlement,
    Used,
)
from hwlock.issue.sealing import seal
from hwlock.issue.trials import end_of_trial
from hwlock.license import expression, offers
from hwlock.license.binding import Binding
from hwlock.license.license import Terms, UnverifiedLicense, issue
from hwlock.license.model import TRIAL
from hwlock.license.revocation import LICENSE
from hwlock.record import Record, replace

__all__ = ["NEW", "REACTIVATED", "REPEATED", "RESPONSE_DAYS", "Answered", "respond"]

RESPONSE_DAYS = 14
# what a response is to its machine
NEW = "new"
REACTIVATED = "reactivated"
REPEATED = "repeated"
_ID_BYTES = 16


class Answered(Record):
    """A response in binary form, and what a support agent wants to know of it.

    `kind` is NEW (a seat was taken), REACTIVATED (the machine's own seat, new license) or
    REPEATED (this request was answered before, with the same license). `entitlement` is as
    it is afterwards. `notes` are findings that deny nothing. `moved` are the licenses that were
    given back for this answer.
    """

    response: bytes
    kind: str
    entitlement: Entitlement
    activation: Activation
    sealed: bool
    expires_at: datetime
    notes: tuple[Finding, ...] = ()
    moved: tuple[Activation, ...] = ()


class _Case(Record):
    """A request that passed steps 1 to 4; `name` is what it is known by in the books.

    `receipts` came inside it or with it; `decided` tells that somebody wants the transfer.
    """

    request: Request
    name: bytes
    product: Product
    entitlement_id: str
    appraised: Appraised
    delegation: bytes
    now: datetime
    receipts: tuple[UnverifiedReceipt, ...]
    decided: bool


def respond(
    desk: Desk, file: bytes, *, receipts: tuple[bytes, ...] = (), transfer: bool = False
) -> Answered:
    """Answer a request file (armored or binary).

    `receipts` are files that came with it, besides those inside; `transfer` lets them move a seat
    beyond what was agreed for the entitlement.

    FormatError where it is none, or its evidence is none; DeniedError with all findings, or
    UntrustedError, where it is refused; StoreError, and UntrustedError for a wrong
    passphrase, where the desk fails.
    """
    # 1.
    _, raw = armor.decode(file, expected_label="REQUEST")
    unverified = UnverifiedRequest.parse(raw)
    signer = desk.issuer()
    heard: tuple[Finding, ...] = ()
    try:
        case = _examine(desk, unverified, receipts, decided=transfer)
        heard = _hear(desk, case)
        with desk.registry.writing() as books:
            answered = _decide(desk, books, case, signer)
    except (DeniedError, FormatError, UntrustedError) as exc:
        if isinstance(exc, DeniedError):
            exc.findings += heard
        _audit_refusal(desk, unverified, exc, signer)
        raise
    return replace(answered, notes=(*heard, *answered.notes))


def _examine(
    desk: Desk, unverified: UnverifiedRequest, receipts: tuple[bytes, ...], *, decided: bool
) -> _Case:
    asks = unverified.says
    # 2.
    with desk.registry.reading() as books:
        product = books.product(asks.product_id)
        sold = books.entitlement_of_key(asks.key_id)
    if product is None:
        raise DeniedError("HWL-DESK-REQUEST-PRODUCT", product=asks.product_id)
    if sold is None or sold.product_id != product.id:
        raise DeniedError("HWL-DESK-REQUEST-KEY", product=product.id)
    # 3.
    request = unverified.verify()
    if not asks.proves(sold.key):
        raise UntrustedError("HWL-DESK-PROOF", entitlement=sold.id)
    # 4.
    now = desk.now()
    appraised = appraise(
        asks, expected_salt=sold.key.salt(product.id), roots=partial(roots.read, desk.path), now=now
    )
    return _Case(
        request=request,
        name=_name_of(unverified),
        product=product,
        entitlement_id=sold.id,
        appraised=appraised,
        delegation=desk.delegation(product.id),
        now=now,
        receipts=transfers.parse((*asks.receipts, *receipts)),
        decided=decided,
    )


def _hear(desk: Desk, case: _Case) -> tuple[Finding, ...]:
    """Keep what the machine tells, whatever becomes of its request."""
    with desk.registry.writing() as books:
        books.hold_entitlement(case.entitlement_id)
        _book_usage(books, case)
        return hearing.hear(desk, books, case.request.asks)


def _name_of(unverified: UnverifiedRequest) -> bytes:
    return sha2.sha256(unverified.signed.to_be_signed)


def _decide(desk: Desk, books: Books, case: _Case, signer: Signer) -> Answered:
    entitlement = books.hold_entitlement(case.entitlement_id)
    # 5.
    earlier = books.activation_of_request(case.name)
    if earlier is not None:
        _refuse_ended(earlier)
        if books.revoked(case.product.id, LICENSE, (earlier.id,)):
            raise DeniedError("HWL-DESK-REQUEST-REVOKED", answered=earlier.issued_at.date())
        _refuse_if(_standing(entitlement, case.now), entitlement)
        return _give(desk, books, case, signer, earlier, REPEATED)
    # 6. 7. 8.
    moving = transfers.move(desk, books, entitlement, case.receipts, decided=case.decided)
    entitlement = books.hold_entitlement(case.entitlement_id)
    against = [*moving.against, *_standing(entitlement, case.now)]
    binding = _bound(entitlement, case.appraised, against)
    newcomer = case.appraised.newcomer
    key = case.request.asks.key.raw
    against += revoking.against(books, case.product.id, newcomer, key, case.now)
    resembling = books.resembling(entitlement.id, keys=newcomer.keys, parts=newcomer.parts)
    before = seats.same_machine(newcomer, binding, resembling)
    by_code = hearing.moved_here(books, case.request.asks, entitlement.id)
    before = before or by_code
    if before is None and entitlement.taken >= entitlement.seats:
        against.append(_no_seat(entitlement))
    ends_at = entitlement.expires_at
    if entitlement.trial_days:
        ends_at, had = end_of_trial(books, entitlement, newcomer, case.now)
        by_codes = hearing.end_by_codes(books, case.request.asks, entitlement.id)
        if by_codes is not None and by_codes > max(ends_at, case.now):
            ends_at, had = by_codes, ()
        against.extend(had)
    _refuse_if(against, entitlement)
    assert binding is not None
    terms = _terms(desk, books, case, entitlement, binding, ends_at)
    given = () if before is None else books.amendments(before.id)
    codes = amending.inherited(entitlement.amend, given, desk.entropy)
    terms = replace(terms, amendments=amending.locked(terms.id, entitlement.amend, codes))
    # 9.
    _within_limits(case, terms)
    # 10.
    activation = _activation(case, terms, issue(terms, signer, case.delegation))
    if before is not None:
        books.replace_activation(before.id, terms.id, case.now)
    if before is not None and before == by_code:
        why = "moved to another machine by an unlock code"
        revoking.take_back(desk, books, case.product.id, LICENSE, before.id, why, case.now)
    kind = NEW if before is None else REACTIVATED
    answered = _give(desk, books, case, signer, activation, kind, before)
    books.add_amendments(amending.entries(terms, codes, given))
    transfers.finish(desk, books, entitlement, moving, terms.id)
    return replace(answered, moved=moving.given_back, notes=(*moving.notes, *answered.notes))


def _book_usage(books: Books, case: _Case) -> None:
    """Keep what the machine says that it has used up, of the entitlement that it asks for."""
    asks = case.request.asks
    for total in asks.usage:
        if total.entitlement_id == case.entitlement_id:
            books.add_usage(
                Used(
                    entitlement_id=case.entitlement_id,
                    key=asks.key.raw,
                    counter=total.name,
                    total=total.total,
                    told_at=case.now,
                )
            )


def _refuse_ended(earlier: Activation) -> None:
    if earlier.ended_at is None:
        return
    answered, ended = earlier.issued_at.date(), earlier.ended_at.date()
    if earlier.state == RETURNED:
        raise DeniedError("HWL-DESK-REQUEST-RETURNED", answered=answered, ended=ended)
    if earlier.state == LOST:
        raise DeniedError("HWL-DESK-REQUEST-LOST", answered=answered, ended=ended)
    raise DeniedError("HWL-DESK-REQUEST-REPLACED", answered=answered, ended=ended)


def _standing(entitlement: Entitlement, now: datetime) -> list[Finding]:
    against = []
    if entitlement.state != ACTIVE:
        against.append(Finding("HWL-DESK-SUSPENDED", "deny", entitlement=entitlement.id))
    if entitlement.expires_at is not None and now >= entitlement.expires_at:
        when = entitlement.expires_at.date()
        against.append(Finding("HWL-DESK-ENDED", "deny", entitlement=entitlement.id, when=when))
    return against


def _bound(
    entitlement: Entitlement, appraised: Appraised, against: list[Finding]
) -> Binding | None:
    try:
        return offers.bind(expression.parse(entitlement.bind), appraised.offers)
    except DeniedError as exc:
        against.append(Finding(exc.code, "deny", **exc.details))
        against.extend(found for found in exc.findings if found.code != exc.code)
        against.extend(appraised.notes)
        return None


def _no_seat(entitlement: Entitlement) -> Finding:
    return Finding(
        "HWL-DESK-SEATS",
        "deny",
        seats=entitlement.seats,
        taken=entitlement.taken,
        entitlement=entitlement.id,
    )


def _refuse_if(against: list[Finding], entitlement: Entitlement) -> None:
    if against:
        raise DeniedError(
            "HWL-DESK-REFUSED", findings=tuple(against), customer=entitlement.customer
        )


def _terms(
    desk: Desk,
    books: Books,
    case: _Case,
    entitlement: Entitlement,
    binding: Binding,
    ends_at: datetime | None,
) -> Terms:
    return Terms(
        id=desk.entropy(_ID_BYTES),
        product_id=entitlement.product_id,
        entitlement_id=entitlement.id,
        customer=entitlement.customer,
        features=entitlement.features,
        seats=entitlement.seats,
        issued_at=case.now,
        expires_at=ends_at,
        binding=binding,
        key=case.request.asks.key,
        model=entitlement.model,
        content_keys=payloads.wrapped(
            desk, books, entitlement, case.request.asks, case.appraised, binding
        ),
    )


def _within_limits(case: _Case, terms: Terms) -> None:
    limits = verify_delegation(case.delegation, case.product).limits
    limits.refuse(features=terms.features, term_days=terms.term_days, seats=terms.seats)


def _activation(case: _Case, terms: Terms, license: bytes) -> Activation:
    asks = case.request.asks
    newcomer = case.appraised.newcomer
    return Activation(
        id=terms.id,
        entitlement_id=terms.entitlement_id,
        state=ACTIVE,
        request_name=case.name,
        license=license,
        key=asks.key.raw,
        ek_digest=newcomer.ek_digest,
        assurance=terms.binding.assurance,
        software=asks.software,
        note=asks.note,
        issued_at=case.now,
        audit_sequence=0,
    )


def _give(
    desk: Desk,
    books: Books,
    case: _Case,
    signer: Signer,
    activation: Activation,
    kind: str,
    before: Activation | None = None,
) -> Answered:
    """Write books and audit, and make the response; the transaction is the caller's."""
    sequence = desk.record(
        books,
        "respond",
        activation.entitlement_id,
        signer=signer,
        kind=kind,
        product=case.product.id,
        request=case.name.hex(),
        license=activation.id.hex(),
        license_digest=sha2.sha256(activation.license).hex(),
        assurance=activation.assurance,
        replaces=None if before is None else before.id.hex(),
    )
    if kind != REPEATED:
        activation = replace(activation, audit_sequence=sequence)
        terms = UnverifiedLicense.parse(activation.license).says
        parts = seats.parts_of(terms.binding)
        if terms.model.kind == TRIAL:  # a machine is known again however its trial was bound
            parts += case.appraised.newcomer.parts
        books.add_activation(activation, parts)
    expires_at = case.now + timedelta(days=RESPONSE_DAYS)
    sealed = seal(activation.license, case.request, case.appraised.ak_name, desk.entropy)
    says = Answer(
        product_id=case.product.id,
        nonce=case.request.asks.nonce,
        request=case.request.digest,
        issued_at=case.now,
        expires_at=expires_at,
        license=activation.license if sealed is None else None,
        sealed=sealed,
        revocations=revoking.current(desk, books, case.product.id, signer, case.delegation),
        ended=hearing.ended(books, case.request.asks, before),
    )
    return Answered(
        response=answer(says, signer, case.delegation),
        kind=kind,
        entitlement=books.hold_entitlement(case.entitlement_id),
        activation=activation,
        sealed=sealed is not None,
        expires_at=expires_at,
        notes=case.appraised.notes,
    )


def _audit_refusal(
    desk: Desk, unverified: UnverifiedRequest, exc: HwlockError, signer: Signer
) -> None:
    findings = exc.findings if isinstance(exc, DeniedError) else ()
    with desk.registry.writing() as books:
        sold = books.entitlement_of_key(unverified.says.key_id)
        desk.record(
            books,
            "respond",
            "unknown" if sold is None else sold.id,
            outcome=exc.code,
            signer=signer,
            product=unverified.says.product_id,
            request=_name_of(unverified).hex(),
            findings=[found.code for found in findings if found.code != exc.code],
        )
