"""New keys for the desk, and what becomes of those that they replace.

1. A new *issuer* key is appointed for every product by the root in use. Licenses that the old one
   signed stay good; after that it can be taken back (`hwlock.issue.revoking`), from a moment on
   that may lie in the past.
2. A new *root* is endorsed by the old one. Each product gets a newer file, in which the old root
   is a former one: it goes on for the keys that it had appointed, and appoints nobody new. The
   delegation in use stays in use until its last year, because machines that know nothing of the
   new root accept it as well.
3. A former root is *dropped* when what it appointed shall count no more: the licenses behind it
   fall on every machine that has the newest product file, and are to be renewed.
4. An *agent* has an issuer key by name, under a passphrase and with limits of its own. A second key
   of the same name replaces the first.

A change is one transaction of the registry; its record in the audit is signed by the root that was
in use before. Files of keys that were replaced are never read again and can be taken away.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from hwlock.codec import cose
from hwlock.crypto.keys import Signer, VerificationKey
from hwlock.crypto.succession import endorse
from hwlock.crypto.trust import (
    MAX_APPOINTED,
    MAX_ENDORSEMENTS,
    MAX_FORMER,
    Former,
    Limits,
    Product,
    Replaced,
)
from hwlock.errors import UsageError
from hwlock.issue import selling
from hwlock.issue.books import Books
from hwlock.issue.desk import Desk
from hwlock.issue.keyring import ISSUER, ROOT, keys_in
from hwlock.issue.records import Activation, SigningKey
from hwlock.license.revocation import ISSUER as REVOKED
from hwlock.record import Record, replace

__all__ = ["Kept", "add_agent", "drop_root", "issued_by", "kept", "rotate_issuer", "rotate_root"]

_SECOND = timedelta(seconds=1)
_BEGINNING = datetime.fromtimestamp(0, timezone.utc)


class Kept(Record):
    """A key of the desk as a person sees it: `is_here` tells whether its file is.

    `products` are those that it may sign for, each with the end of its newest delegation; a root
    has none.
    """

    key: SigningKey
    is_here: bool
    products: tuple[tuple[str, datetime], ...] = ()
    revoked_since: datetime | None = None
    former_in: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """In use, replaced, former (a root that still counts for some), or taken back."""
        if self.revoked_since is not None:
            return f"taken back from {self.revoked_since:%Y-%m-%d} on"
        if self.key.replaced_at is None:
            return "in use"
        day = f"{self.key.replaced_at:%Y-%m-%d}"
        former = ", counts for what it appointed" if self.former_in else ""
        return f"replaced {day}{former}"

    @property
    def until(self) -> datetime | None:
        """The first end of a delegation of a key in use."""
        ends = [end for _, end in self.products]
        return min(ends, default=None) if self.key.replaced_at is None else None


def kept(desk: Desk) -> tuple[Kept, ...]:
    """Return every key of the desk, the oldest first."""
    with desk.registry.reading() as books:
        products, found = books.products(), keys_in(books, desk.settings)
        ends = {(one.kid, one.product_id): one.valid_until for one in books.appointments()}
        revoked = {
            one.subject: one.since
            for product in products
            for one in books.revoked(product.id, REVOKED, tuple(key.kid for key in found))
        }
    return tuple(
        Kept(
            key=key,
            is_here=desk.keyring.is_here(key),
            products=tuple((name, end) for (kid, name), end in ends.items() if kid == key.kid),
            revoked_since=revoked.get(key.kid),
            former_in=tuple(
                product.id
                for product in products
                if any(one.key.kid == key.kid for one in product.former)
            ),
        )
        for key in found
    )


def rotate_issuer(desk: Desk) -> SigningKey:
    """Make a new issuer key for this desk, and use it from now on; StoreError, UntrustedError.

    UsageError where one root would have appointed too many.
    """
    limits = {product.id: Limits(products=(product.id,)) for product in desk.products()}
    return _new_issuer(desk, "key rotate", name="", limits=limits)


def add_agent(
    desk: Desk, name: str, *, passphrase: str, limits: Limits, days: int | None = None
) -> SigningKey:
    """Make an issuer key for an agent, with limits, in the place of an earlier one; UsageError.

    It signs for the products of `limits`, for so many `days` (five years).
    """
    name = selling.text(name, "agent's name")
    for product_id in limits.products:
        desk.product(product_id)
    each = {product_id: replace(limits, products=(product_id,)) for product_id in limits.products}
    return _new_issuer(desk, "key add", name=name, limits=each, passphrase=passphrase, days=days)


def _new_issuer(
    desk: Desk,
    action: str,
    *,
    name: str,
    limits: dict[str, Limits],
    passphrase: str | None = None,
    days: int | None = None,
) -> SigningKey:
    signer, file = desk.keyring.make(ISSUER, desk.entropy, passphrase)
    now = desk.now()
    appointments = [
        desk.appoint(product_id, now, key=signer.key, limits=one, name=name, days=days)
        for product_id, one in limits.items()
    ]
    key = _key(ISSUER, name, signer, file, now)
    with desk.registry.writing() as books:
        for appointment in appointments:
            if len(_appointed(books, appointment.product_id, desk.root().key.kid)) >= MAX_APPOINTED:
                raise UsageError("HWL-DESK-KEY-MANY", limit=MAX_APPOINTED)
            books.add_appointment(appointment)
        _change(desk, books, action, key)
    return key


def rotate_root(desk: Desk) -> tuple[SigningKey, tuple[Product, ...]]:
    """Make a new root, endorsed by the old one; return it and the newer product files.

    UsageError where a product would have too many former roots; StoreError, UntrustedError.
    """
    signer, file = desk.keyring.make(ROOT, desk.entropy)
    now, old = desk.now(), desk.root()
    endorsement = endorse(old, signer.key, at=now)
    key = _key(ROOT, "", signer, file, now)
    with desk.registry.writing() as books:
        newer = tuple(
            _handed_over(books, product, old.key, signer, endorsement, now)
            for product in books.products()
        )
        for product in newer:
            books.change_product(product)
        _change(desk, books, "key rotate", key)
    return key, newer


def _handed_over(
    books: Books,
    product: Product,
    old: VerificationKey,
    root: Signer,
    endorsement: bytes,
    now: datetime,
) -> Product:
    appointed = _appointed(books, product.id, old.kid)
    former = product.former
    if appointed:
        former = (Former(key=old, appointed=appointed), *former)
    if len(former) > MAX_FORMER:
        raise UsageError("HWL-DESK-KEY-FORMER", product=product.id, limit=MAX_FORMER)
    endorsements = (*product.endorsements, endorsement)[-MAX_ENDORSEMENTS:]
    return _reissued(product, root, Replaced(former=former, endorsements=endorsements), now)


def drop_root(desk: Desk, kid: bytes) -> tuple[Product, ...]:
    """Let a former root count no more; return the newer files of the products that had it.

    The issuer in use is appointed again where that root had appointed it. UsageError where no
    product has such a former root.
    """
    root, now, newer = desk.root(), desk.now(), []
    with desk.registry.writing() as books:
        for product in books.products():
            left = tuple(one for one in product.former if one.key.kid != kid)
            if left == product.former:
                continue
            replaced = Replaced(former=left, endorsements=product.endorsements)
            newer.append(_reissued(product, root, replaced, now))
            books.change_product(newer[-1])
            current = books.appointment(product.id, desk.keyring.present(ISSUER).kid)
            if current is None or _by(current.delegation) == kid:
                books.add_appointment(desk.appoint(product.id, now))
        if not newer:
            raise UsageError("HWL-DESK-KEY-DROP", kid=kid.hex())
        desk.record(books, "key drop", kid.hex(), products=[one.id for one in newer])
    return tuple(newer)


def issued_by(
    desk: Desk, kid: bytes, *, since: datetime = _BEGINNING
) -> tuple[tuple[str, Activation], ...]:
    """Return the licenses that stand behind a key, with their products, the oldest first.

    Of an issuer those that it signed, of a root those whose issuer it had appointed.
    """
    found = []
    with desk.registry.reading() as books:
        for activation in books.activations_since(since):
            header = cose.parse(activation.license).header
            if kid in (header.kid, header.delegation and _by(header.delegation)):
                sold = books.entitlement(activation.entitlement_id)
                assert sold is not None  # nothing ever removes one
                found.append((sold.product_id, activation))
    return tuple(found)


def _key(role: str, name: str, signer: Signer, file: str, now: datetime) -> SigningKey:
    return SigningKey(
        kid=signer.key.kid, role=role, name=name, public=signer.key.raw, file=file, made_at=now
    )


def _change(desk: Desk, books: Books, action: str, key: SigningKey) -> None:
    """Put `key` in the place of the one in use; UsageError where that one is no longer in use."""
    present = [
        one
        for one in keys_in(books, desk.settings)
        if (one.role, one.name, one.replaced_at) == (key.role, key.name, None)
    ]
    desk.record(
        books,
        action,
        key.kid.hex(),
        signer=desk.root(),
        role=key.role,
        name=key.name,
        public=key.public.hex(),
        replaces=[one.kid.hex() for one in present],
    )
    known = {one.kid for one in books.signing_keys()}
    for one in present:
        if one.kid not in known:
            books.add_signing_key(one)
        books.replace_signing_key(one.kid, key.made_at)
    books.add_signing_key(key)
    desk.keyring.forget()


def _reissued(product: Product, root: Signer, replaced: Replaced, now: datetime) -> Product:
    return Product.make(
        root,
        id=product.id,
        name=product.name,
        vendor=product.vendor,
        issued_at=max(now, product.issued_at + _SECOND),  # machines only go forward
        more_roots=product.roots[1:],
        replaced=replaced,
    )


def _appointed(books: Books, product_id: str, root_kid: bytes) -> tuple[bytes, ...]:
    """Return the keys that a root has appointed for a product, each once."""
    found = (one for one in books.appointments(product_id) if _by(one.delegation) == root_kid)
    return tuple(dict.fromkeys(one.kid for one in found))


def _by(delegation: bytes) -> bytes:
    return cose.parse(delegation).header.kid
