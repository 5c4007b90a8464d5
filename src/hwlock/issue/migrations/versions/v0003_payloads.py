"""Content keys of sealed files, and which of them an entitlement opens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let a product have content keys."""
    op.add_column("entitlement", sa.Column("opens", sa.JSON, nullable=False, server_default="[]"))
    op.create_table(
        "content_key",
        sa.Column("id", sa.LargeBinary, nullable=False),
        sa.Column("product_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_content_key"),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name="fk_content_key_product_id"),
        sa.UniqueConstraint("product_id", "name", name="uq_content_key_product_id"),
    )
