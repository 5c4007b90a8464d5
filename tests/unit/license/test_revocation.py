"""The revocation list: what it takes back, and which of several counts."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from hwlock.check import State, check
from hwlock.errors import DeniedError, FormatError, UntrustedError
from hwlock.evidence.claims import Evidence
from hwlock.license.binding import Binding, Threshold
from hwlock.license.license import UnverifiedLicense
from hwlock.license.revocation import (
    DEVICE,
    ISSUER,
    LICENSE,
    Entry,
    Listed,
    Revocations,
    UnverifiedList,
    device_subject,
    publish,
)
from hwlock.record import replace
from hwlock.testing.vendor import SOLD_AT, Vendor, key_anchor, proof_of, seeded

DAY = timedelta(days=1)
NOW = SOLD_AT + 10 * DAY
VENDOR = Vendor()
DEVICES = (seeded("device"), seeded("spare"))
CHALLENGE = bytes(range(32))
ANCHORS = tuple(key_anchor(device, kind="piv") for device in DEVICES)
EITHER = Binding(anchors=ANCHORS, policy=Threshold(needed=1, parts=(0, 1)))
HERE = Evidence(
    challenge=CHALLENGE,
    proofs=tuple(proof_of(device, CHALLENGE, kind="piv") for device in DEVICES),
)
ID = VENDOR.terms().id


def signed(number, *entries, base=0, signer=None, delegation=None, product="acme-cad"):
    """Return a genuine list as a file."""
    listed = Listed(
        product_id=product, number=number, base=base, issued_at=SOLD_AT, entries=entries
    )
    return publish(listed, signer or VENDOR.issuer, delegation or VENDOR.delegation)


def entry(kind=LICENSE, subject=ID, since=SOLD_AT):
    """Return one entry."""
    return Entry(kind=kind, subject=subject, since=since)


def of(*raws):
    """Return what lists amount to."""
    return Revocations.read(raws, VENDOR.product)


def told(revoked, *, state=None, evidence=HERE, **changes):
    """Return whether a license is allowed, and its codes."""
    terms = replace(VENDOR.terms(EITHER), **changes)
    license = UnverifiedLicense.parse(VENDOR.license(terms))
    verdict, after = check(license, evidence, state, VENDOR.product, NOW, revoked=revoked)
    return verdict.allowed, [found.code for found in verdict.findings], after


def test_a_list_reads_as_it_was_written():
    """Every kind, full and delta."""
    entries = (entry(), entry(DEVICE, bytes(32)), entry(ISSUER, bytes(16)))
    says = UnverifiedList.parse(signed(7, *entries, base=3)).says
    assert (says.number, says.base, says.entries) == (7, 3, entries)
    assert says.issued_at == SOLD_AT


@pytest.mark.parametrize(("number", "base"), [(0, 0), (3, 3), (3, 4)])
def test_a_number_is_larger_than_what_it_is_based_on(number, base):
    """Anything else would let a list follow itself."""
    with pytest.raises(FormatError, match="contradicts") as caught:
        UnverifiedList.parse(signed(number, base=base))
    assert caught.value.code == "HWL-REVOKED-NUMBER"


def test_a_list_of_somebody_else_is_refused():
    """Another vendor's signature, another product."""
    pirate = Vendor(name="pirate")
    raw = signed(1, signer=pirate.issuer, delegation=pirate.delegation)
    with pytest.raises(UntrustedError):
        of(raw)
    with pytest.raises(UntrustedError, match="acme-cam"):
        of(signed(1, product="acme-cam"))


def test_a_license_is_taken_back_from_its_moment_on():
    """Before it the person is told; another license is not touched."""
    assert told(of(signed(1, entry())))[:2] == (False, ["HWL-REVOKED-LICENSE"])
    soon = of(signed(1, entry(since=NOW + DAY)))
    assert told(soon)[:2] == (True, ["HWL-REVOKED-SOON"])
    assert told(of(signed(1, entry(since=NOW))))[0] is False
    assert told(of(signed(1, entry(subject=bytes(16)))))[:2] == (True, [])
    assert told(None)[:2] == (True, [])


