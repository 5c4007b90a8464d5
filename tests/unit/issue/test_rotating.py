"""New keys at the desk: what is refused, what the audit tells, and what a forger of it needs."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest

from hwlock.codec import cose
from hwlock.crypto import trust
from hwlock.crypto.keys import VerificationKey
from hwlock.crypto.succession import verify_successor
from hwlock.crypto.trust import Limits
from hwlock.errors import StoreError, UntrustedError, UsageError
from hwlock.issue import audit, keyring, rotating
from hwlock.issue.desk import Desk
from hwlock.issue.responder import respond
from hwlock.license.license import UnverifiedLicense
from hwlock.testing.vendor import seeded

PASSPHRASE = "correct horse"  # of the desk in conftest.py


def code_of(error, call, *arguments, **named):
    """Return the code of the error that a call raises."""
    with pytest.raises(error) as caught:
        call(*arguments, **named)
    return caught.value.code


@pytest.fixture
def again(tmp_path, desk, clock):
    """Open the same desk once more: a function."""

    def again(**named):
        named = {"passphrase": lambda: PASSPHRASE} | named
        return Desk.open(str(tmp_path / "desk"), clock=clock, **named)

    return again


def test_a_new_issuer_signs_at_once(desk, sell, machine):
    """With a delegation of its own, and the old one's licenses verify as before."""
    sold = sell(seats=2)
    before = respond(desk, machine(sold).ask()).activation.license
    old = desk.issuer().key
    made = rotating.rotate_issuer(desk)
    after = respond(desk, machine(sold, "beta").ask()).activation.license
    assert [cose.parse(raw).header.kid for raw in (before, after)] == [old.kid, made.kid]
    for raw in (before, after):
        UnverifiedLicense.parse(raw).verify(desk.product("acme-cad"))
    assert desk.verify_audit().signed_until == 6


def test_a_desk_opened_before_signs_nothing_afterwards(desk, again, sell, machine):
    """A request that another process answers with the old key is refused, and answered again."""
    other = again()
    other.issuer()
    rotating.rotate_issuer(desk)
    asked = machine(sell()).ask()
    assert code_of(UsageError, respond, other, asked) == "HWL-DESK-KEY-CHANGED"
    respond(again(), asked)
    desk.verify_audit()


def test_two_new_roots_at_once_are_one(desk, again):
    """The second command finds its root replaced, and changes nothing."""
    other = again()
    other.root()
    rotating.rotate_root(desk)
    raw = desk.product("acme-cad").raw
    assert code_of(UsageError, rotating.rotate_root, other) == "HWL-DESK-KEY-CHANGED"
    assert desk.product("acme-cad").raw == raw


def test_keys_need_the_root_and_the_passphrase(tmp_path, desk, again):
    """Without either no key is made, and the one in use stays."""
    wrong = again(passphrase=lambda: "battery staple")
    assert code_of(UntrustedError, rotating.rotate_issuer, wrong)
    (tmp_path / "desk" / "root.key").unlink()
    assert code_of(StoreError, rotating.rotate_issuer, again()) == "HWL-DESK-KEY-MISSING"
    assert len(list((tmp_path / "desk").glob("*.key"))) == 1
    assert len(again().keyring.all()) == 2


def test_product_files_are_newer_whatever_the_clock_says(desk, clock):
    """A clock that went back makes no file that machines refuse."""
    first = desk.product("acme-cad")
    clock.advance(days=-30)
    _, (second,) = rotating.rotate_root(desk)
    verify_successor(first, second)
    assert second.issued_at == first.issued_at + timedelta(seconds=1)


def test_a_root_that_appointed_nobody_is_no_former_one(desk):
    """Only the first has appointed the issuer; the others just handed over."""
    first = desk.root().key
    for _ in range(10):
        rotating.rotate_root(desk)
    product = desk.product("acme-cad")
    assert [one.key for one in product.former] == [first]
    assert len(product.endorsements) == trust.MAX_ENDORSEMENTS


def test_a_product_holds_few_former_roots(desk):
    """The oldest is dropped before there can be a fifth."""
    oldest = desk.root().key.kid
    for _ in range(4):
        rotating.rotate_root(desk)
        rotating.rotate_issuer(desk)
    assert code_of(UsageError, rotating.rotate_root, desk) == "HWL-DESK-KEY-FORMER"
    rotating.drop_root(desk, oldest)
    rotating.rotate_root(desk)
    assert len(desk.product("acme-cad").former) == 4
    desk.verify_audit()


