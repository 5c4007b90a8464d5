"""Frozen values, at the price of a plain class.

`dataclasses` costs more at import than a whole license check, so the values of the runtime
path derive from `Record`: annotate the fields, give defaults as class attributes, construct
by keyword, and never change it. Type checkers treat it as a frozen, keyword-only dataclass.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    from typing_extensions import dataclass_transform

    R = TypeVar("R", bound="Record")
else:

    def dataclass_transform(**_):
        """Stand in for the marker that only type checkers read."""
        return lambda cls: cls


__all__ = ["Record", "replace"]


@dataclass_transform(kw_only_default=True, frozen_default=True, eq_default=True)
class Record:
    """A frozen value: fields are the class's annotations, compared and hashed by content."""

    _fields: tuple[str, ...] = ()

    def __init_subclass__(cls) -> None:
        own = tuple(name for name in cls.__annotations__ if not name.startswith("_"))
        cls._fields = cls._fields + tuple(name for name in own if name not in cls._fields)

    def __init__(self, **values: Any) -> None:
        cls = type(self)
        for name in values:
            if name not in cls._fields:
                raise TypeError(f"{cls.__name__} has no field {name!r}")
        for name in cls._fields:
            if name not in values:
                if not hasattr(cls, name):
                    raise TypeError(f"{cls.__name__} needs {name!r}")
                # kept by the instance too: a function found on the class would be a method
                values[name] = getattr(cls, name)
        self.__dict__.update(values)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: {name!r} cannot be set")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: {name!r} cannot be deleted")

    def _values(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in self._fields)

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        assert isinstance(other, Record)
        return self._values() == other._values()

    def __hash__(self) -> int:
        return hash((type(self), self._values()))

    def __repr__(self) -> str:
        shown = ", ".join(
            f"{name}={value!r}" for name, value in zip(self._fields, self._values(), strict=True)
        )
        return f"{type(self).__name__}({shown})"


def replace(record: R, /, **changes: Any) -> R:
    """Return a copy of `record` with `changes`."""
    return type(record)(**{name: getattr(record, name) for name in record._fields} | changes)
