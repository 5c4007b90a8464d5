"""What one transaction asks of the registry, and writes into it.

Every method is one statement or two; none decides anything. Values come out as the frozen
records of `hwlock.issue.records`.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from hwlock.codec import cbor
from hwlock.crypto.trust import Product
from hwlock.exchange.activation_key import ActivationKey
from hwlock.issue import schema
from hwlock.issue.audit import AuditRecord
from hwlock.issue.records import (
    ACTIVE,
    SUPERSEDED,
    Activation,
    Appointment,
    Entitlement,
    Locked,
    Revoked,
    SigningKey,
    Tried,
    Used,
)
from hwlock.license.content_keys import ContentKey
from hwlock.license.license import UnverifiedLicense
from hwlock.license.model import Model

__all__ = ["Books"]


class Books:
    """The registry within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # --- products and who may sign for them

    def products(self) -> tuple[Product, ...]:
        """Return all products, by id."""
        rows = self._all(sa.select(schema.product.c.file).order_by(schema.product.c.id))
        return tuple(Product.parse(row.file) for row in rows)

    def product(self, product_id: str) -> Product | None:
        """Return one product."""
        table = schema.product.c
        row = self._one(sa.select(table.file).where(table.id == product_id))
        return None if row is None else Product.parse(row.file)

    def add_product(self, product: Product) -> None:
        """Add a product."""
        self._insert(
            schema.product,
            id=product.id,
            name=product.name,
            file=product.raw,
            added_at=product.issued_at,
        )

    def change_product(self, product: Product) -> None:
        """Keep a newer file of a product."""
        table = schema.product
        self._connection.execute(
            sa.update(table).where(table.c.id == product.id).values(file=product.raw)
        )

    def appointment(self, product_id: str, kid: bytes) -> Appointment | None:
        """Return the newest delegation of an issuer's key for a product."""
        table = schema.issuer.c
        row = self._one(
            sa.select(schema.issuer)
            .where(table.product_id == product_id, table.kid == kid)
            .order_by(table.id.desc())
            .limit(1)
        )
        return None if row is None else _record(Appointment, row)

    def appointments(self, product_id: str | None = None) -> tuple[Appointment, ...]:
        """Return all delegations, of one product or of all, the oldest first."""
        table = schema.issuer.c
        query = sa.select(schema.issuer).order_by(table.id)
        if product_id is not None:
            query = query.where(table.product_id == product_id)
        return tuple(_record(Appointment, row) for row in self._all(query))

    def add_appointment(self, appointment: Appointment) -> None:
        """Add a delegation; it is the one in use from now on."""
        self._insert(schema.issuer, **_values(appointment))

    def signing_keys(self) -> tuple[SigningKey, ...]:
        """Return the desk's keys in the order in which they were made; none before a change."""
        rows = self._all(sa.select(schema.signing_key).order_by(schema.signing_key.c.id))
        return tuple(_record(SigningKey, row) for row in rows)

    def add_signing_key(self, key: SigningKey) -> None:
        """Add a key of the desk."""
        self._insert(schema.signing_key, **_values(key))

    def replace_signing_key(self, kid: bytes, replaced_at: datetime) -> None:
        """Say that a key of the desk is no longer in use."""
        table = schema.signing_key
        self._connection.execute(
            sa.update(table).where(table.c.kid == kid).values(replaced_at=replaced_at)
        )

    def content_key(self, product_id: str, name: str) -> ContentKey | None:
        """Return one content key of a product."""
        table = schema.content_key.c
        row = self._one(
            sa.select(schema.content_key)
            .where(table.product_id == product_id)
            .where(table.name == name)
        )
        return None if row is None else ContentKey(id=row.id, name=row.name, key=row.key)

    def add_content_key(self, product_id: str, key: ContentKey, now: datetime) -> None:
        """Add a content key to a product."""
        self._insert(
            schema.content_key,
            id=key.id,
            product_id=product_id,
            name=key.name,
            key=key.key,
            added_at=now,
        )

    # --- customers and entitlements

    def customer_id(self, name: str, now: datetime) -> int:
        """Return the number of the customer `name`, who is made at first mention."""
        table = schema.customer.c
        row = self._one(sa.select(table.id).where(table.name == name))
        if row is not None:
            return int(row.id)
        return int(self._insert(schema.customer, name=name, added_at=now)[0])

    def add_entitlement(self, entitlement: Entitlement) -> None:
        """Add an entitlement, and its customer where that is a new one."""
        self._insert(
            schema.entitlement,
            id=entitlement.id,
            product_id=entitlement.product_id,
            customer_id=self.customer_id(entitlement.customer, entitlement.added_at),
            key_id=entitlement.key.id,
            key_text=str(entitlement.key),
            features=list(entitlement.features),
            seats=entitlement.seats,
            bind=entitlement.bind,
            expires_at=entitlement.expires_at,
            state=entitlement.state,
            added_at=entitlement.added_at,
            model=_encoded(entitlement.model),
            trial_days=entitlement.trial_days,
            opens=list(entitlement.opens),
            amend=list(entitlement.amend),
            losses=entitlement.losses,
            loss_wait_days=entitlement.loss_wait_days,
            transfers=entitlement.transfers,
            transfer_wait_days=entitlement.transfer_wait_days,
            on_reuse=entitlement.on_reuse,
        )

    def entitlements(
        self, *, product_id: str | None = None, customer: str | None = None
    ) -> tuple[Entitlement, ...]:
        """Return entitlements in the order in which they were sold."""
        table = schema.entitlement.c
        query = _ENTITLEMENTS.order_by(table.added_at, table.id)
        if product_id is not None:
            query = query.where(table.product_id == product_id)
        if customer is not None:
            query = query.where(schema.customer.c.name == customer)
        return tuple(_entitlement(row) for row in self._all(query))

    def entitlement(self, entitlement_id: str) -> Entitlement | None:
        """Return one entitlement."""
        row = self._one(_ENTITLEMENTS.where(schema.entitlement.c.id == entitlement_id))
        return None if row is None else _entitlement(row)

    def entitlement_of_key(self, key_id: bytes) -> Entitlement | None:
        """Return the entitlement that an activation key opens."""
        row = self._one(_ENTITLEMENTS.where(schema.entitlement.c.key_id == key_id))
        return None if row is None else _entitlement(row)

    def hold_entitlement(self, entitlement_id: str) -> Entitlement:
        """Return the entitlement, and keep other writers away from it until the end.

        SQLite has one writer anyway; elsewhere the lock on this row is what makes counting
        seats and taking one a single step.
        """
        table = schema.entitlement.c
        self._one(sa.select(table.id).where(table.id == entitlement_id).with_for_update())
        found = self.entitlement(entitlement_id)
        assert found is not None  # nothing ever removes one
        return found

    def set_entitlement_state(self, entitlement_id: str, state: str) -> None:
        """Suspend or resume."""
        table = schema.entitlement
        self._connection.execute(
            sa.update(table).where(table.c.id == entitlement_id).values(state=state)
        )

    def extend_entitlement(self, changed: Entitlement) -> None:
        """Keep another end, length of a trial or model."""
        table = schema.entitlement
        self._connection.execute(
            sa.update(table)
            .where(table.c.id == changed.id)
            .values(
                expires_at=changed.expires_at,
                trial_days=changed.trial_days,
                model=_encoded(changed.model),
            )
        )

    # --- what was used up

    def usage(self, entitlement_id: str) -> tuple[Used, ...]:
        """Return what machines said of the counters of an entitlement, by counter."""
        table = schema.usage.c
        query = sa.select(schema.usage).where(table.entitlement_id == entitlement_id)
        rows = self._all(query.order_by(table.counter, table.told_at, table.key))
        return tuple(_record(Used, row) for row in rows)

    def add_usage(self, used: Used) -> None:
        """Keep a total where it is the largest that this machine has told of this counter."""
        table = schema.usage
        where = (
            table.c.entitlement_id == used.entitlement_id,
            table.c.key == used.key,
            table.c.counter == used.counter,
        )
        known = self._one(sa.select(table.c.total).where(*where))
        if known is None:
            self._insert(table, **_values(used))
        elif known.total < used.total:
            self._connection.execute(
                sa.update(table).where(*where).values(total=used.total, told_at=used.told_at)
            )

    # --- activations

    def activations(self, entitlement_id: str) -> tuple[Activation, ...]:
        """Return all licenses of an entitlement, the newest last."""
        table = schema.activation.c
        query = sa.select(schema.activation).where(table.entitlement_id == entitlement_id)
        rows = self._all(query.order_by(table.audit_sequence))
        return tuple(_record(Activation, row) for row in rows)

    def activations_since(self, since: datetime) -> tuple[Activation, ...]:
        """Return the licenses of all products that were issued from a moment on."""
        table = schema.activation.c
        query = sa.select(schema.activation).where(table.issued_at >= since)
        rows = self._all(query.order_by(table.audit_sequence))
        return tuple(_record(Activation, row) for row in rows)

    def activation(self, license_id: bytes) -> Activation | None:
        """Return one license."""
        return self._activation(schema.activation.c.id == license_id)

    def activation_of_request(self, request_name: bytes) -> Activation | None:
        """Return the license that answered a request."""
        return self._activation(schema.activation.c.request_name == request_name)

    def add_activation(self, activation: Activation, parts: tuple[bytes, ...]) -> None:
        """Add a license, and the digests of `parts` that only its machine has."""
        self._insert(schema.activation, **_values(activation))
        for digest in set(parts):
            self._insert(schema.part, activation_id=activation.id, digest=digest)

    def resembling(
        self, entitlement_id: str, *, keys: tuple[bytes, ...], parts: tuple[bytes, ...]
    ) -> tuple[Activation, ...]:
        """Return the licenses in use that share a key or a part, the newest last.

        `keys` are public keys and digests of endorsement keys.
        """
        table, part = schema.activation.c, schema.part.c
        sharing = sa.select(part.activation_id).where(part.digest.in_(parts))
        query = sa.select(schema.activation).where(
            table.entitlement_id == entitlement_id,
            table.state == ACTIVE,
            sa.or_(table.key.in_(keys), table.ek_digest.in_(keys), table.id.in_(sharing)),
        )
        rows = self._all(query.order_by(table.audit_sequence))
        return tuple(_record(Activation, row) for row in rows)

    def tried(
        self, product_id: str, *, keys: tuple[bytes, ...], parts: tuple[bytes, ...]
    ) -> tuple[Tried, ...]:
        """Return the licenses of trials of a product that share a key or a part, the oldest first.

        `keys` are as in `resembling`; what became of a license does not matter.
        """
        table, part, sold = schema.activation.c, schema.part.c, schema.entitlement.c
        count = sa.select(sa.func.count()).where(part.activation_id == table.id)
        shared = count.where(part.digest.in_(parts)).correlate(schema.activation).scalar_subquery()
        query = (
            sa.select(
                schema.activation,
                count.correlate(schema.activation).scalar_subquery().label("parts"),
                shared.label("shared"),
            )
            .join(schema.entitlement, sold.id == table.entitlement_id)
            .where(
                sold.product_id == product_id,
                sold.trial_days > 0,
                sa.or_(table.key.in_(keys), table.ek_digest.in_(keys), shared > 0),
            )
        )
        return tuple(_tried(row) for row in self._all(query.order_by(table.audit_sequence)))

    def end_activation(self, license_id: bytes, state: str, ended_at: datetime) -> None:
        """Say that a license no longer holds a seat."""
        table = schema.activation
        self._connection.execute(
            sa.update(table).where(table.c.id == license_id).values(state=state, ended_at=ended_at)
        )

    def replace_activation(self, license_id: bytes, by: bytes, ended_at: datetime) -> None:
        """Say that a newer license of the same machine holds the seat now."""
        self._change_activation(license_id, state=SUPERSEDED, ended_at=ended_at, replaced_by=by)

    def keep_receipt(self, license_id: bytes, receipt_at: datetime) -> None:
        """Keep when a license was returned by its machine's clock."""
        self._change_activation(license_id, receipt_at=receipt_at)

    def move_activation(self, license_id: bytes, moved_to: bytes) -> None:
        """Say which license got the seat of one that was returned."""
        self._change_activation(license_id, moved_to=moved_to)

    # --- unlock codes

    def add_amendments(self, locked: tuple[Locked, ...]) -> None:
        """Keep the changes that a new license holds, with their codes."""
        for one in locked:
            self._insert(schema.amendment, **_values(one))

    def amendments(self, license_id: bytes) -> tuple[Locked, ...]:
        """Return the changes that a license holds, in their order."""
        table = schema.amendment.c
        query = sa.select(schema.amendment).where(table.license_id == license_id)
        rows = self._all(query.order_by(table.index))
        return tuple(_locked(row) for row in rows)

    def give_amendment(self, locked: Locked, given_at: datetime) -> None:
        """Say that somebody was given a code."""
        table = schema.amendment
        self._connection.execute(
            sa.update(table)
            .where(table.c.license_id == locked.license_id, table.c.index == locked.index)
            .values(given_at=given_at)
        )

    def use_amendment(self, locked: Locked, used_at: datetime) -> None:
        """Say that a machine told of a code that it was used."""
        table = schema.amendment
        self._connection.execute(
            sa.update(table)
            .where(table.c.license_id == locked.license_id, table.c.index == locked.index)
            .values(used_at=used_at)
        )

    # --- what was taken back

    def add_revocation(self, revoked: Revoked) -> None:
        """Add what was taken back."""
        self._insert(schema.revocation, **_values(revoked))

    def drop_revocation(self, revoked: Revoked) -> None:
        """Remove what is added again with an earlier moment, under a new number."""
        table = schema.revocation
        self._connection.execute(
            sa.delete(table).where(
                table.c.product_id == revoked.product_id, table.c.number == revoked.number
            )
        )

    def last_revocation(self, product_id: str) -> int:
        """Return the number of the newest list of a product; 0 where there is none."""
        table = schema.revocation.c
        query = sa.select(sa.func.max(table.number).label("last"))
        row = self._one(query.where(table.product_id == product_id))
        return 0 if row is None or row.last is None else int(row.last)

    def revocations(self, product_id: str, *, after: int = 0) -> tuple[Revoked, ...]:
        """Return what was taken back of a product since list `after`, in order."""
        table = schema.revocation.c
        query = sa.select(schema.revocation).where(
            table.product_id == product_id, table.number > after
        )
        return tuple(_record(Revoked, row) for row in self._all(query.order_by(table.number)))

    def revoked(
        self, product_id: str, kind: str, subjects: tuple[bytes, ...]
    ) -> tuple[Revoked, ...]:
        """Return what was taken back among `subjects`."""
        table = schema.revocation.c
        query = sa.select(schema.revocation).where(
            table.product_id == product_id, table.kind == kind, table.subject.in_(subjects)
        )
        return tuple(_record(Revoked, row) for row in self._all(query.order_by(table.number)))

    def licenses_of_ek(self, ek_digest: bytes) -> tuple[tuple[str, bytes], ...]:
        """Return product and id of the licenses in use on the TPM with this EK."""
        table, sold = schema.activation.c, schema.entitlement.c
        query = (
            sa.select(sold.product_id, table.id)
            .join(schema.entitlement, sold.id == table.entitlement_id)
            .where(table.ek_digest == ek_digest, table.state == ACTIVE)
        )
        rows = self._all(query.order_by(table.audit_sequence))
        return tuple((row.product_id, row.id) for row in rows)

    # --- audit references

    def audit_references(self) -> dict[int, bytes]:
        """Return the audit sequence numbers that licenses refer to, with the license's id."""
        table = schema.activation.c
        rows = self._all(sa.select(table.audit_sequence, table.id))
        return {row.audit_sequence: row.id for row in rows}

    # --- audit

    def audit_tail(self) -> AuditRecord | None:
        """Return the newest record."""
        query = sa.select(schema.audit).order_by(schema.audit.c.sequence.desc()).limit(1)
        row = self._one(query)
        return None if row is None else _record(AuditRecord, row)

    def audit_began_at(self) -> datetime:
        """Return when the desk was made, by its first record; before there is one, 1970."""
        table = schema.audit.c
        row = self._one(sa.select(table.time).order_by(table.sequence).limit(1))
        return datetime.fromtimestamp(0, timezone.utc) if row is None else row.time

    def audit(self) -> tuple[AuditRecord, ...]:
        """Return all records in order."""
        rows = self._all(sa.select(schema.audit).order_by(schema.audit.c.sequence))
        return tuple(_record(AuditRecord, row) for row in rows)

    def add_audit(self, record: AuditRecord) -> None:
        """Append a record."""
        self._insert(schema.audit, **_values(record))

    # ---

    def _change_activation(self, license_id: bytes, **values: object) -> None:
        table = schema.activation
        self._connection.execute(sa.update(table).where(table.c.id == license_id).values(**values))

    def _activation(self, where: sa.ColumnElement[bool]) -> Activation | None:
        row = self._one(sa.select(schema.activation).where(where))
        return None if row is None else _record(Activation, row)

    def _all(self, query: sa.Select[Any]) -> list[Row[Any]]:
        return list(self._connection.execute(query))

    def _one(self, query: sa.Select[Any]) -> Row[Any] | None:
        return self._connection.execute(query).one_or_none()

    def _insert(self, table: sa.Table, **values: object) -> tuple[Any, ...]:
        result = self._connection.execute(sa.insert(table).values(**values))
        return tuple(result.inserted_primary_key or ())


