"""What was taken back, and how many losses a customer may book."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keep what was revoked, and limits of losses."""
    op.add_column(
        "entitlement", sa.Column("losses", sa.Integer, nullable=False, server_default="3")
    )
    op.add_column(
        "entitlement", sa.Column("loss_wait_days", sa.Integer, nullable=False, server_default="7")
    )
    op.create_table(
        "revocation",
        sa.Column("product_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subject", sa.LargeBinary, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(255), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("product_id", "number", name="pk_revocation"),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name="fk_revocation_product_id"),
        sa.UniqueConstraint("product_id", "kind", "subject", name="uq_revocation_product_id"),
    )
