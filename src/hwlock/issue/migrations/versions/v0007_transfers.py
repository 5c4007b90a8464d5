"""Transfers between machines, licenses that run after their return, and codes that were used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keep how often a seat may move, where it moved, and which codes machines have used."""
    for name, default in (("transfers", "3"), ("transfer_wait_days", "7")):
        column = sa.Column(name, sa.Integer, nullable=False, server_default=default)
        op.add_column("entitlement", column)
    on_reuse = sa.Column("on_reuse", sa.String(16), nullable=False, server_default="revoke")
    op.add_column("entitlement", on_reuse)
    op.add_column("activation", sa.Column("replaced_by", sa.LargeBinary))
    op.add_column("activation", sa.Column("moved_to", sa.LargeBinary))
    op.add_column("activation", sa.Column("receipt_at", sa.DateTime(timezone=True)))
    op.add_column("amendment", sa.Column("used_at", sa.DateTime(timezone=True)))
