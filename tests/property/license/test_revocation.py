"""Revocation lists in whatever order they come: a vendor's word only grows.

The vendor of these tests takes back more and more: list *n* says all that lists before it said.
"""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from hwlock.errors import DeniedError
from hwlock.license.revocation import (
    DEVICE,
    ISSUER,
    LICENSE,
    Entry,
    Listed,
    Revocations,
    UnverifiedList,
    publish,
)
from hwlock.testing.vendor import SOLD_AT, Vendor

VENDOR = Vendor()
SUBJECTS = tuple((kind, bytes([n]) * 16) for kind in (LICENSE, ISSUER) for n in range(3)) + tuple(
    (DEVICE, bytes([n]) * 32) for n in range(3)
)
ENTRIES = st.builds(
    lambda of, days: Entry(kind=of[0], subject=of[1], since=SOLD_AT + timedelta(days=days)),
    st.sampled_from(SUBJECTS),
    st.integers(0, 9),
)


@st.composite
def histories(draw):
    """Return what a vendor published: full lists and deltas, each with a number of its own."""
    steps = draw(st.lists(st.tuples(st.integers(1, 3), st.lists(ENTRIES, max_size=3)), max_size=7))
    said, lists, number = {0: ()}, [], 0
    for step, more in steps:
        before, number = number, number + step
        said[number] = (*said[before], *more)
        base = draw(st.sampled_from(sorted(at for at in said if at < number)))
        new = said[number][len(said[base]) :]
        listed = Listed(
            product_id="acme-cad",
            number=number,
            base=base,
            issued_at=SOLD_AT + timedelta(days=number),
            entries=new,
        )
        lists.append(publish(listed, VENDOR.issuer, VENDOR.delegation))
    return lists


def verified(lists):
    """Return the lists as genuine ones."""
    return [UnverifiedList.parse(raw).verify(VENDOR.product) for raw in lists]


def since(known):
    """Return from when on what is known to be taken back."""
    return {(one.kind, one.subject): one.since for one in known.entries}


def taken(known, one):
    """Return what is known after a list came, the same where it does not fit."""
    try:
        return known.joined(one)
    except DeniedError as exc:
        assert exc.code == "HWL-REVOKED-GAP"
        return known


def settled(lists):
    """Return what is known when every list was offered until nothing changes."""
    known, before = Revocations(), None
    while before != known:
        before = known
        for one in lists:
            known = taken(known, one)
    return known


@given(history=histories(), data=st.data())
def test_the_order_in_which_lists_come_does_not_matter(history, data):
    """Where those that do not fit yet are offered again, as they are with each response."""
    lists = verified(history)
    one, other = (settled(data.draw(st.permutations(lists))) for _ in range(2))
    assert (one.number, one.entries) == (other.number, other.entries)


@given(history=histories(), data=st.data())
def test_what_is_taken_back_stays_so(history, data):
    """After each list: the number is not smaller, nothing is missing, nothing begins later."""
    known = Revocations()
    for one in data.draw(st.permutations(verified(history))):
        after = taken(known, one)
        assert after.number >= known.number
        newer = since(after)
        assert all(newer[of] <= at for of, at in since(known).items())
        known = after


@given(entries=st.lists(ENTRIES, max_size=6), more=st.lists(ENTRIES, max_size=6))
def test_a_delta_only_adds(entries, more):
    """Whatever it says, also where it names the same again."""
    raws = [
        Listed(product_id="acme-cad", number=number, base=base, issued_at=SOLD_AT, entries=said)
        for number, base, said in ((1, 0, tuple(entries)), (2, 1, tuple(more)))
    ]
    full, delta = verified(publish(one, VENDOR.issuer, VENDOR.delegation) for one in raws)
    before = Revocations().joined(full)
    after = since(before.joined(delta))
    expected = {}
    for one in (*entries, *more):
        of = (one.kind, one.subject)
        expected[of] = min(expected.get(of, one.since), one.since)
    assert after == expected


@settings(max_examples=2 * settings().max_examples)
@given(history=histories(), twins=st.booleans(), data=st.data())
def test_files_in_any_order_are_read_alike(history, twins, data):
    """The same is known, or the same is missing; also of two lists with one number."""
    if twins and history:
        (first, *_) = verified(history)
        twin = Listed(
            product_id="acme-cad",
            number=first.listed.number,
            base=first.listed.base,
            issued_at=SOLD_AT,
            entries=(data.draw(ENTRIES),),
        )
        history = [*history, publish(twin, VENDOR.issuer, VENDOR.delegation)]

    def read(raws):
        try:
            return Revocations.read(raws, VENDOR.product)
        except DeniedError as exc:
            return exc.code

    assert read(history) == read(data.draw(st.permutations(history)))
