"""Any value of the CBOR profile, put anywhere into another one."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64 - 1)
    | st.binary(max_size=40)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.integers(-3, 9) | st.text("ab", max_size=2), inner, max_size=4)
    ),
    max_leaves=12,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value inside `value`, its own first."""
    found = [path]
    if isinstance(value, dict):
        for key, inner in value.items():
            found += places(inner, (*path, key))
    elif isinstance(value, tuple):
        for number, inner in enumerate(value):
            found += places(inner, (*path, number))
    return found


def with_value(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """Return `value` with what stands at `path` replaced by `new`."""
    if not path:
        return new
    first, *rest = path
    if isinstance(value, dict):
        return value | {first: with_value(value[first], tuple(rest), new)}
    items = list(value)
    items[first] = with_value(items[first], tuple(rest), new)
    return tuple(items)
