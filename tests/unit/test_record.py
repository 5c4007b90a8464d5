"""Values of hwlock.record are frozen, complete and compared by content."""

from __future__ import annotations

import pytest

from hwlock.record import Record, replace


class Point(Record):
    """A value with one required field and one that has a default."""

    x: int
    y: int = 0


class Named(Point):
    """A value that adds a field to those of its base."""

    name: str


def test_fields_are_given_by_name():
    """A field is what was given, or its default."""
    point = Point(x=1)
    assert (point.x, point.y) == (1, 0)


def test_a_required_field_is_required():
    """A value is never half made."""
    with pytest.raises(TypeError, match="Point needs 'x'"):
        Point(y=1)


def test_an_unknown_field_is_refused():
    """A misspelled name is not kept silently."""
    with pytest.raises(TypeError, match="Point has no field 'z'"):
        Point(x=1, z=2)


def test_a_value_is_frozen():
    """What was checked cannot be changed afterwards."""
    point = Point(x=1)
    with pytest.raises(AttributeError, match="frozen"):
        point.x = 2
    with pytest.raises(AttributeError, match="frozen"):
        del point.x
    assert point.x == 1


def test_equality_is_by_type_and_content():
    """Same type and fields: equal and of one hash; another type is never equal."""
    assert Point(x=1) == Point(x=1, y=0)
    assert Point(x=1) != Point(x=2)
    assert hash(Point(x=1)) == hash(Point(x=1, y=0))
    assert Point(x=1) != Named(x=1, name="a")
    assert Point(x=1) != (1, 0)


def test_fields_of_the_base_come_first():
    """A derived value has all fields, in order, and says them in its repr."""
    assert repr(Named(name="a", x=1)) == "Named(x=1, y=0, name='a')"


def test_replace_changes_a_copy():
    """`replace` leaves the original as it is."""
    point = Point(x=1)
    assert replace(point, y=5) == Point(x=1, y=5)
    assert point.y == 0
