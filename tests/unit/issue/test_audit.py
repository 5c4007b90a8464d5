"""The audit: chained, partly signed, and broken where somebody touched it."""

from __future__ import annotations

import json
import sqlite3

import pytest

from hwlock.errors import UntrustedError, UsageError
from hwlock.issue.responder import respond


@pytest.fixture
def registry(tmp_path, desk, sell, machine):
    """The registry's file, edited by hand: a function that runs SQL past hwlock."""
    sold = sell(seats=5)
    for name in ("alpha", "beta", "gamma"):
        respond(desk, machine(sold, name).ask())
    desk.suspend(sold.id)

    def run(*statements):
        connection = sqlite3.connect(tmp_path / "desk" / "registry.sqlite")
        with connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()

    return run


def fault(desk, exported=None):
    """Return the code and the number of the first broken record."""
    with pytest.raises(UntrustedError) as caught:
        desk.verify_audit(exported)
    return caught.value.code, caught.value.details.get("sequence")


def test_an_untouched_audit_holds(desk, registry):
    """Everything that happened is there: init, product, entitlement, 3 answers, suspension."""
    audited = desk.verify_audit()
    assert (audited.records, audited.signed_until) == (7, 6)
    assert json.loads(list(desk.export_audit())[-1])["hash"] == audited.head.hex()


@pytest.mark.parametrize(
    "column, value",
    [
        ("actor", "'mallory'"),
        ("action", "'init'"),
        ("subject", "'E-00000000'"),
        ("outcome", "'HWL-DESK-REFUSED'"),
        ("details", "'{}'"),
        ("time", "'2025-01-01 00:00:00.000000'"),
        ("hash", "x'00'"),
    ],
)
def test_a_changed_record_is_named(desk, registry, column, value):
    """Whatever is changed in a record, its number is told."""
    registry(f"UPDATE audit SET {column} = {value} WHERE sequence = 4")
    assert fault(desk) == ("HWL-AUDIT-CHANGED", 4)


def test_a_removed_record_is_named(desk, registry):
    """A gap is told by the number that is missing."""
    registry("DELETE FROM audit WHERE sequence = 5")
    assert fault(desk) == ("HWL-AUDIT-MISSING", 5)


def test_moved_records_are_named(desk, registry):
    """Two records that changed places are not where they were written."""
    registry(
        "UPDATE audit SET sequence = 99 WHERE sequence = 4",
        "UPDATE audit SET sequence = 4 WHERE sequence = 5",
        "UPDATE audit SET sequence = 5 WHERE sequence = 99",
    )
    assert fault(desk) == ("HWL-AUDIT-CHANGED", 4)


def test_a_cut_end_is_noticed_by_its_licenses(desk, registry):
    """Licenses name the record of their issue: the end of the audit cannot just go."""
    registry("DELETE FROM audit WHERE sequence >= 6")
    assert fault(desk) == ("HWL-AUDIT-CUT", 6)


def test_a_chain_computed_anew_lacks_its_signatures(desk, registry):
    """Whoever may write the file can chain, and cannot sign."""
    from hwlock.issue import audit

    with desk.registry.reading() as books:
        records = list(books.audit())
    tail, forged = None, []
    for record in records:
        tail = audit.append(tail, audit.replace(record, actor="mallory"), None)
        forged.append(tail)
    registry(
        *(
            f"UPDATE audit SET actor = 'mallory', previous = x'{one.previous.hex()}', "
            f"hash = x'{one.hash.hex()}' WHERE sequence = {one.sequence}"
            for one in forged
        )
    )
    assert fault(desk) == ("HWL-AUDIT-SIGNATURE", 4)
    registry("UPDATE audit SET signature = NULL")
    assert fault(desk) == ("HWL-AUDIT-SIGNATURE", 4)


def test_a_record_of_another_chain_does_not_join(desk, registry):
    """A record that is consistent in itself still has to follow the one before it."""
    from hwlock.issue import audit

    with desk.registry.reading() as books:
        third = list(books.audit())[2]
    stranger = audit.append(None, third, None)
    stranger = audit.replace(stranger, sequence=3, hash=b"")
    digest = stranger.digest().hex()
    registry(
        f"UPDATE audit SET previous = x'{stranger.previous.hex()}', hash = x'{digest}' "
        "WHERE sequence = 3"
    )
    assert fault(desk) == ("HWL-AUDIT-JOIN", 3)


def test_an_earlier_export_is_continued(desk, registry, sell):
    """What was exported before must be where the audit begins."""
    exported = list(desk.export_audit())
    sell()
    assert desk.verify_audit(exported).records == len(exported) + 1


def test_an_older_registry_is_noticed_by_an_export(desk, registry, sell):
    """A registry that was put back lacks what a later export has."""
    exported = list(desk.export_audit())
    registry(
        "DELETE FROM activation",
        "DELETE FROM audit WHERE sequence >= 5",
    )
    assert desk.verify_audit().records == 4
    assert fault(desk, exported) == ("HWL-AUDIT-EXPORT", 5)


@pytest.mark.parametrize("line", ["", "{}", "[]", '{"hash": 3}', '{"hash": "xyz"}', "3"])
def test_what_is_no_export_is_told(desk, registry, line):
    """A file of something else is refused by the number of its first such line."""
    exported = list(desk.export_audit())
    with pytest.raises(UsageError, match="line 2"):
        desk.verify_audit([exported[0], line])
