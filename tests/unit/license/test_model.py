"""What kind of license it is: one form, no contradiction."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hwlock.codec import cbor
from hwlock.errors import FormatError
from hwlock.license.license import Terms
from hwlock.license.model import Counter, Feature, Model
from hwlock.record import replace
from hwlock.testing.vendor import SOLD_AT, Vendor

VENDOR = Vendor()
FULL = Model(
    kind="subscription",
    renew_days=30,
    grace_days=14,
    edition="Pro",
    features=(
        Feature(name="cad", parameters=(("max-points", 5000), ("solver", "fast"))),
        Feature(name="sim", expires_at=SOLD_AT + timedelta(days=90)),
    ),
    counters=(Counter(name="exports", limit=100, period="month"), Counter(name="jobs", limit=7)),
    level="warn",
    addon_to="E-0",
)


def read(value):
    """Return what is read of a member map as it travels."""
    return Model.parse(cbor.decode(cbor.encode(value)))


def test_a_model_says_after_the_journey_what_it_said_before():
    """Every member, and each alone."""
    assert read(FULL.encode()) == FULL
    maintained = Model(kind="maintenance", maintained_until=SOLD_AT)
    assert read(maintained.encode()) == maintained


def test_a_node_locked_license_says_nothing_of_its_model():
    """Files of before there were models mean what they meant, and stay as they were."""
    terms = VENDOR.terms()
    assert 5 not in terms.encode()[-70000]
    assert Terms.parse(terms.encode()).model == Model()


def test_a_license_carries_its_model():
    """As member 5 of what is ours."""
    terms = VENDOR.terms()
    full = replace(terms, model=FULL)
    assert full.encode()[-70000][5] == FULL.encode()
    assert Terms.parse(cbor.decode(cbor.encode(full.encode()))) == full


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        (),
        {1: "node-locked"},
        {1: "rental"},
        {2: 0},
        {2: 3651},
        {3: True},
        {5: ""},
        {6: {}},
        {6: {1: {1: 0}}},
        {6: {"cad": {2: {}}}},
        {6: {"cad": {2: {"a": -1}}}},
        {6: {"cad": {2: {"a": b"x"}}}},
        {6: {"cad": {3: 1}}},
        {7: {"jobs": {}}},
        {7: {"jobs": {1: 5, 2: "week"}}},
        {7: {"jobs": {1: 5, 2: ""}}},
        {7: {f"{number}": {1: 1} for number in range(65)}},
        {8: "enforce"},
        {8: "never"},
        {9: ""},
        {10: 1},
    ],
    ids=repr,
)
def test_what_is_no_model_is_refused(value):
    """Unknown, out of range, of another type, or what is understood without being said."""
    with pytest.raises(FormatError):
        read(value)
    claims = dict(VENDOR.terms().encode())
    claims[-70000] = {**claims[-70000], 5: value}
    with pytest.raises(FormatError):
        Terms.parse(claims)


@pytest.mark.parametrize(
    ("model", "days"),
    [
        (Model(kind="subscription"), None),
        (Model(kind="trial"), None),
        (Model(kind="maintenance", maintained_until=SOLD_AT), 30),
        (Model(kind="maintenance"), None),
        (Model(maintained_until=SOLD_AT), None),
        (Model(grace_days=3), 30),
        (Model(kind="trial", grace_days=3), 30),
        (Model(renew_days=3), 30),
        (Model(features=(Feature(name="cam", expires_at=SOLD_AT),)), 30),
        (Model(features=(Feature(name="cad"),)), 30),
    ],
)
def test_what_contradicts_itself_is_refused(model, days):
    """A subscription without an end, a grace without a subscription, a feature not granted."""
    with pytest.raises(FormatError) as caught:
        Terms.parse(replace(VENDOR.terms(days=days), model=model).encode())
    assert caught.value.code == "HWL-FIELD-MODEL"


def test_the_grace_counts_as_term():
    """An issuer's longest term covers all the days on which the license runs."""
    terms = replace(VENDOR.terms(days=30), model=Model(kind="subscription", grace_days=14))
    assert terms.term_days == 44


def test_a_feature_tells_its_parameters():
    """By name; a feature of which nothing is said has none."""
    assert FULL.feature("cad").parameter("max-points") == 5000
    assert FULL.feature("cad").parameter("points") is None
    assert FULL.feature("cam") == Feature(name="cam")
