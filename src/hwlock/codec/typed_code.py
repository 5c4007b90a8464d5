"""Codes that people type: activation keys (docs/spec/encoding.md section 4).

A code is groups of five characters, `7G3KD-0QX2M-…`: four say 20 bits of a number, most
significant first, the fifth is their check. A group is checked for itself and for its place,
so a typing error is named by its group. Found for certain: any one wrong character, any two
characters of a group exchanged, groups in another order.

The alphabet is Crockford's: no I, L, O, U. Reading forgives letter case, O for 0, I and L
for 1, full-width characters, and anything between the characters that is neither letter nor
digit.

The check, in the field of 32 elements (x⁵ + x² + 1): a group (c₁ … c₅) at place p, counted
from 1, is right if c₁·x⁴ + c₂·x³ + c₃·x² + c₄·x + c₅ = p. The five weights differ, hence
exchanged characters are found; the places differ, hence moved groups are found.
"""

from __future__ import annotations

from hwlock.errors import FormatError, InternalError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

__all__ = ["decode", "encode"]

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUP = 5
_GROUP_BITS = 20
_MAX_CHARS = 400
_READ = {char: value for value, char in enumerate(_ALPHABET)} | {"O": 0, "I": 1, "L": 1}


def encode(value: int, *, groups: int = 5) -> str:
    """Return `value` (below 2^(20 * groups)) as a code in `groups` (at most 31) groups."""
    if not 0 <= value < 1 << (_GROUP_BITS * groups):
        raise InternalError("HWL-INTERNAL", detail=f"a code of {value.bit_length()} bits")
    words = []
    for place in range(1, groups + 1):
        part = value >> (_GROUP_BITS * (groups - place))
        values = [part >> 15 & 31, part >> 10 & 31, part >> 5 & 31, part & 31]
        values.append(_sum([*values, 0]) ^ place)
        words.append("".join(_ALPHABET[index] for index in values))
    return "-".join(words)


def decode(text: str, *, groups: int = 5) -> int:
    """Return the number that a typed code stands for.

    FormatError (stage typed) names the group, counted from 1, that is wrong.
    """
    if len(text) > _MAX_CHARS:
        _refuse("SIZE", found=len(text), limit=_MAX_CHARS)
    words = _words(text)
    typed = "".join(words)
    if len(typed) != _GROUP * groups:
        _explain_length(words, groups)
    values = [_read(char, index // _GROUP + 1) for index, char in enumerate(typed)]
    parts = [values[at : at + _GROUP] for at in range(0, len(values), _GROUP)]
    places = [_sum(part) for part in parts]
    expected = list(range(1, groups + 1))
    if places != expected:
        wrong = next(place for place in expected if places[place - 1] != place)
        _refuse("ORDER" if sorted(places) == expected else "GROUP", group=wrong)
    number = 0
    for part in parts:
        for value in part[:-1]:
            number = number << 5 | value
    return number


def _words(text: str) -> list[str]:
    """Return what stands between separators, in capitals."""
    if not text.isascii():
        from unicodedata import normalize

        text = normalize("NFKC", text)
    return "".join(char if char.isalnum() else " " for char in text).upper().split()


def _read(char: str, group: int) -> int:
    if char not in _READ:
        _refuse("CHARACTER", group=group, character=char)
    return _READ[char]


def _sum(values: list[int]) -> int:
    """Return the weighted sum of a group in GF(32), by Horner's rule."""
    total = 0
    for value in values:
        total = (total << 1 ^ (0b100101 if total & 16 else 0)) ^ value
    return total


def _explain_length(words: list[str], groups: int) -> NoReturn:
    """Say which group is too short, too long, missing or too many."""
    if len(words) == groups:
        group = next(at for at, word in enumerate(words, 1) if len(word) != _GROUP)
        _refuse("LENGTH", group=group, found=len(words[group - 1]), wanted=_GROUP)
    typed = "".join(words)
    whole = min(len(typed) // _GROUP, groups)
    for group in range(1, whole + 1):
        word = typed[(group - 1) * _GROUP : group * _GROUP]
        if _sum([_read(char, group) for char in word]) != group:
            break
    else:
        group = whole + 1
    wanted = _GROUP * groups
    fault = "MISSING" if len(typed) < wanted else "MANY"
    _refuse(fault, group=group, found=len(typed), wanted=wanted)


def _refuse(fault: str, **details: object) -> NoReturn:
    raise FormatError(f"HWL-CODE-{fault}", stage="typed", offset=None, **details)