def test_one_root_appoints_only_so_many(desk, monkeypatch):
    """As many as a product file can name when that root is replaced."""
    monkeypatch.setattr(rotating, "MAX_APPOINTED", 3)
    rotating.rotate_issuer(desk)
    rotating.rotate_issuer(desk)
    assert code_of(UsageError, rotating.rotate_issuer, desk) == "HWL-DESK-KEY-MANY"
    rotating.rotate_root(desk)
    rotating.rotate_issuer(desk)


def test_a_dropped_root_has_its_issuer_appointed_again(desk, sell, machine):
    """The same key, by the root in use: new licenses verify, old ones do not."""
    sold = sell(seats=2)
    before = respond(desk, machine(sold).ask()).activation.license
    old = desk.root().key.kid
    rotating.rotate_root(desk)
    assert [one.id for _, one in rotating.issued_by(desk, old)]
    (product,) = rotating.drop_root(desk, old)
    after = respond(desk, machine(sold, "beta").ask()).activation.license
    UnverifiedLicense.parse(after).verify(product)
    license = UnverifiedLicense.parse(before)
    assert code_of(UntrustedError, license.verify, product) == "HWL-TRUST-ROOT"
    assert code_of(UsageError, rotating.drop_root, desk, old) == "HWL-DESK-KEY-DROP"


def test_an_agents_second_key_replaces_the_first(desk, again, sell, machine):
    """And nobody else's; an agent renews nothing."""
    limits = Limits(products=("acme-cad",))
    first = rotating.add_agent(desk, "anna", passphrase="hers", limits=limits, days=30)
    second = rotating.add_agent(desk, "anna", passphrase="hers", limits=limits, days=30)
    anna = again(agent="anna", passphrase=lambda: "hers")
    answered = respond(anna, machine(sell()).ask())
    assert cose.parse(answered.activation.license).header.kid == second.kid
    assert anna.ending("acme-cad") is not None
    states = {one.key.kid: one.state for one in rotating.kept(desk)}
    assert states[first.kid].startswith("replaced")
    assert states[second.kid] == states[desk.issuer().key.kid] == "in use"
    assert code_of(UsageError, again(agent="bob").issuer) == "HWL-DESK-KEY-NAME"
    desk.verify_audit()


def test_a_forged_new_key_does_not_carry_a_forged_audit(tmp_path, desk, sell, machine):
    """Who may write the registry, and has no root key, makes no key the desk's."""
    respond(desk, machine(sell()).ask())
    thief = seeded("thief")
    with desk.registry.reading() as books:
        records = books.audit()
    forged = []
    told = {"role": "issuer", "name": "", "public": thief.key.raw.hex(), "replaces": []}
    begin = audit.Decision(
        time=records[0].time,
        actor="agent",
        action="key rotate",
        subject=thief.key.kid.hex(),
        outcome="ok",
        details=audit.details_text(told),
    )
    for decision in (records[0], begin, *records[1:]):
        tail = forged[-1] if forged else None
        forged.append(audit.append(tail, decision, thief if tail else None))
    with sqlite3.connect(tmp_path / "desk" / "registry.sqlite") as connection:
        connection.execute("DELETE FROM audit")
    with desk.registry.writing() as books:
        for record in forged:
            books.add_audit(record)
    assert code_of(UntrustedError, desk.verify_audit) == "HWL-AUDIT-SIGNATURE"


def test_a_replaced_issuer_signs_no_audit_any_more(desk, sell, machine):
    """A record that somebody signs with the old key, found later, is not believed."""
    old = desk.issuer()
    rotating.rotate_issuer(desk)
    with desk.registry.writing() as books:
        decision = audit.Decision(
            time=desk.now(),
            actor="agent",
            action="respond",
            subject="E-1",
            outcome="ok",
            details="{}",
        )
        books.add_audit(audit.append(books.audit_tail(), decision, old))
    assert code_of(UntrustedError, desk.verify_audit) == "HWL-AUDIT-SIGNATURE"


def test_a_desk_from_before_keeps_its_first_keys(desk):
    """They stand in its settings alone, until one is replaced."""
    root, issuer = desk.keyring.all()
    assert (root.file, issuer.file) == ("root.key", "issuer.key")
    assert root.kid == VerificationKey(desk.settings.root).kid
    rotating.rotate_issuer(desk)
    keys = desk.keyring.all()
    assert [one.role for one in keys] == [keyring.ROOT, keyring.ISSUER, keyring.ISSUER]
    assert [one.replaced_at is None for one in keys] == [True, False, True]
