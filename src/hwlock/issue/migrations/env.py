"""What Alembic runs: the migrations, inside the transaction that the registry has begun."""

from __future__ import annotations

from alembic import context

from hwlock.issue.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite changes a table by copying it
)
context.run_migrations()
