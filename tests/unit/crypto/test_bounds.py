"""No limb of a field element overflows: the bounds in the headers, proven from their text."""

from __future__ import annotations

from typing import Any

import pytest
from intervals import Interval, Machine, Overflow

TIGHT, LOOSE = 2**51 + 2**13 - 1, 2**54 - 1  # field25519.h


@pytest.fixture(scope="module")
def ed() -> Machine:
    """Return the functions of field25519_64.h."""
    return Machine("field25519_64.h")


@pytest.fixture(scope="module")
def p256() -> Machine:
    """Return the functions of field_p256_64.h."""
    return Machine("field_p256_64.h")


@pytest.fixture(scope="module")
def lanes() -> Machine:
    """Return the functions of field25519_ifma.h."""
    return Machine("field25519_64.h", "field25519_ifma.h")


def fe(most: int) -> dict[str, Any]:
    """Return an element modulo 2^255 - 19 with limbs from 0 to `most`."""
    return {"limb": [Interval(0, most) for _ in range(5)]}


def fp(most: int, top: int | None = None) -> dict[str, Any]:
    """Return an element modulo p256 with limbs from -`most` to `most`."""
    bounds = [most] * 4 + [most if top is None else top]
    return {"limb": [Interval(-each, each, 64, True) for each in bounds]}


def largest(element: dict[str, Any]) -> int:
    """Return the largest size of a limb."""
    limbs = element["limb"]
    each = limbs.values() if isinstance(limbs, dict) else limbs
    return max(max(-limb.low, limb.high) for limb in each)


@pytest.mark.parametrize("name", ["fe_mul", "fe_square"])
def test_products_of_loose_elements_are_tight(ed: Machine, name: str) -> None:
    """Five products of loose limbs, one factor times 19, fit, and what is returned is tight."""
    operands = [fe(LOOSE)] * (2 if name == "fe_mul" else 1)
    assert largest(ed.call(name, *operands)) <= TIGHT


def test_sums_and_differences_are_loose(ed: Machine) -> None:
    """fe_add and fe_sub, at the bounds that field25519.h gives them."""
    assert largest(ed.call("fe_add", fe(2**53 - 1), fe(2**53 - 1))) <= LOOSE
    assert largest(ed.call("fe_sub", fe(2**53 - 1), fe(2 * TIGHT))) <= LOOSE
    negated = ed.call("fe_sub", fe(0), fe(2 * TIGHT))
    assert min(limb.low for limb in negated["limb"]) >= 0


def test_what_is_loaded_is_tight_and_loose_elements_are_stored(ed: Machine) -> None:
    """Every word of 64 bits can be loaded; no carry of fe_store is lost."""
    anything = [Interval(0, 2**64 - 1)] * 4
    words: dict[int, Interval] = {}
    ed.call("fe_store", words, fe(LOOSE))
    assert set(words) == {0, 1, 2, 3}
    assert largest(ed.call("fe_load", anything)) <= TIGHT


def test_a_bound_that_does_not_hold_is_found(ed: Machine) -> None:
    """Wider limbs overflow, and a difference below zero is one: the proof is no formality."""
    with pytest.raises(Overflow):
        ed.call("fe_mul", fe(2**60), fe(2**60))
    with pytest.raises(Overflow):
        ed.call("fe_sub", fe(2**53), fe(2**54))
    with pytest.raises(Overflow):
        ed.call("fe_carry", *[Interval(0, 2**120, 128)] * 5)


@pytest.mark.parametrize("name", ["fp_wide_mul", "fp_wide_square"])
def test_columns_of_a_product_stay_below_their_limit(p256: Machine, name: str) -> None:
    """Of limbs below 2^58, five products sum to less than 2^125, as field_p256.h says."""
    most = 2**58 - 1
    wide = p256.call(name, *[fp(most)] * (2 if name == "fp_wide_mul" else 1))
    assert max(max(-each.low, each.high) for each in wide["column"]) < 2**125


def test_reduction_fits_and_leaves_limbs_of_52_bits(p256: Machine) -> None:
    """Any columns below 2^125, a difference of two products included."""
    wide = {"column": [Interval(-(2**125), 2**125, 128, True) for _ in range(9)]}
    # the top limb holds the value itself: columns of a value below 2^521 are below 2^105
    wide["column"][8] = Interval(-(2**105), 2**105, 128, True)
    limbs = p256.call("fp_reduce", wide)["limb"]
    for number in range(4):
        assert limbs[number].low >= 0
        assert limbs[number].high < 2**52


