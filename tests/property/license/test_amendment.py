"""Changes that codes open, in whatever order and however often they stand in a memory."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from hwlock.check.redeeming import Codes
from hwlock.license.amendment import Amendment, Redeemed, amended, lock
from hwlock.license.model import Counter, Model
from hwlock.record import replace
from hwlock.testing.vendor import Vendor, host_anchor

VENDOR = Vendor()
ID = VENDOR.terms().id
KINDS = (
    st.integers(1, 3650).map(lambda days: Amendment(kind="extend", days=days)),
    st.just(Amendment(kind="clock")),
    st.just(Amendment(kind="transfer")),
    st.integers(1, 1000).map(lambda more: Amendment(kind="counter", counter="jobs", amount=more)),
)
NUMBERS = tuple(range(1000, 1032))


@st.composite
def licenses(draw):
    """Return terms with some changes; the code of change *i* is NUMBERS[i]."""
    changes = draw(st.lists(st.one_of(KINDS), min_size=1, max_size=8))
    locked = tuple(
        replace(one, lock=lock(ID, index, NUMBERS[index])) for index, one in enumerate(changes)
    )
    model = Model(counters=(Counter(name="jobs", limit=9),))
    return replace(VENDOR.terms(), model=model, amendments=locked)


def codes(terms, right):
    """Return a strategy for memories of codes, right ones or not."""
    index = st.integers(0, len(terms.amendments) - 1 if right else 31)
    anchors = st.none() | st.sampled_from([host_anchor(name) for name in ("beta", "gamma")])

    def one(index, number, other, anchor):
        given = NUMBERS[index] if right else number
        return Redeemed(
            license_id=ID if right or not other else bytes(16),
            index=index,
            number=given,
            anchor=anchor,
        )

    numbers = st.integers(0, 10**30 - 1).filter(lambda number: number not in NUMBERS)
    return st.lists(st.builds(one, index, numbers, st.booleans(), anchors), max_size=12)


@given(terms=licenses(), data=st.data())
def test_every_code_counts_once(terms, data):
    """However often a memory names it, somebody who writes memories included."""
    used = data.draw(codes(terms, right=True))
    after = amended(terms, tuple(used))
    indexes = {one.index for one in used}
    days = sum(terms.amendments[index].days for index in indexes)
    assert after.expires_at == terms.expires_at + timedelta(days=days)
    more = sum(terms.amendments[index].amount for index in indexes)
    assert after.model.counters[0].limit == 9 + more
    moved = any(one.anchor and terms.amendments[one.index].kind == "transfer" for one in used)
    assert moved or after.binding == terms.binding


@given(terms=licenses(), data=st.data())
def test_the_order_of_codes_does_not_matter(terms, data):
    """Joined in any order, two memories lead to one license."""
    used = data.draw(codes(terms, right=True))
    forged = data.draw(codes(terms, right=False))

    def kept(some):
        known = Codes()
        for one in some:
            known = known.added(one)
        return known.redeemed

    orders = [data.draw(st.permutations(used + forged)) for _ in range(2)]
    assert amended(terms, kept(orders[0])) == amended(terms, kept(orders[1]))


@given(terms=licenses(), data=st.data())
def test_codes_that_are_not_right_change_nothing(terms, data):
    """Other numbers, other licenses, changes that are not there."""
    forged = tuple(data.draw(codes(terms, right=False)))
    assert amended(terms, forged) is terms
