"""The registry as it was first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make all tables."""
    _goods()
    _audit()
    _activations()


def _goods() -> None:
    op.create_table(
        "product",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("file", sa.LargeBinary, nullable=False),
        sa.Column("added_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_product"),
    )
    op.create_table(
        "customer",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("added_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_customer"),
        sa.UniqueConstraint("name", name="uq_customer_name"),
    )
    op.create_table(
        "entitlement",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("product_id", sa.String(64), nullable=False),
        sa.Column("customer_id", sa.Integer, nullable=False),
        sa.Column("key_id", sa.LargeBinary, nullable=False),
        sa.Column("key_text", sa.String(64), nullable=False),
        sa.Column("features", sa.JSON, nullable=False),
        sa.Column("seats", sa.Integer, nullable=False),
        sa.Column("bind", sa.String(500), nullable=False),
        sa.Column("expires_at", _MOMENT),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("added_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_entitlement"),
        sa.UniqueConstraint("key_id", name="uq_entitlement_key_id"),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name="fk_entitlement_product_id"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name="fk_entitlement_customer_id"
        ),
        sa.CheckConstraint("state IN ('active', 'suspended')", name=op.f("ck_entitlement_state")),
        sa.CheckConstraint("seats > 0", name=op.f("ck_entitlement_seats")),
    )
    op.create_index("ix_entitlement_product_id", "entitlement", ["product_id"])
    op.create_index("ix_entitlement_customer_id", "entitlement", ["customer_id"])
    op.create_table(
        "issuer",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("product_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("kid", sa.LargeBinary, nullable=False),
        sa.Column("delegation", sa.LargeBinary, nullable=False),
        sa.Column("valid_from", _MOMENT, nullable=False),
        sa.Column("valid_until", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_issuer"),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name="fk_issuer_product_id"),
    )
    op.create_index("ix_issuer_product_id", "issuer", ["product_id"])


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("sequence", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("time", _MOMENT, nullable=False),
        sa.Column("actor", sa.String(255), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("outcome", sa.String(64), nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("previous", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("signature", sa.LargeBinary),
        sa.PrimaryKeyConstraint("sequence", name="pk_audit"),
        sa.UniqueConstraint("hash", name="uq_audit_hash"),
    )


def _activations() -> None:
    op.create_table(
        "activation",
        sa.Column("id", sa.LargeBinary, nullable=False),
        sa.Column("entitlement_id", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("request_name", sa.LargeBinary, nullable=False),
        sa.Column("license", sa.LargeBinary, nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("ek_digest", sa.LargeBinary),
        sa.Column("assurance", sa.String(16), nullable=False),
        sa.Column("software", sa.String(100), nullable=False),
        sa.Column("note", sa.String(255), nullable=False),
        sa.Column("issued_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT),
        sa.Column("audit_sequence", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_activation"),
        sa.UniqueConstraint("request_name", name="uq_activation_request_name"),
        sa.ForeignKeyConstraint(
            ["entitlement_id"], ["entitlement.id"], name="fk_activation_entitlement_id"
        ),
        sa.ForeignKeyConstraint(
            ["audit_sequence"], ["audit.sequence"], name="fk_activation_audit_sequence"
        ),
        sa.CheckConstraint(
            "state IN ('active', 'superseded', 'returned', 'lost')",
            name=op.f("ck_activation_state"),
        ),
    )
    op.create_index("ix_activation_entitlement_id_state", "activation", ["entitlement_id", "state"])
    op.create_index("ix_activation_key", "activation", ["key"])
    op.create_index("ix_activation_ek_digest", "activation", ["ek_digest"])
    op.create_table(
        "part",
        sa.Column("activation_id", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("activation_id", "digest", name="pk_part"),
        sa.ForeignKeyConstraint(["activation_id"], ["activation.id"], name="fk_part_activation_id"),
    )
    op.create_index("ix_part_digest", "part", ["digest"])