def test_an_issuer_does_not_harm_what_it_issued_before():
    """By the issue time that the license says."""
    kid = VENDOR.issuer.key.kid
    assert told(of(signed(1, entry(ISSUER, kid, SOLD_AT + DAY))))[:2] == (True, [])
    assert told(of(signed(1, entry(ISSUER, kid, SOLD_AT))))[:2] == (False, ["HWL-REVOKED-ISSUER"])


def test_a_device_proves_nothing_any_more():
    """The other device of the license still does."""
    lost = entry(DEVICE, device_subject(DEVICES[0].key.raw))
    allowed, codes, _ = told(of(signed(1, lost)))
    assert (allowed, codes) == (True, ["HWL-REVOKED-DEVICE"])
    alone = replace(HERE, proofs=HERE.proofs[:1])
    assert told(of(signed(1, lost)), evidence=alone)[0] is False
    later = replace(lost, since=NOW + DAY)
    assert told(of(signed(1, later)), evidence=alone)[0] is True


def test_an_older_list_than_the_one_seen_denies():
    """The file was put back or taken away; the list itself is the way back."""
    newest = of(signed(2, base=0))
    _, _, after = told(newest)
    assert after.revoked == 2
    for older in (None, of(signed(1))):
        assert told(older, state=after)[:2] == (False, ["HWL-REVOKED-LIST"])
    assert told(newest, state=after)[:2] == (True, [])


def test_a_state_remembers_the_largest_number():
    """Joined in any order, and read as written."""
    one = replace(State.begin(SOLD_AT), revoked=3)
    two = State.begin(SOLD_AT)
    assert one.joined(two) == two.joined(one) == one
    assert State.parse(one.encode()) == one


def test_the_order_of_lists_does_not_matter():
    """A full list and what follows it, in every order."""
    lists = [
        signed(1, entry(subject=bytes([1] * 16))),
        signed(2, entry(subject=bytes([2] * 16)), base=1),
        signed(4, entry(subject=bytes([4] * 16)), base=2),
        signed(3, entry(subject=bytes([3] * 16)), entry(subject=bytes([2] * 16)), base=1),
    ]
    found = {of(*order).entries for order in permutations(lists[:3])}
    assert len(found) == 1
    assert len(found.pop()) == 3


def test_an_older_list_never_wins():
    """Whatever comes, the number only grows."""
    lists = [
        UnverifiedList.parse(raw).verify(VENDOR.product)
        for raw in (signed(1, entry()), signed(3), signed(2, entry(), base=1))
    ]
    for order in permutations(lists):
        known, numbers = Revocations(), []
        for one in order:
            try:
                known = known.joined(one)
            except DeniedError as exc:
                assert exc.code == "HWL-REVOKED-GAP"
            numbers.append(known.number)
        assert numbers == sorted(numbers)
        assert (known.number, known.entries) == (3, ())


def test_a_delta_must_fit():
    """What lies between may take back more."""
    with pytest.raises(DeniedError) as caught:
        of(signed(1), signed(5, base=3))
    assert caught.value.code == "HWL-REVOKED-GAP"


def test_a_revoked_issuer_signs_no_list():
    """However it dates it."""
    agent = seeded("agent")
    delegation = VENDOR.delegate(key=agent.key)
    later = entry(ISSUER, agent.key.kid, SOLD_AT + 100 * DAY)
    with pytest.raises(UntrustedError) as caught:
        of(signed(1, later), signed(2, signer=agent, delegation=delegation))
    assert caught.value.code == "HWL-REVOKED-SIGNER"


def test_what_is_kept_is_verified_again():
    """The store holds the files themselves."""
    known = of(signed(1, entry()), signed(2, base=1))
    assert Revocations.parse(known.encode(), VENDOR.product) == known
    with pytest.raises(UntrustedError):
        Revocations.parse(known.encode(), Vendor(name="pirate").product)
