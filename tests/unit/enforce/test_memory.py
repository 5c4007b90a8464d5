"""Memories of several processes: whoever writes keeps what the others knew."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from hwlock.check import Grant, State
from hwlock.check.usage import Usage
from hwlock.check.verdict import Allowance
from hwlock.crypto.trust import Product
from hwlock.enforce.machine import Machine
from hwlock.enforce.memory import Memory, stamp
from hwlock.enforce.metering import Meter
from hwlock.enforce.stores import stores_of
from hwlock.errors import DeniedError, UsageError
from hwlock.license.model import Counter
from hwlock.record import replace
from hwlock.testing.vendor import SOLD_AT, Vendor

PRODUCT = Product.parse(Vendor().product.raw)
HOUR = timedelta(hours=1)
JOBS = Counter(name="jobs", limit=10)


@pytest.fixture
def machine(tmp_path):
    """A machine without any hardware."""
    return Machine(
        user_root=str(tmp_path / "home"),
        system_root=str(tmp_path / "system"),
        clock=lambda: SOLD_AT,
        key_uri="tpm2:device:/none",
    )


@pytest.fixture
def store(machine):
    """Its store."""
    return stores_of(machine, PRODUCT.id)[0]


def grant(*allowances):
    """Return a grant that rests on these counters."""
    return Grant(
        product_id=PRODUCT.id, license_id="", features=(), expires_at=None, allowances=allowances
    )


def test_two_that_write_lose_nothing(store):
    """One moved the mark, the other counted; both had loaded the same."""
    one, two = Memory(store, os.urandom), Memory(store, os.urandom)
    one.advance(State.begin(SOLD_AT))
    first, second = one.load(), two.load()
    one.advance(replace(first, usage=Usage().spent("E-1", JOBS, 3, SOLD_AT)))
    later = replace(second.time, seen_at=SOLD_AT + HOUR)
    two.advance(replace(second, time=later))
    kept = Memory(store, os.urandom).load()
    assert kept.seen_at == SOLD_AT + HOUR
    assert kept.usage.used("E-1", JOBS, SOLD_AT) == 3


def test_what_changes_nothing_is_not_written(store):
    """A check within the minute takes no lock."""
    memory = Memory(store, os.urandom)
    state = memory.advance(State.begin(SOLD_AT))
    before = store.state()
    memory.load()
    memory.advance(state)
    assert store.state() == before


def test_a_request_stamps_the_clock_only(store):
    """What is used up between request and answer does not outdate the answer."""
    memory = Memory(store, os.urandom)
    memory.advance(State.begin(SOLD_AT))
    with store.locked() as held:
        before = stamp(held)
    memory.change(lambda kept: replace(kept, usage=Usage().spent("E-1", JOBS, 1, SOLD_AT)))
    with store.locked() as held:
        assert stamp(held) == before
    memory.change(lambda kept: kept.unlocked(SOLD_AT))
    with store.locked() as held:
        assert stamp(held) != before


def test_a_meter_spends_each_license_in_turn(machine):
    """Ten of the one, then of the other; never more than both, and all or nothing."""
    both = grant(
        Allowance(entitlement_id="E-1", counters=(JOBS,)),
        Allowance(entitlement_id="E-2", counters=(replace(JOBS, limit=5),)),
    )
    meter = Meter(machine, PRODUCT)
    assert meter.left(both, "jobs") == 15
    assert meter.use(both, "jobs", 12) == 3
    with pytest.raises(DeniedError) as caught:
        meter.use(both, "jobs", 4)
    assert caught.value.code == "HWL-COUNTER-LEFT"
    assert Meter(machine, PRODUCT).use(both, "jobs", 3) == 0
    with pytest.raises(DeniedError) as caught:
        meter.use(both, "jobs", 1)
    assert caught.value.code == "HWL-COUNTER-SPENT"


def test_a_meter_counts_at_least_one(machine):
    """Nothing and less than nothing are mistakes of a program."""
    for amount in (0, -1):
        with pytest.raises(UsageError):
            Meter(machine, PRODUCT).use(
                grant(Allowance(entitlement_id="E-1", counters=(JOBS,))), "jobs", amount
            )
