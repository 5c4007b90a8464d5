"""What may be sold: names, features and terms, checked before they reach a signed file."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, time, timedelta, timezone

from hwlock.codec.fields import Fields
from hwlock.errors import FormatError, UsageError
from hwlock.exchange.activation_key import ActivationKey
from hwlock.issue import amending
from hwlock.issue.records import ACTIVE, REVOKE, TELL, Entitlement
from hwlock.license import expression
from hwlock.license.content_keys import MAX_KEYS
from hwlock.license.model import SUBSCRIPTION, TRIAL, Model
from hwlock.record import Record, replace
from hwlock.store import names

__all__ = ["Sale", "end_of_day", "entitlement", "expiry", "extended", "product_id", "text"]

MAX_SEATS = 1_000_000
MAX_DAYS = 36_500
MAX_FEATURES = 64
ID_PREFIX = "E-"
_NAME_BYTES = 255
_ID_BYTES = 5
# Crockford's base 32: no letter that looks like a digit
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Sale(Record):
    """What a customer buys; `bind` says what its licenses are bound to.

    `model` is the kind of license; `trial_days` is how long a trial lasts on each machine;
    `opens` names the content keys of sealed files that it opens;
    `amend` is what unlock codes can change later (`hwlock.issue.amending`).
    Of `losses` so many may be booked within a year, `loss_wait_days` apart, and of `transfers`
    to another machine, `transfer_wait_days` apart; `on_reuse` as in an Entitlement.
    """

    product_id: str
    customer: str
    features: tuple[str, ...] = ()
    seats: int = 1
    expires_at: datetime | None = None
    bind: str = expression.DEFAULT
    model: Model = Model()
    trial_days: int = 0
    opens: tuple[str, ...] = ()
    amend: tuple[str, ...] = amending.DEFAULT
    losses: int = 3
    loss_wait_days: int = 7
    transfers: int = 3
    transfer_wait_days: int = 7
    on_reuse: str = REVOKE


def product_id(value: str) -> str:
    """Return `value` if it can be a product's id; UsageError."""
    if not names.is_product_id(value):
        raise UsageError("HWL-DESK-PRODUCT-ID", id=value)
    return value


def text(value: str, what: str) -> str:
    """Return `value` as files carry text (NFC, no control characters); UsageError."""
    composed = unicodedata.normalize("NFC", value.strip())
    try:
        if composed:
            return Fields({1: composed}, what).text(1, what, max_bytes=_NAME_BYTES)
    except FormatError as exc:
        raise UsageError("HWL-DESK-TEXT", what=what, limit=_NAME_BYTES) from exc
    raise UsageError("HWL-DESK-TEXT", what=what, limit=_NAME_BYTES)


def expiry(now: datetime, *, days: int | None = None, until: date | None = None) -> datetime | None:
    """Return the last moment of a term: so many days from now, or the end of a day in UTC.

    None, a perpetual term, where neither is given. UsageError for a term that is over.
    """
    if until is not None:
        end = end_of_day(until)
    elif days is not None:
        if not 1 <= days <= MAX_DAYS:
            raise UsageError("HWL-DESK-NUMBER", what="number of days", least=1, most=MAX_DAYS)
        end = now + timedelta(days=days)
    else:
        return None
    if end <= now:
        raise UsageError("HWL-DESK-PAST", when=end.date())
    return end


