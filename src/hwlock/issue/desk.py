"""The vendor's desk: the one face that commands and other programs call.

`Desk.open` reads the folder's settings and opens the registry; keys are opened when they
are first needed, and only then is the passphrase asked for. Whoever wants another clock,
entropy or user name gives it to `open`; nothing else here touches the world.

The root lets the desk's issuer key sign for one product by a delegation of 5 years. It is
renewed by itself when a request is answered in its last year, as long as the root key is
in the folder. What an issuer signed within its term stays good after it. How keys are
replaced says `hwlock.issue.rotating`.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta, timezone

from hwlock.codec import cbor
from hwlock.codec.fields import sane
from hwlock.crypto.chunked import KEY_BYTES, KEY_ID_BYTES
from hwlock.crypto.keys import Signer, VerificationKey
from hwlock.crypto.trust import Limits, Product, delegate
from hwlock.errors import DeniedError, Finding, UsageError
from hwlock.exchange.activation_key import ActivationKey
from hwlock.issue import allowances, amending, audit, folder, selling
from hwlock.issue.books import Books
from hwlock.issue.keyring import ISSUER, ROOT, Keyring
from hwlock.issue.records import (
    ACTIVE,
    LOST,
    SUSPENDED,
    Activation,
    Appointment,
    Entitlement,
    Locked,
    Used,
)
from hwlock.issue.registry import Registry
from hwlock.license.content_keys import ContentKey
from hwlock.record import replace

__all__ = ["Desk", "system_clock"]

_DELEGATION_TERM = timedelta(days=5 * 365)
_RENEW_WITHIN = timedelta(days=365)
_ENTITLEMENT_ENTROPY = 18


def system_clock() -> datetime:
    """Return the operating system's time, aware UTC."""
    return datetime.now(timezone.utc)


