"""Codes that people type: activation keys, unlock codes (docs/spec/encoding.md section 4).

A code is a number in groups, `7G3KD-0QX2M-…` or, where only digits can be typed,
`402915-118276-…`. Each group is checked for itself and for its place
(`hwlock.codec.groups`), so that a typing error is named by its group.

Reading forgives letter case, O for 0, I and L for 1, full-width characters, and anything
between the characters that is neither letter nor digit.
"""

from __future__ import annotations

from hwlock.codec.groups import DIGITS, LETTERS, likely
from hwlock.errors import FormatError, InternalError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from hwlock.codec.groups import Groups

__all__ = ["decode", "encode", "plain"]

_MAX_CHARS = 400


def encode(value: int, *, groups: int = 5, digits: bool = False) -> str:
    """Return `value` as a code in `groups` (at most 31, of digits 9) groups.

    It must be below 2^(20 * groups), of digits below 10^(5 * groups); InternalError.
    """
    kind = DIGITS if digits else LETTERS
    if not 0 <= value < kind.radix**groups:
        raise InternalError("HWL-INTERNAL", detail=f"a code of {value.bit_length()} bits")
    words = []
    for place in range(groups, 0, -1):
        value, part = divmod(value, kind.radix)
        words.append(kind.write(part, place))
    return "-".join(reversed(words))


def decode(text: str, *, groups: int = 5, digits: bool = False) -> int:
    """Return the number that a typed code stands for.

    FormatError (stage typed) names the group, counted from 1, that is wrong.
    """
    if len(text) > _MAX_CHARS:
        _refuse("SIZE", found=len(text), limit=_MAX_CHARS)
    kind = DIGITS if digits else LETTERS
    typed_words = plain(text).split()
    typed = "".join(typed_words)
    if len(typed) != kind.length * groups:
        _explain_length(kind, typed_words, groups)
    words = [
        _read(kind, typed[at : at + kind.length], at // kind.length + 1)
        for at in range(0, len(typed), kind.length)
    ]
    places = [kind.place_of(word) for word in words]
    expected = list(range(1, groups + 1))
    if places != expected:
        wrong = next(place for place in expected if places[place - 1] != place)
        if sorted(places) == expected:
            _refuse("ORDER", group=wrong)
        _refuse("GROUP", group=wrong, perhaps=perhaps(kind, words[wrong - 1], wrong))
    number = 0
    for word in words:
        number = number * kind.radix + kind.value(word)
    return number


def plain(text: str) -> str:
    """Return typed text in capitals, a space for whatever is neither letter nor digit."""
    if not text.isascii():
        from unicodedata import normalize

        text = normalize("NFKC", text)
    return "".join(char if char.isalnum() else " " for char in text).upper()


def perhaps(kind: Groups, word: str, place: int) -> str:
    """Return words that end a hint: what a wrong group was probably meant to be, or nothing."""
    meant = likely(kind, word, place)
    # more than three are no help
    return f"; perhaps it is {' or '.join(meant)}" if 0 < len(meant) <= 3 else ""


def _read(kind: Groups, typed: str, group: int) -> str:
    """Return a group in the characters that were meant."""
    read = ""
    for char in typed:
        meant = kind.reads(char)
        if meant is None:
            _refuse("CHARACTER", group=group, character=char)
        read += meant
    return read


def _explain_length(kind: Groups, words: list[str], groups: int) -> NoReturn:
    """Say which group is too short, too long, missing or too many."""
    length = kind.length
    if len(words) == groups:
        group = next(at for at, word in enumerate(words, 1) if len(word) != length)
        _refuse("LENGTH", group=group, found=len(words[group - 1]), wanted=length)
    typed = "".join(words)
    whole = min(len(typed) // length, groups)
    for group in range(1, whole + 1):
        word = _read(kind, typed[(group - 1) * length : group * length], group)
        if kind.place_of(word) != group:
            break
    else:
        group = whole + 1
    wanted = length * groups
    fault = "MISSING" if len(typed) < wanted else "MANY"
    _refuse(fault, group=group, found=len(typed), wanted=wanted)


def _refuse(fault: str, **details: object) -> NoReturn:
    raise FormatError(f"HWL-CODE-{fault}", stage="typed", offset=None, **details)
