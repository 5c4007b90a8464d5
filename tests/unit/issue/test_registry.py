"""The registry: its versions, its transactions, and what is told when it fails."""

from __future__ import annotations

import os
import sqlite3
import stat
from datetime import datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from hwlock.errors import InternalError, StoreError
from hwlock.exchange.activation_key import ActivationKey
from hwlock.issue import registry as module
from hwlock.issue import schema
from hwlock.issue.registry import VERSION, Registry
from hwlock.license.model import Model

NEXT = f"{int(VERSION) + 1:04}"


@pytest.fixture
def path(tmp_path):
    """Where a registry can be."""
    return str(tmp_path / "registry.sqlite")


def code_of(call, *arguments):
    """Return the code of the StoreError that a call must raise."""
    with pytest.raises(StoreError) as caught:
        call(*arguments)
    return caught.value.code


def version_in(path):
    """Return the version that a registry says it has."""
    with sqlite3.connect(path) as connection:
        (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    connection.close()
    return version


def set_version(path, version):
    """Make a registry say that it has another version."""
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
    connection.close()


def test_a_new_registry_is_private_and_of_this_version(path):
    """The file is for its owner alone, and so is what SQLite puts beside it."""
    registry = Registry.make(path)
    assert version_in(path) == VERSION
    with registry.writing() as books:
        books.customer_id("Globex", datetime.now(timezone.utc))
        folder = os.path.dirname(path)
        modes = {stat.S_IMODE(os.stat(os.path.join(folder, n)).st_mode) for n in os.listdir(folder)}
    assert modes == {0o600}


def test_migrations_lead_to_the_tables(path):
    """What the migrations build is what the code describes."""
    Registry.make(path)
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.METADATA) == []
        names = {table.name for table in schema.METADATA.sorted_tables}
        for name in names:
            checks = sa.inspect(connection).get_check_constraints(name)
            expected = {
                c.name
                for c in schema.METADATA.tables[name].constraints
                if isinstance(c, sa.CheckConstraint)
            }
            assert {check["name"] for check in checks} == expected
    engine.dispose()


def test_migrations_end_at_the_version_of_the_code():
    """The newest migration is the version that the code accepts; ids count up."""
    script = ScriptDirectory(os.path.join(os.path.dirname(module.__file__), "migrations"))
    assert script.get_heads() == [VERSION]
    walked = [one.revision for one in script.walk_revisions()]
    assert walked == [f"{number:04}" for number in range(int(VERSION), 0, -1)]


def test_an_empty_file_becomes_a_registry(path):
    """A file that SQLite made and nobody filled is filled when it is opened."""
    sqlite3.connect(path).close()
    open(path, "a").close()
    registry = Registry.open(path)
    with registry.reading() as books:
        assert books.products() == ()
    assert version_in(path) == VERSION


def test_opening_again_changes_nothing(path):
    """A registry of this version keeps its content."""
    with Registry.make(path).writing() as books:
        number = books.customer_id("Globex", datetime.now(timezone.utc))
    with Registry.open(path).writing() as books:
        assert books.customer_id("Globex", datetime.now(timezone.utc)) == number


@pytest.mark.parametrize("version", [NEXT, "9999", "later"])
def test_a_newer_registry_is_refused(path, version):
    """A registry that a newer hwlock wrote is left alone, and both versions are told."""
    Registry.make(path)
    set_version(path, version)
    with pytest.raises(StoreError, match=rf"version {version}.*up to {VERSION}") as caught:
        Registry.open(path)
    assert caught.value.code == "HWL-DESK-NEWER"
    assert version_in(path) == version


def test_an_older_registry_is_brought_up_to_date(path, monkeypatch):
    """A registry of the version before is migrated when it is opened, and keeps its rows."""
    with Registry.make(path).writing() as books:
        number = books.customer_id("Globex", datetime.now(timezone.utc))
    migrated = []

    def migrate(connection):
        migrated.append(module._version(connection))
        connection.exec_driver_sql("ALTER TABLE customer ADD COLUMN mail VARCHAR(255)")
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{NEXT}'")

    monkeypatch.setattr(module, "VERSION", NEXT)
    monkeypatch.setattr(module, "_migrate", migrate)
    with Registry.open(path).writing() as books:
        assert books.customer_id("Globex", datetime.now(timezone.utc)) == number
    assert migrated == [VERSION]
    assert version_in(path) == NEXT


