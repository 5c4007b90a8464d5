"""The tables of the registry.

Nothing here is SQLite's own, so that the same tables can stand in PostgreSQL: booleans are
states, lists are JSON, times are aware UTC, ids that people never read are bytes. Changes
go through `migrations`; a test compares the two.
"""

from __future__ import annotations

from datetime import datetime, timezone

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from hwlock.errors import InternalError

__all__ = [
    "METADATA",
    "UtcDateTime",
    "activation",
    "amendment",
    "audit",
    "content_key",
    "customer",
    "entitlement",
    "issuer",
    "part",
    "product",
    "revocation",
    "signing_key",
    "usage",
]


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware in Python, UTC in the table, whatever the database makes of zones."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Write a moment as UTC; InternalError for one without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise InternalError("HWL-INTERNAL", detail="a time without a time zone")
        return value.astimezone(timezone.utc)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Read a moment as aware UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            return value.replace(tzinfo=timezone.utc)
        return value.astimezone(timezone.utc)


# Names of constraints are fixed, so that a later migration can say which it changes.
METADATA = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

product = sa.Table(
    "product",
    METADATA,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("file", sa.LargeBinary, nullable=False),  # the signed product file
    sa.Column("added_at", UtcDateTime, nullable=False),
)

customer = sa.Table(
    "customer",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(255), nullable=False, unique=True),
    sa.Column("added_at", UtcDateTime, nullable=False),
)