_TAKEN = (
    sa.select(sa.func.count())
    .where(
        schema.activation.c.entitlement_id == schema.entitlement.c.id,
        schema.activation.c.state == ACTIVE,
    )
    .scalar_subquery()
)
_ENTITLEMENTS = sa.select(
    schema.entitlement, schema.customer.c.name.label("customer"), _TAKEN.label("taken")
).join(schema.customer)


def _entitlement(row: Row[Any]) -> Entitlement:
    return Entitlement(
        id=row.id,
        product_id=row.product_id,
        customer=row.customer,
        key=ActivationKey.parse(row.key_text),
        features=tuple(row.features),
        seats=row.seats,
        bind=row.bind,
        expires_at=row.expires_at,
        state=row.state,
        added_at=row.added_at,
        taken=row.taken,
        model=Model() if row.model is None else Model.parse(cbor.decode(row.model)),
        trial_days=row.trial_days,
        opens=tuple(row.opens),
        amend=tuple(row.amend),
        losses=row.losses,
        loss_wait_days=row.loss_wait_days,
        transfers=row.transfers,
        transfer_wait_days=row.transfer_wait_days,
        on_reuse=row.on_reuse,
    )


def _locked(row: Row[Any]) -> Locked:
    # `index` is a method of a row
    said = row._mapping
    return Locked(**{name: said[name] for name in Locked._fields})


def _encoded(model: Model) -> bytes | None:
    said = model.encode()
    return cbor.encode(said) if said else None


def _tried(row: Row[Any]) -> Tried:
    # what this desk signed itself: parsing is enough
    terms = UnverifiedLicense.parse(row.license).says
    return Tried(
        entitlement_id=row.entitlement_id,
        key=row.key,
        ek_digest=row.ek_digest,
        began_at=row.issued_at,
        ends_at=terms.expires_at or row.issued_at,
        parts=row.parts,
        shared=row.shared,
    )


def _record(kind: Any, row: Row[Any]) -> Any:
    return kind(**{name: getattr(row, name) for name in kind._fields})


def _values(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record._fields}