def test_every_older_version_comes_up_with_what_was_sold(path):
    """A registry that was made by version 1 has its entitlements, which are node-locked."""
    with sqlite3.connect(path) as connection:
        engine = sa.create_engine(f"sqlite:///{path}")
        with engine.connect() as old, old.begin():
            config = Config()
            config.set_main_option("script_location", "hwlock.issue:migrations")
            config.attributes["connection"] = old
            command.upgrade(config, "0001")
        engine.dispose()
        connection.execute("INSERT INTO product VALUES ('p', 'P', x'00', '2026-01-01 00:00:00')")
        connection.execute("INSERT INTO customer VALUES (1, 'Globex', '2026-01-01 00:00:00')")
        key = str(ActivationKey(number=7))
        connection.execute(
            "INSERT INTO entitlement VALUES ('E-1', 'p', 1, x'01', ?, '[\"sim\"]', 3, 'host',"
            " NULL, 'active', '2026-01-01 00:00:00')",
            (key,),
        )
    connection.close()
    with Registry.open(path).reading() as books:
        sold = books.entitlement("E-1")
    assert (sold.features, sold.seats, sold.model, sold.trial_days) == (("sim",), 3, Model(), 0)
    assert version_in(path) == VERSION


def test_a_migration_that_fails_leaves_the_old_registry(path, monkeypatch):
    """A migration happens as a whole or not at all."""
    Registry.make(path)

    def migrate(connection):
        connection.exec_driver_sql("ALTER TABLE customer ADD COLUMN mail VARCHAR(255)")
        connection.exec_driver_sql("no SQL at all")

    monkeypatch.setattr(module, "VERSION", NEXT)
    monkeypatch.setattr(module, "_migrate", migrate)
    assert code_of(Registry.open, path) == "HWL-DESK-REGISTRY"
    monkeypatch.undo()
    with Registry.open(path).writing() as books:
        assert books.customer_id("Globex", datetime.now(timezone.utc)) == 1


def test_what_fails_is_undone(path):
    """A block that raises leaves nothing behind."""
    registry = Registry.make(path)
    with pytest.raises(RuntimeError), registry.writing() as books:
        books.customer_id("Globex", datetime.now(timezone.utc))
        raise RuntimeError
    with registry.writing() as books:
        books.customer_id("Initech", datetime.now(timezone.utc))
        assert books.entitlements() == ()
        assert books.customer_id("Globex", datetime.now(timezone.utc)) == 2


def test_a_damaged_registry_is_told(path):
    """Bytes that are no registry give one sentence, with the path."""
    with open(path, "wb") as file:
        file.write(b"this is not a database" * 100)
    assert code_of(Registry.open, path) == "HWL-DESK-REGISTRY"
    assert code_of(Registry.open, path + ".none") == "HWL-DESK-REGISTRY"
    assert code_of(Registry.make, path) == "HWL-DESK-REGISTRY"


def test_a_busy_registry_is_told(path, monkeypatch):
    """Who waits too long for another writer hears that, and can try again."""
    Registry.make(path)
    monkeypatch.setattr(module, "BUSY_S", 0)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError) as caught, Registry.open(path).writing():
        pass
    holder.close()
    assert caught.value.code == "HWL-DESK-BUSY"


def test_moments_are_aware_and_utc():
    """A time without a zone never enters; one of any zone comes out as the same moment."""
    column = schema.UtcDateTime()
    dialect = sa.create_engine("sqlite://").dialect
    moment = datetime(2026, 3, 1, 14, 0, tzinfo=timezone(timedelta(hours=2)))
    stored = column.process_bind_param(moment, dialect)
    assert stored == moment and stored.tzinfo is timezone.utc
    assert column.process_result_value(stored.replace(tzinfo=None), dialect) == moment
    assert column.process_result_value(moment, dialect).tzinfo is timezone.utc
    with pytest.raises(InternalError):
        column.process_bind_param(moment.replace(tzinfo=None), dialect)