def entitlement(sale: Sale, entropy: bytes, now: datetime) -> Entitlement:
    """Return a new entitlement with its activation key; `entropy` is 18 fresh bytes."""
    if not 1 <= sale.seats <= MAX_SEATS:
        raise UsageError("HWL-DESK-NUMBER", what="number of seats", least=1, most=MAX_SEATS)
    if len(sale.features) > MAX_FEATURES:
        raise UsageError("HWL-DESK-NUMBER", what="number of features", least=0, most=MAX_FEATURES)
    if len(sale.opens) > MAX_KEYS:
        raise UsageError("HWL-DESK-NUMBER", what="number of content keys", least=0, most=MAX_KEYS)
    _refuse_allowance("losses", sale.losses, sale.loss_wait_days)
    _refuse_allowance("transfers", sale.transfers, sale.transfer_wait_days)
    expression.parse(sale.bind)
    features = tuple(sorted({text(feature, "feature") for feature in sale.features}))
    _refuse_contradiction(sale, features, now)
    return Entitlement(
        id=_speakable(entropy[:_ID_BYTES]),
        product_id=sale.product_id,
        customer=text(sale.customer, "customer's name"),
        key=ActivationKey.make(entropy[_ID_BYTES:]),
        features=features,
        seats=sale.seats,
        bind=sale.bind,
        expires_at=sale.expires_at,
        state=ACTIVE,
        added_at=now,
        model=sale.model,
        trial_days=sale.trial_days,
        opens=tuple(sorted({text(name, "content key's name") for name in sale.opens})),
        amend=amending.checked(
            sale.amend, sale.model, ends=bool(sale.trial_days) or sale.expires_at is not None
        ),
        losses=sale.losses,
        loss_wait_days=sale.loss_wait_days,
        transfers=sale.transfers,
        transfer_wait_days=sale.transfer_wait_days,
        on_reuse=TELL if sale.on_reuse == TELL else REVOKE,
    )


def extended(
    sold: Entitlement, *, days: int | None, until: date | None, maintained_until: date | None
) -> Entitlement:
    """Return an entitlement with more time; UsageError where it has no such time.

    A trial gets more days on each machine, maintenance another day, anything else an end that
    is so many days later, or the end of that day in UTC.
    """
    if (days is None) + (until is None) + (maintained_until is None) != 2:
        raise UsageError("HWL-DESK-EXTEND", why="say one of days, an end, an end of maintenance")
    if days is not None and not 1 <= days <= MAX_DAYS:
        raise UsageError("HWL-DESK-NUMBER", what="number of days", least=1, most=MAX_DAYS)
    if maintained_until is not None:
        if sold.model.maintained_until is None:
            raise UsageError("HWL-DESK-EXTEND", why="it was sold without maintenance")
        return replace(
            sold, model=replace(sold.model, maintained_until=end_of_day(maintained_until))
        )
    if sold.model.kind == TRIAL:
        if days is None:
            raise UsageError("HWL-DESK-EXTEND", why="a trial is extended by days")
        return replace(sold, trial_days=min(sold.trial_days + days, MAX_DAYS))
    if sold.expires_at is None:
        raise UsageError("HWL-DESK-EXTEND", why="it was sold for good")
    end = sold.expires_at + timedelta(days=days) if days is not None else None
    return replace(sold, expires_at=end or end_of_day(until or sold.expires_at.date()))


def end_of_day(day: date) -> datetime:
    """Return the last second of a day in UTC."""
    return datetime.combine(day, time(23, 59, 59), timezone.utc)


def _refuse_allowance(what: str, most: int, wait_days: int) -> None:
    if not (0 <= most <= 365 and 0 <= wait_days <= 365):
        raise UsageError("HWL-DESK-NUMBER", what=f"number of {what} or days", least=0, most=365)


def _refuse_contradiction(sale: Sale, features: tuple[str, ...], now: datetime) -> None:
    """Refuse what no license could say, before it is sold; UsageError."""
    trial = sale.model.kind == TRIAL
    if trial != bool(sale.trial_days):
        raise UsageError("HWL-DESK-MODEL", why="a trial, and nothing else, has days of trial")
    if trial and not 1 <= sale.trial_days <= MAX_DAYS:
        raise UsageError("HWL-DESK-NUMBER", what="days of trial", least=1, most=MAX_DAYS)
    ends_at = now if trial else sale.expires_at
    if sale.model.kind == SUBSCRIPTION and ends_at is None:
        raise UsageError("HWL-DESK-MODEL", why="a subscription needs a term: --days or --until")
    try:
        sale.model.refuse_contradiction(features, ends_at)
        if said := sale.model.encode():
            Model.parse(said)
    except FormatError as exc:
        raise UsageError("HWL-DESK-MODEL", why=exc.message) from exc


def _speakable(entropy: bytes) -> str:
    """Return an id that can be read out on the phone: E- and 8 letters or digits."""
    number = int.from_bytes(entropy, "big")
    return ID_PREFIX + "".join(_ALPHABET[number >> shift & 31] for shift in range(35, -1, -5))
