"""Somebody has a key that the vendor has replaced: a root's, or an issuer's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hwlock.crypto.succession import endorse, verify_successor
from hwlock.crypto.trust import Former, Product, Replaced
from hwlock.errors import Finding, UntrustedError
from hwlock.license.license import License, UnverifiedLicense
from hwlock.license.revocation import Entry, Listed, Revocations, UnverifiedList, publish
from hwlock.record import replace
from hwlock.testing.vendor import SOLD_AT, Vendor, seeded

DAY = timedelta(days=1)
VENDOR, THIEF, NEXT = Vendor(), seeded("thief"), seeded("next root")
ENDORSED = endorse(VENDOR.root, NEXT.key, at=SOLD_AT + DAY)


def product(root, *endorsements: bytes, days: int = 1, former: tuple[Former, ...] = ()) -> Product:
    """Return a product file of acme-cad by some root, so many days later."""
    return Product.make(
        root,
        id="acme-cad",
        name="ACME CAD",
        vendor="ACME",
        issued_at=SOLD_AT + days * DAY,
        replaced=Replaced(former=former, endorsements=endorsements),
    )


KEPT = Former(key=VENDOR.root.key, appointed=(VENDOR.issuer.key.kid,))
AFTER = product(NEXT, ENDORSED, former=(KEPT,))


def code_of(call, *arguments) -> str:
    """Return the code with which something is refused."""
    with pytest.raises(UntrustedError) as caught:
        call(*arguments)
    return caught.value.code


def test_an_old_root_appoints_no_thief():
    """Whatever the date on the delegation: the product file names whom it had appointed."""
    for since in (SOLD_AT - 99 * DAY, SOLD_AT):
        delegation = VENDOR.delegate(key=THIEF.key, since=since)
        raw = VENDOR.license(VENDOR.terms(), signer=THIEF, delegation=delegation)
        license = UnverifiedLicense.parse(raw)
        assert code_of(license.verify, AFTER) == "HWL-TRUST-FORMER"
    genuine = UnverifiedLicense.parse(VENDOR.license(VENDOR.terms()))
    assert genuine.verify(AFTER).issuer.key == VENDOR.issuer.key


def test_an_old_root_leads_only_those_astray_who_have_heard_of_nothing():
    """After the change its endorsement counts nowhere; before, it is the vendor's own word."""
    theirs = product(THIEF, endorse(VENDOR.root, THIEF.key, at=SOLD_AT + 2 * DAY), days=9)
    assert code_of(verify_successor, AFTER, theirs) == "HWL-PRODUCT-STRANGER"
    verify_successor(VENDOR.product, theirs)
    assert code_of(verify_successor, theirs, product(NEXT, ENDORSED, days=10)) == (
        "HWL-PRODUCT-STRANGER"
    )


def test_an_old_roots_own_file_is_not_newer():
    """A former root signs no product file that a machine with the new one takes."""
    theirs = product(VENDOR.root, days=9)
    assert code_of(verify_successor, AFTER, theirs) == "HWL-PRODUCT-STRANGER"
    both = product(VENDOR.root, endorse(THIEF, VENDOR.root.key, at=SOLD_AT), days=9)
    assert code_of(verify_successor, AFTER, both) == "HWL-PRODUCT-STRANGER"


def test_a_leaked_issuer_backdates_and_only_a_list_of_everything_helps():
    """Dated before the moment it passes; taken back from its beginning on, nothing of it does."""
    leaked = VENDOR.issuer.key.kid
    heir = seeded("next issuer")
    delegation = VENDOR.delegate(key=heir.key)
    stolen = genuine(replace(VENDOR.terms(), issued_at=SOLD_AT, customer="a thief"))
    for since, falls in ((SOLD_AT + DAY, False), (SOLD_AT, True), (SOLD_AT - DAY, True)):
        listed = Listed(
            product_id="acme-cad",
            number=1,
            base=0,
            issued_at=SOLD_AT + 2 * DAY,
            entries=(Entry(kind="issuer", subject=leaked, since=since),),
        )
        signed = UnverifiedList.parse(publish(listed, heir, delegation)).verify(VENDOR.product)
        known = Revocations().joined(signed)
        found: tuple[Finding, ...] = known.against(stolen, SOLD_AT + 3 * DAY)
        assert bool(found) is falls
    # and by its id, whatever its date
    by_id = replace(
        listed, entries=(Entry(kind="license", subject=stolen.terms.id, since=SOLD_AT),)
    )
    signed = UnverifiedList.parse(publish(by_id, heir, delegation)).verify(VENDOR.product)
    assert Revocations().joined(signed).against(stolen, SOLD_AT + 3 * DAY)


def genuine(terms) -> License:
    """Return a license that the leaked key signs as well as ever."""
    return UnverifiedLicense.parse(VENDOR.license(terms)).verify(VENDOR.product)