def system_user() -> str:
    """Return the name of the OS user, for the audit."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a user id that has no name
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else "unknown"


def _no_passphrase() -> str:
    raise UsageError("HWL-DESK-PASSPHRASE-NONE")


class Desk:
    """A desk that is open. Give `passphrase` a function: it is called at most once a key."""

    def __init__(
        self,
        path: str,
        registry: Registry,
        keyring: Keyring,
        *,
        clock: Callable[[], datetime] = system_clock,
        entropy: Callable[[int], bytes] = os.urandom,
        actor: str = "",
    ) -> None:
        self.path = path
        self.settings = keyring.settings
        self.registry = registry
        self.keyring = keyring
        self.entropy = entropy
        self.actor = selling.text(actor or system_user(), "user")
        self._clock = clock

    # --- opening

    @classmethod
    def init(
        cls,
        path: str,
        *,
        name: str,
        passphrase: str,
        clock: Callable[[], datetime] = system_clock,
        entropy: Callable[[int], bytes] = os.urandom,
        actor: str = "",
    ) -> Desk:
        """Make a desk with fresh keys at `path` and open it; UsageError, StoreError."""
        sane(clock())  # before there is anything
        folder.make(
            path,
            name=selling.text(name, "vendor's name"),
            passphrase=passphrase,
            entropy=entropy,
        )
        desk = cls.open(
            path, passphrase=lambda: passphrase, clock=clock, entropy=entropy, actor=actor
        )
        with desk.registry.writing() as books:
            desk.record(books, "init", desk.settings.name)
        return desk

    @classmethod
    def open(
        cls,
        path: str,
        *,
        passphrase: Callable[[], str] = _no_passphrase,
        clock: Callable[[], datetime] = system_clock,
        entropy: Callable[[int], bytes] = os.urandom,
        actor: str = "",
        agent: str = "",
    ) -> Desk:
        """Open the desk at `path`; UsageError where there is none, StoreError.

        `agent` signs with the key of that name, which has limits of its own.
        """
        settings = folder.read_settings(path)
        registry = Registry.open(os.path.join(path, folder.REGISTRY))
        keyring = Keyring(path, settings, registry, passphrase, agent)
        return cls(path, registry, keyring, clock=clock, entropy=entropy, actor=actor)

    def now(self) -> datetime:
        """Return the time in whole seconds, as files carry it; DeviceError where it cannot be."""
        return self._moment().replace(microsecond=0)

    def _moment(self) -> datetime:
        return sane(self._clock().astimezone(timezone.utc))

    def issuer(self) -> Signer:
        """Open the issuer key in use; UntrustedError for a wrong passphrase, StoreError."""
        return self.keyring.signer(ISSUER)

    def root(self) -> Signer:
        """Open the root key in use; UntrustedError for a wrong passphrase, StoreError."""
        return self.keyring.signer(ROOT)

    # --- products

    def add_product(self, product_id: str, *, name: str = "") -> Product:
        """Add a product, signed by the root, and let the issuer key sign for it."""
        now = self.now()
        product = Product.make(
            self.root(),
            id=selling.product_id(product_id),
            name=selling.text(name or product_id, "product's name"),
            vendor=self.settings.name,
            issued_at=now,
        )
        appointment = self.appoint(product.id, now)
        with self.registry.writing() as books:
            if books.product(product.id) is not None:
                raise UsageError("HWL-DESK-PRODUCT-TWICE", product=product.id)
            books.add_product(product)
            books.add_appointment(appointment)
            self.record(books, "product add", product.id, name=product.name)
        return product

    def products(self) -> tuple[Product, ...]:
        """Return all products, by id."""
        with self.registry.reading() as books:
            return books.products()

    def product(self, product_id: str) -> Product:
        """Return one product; its `raw` is the file that applications ship. UsageError."""
        with self.registry.reading() as books:
            return _product(books, product_id)

    # --- entitlements

    def add_entitlement(self, sale: selling.Sale) -> Entitlement:
        """Sell a right: return the entitlement with its activation key. UsageError."""
        sold = selling.entitlement(sale, self.entropy(_ENTITLEMENT_ENTROPY), self.now())
        with self.registry.writing() as books:
            _product(books, sold.product_id)
            for name in sold.opens:
                self._content_key(books, sold.product_id, name)
            books.add_entitlement(sold)
            self.record(
                books,
                "entitlement add",
                sold.id,
                product=sold.product_id,
                customer=sold.customer,
                features=list(sold.features),
                seats=sold.seats,
                expires_at=None if sold.expires_at is None else sold.expires_at.isoformat(),
                bind=sold.bind,
                terms=_terms(sold),
                amend=list(sold.amend),
            )
        return sold

    def extend(
        self,
        entitlement_id: str,
        *,
        days: int | None = None,
        until: date | None = None,
        maintained_until: date | None = None,
    ) -> Entitlement:
        """Give an entitlement more time, by exactly one of the three; UsageError.

        Machines get it with the answer to their next request.
        """
        with self.registry.writing() as books:
            found = books.hold_entitlement(_entitlement(books, entitlement_id).id)
            changed = selling.extended(
                found, days=days, until=until, maintained_until=maintained_until
            )
            books.extend_entitlement(changed)
            end = changed.expires_at
            self.record(
                books,
                "entitlement extend",
                found.id,
                expires_at=None if end is None else end.isoformat(),
                terms=_terms(changed),
            )
        return changed

    def content_key(self, product_id: str, name: str) -> ContentKey:
        """Return the content key `name` of a product, made now where there is none; UsageError."""
        name = selling.text(name, "content key's name")
        with self.registry.writing() as books:
            return self._content_key(books, _product(books, product_id).id, name)

    def entitlements(
        self, *, product_id: str | None = None, customer: str | None = None
    ) -> tuple[Entitlement, ...]:
        """Return entitlements, the oldest first."""
        with self.registry.reading() as books:
            return books.entitlements(product_id=product_id, customer=customer)

    def entitlement(self, entitlement_id: str) -> tuple[Entitlement, tuple[Activation, ...]]:
        """Return one entitlement with all its licenses, the newest last; UsageError."""
        with self.registry.reading() as books:
            found = _entitlement(books, entitlement_id)
            return found, books.activations(found.id)

    def entitlement_id(self, said: str) -> str:
        """Return the id of an entitlement that is named by its id or its activation key.

        FormatError for a key with a typing error, UsageError where there is no such entitlement.
        """
        if said.strip().upper().startswith(selling.ID_PREFIX):
            return said
        with self.registry.reading() as books:
            found = books.entitlement_of_key(ActivationKey.parse(said).id)
        if found is None:
            raise UsageError("HWL-DESK-ENTITLEMENT-NONE", id=said)
        return found.id

    def usage(self, entitlement_id: str) -> tuple[Used, ...]:
        """Return what machines have told of the counters of an entitlement; UsageError."""
        with self.registry.reading() as books:
            return books.usage(_entitlement(books, entitlement_id).id)

    def suspend(self, entitlement_id: str) -> Entitlement:
        """Answer no more requests for an entitlement until it is resumed; UsageError."""
        return self._set_state(entitlement_id, SUSPENDED, "entitlement suspend")

    def resume(self, entitlement_id: str) -> Entitlement:
        """Answer requests for an entitlement again; UsageError."""
        return self._set_state(entitlement_id, ACTIVE, "entitlement resume")

    def release(self, license_id: bytes, *, reason: str, force: bool = False) -> Activation:
        """Free the seat of a machine that can make no receipt any more; take its license back.

        UsageError for a license that holds no seat; DeniedError where too many losses were
        booked, unless by `force`. That machine runs, if it still does, until the revocation list
        reaches it: that is the price, and why a `reason` goes into the audit.
        """
        from hwlock.issue import revoking  # which needs the desk

        reason = selling.text(reason, "reason")
        now = self.now()
        with self.registry.writing() as books:
            activation = books.activation(license_id)
            if activation is None or activation.state != ACTIVE:
                raise UsageError("HWL-DESK-RELEASE", license=license_id.hex())
            sold = books.hold_entitlement(activation.entitlement_id)
            lost = [one.ended_at for one in books.activations(sold.id) if one.state == LOST]
            allowed_at = allowances.next_allowed(
                [at for at in lost if at is not None],
                most=sold.losses,
                wait_days=sold.loss_wait_days,
                now=now,
            )
            if allowed_at is not None and not force:
                raise DeniedError(
                    "HWL-DESK-LOSSES",
                    entitlement=sold.id,
                    losses=sold.losses,
                    days=sold.loss_wait_days,
                    next=allowances.said(allowed_at),
                )
            books.end_activation(license_id, LOST, now)
            revoking.take_back(self, books, sold.product_id, "license", license_id, reason, now)
            forced = allowed_at is not None
            self.record(books, "release", license_id.hex(), reason=reason, forced=forced)
        return activation

    def amend(
        self, license_id: bytes, kind: str, *, counter: str = "", again: bool = False
    ) -> Locked:
        """Give the next code of `kind` for a license, and book it; UsageError.

        `counter` chooses among several; `again` gives the newest one that was given before.
        """
        now = self.now()
        with self.registry.writing() as books:
            activation = books.activation(license_id)
            if activation is None or activation.state != ACTIVE:
                raise UsageError("HWL-DESK-AMEND-LICENSE", license=license_id.hex())
            books.hold_entitlement(activation.entitlement_id)
            locked = amending.chosen(books.amendments(license_id), kind, counter, again=again)
            if not again:
                books.give_amendment(locked, now)
                locked = replace(locked, given_at=now)
            self.record(
                books,
                "amend again" if again else "amend",
                license_id.hex(),
                entitlement=activation.entitlement_id,
                index=locked.index,
                change=locked.said,
            )
        return locked

    def amendments(self, license_id: bytes) -> tuple[Locked, ...]:
        """Return the changes that wait in a license, with those whose code was given."""
        with self.registry.reading() as books:
            return books.amendments(license_id)

    # --- audit

    def verify_audit(self, exported: Iterable[str] | None = None) -> audit.Audited:
        """Return what the audit amounts to; UntrustedError names the first broken record.

        `exported` are the lines of an earlier export, with which the audit must begin.
        """
        with self.registry.reading() as books:
            if exported is not None:
                audit.refuse_other(books.audit(), exported)
            return audit.verify(
                books.audit(),
                root=VerificationKey(self.settings.root),
                issuer=VerificationKey(self.settings.issuer),
                references=books.audit_references(),
            )

    def export_audit(self) -> Iterator[str]:
        """Yield the audit, a line of JSON a record."""
        with self.registry.reading() as books:
            for record in books.audit():
                yield audit.export_line(record)

    # --- for the desk's own procedures

    def record(
        self,
        books: Books,
        action: str,
        subject: str,
        *,
        outcome: str = "ok",
        signer: Signer | None = None,
        **details: object,
    ) -> int:
        """Append to the audit within the transaction of `books`; return the number.

        UsageError where the key of `signer` was replaced since this desk was opened.
        """
        if signer is not None:
            self.keyring.refuse_replaced(books, signer)
        decision = audit.Decision(
            time=self._moment(),
            actor=self.actor,
            action=action,
            subject=subject,
            outcome=outcome,
            details=audit.details_text(details),
        )
        added = audit.append(books.audit_tail(), decision, signer)
        books.add_audit(added)
        return added.sequence

    def delegation(self, product_id: str) -> bytes:
        """Return the delegation in use for a product, renewed where its end is near.

        DeniedError where it has ended and there is no root key to renew it. That of an agent
        is not renewed by itself: its limits were a person's decision.
        """
        now = self.now()
        current = self._appointment(product_id)
        if current is not None and now <= current.valid_until - _RENEW_WITHIN:
            return current.delegation
        if not self.keyring.agent and self.keyring.is_here(self.keyring.present(ROOT)):
            return self._renew(product_id, now)
        if current is None or now >= current.valid_until:
            file = self.keyring.present(ROOT).file
            raise DeniedError("HWL-DESK-ISSUER-ENDED", product=product_id, file=file)
        return current.delegation

    def ending(self, product_id: str) -> Finding | None:
        """Say that the delegation in use ends within a year, and nothing here renews it."""
        current, root = self._appointment(product_id), self.keyring.present(ROOT)
        if current is None or self.now() <= current.valid_until - _RENEW_WITHIN:
            return None
        if not self.keyring.agent and self.keyring.is_here(root):
            return None
        return Finding(
            "HWL-DESK-ISSUER-ENDS",
            "warn",
            product=product_id,
            day=current.valid_until.date(),
            file=root.file,
        )

    def appoint(
        self,
        product_id: str,
        now: datetime,
        *,
        key: VerificationKey | None = None,
        limits: Limits | None = None,
        name: str = "",
        days: int | None = None,
    ) -> Appointment:
        """Let the root appoint a key for a product, by default the issuer in use for 5 years."""
        key = key or VerificationKey(self.keyring.present(ISSUER).public)
        until = now + (_DELEGATION_TERM if days is None else timedelta(days=days))
        return Appointment(
            product_id=product_id,
            name=name or self.settings.name,
            kid=key.kid,
            delegation=delegate(
                self.root(),
                key,
                name=name or self.settings.name,
                limits=limits or Limits(products=(product_id,)),
                since=now,
                until=until,
            ),
            valid_from=now,
            valid_until=until,
        )

    def _appointment(self, product_id: str) -> Appointment | None:
        kid = self.keyring.present(ISSUER).kid
        with self.registry.reading() as books:
            return books.appointment(product_id, kid)

    def _renew(self, product_id: str, now: datetime) -> bytes:
        appointment = self.appoint(product_id, now)
        with self.registry.writing() as books:
            books.add_appointment(appointment)
            until = appointment.valid_until.isoformat()
            self.record(books, "delegation renew", product_id, until=until)
        return appointment.delegation

    def _content_key(self, books: Books, product_id: str, name: str) -> ContentKey:
        found = books.content_key(product_id, name)
        if found is None:
            id, key = self.entropy(KEY_ID_BYTES), self.entropy(KEY_BYTES)
            found = ContentKey(id=id, name=name, key=key)
            books.add_content_key(product_id, found, self.now())
            self.record(books, "content key", product_id, name=name, key=id.hex())
        return found

    def _set_state(self, entitlement_id: str, state: str, action: str) -> Entitlement:
        with self.registry.writing() as books:
            found = _entitlement(books, entitlement_id)
            books.set_entitlement_state(found.id, state)
            self.record(books, action, found.id, before=found.state)
            return _entitlement(books, found.id)


def _product(books: Books, product_id: str) -> Product:
    product = books.product(product_id)
    if product is None:
        raise UsageError("HWL-DESK-PRODUCT-NONE", product=product_id)
    return product


def _entitlement(books: Books, entitlement_id: str) -> Entitlement:
    found = books.entitlement(entitlement_id.strip().upper())
    if found is None:
        raise UsageError("HWL-DESK-ENTITLEMENT-NONE", id=entitlement_id)
    return found


def _terms(sold: Entitlement) -> dict[str, object] | None:
    """Return what the audit says of a kind of license; None of a node-locked one."""
    model = sold.model.encode()
    if not model:
        return None
    return {"model": cbor.encode(model).hex(), "trial_days": sold.trial_days}
