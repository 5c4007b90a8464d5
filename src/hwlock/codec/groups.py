"""Groups of characters with a check: what typed codes are made of.

A group says a number and knows its place: a typing error is found within it, and so is a
group that stands in another's place. Two kinds, alike in all but the characters.

`LETTERS`: five of Crockford's alphabet (no I, L, O, U), four for 20 bits and a check. In the
field of 32 elements (x⁵ + x² + 1) a group (c₁ … c₅) at place p is right if c₁·x⁴ + c₂·x³ +
c₃·x² + c₄·x + c₅ = p mod 32. The five weights differ, hence exchanged characters are found;
the places differ, hence moved groups are found.

`DIGITS`: six, five for a number below 100,000 and a check by Damm's quasigroup of order 10
(H. M. Damm, 2004), which begins with p mod 10 and must end with 0. Any one wrong digit and
any two neighbors exchanged are found, and moved groups, as for each digit every state leads
to another one.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    Groups: TypeAlias = "Letters | Digits"

__all__ = ["DIGITS", "LETTERS", "likely"]

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ = {char: value for value, char in enumerate(_ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
# What the eye or the ear takes for one another.
_ALIKE = "0DQ 1JT17 2Z 5S 8B 6G 4A VY VW MN 3E38 9G FS PB GCZ KX 17 56 69 23".split()


class Letters:
    """Groups of five characters for 20 bits."""

    length = 5
    radix = 1 << 20
    places = 32

    def write(self, value: int, place: int) -> str:
        """Return the group that says `value` (below `radix`) at `place`, counted from 1."""
        values = [value >> shift & 31 for shift in (15, 10, 5, 0)]
        values.append(_sum([*values, 0]) ^ place % self.places)
        return "".join(_ALPHABET[index] for index in values)

    def reads(self, char: str) -> str | None:
        """Return the character that a typed one (a capital) stands for, None for none."""
        value = _READ.get(char)
        return None if value is None else _ALPHABET[value]

    def place_of(self, group: str) -> int:
        """Return the one place, mod `places`, at which `group` is right."""
        return _sum([_READ[char] for char in group])

    def value(self, group: str) -> int:
        """Return what a right group says."""
        value = 0
        for char in group[:-1]:
            value = value << 5 | _READ[char]
        return value


class Digits:
    """Groups of six digits for a number below 100,000."""

    length = 6
    radix = 100_000
    places = 10

    def write(self, value: int, place: int) -> str:
        """Return the group that says `value` (below `radix`) at `place`, counted from 1."""
        said = str(value).zfill(self.length - 1)
        state = place % self.places
        for char in said:
            state = _DAMM[state][int(char)]
        # the diagonal is 0: a state is ended by its own digit
        return f"{said}{state}"

    def reads(self, char: str) -> str | None:
        """Return the digit that a typed character stands for, None for none."""
        return {"O": "0", "I": "1", "L": "1"}.get(char, char if "0" <= char <= "9" else None)

    def place_of(self, group: str) -> int:
        """Return the one place, mod `places`, at which `group` is right."""
        state = 0
        for char in reversed(group):
            state = next(before for before in range(10) if _DAMM[before][int(char)] == state)
        return state

    def value(self, group: str) -> int:
        """Return what a right group says."""
        return int(group[:-1])


LETTERS = Letters()
DIGITS = Digits()


def likely(kind: Groups, group: str, place: int) -> tuple[str, ...]:
    """Return the groups that were probably meant: one slip away, and right at `place`.

    Slips are what looks or sounds alike, and neighbors exchanged.
    """
    right = {other for other in _slips(kind, group) if kind.place_of(other) == place % kind.places}
    return tuple(sorted(right))


def _slips(kind: Groups, group: str) -> Iterator[str]:
    for at, char in enumerate(group):
        for other in {other for alike in _ALIKE if char in alike for other in alike}:
            if other != char and kind.reads(other) == other:
                yield group[:at] + other + group[at + 1 :]
        if at:
            yield group[: at - 1] + char + group[at - 1] + group[at + 1 :]


def _sum(values: list[int]) -> int:
    """Return the weighted sum of a group in GF(32), by Horner's rule."""
    total = 0
    for value in values:
        total = (total << 1 ^ (0b100101 if total & 16 else 0)) ^ value
    return total