entitlement = sa.Table(
    "entitlement",
    METADATA,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("product_id", sa.ForeignKey("product.id"), nullable=False, index=True),
    sa.Column("customer_id", sa.ForeignKey("customer.id"), nullable=False, index=True),
    sa.Column("key_id", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("key_text", sa.String(64), nullable=False),  # the activation key itself: secret
    sa.Column("features", sa.JSON, nullable=False),
    sa.Column("seats", sa.Integer, nullable=False),
    sa.Column("bind", sa.String(500), nullable=False),
    sa.Column("expires_at", UtcDateTime),  # null: perpetual
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("added_at", UtcDateTime, nullable=False),
    sa.Column("model", sa.LargeBinary),  # as in a license (docs/spec: model); null: node-locked
    sa.Column("trial_days", sa.Integer, nullable=False, server_default="0"),  # 0: no trial
    # names of the content keys that its licenses carry
    sa.Column("opens", sa.JSON, nullable=False, server_default="[]"),
    sa.Column("amend", sa.JSON, nullable=False, server_default="[]"),  # as in --amend
    sa.Column("losses", sa.Integer, nullable=False, server_default="3"),  # in a year
    sa.Column("loss_wait_days", sa.Integer, nullable=False, server_default="7"),
    sa.Column("transfers", sa.Integer, nullable=False, server_default="3"),  # in a year
    sa.Column("transfer_wait_days", sa.Integer, nullable=False, server_default="7"),
    # what follows where a license runs after its return: revoke or tell
    sa.Column("on_reuse", sa.String(16), nullable=False, server_default="revoke"),
    sa.CheckConstraint("state IN ('active', 'suspended')", name="state"),
    sa.CheckConstraint("seats > 0", name="seats"),
)

# The keys of sealed files: secret.
content_key = sa.Table(
    "content_key",
    METADATA,
    sa.Column("id", sa.LargeBinary, primary_key=True),
    sa.Column("product_id", sa.ForeignKey("product.id"), nullable=False),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("key", sa.LargeBinary, nullable=False),
    sa.Column("added_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("product_id", "name"),
)

# One row a license. Those in state 'active' hold the seats of their entitlement.
activation = sa.Table(
    "activation",
    METADATA,
    sa.Column("id", sa.LargeBinary, primary_key=True),  # the license's id
    sa.Column("entitlement_id", sa.ForeignKey("entitlement.id"), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("request_name", sa.LargeBinary, nullable=False, unique=True),  # see responder
    sa.Column("license", sa.LargeBinary, nullable=False),
    sa.Column("key", sa.LargeBinary, nullable=False, index=True),  # the machine's public key, raw
    sa.Column("ek_digest", sa.LargeBinary, index=True),  # SHA-256 of the TPM's endorsement key
    sa.Column("assurance", sa.String(16), nullable=False),
    sa.Column("software", sa.String(100), nullable=False),
    sa.Column("note", sa.String(255), nullable=False),
    sa.Column("issued_at", UtcDateTime, nullable=False),
    sa.Column("ended_at", UtcDateTime),  # when it was superseded or returned
    sa.Column("audit_sequence", sa.ForeignKey("audit.sequence"), nullable=False),
    sa.Column("replaced_by", sa.LargeBinary),  # the license of the same machine that took over
    sa.Column("moved_to", sa.LargeBinary),  # the license that got the seat, of another machine
    sa.Column("receipt_at", UtcDateTime),  # when it was returned, by that machine's clock
    sa.CheckConstraint("state IN ('active', 'superseded', 'returned', 'lost')", name="state"),
    sa.Index("ix_activation_entitlement_id_state", "entitlement_id", "state"),
)

# The digests of those parts that only one machine has: by them a machine is found again
# among thousands. Nothing else reads them.
part = sa.Table(
    "part",
    METADATA,
    sa.Column("activation_id", sa.ForeignKey("activation.id"), primary_key=True),
    sa.Column("digest", sa.LargeBinary, primary_key=True, index=True),
)

# The changes that wait in each license, with the codes that open them: secret.
amendment = sa.Table(
    "amendment",
    METADATA,
    sa.Column("license_id", sa.ForeignKey("activation.id"), primary_key=True),
    sa.Column("index", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("said", sa.String(400), nullable=False),  # the change in words
    sa.Column("code", sa.LargeBinary, nullable=False),
    sa.Column("given_at", UtcDateTime),  # null: nobody has been given the code
    sa.Column("used_at", UtcDateTime),  # when the machine told that it was used
)

# What machines said that they had used up: the largest total that each has told.
usage = sa.Table(
    "usage",
    METADATA,
    sa.Column("entitlement_id", sa.ForeignKey("entitlement.id"), primary_key=True),
    sa.Column("key", sa.LargeBinary, primary_key=True),  # the machine's public key, raw
    sa.Column("counter", sa.String(255), primary_key=True),
    sa.Column("total", sa.BigInteger, nullable=False),
    sa.Column("told_at", UtcDateTime, nullable=False),
)

# What was taken back: its number is that of the list that it is new on.
revocation = sa.Table(
    "revocation",
    METADATA,
    sa.Column("product_id", sa.ForeignKey("product.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("subject", sa.LargeBinary, nullable=False),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("reason", sa.String(255), nullable=False),
    sa.Column("added_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("product_id", "kind", "subject"),
)

issuer = sa.Table(
    "issuer",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("product_id", sa.ForeignKey("product.id"), nullable=False, index=True),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("kid", sa.LargeBinary, nullable=False),
    sa.Column("delegation", sa.LargeBinary, nullable=False),
    sa.Column("valid_from", UtcDateTime, nullable=False),
    sa.Column("valid_until", UtcDateTime, nullable=False),
)

# The desk's keys, once one of them was replaced; until then desk.json names both.
signing_key = sa.Table(
    "signing_key",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kid", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("name", sa.String(64), nullable=False),  # of an agent; empty: the desk's own
    sa.Column("public", sa.LargeBinary, nullable=False),  # raw, 32 bytes
    sa.Column("file", sa.String(64), nullable=False),  # in the desk's folder
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("replaced_at", UtcDateTime),  # null: in use
    sa.CheckConstraint("role IN ('root', 'issuer')", name="role"),
)

audit = sa.Table(
    "audit",
    METADATA,
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("time", UtcDateTime, nullable=False),
    sa.Column("actor", sa.String(255), nullable=False),
    sa.Column("action", sa.String(64), nullable=False),
    sa.Column("subject", sa.String(255), nullable=False),
    sa.Column("outcome", sa.String(64), nullable=False),
    sa.Column("details", sa.Text, nullable=False),  # JSON, exactly the characters hashed
    sa.Column("previous", sa.LargeBinary, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("signature", sa.LargeBinary),  # by the issuer key, where it was open
)
