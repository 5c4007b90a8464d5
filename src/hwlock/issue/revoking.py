"""What the desk takes back, and the list that says so.

1. What is taken back gets the next number of its product, and stands on every list from then on;
   nothing is ever taken off. A license that was taken back wrongly is replaced by a new one.
2. A license is of one product; a device, an issuer and an EK are taken back for all of them.
3. No machine knows the EK of its TPM by a license: the licenses of that EK go on the list one by
   one, and the desk answers no more requests of it.
4. Taking a license back leaves its seat taken: `hwlock vendor release` frees it. The machine may
   ask again, unless its device is taken back too or the entitlement is suspended.
5. An issuer is harmed from a moment on, which may lie in the past: what it issued before stays
   good. That moment can be moved to an earlier one, under a new number. The key in use cannot
   take itself back, because it signs the list: it is replaced first (`hwlock.issue.rotating`).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from hwlock.crypto.keys import Signer
from hwlock.errors import Finding, UsageError
from hwlock.issue import selling
from hwlock.issue.books import Books
from hwlock.issue.desk import Desk
from hwlock.issue.records import Revoked
from hwlock.issue.seats import Newcomer
from hwlock.license.revocation import (
    DEVICE,
    ISSUER,
    LICENSE,
    MAX_ENTRIES,
    Entry,
    Listed,
    device_subject,
    publish,
)

__all__ = ["EK", "against", "current", "make_list", "revoke", "take_back"]

EK = "ek"
_SIZES = {LICENSE: 16, DEVICE: 32, ISSUER: 16, EK: 32}
_MAX_DAYS = 3650


def revoke(
    desk: Desk,
    kind: str,
    subject: bytes,
    *,
    reason: str,
    after_days: int = 0,
    since: datetime | None = None,
) -> tuple[Revoked, ...]:
    """Take something back, from now or in some days on; return what was added, by product.

    Of an issuer, `since` is a moment in the past instead. UsageError where it is unknown or was
    taken back before.
    """
    reason = selling.text(reason, "reason")
    if len(subject) != _SIZES[kind]:
        raise UsageError("HWL-DESK-REVOKE-ID", kind=kind, id=subject.hex())
    now = desk.now()
    if since is not None and (kind != ISSUER or after_days or since > now):
        raise UsageError("HWL-DESK-REVOKE-SINCE")
    since = since or now + timedelta(days=min(max(after_days, 0), _MAX_DAYS))
    if kind == ISSUER:
        _refuse_own(desk, subject)
    with desk.registry.writing() as books:
        wanted = _wanted(books, kind, subject)
        added = tuple(
            one
            for product_id, what, whom in wanted
            if (one := take_back(desk, books, product_id, what, whom, reason, since)) is not None
        )
        if not added:
            raise UsageError("HWL-DESK-REVOKE-ID", kind=kind, id=subject.hex())
        if kind == ISSUER:
            books.replace_signing_key(subject, now)  # of an agent, who signs no more
        desk.record(
            books,
            "revoke",
            subject.hex(),
            kind=kind,
            since=since.isoformat(),
            reason=reason,
            numbers={one.product_id: one.number for one in added},
        )
    return added


def _refuse_own(desk: Desk, kid: bytes) -> None:
    signing = desk.keyring.present(ISSUER).kid
    own = [one.kid for one in desk.keyring.all() if not one.name and one.replaced_at is None]
    if kid in (signing, *own):
        raise UsageError("HWL-DESK-REVOKE-OWN", id=kid.hex())


def _wanted(books: Books, kind: str, subject: bytes) -> list[tuple[str, str, bytes]]:
    if kind == LICENSE:
        activation = books.activation(subject)
        sold = None if activation is None else books.entitlement(activation.entitlement_id)
        return [] if sold is None else [(sold.product_id, kind, subject)]
    wanted = [(product.id, kind, subject) for product in books.products()]
    if kind == EK:
        wanted += [(product, LICENSE, one) for product, one in books.licenses_of_ek(subject)]
    return wanted


def take_back(
    desk: Desk,
    books: Books,
    product_id: str,
    kind: str,
    subject: bytes,
    reason: str,
    since: datetime,
) -> Revoked | None:
    """Give something its number; None where it was taken back before. The audit is the caller's.

    An issuer that was taken back from a later moment on gets a new number.
    """
    before = books.revoked(product_id, kind, (subject,))
    if before and (kind != ISSUER or since >= before[0].since):
        return None
    revoked = Revoked(
        product_id=product_id,
        number=books.last_revocation(product_id) + 1,
        kind=kind,
        subject=subject,
        since=since,
        reason=reason,
        added_at=desk.now(),
    )
    if before:
        books.drop_revocation(before[0])
    books.add_revocation(revoked)
    return revoked


def make_list(desk: Desk, product_id: str, *, base: int = 0) -> tuple[Listed, bytes]:
    """Return the list of a product, full or what was added since `base`, and its file.

    UsageError where there is no such product, or nothing to say.
    """
    product = desk.product(product_id)
    delegation, signer = desk.delegation(product.id), desk.issuer()
    with desk.registry.writing() as books:
        listed = _listed(desk, books, product.id, base)
        if listed is None:
            raise UsageError("HWL-DESK-REVOKE-NONE", product=product.id, base=base)
        desk.record(books, "revocations", product.id, number=listed.number, base=base)
    return listed, publish(listed, signer, delegation)


def current(
    desk: Desk, books: Books, product_id: str, signer: Signer, delegation: bytes
) -> bytes | None:
    """Return the full list of a product as a file; None where nothing was ever taken back."""
    listed = _listed(desk, books, product_id, 0)
    return None if listed is None else publish(listed, signer, delegation)


def _listed(desk: Desk, books: Books, product_id: str, base: int) -> Listed | None:
    rows = books.revocations(product_id, after=base)
    if not rows:
        return None
    shown = [one for one in rows if one.kind != EK]
    if len(shown) > MAX_ENTRIES:
        raise UsageError("HWL-DESK-REVOKE-MANY", product=product_id, limit=MAX_ENTRIES)
    return Listed(
        product_id=product_id,
        number=rows[-1].number,
        base=base,
        issued_at=desk.now(),
        entries=tuple(Entry(kind=one.kind, subject=one.subject, since=one.since) for one in shown),
    )


def against(
    books: Books, product_id: str, newcomer: Newcomer, key: bytes, now: datetime
) -> list[Finding]:
    """Say what was taken back of a machine that asks; `key` is the one that signs for it."""
    keys = [key, *(dongle.identity[1] for dongle in newcomer.dongles)]
    if newcomer.tpm_key is not None:
        keys.append(newcomer.tpm_key)
    found = books.revoked(product_id, DEVICE, tuple(device_subject(one) for one in keys))
    if newcomer.ek_digest is not None:
        found += books.revoked(product_id, EK, (newcomer.ek_digest,))
    return [
        Finding("HWL-DESK-REVOKED", "deny", day=one.since.date(), reason=one.reason)
        for one in found
        if now >= one.since
    ]
