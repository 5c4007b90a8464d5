"""Kinds of license, trials, and what was used up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let an entitlement have a model, and keep what machines report of their counters."""
    op.add_column("entitlement", sa.Column("model", sa.LargeBinary))
    op.add_column(
        "entitlement", sa.Column("trial_days", sa.Integer, nullable=False, server_default="0")
    )
    op.create_table(
        "usage",
        sa.Column("entitlement_id", sa.String(64), nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("counter", sa.String(255), nullable=False),
        sa.Column("total", sa.BigInteger, nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("entitlement_id", "key", "counter", name="pk_usage"),
        sa.ForeignKeyConstraint(
            ["entitlement_id"], ["entitlement.id"], name="fk_usage_entitlement_id"
        ),
    )
