"""How an older registry becomes one of today; run by Alembic, from `hwlock.issue.registry`."""
