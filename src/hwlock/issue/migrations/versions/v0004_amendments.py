"""Changes that wait in licenses for their unlock codes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let an entitlement say which changes its licenses hold, and keep the codes of each."""
    op.add_column("entitlement", sa.Column("amend", sa.JSON, nullable=False, server_default="[]"))
    op.create_table(
        "amendment",
        sa.Column("license_id", sa.LargeBinary, nullable=False),
        sa.Column("index", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("said", sa.String(400), nullable=False),
        sa.Column("code", sa.LargeBinary, nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("license_id", "index", name="pk_amendment"),
        sa.ForeignKeyConstraint(["license_id"], ["activation.id"], name="fk_amendment_license_id"),
    )
