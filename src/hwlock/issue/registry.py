"""The registry: one SQLite file, its transactions, and its version.

1. Whoever writes takes the write lock at the beginning (BEGIN IMMEDIATE), so that what was
   counted is still true when it is acted on. Waiting for it is bounded by BUSY_S.
2. A transaction happens as a whole or not at all, and survives a loss of power
   (WAL with synchronous=FULL): a license that was handed out is never forgotten.
3. A registry of an older version is brought up to date when it is opened, as one
   transaction; one of a newer version is refused, and so is one that we do not know.
4. Whatever SQLAlchemy raises leaves this module as a StoreError.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from hwlock.errors import HwlockError, StoreError
from hwlock.issue.books import Books

__all__ = ["BUSY_S", "VERSION", "Registry"]

VERSION = "0007"
BUSY_S = 60
_BEGIN = "hwlock_begin"
_PRIVATE = 0o600


class Registry:
    """The registry in one file; hand out `Books` for the length of a transaction."""

    def __init__(self, path: str, engine: Engine) -> None:
        self.path = path
        self._engine = engine

    @classmethod
    def make(cls, path: str) -> Registry:
        """Make a new registry at `path`, private; StoreError if something stands there."""
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, _PRIVATE))
        except OSError as exc:
            raise _unusable(path, exc.strerror or str(exc)) from exc
        registry = cls(path, _engine(path))
        registry._upgrade()
        return registry

    @classmethod
    def open(cls, path: str) -> Registry:
        """Open the registry at `path`, brought up to date; StoreError."""
        if not os.path.exists(path):
            raise _unusable(path, "there is no such file")
        registry = cls(path, _engine(path))
        with registry._transaction("BEGIN") as connection:
            version = _version(connection)
        if version != VERSION:
            registry._upgrade()
        return registry

    @contextmanager
    def reading(self) -> Iterator[Books]:
        """Give the books as they stand at one moment."""
        with self._transaction("BEGIN") as connection:
            yield Books(connection)

    @contextmanager
    def writing(self) -> Iterator[Books]:
        """Give the books to one writer; what it wrote counts when the block ends well."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield Books(connection)

    def _upgrade(self) -> None:
        with self._transaction("BEGIN IMMEDIATE") as connection:
            version = _version(connection)  # again: another process may have been faster
            if version is not None and version not in _versions_before(VERSION):
                if version == VERSION:
                    return
                raise StoreError(
                    "HWL-DESK-NEWER", path=self.path, theirs=version[:16], ours=VERSION
                )
            _migrate(connection)

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                connection = connection.execution_options(**{_BEGIN: begin})
                with connection.begin():
                    yield connection
        except SQLAlchemyError as exc:
            raise failure(exc, self.path) from exc


def failure(exc: SQLAlchemyError, path: str) -> HwlockError:
    """Return the StoreError that stands for `exc`, met in the registry at `path`."""
    reason = str(getattr(exc, "orig", None) or exc).splitlines()[0][:200]
    if "locked" in reason or "busy" in reason:
        return StoreError("HWL-DESK-BUSY", path=path, seconds=BUSY_S)
    return _unusable(path, reason)


def _unusable(path: str, reason: str) -> StoreError:
    return StoreError("HWL-DESK-REGISTRY", path=path, reason=reason)


def _engine(path: str) -> Engine:
    url = sa.URL.create("sqlite", database=path)
    engine = sa.create_engine(url, poolclass=NullPool, connect_args={"timeout": BUSY_S})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    # The driver begins transactions by itself, and too late; from here on we do.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN"))


def _version(connection: Connection) -> str | None:
    """Return the version of the registry, None for an empty one."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return None if found is None else str(found)


def _versions_before(version: str) -> frozenset[str]:
    return frozenset(f"{number:04}" for number in range(1, int(version)))


def _migrate(connection: Connection) -> None:
    # Alembic is slow to import, and a desk that is up to date never needs it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "hwlock.issue:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