@pytest.mark.parametrize("name", ["fp_mul", "fp_square", "fp_mul_sub"])
def test_products_of_limbs_at_their_limit(p256: Machine, name: str) -> None:
    """Limbs below 2^56 through multiplication and reduction, none of which overflows."""
    operands = {"fp_mul": 2, "fp_square": 1, "fp_mul_sub": 4}[name]
    p256.call(name, *[fp(2**56, 2**50)] * operands)


@pytest.mark.parametrize("name", ["fp_add", "fp_sub"])
def test_sums_and_differences_of_p256_fit(p256: Machine, name: str) -> None:
    """Limbs below 2^61 can be added and subtracted without a carry."""
    assert largest(p256.call(name, fp(2**61), fp(2**61))) <= 2**62


def test_elements_of_p256_are_stored_without_a_loss(p256: Machine) -> None:
    """fp_weak and fp_store take limbs below 2^62."""
    p256.call("fp_weak", fp(2**62 - 1, 2**56))


def test_an_overflow_of_p256_is_found(p256: Machine) -> None:
    """Limbs too wide, and columns too wide."""
    with pytest.raises(Overflow):
        p256.call("fp_wide_mul", fp(2**63 - 1), fp(2**63 - 1))
    with pytest.raises(Overflow):
        p256.call("fp_reduce", {"column": [Interval(0, 2**127 - 1, 128, True)] * 9})


LANE, CARRIED = 2**52 - 1, 2**51 + 2**17 - 1  # field25519_ifma.h
PRODUCT, TO_CARRY = int(2**60.3), 2**63 - 1


def wide(most: int) -> dict[str, Any]:
    """Return a sum of lanes that is not carried, with columns from 0 to `most`."""
    return {"column": [Interval(0, most) for _ in range(5)]}


def columns(sum_of_lanes: dict[str, Any]) -> int:
    """Return the largest column."""
    found = sum_of_lanes["column"]
    return max(each.high for each in (found.values() if isinstance(found, dict) else found))


@pytest.mark.parametrize("name", ["fe8_mul_wide", "fe8_square_wide"])
def test_products_of_lanes_stay_below_their_limit(lanes: Machine, name: str) -> None:
    """Of limbs below 2^52, every sum fits, and the columns are below 2^60.3."""
    operands = [fe(LANE)] * (2 if name == "fe8_mul_wide" else 1)
    assert columns(lanes.call(name, *operands)) < PRODUCT


def test_what_is_carried_can_be_multiplied(lanes: Machine) -> None:
    """Columns below 2^63 give limbs below 2^51 + 2^17; twice such limbs can be carried again."""
    carried = lanes.call("fe8_carry", wide(TO_CARRY))
    assert largest(carried) <= CARRIED <= LANE
    assert columns(lanes.call("fe8_twice", fe(LANE))) <= TO_CARRY


def test_sums_in_the_formulas_of_lanes_can_be_carried(lanes: Machine) -> None:
    """The longest sums: F of an addition and of a doubling, and what is taken away is in bounds."""
    product = wide(PRODUCT)
    difference = lanes.call("wide8_sub", lanes.call("fe8_twice", fe(LANE)), product)
    assert columns(difference) <= TO_CARRY
    doubled = lanes.call("wide8_sub", product, product)  # ZZ - YY
    doubled = lanes.call("wide8_add", doubled, lanes.call("wide8_add", product, product))
    assert columns(doubled) <= TO_CARRY
    both = lanes.call("wide8_add", product, product)  # XX + YY - (X + Y)^2
    assert columns(lanes.call("wide8_sub", both, product)) <= TO_CARRY


def test_an_overflow_of_lanes_is_found(lanes: Machine) -> None:
    """A factor of 53 bits, and a difference below zero."""
    with pytest.raises(Overflow):
        lanes.call("fe8_mul_wide", fe(2**52), fe(LANE))
    with pytest.raises(Overflow):
        lanes.call("wide8_sub", wide(0), wide(2**61))
