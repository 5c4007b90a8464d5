"""Typed codes (docs/spec/encoding.md section 4): one code, how people type it, and mistype it.

The codes are made here a second time, by searching for the check character that fits.
"""

from __future__ import annotations

from collections.abc import Iterator

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
NUMBER = 0x123456789ABCDEF0123456789


def times(a: int, b: int) -> int:
    """Multiply in the field of 32 elements, by the schoolbook: x⁵ = x² + 1."""
    product = 0
    for bit in range(5):
        if b >> bit & 1:
            product ^= a << bit
    for bit in range(8, 4, -1):
        if product >> bit & 1:
            product ^= 0b100101 << (bit - 5)
    return product


def fits(group: str, place: int) -> bool:
    """Tell whether a group is right at its place: Σ cᵢ·x^(5-i) = place."""
    total = 0
    for char, weight in zip(group, (16, 8, 4, 2, 1), strict=True):
        total ^= times(ALPHABET.index(char), weight)
    return total == place


def code(number: int) -> list[str]:
    """Return the five groups of `number`."""
    groups = []
    for place in range(1, 6):
        bits = number >> 20 * (5 - place) & 0xFFFFF
        data = "".join(ALPHABET[bits >> shift & 31] for shift in (15, 10, 5, 0))
        groups.append(next(data + char for char in ALPHABET if fits(data + char, place)))
    return groups


GROUPS = code(NUMBER)
ONE, TWO, THREE, FOUR, FIVE = GROUPS
CODE = "-".join(GROUPS)
ZERO = "-".join(code(0))
LAST = "-".join(code(2**100 - 1))

FORGIVEN = {
    "plain": (CODE, NUMBER, "as it was written"),
    "zero": (ZERO, 0, "the smallest number"),
    "largest": (LAST, 2**100 - 1, "the largest number"),
    "lower-case": (CODE.lower(), NUMBER, "small letters"),
    "letters-for-digits": (ZERO.replace("0", "O").replace("1", "l"), 0, "O for 0, and l for 1"),
    "no-separators": ("".join(GROUPS), NUMBER, "nothing between the groups"),
    "spaces": ("  " + "   ".join(CODE.replace("-", "")) + "\n", NUMBER, "spaces everywhere"),
    "dashes": ("\u2014".join(GROUPS), NUMBER, "other dashes"),
    "separators": (" / ".join(GROUPS) + ".", NUMBER, "slashes, and a full stop"),
    "full-width": (
        "".join(chr(ord(char) + 0xFEE0) for char in CODE),
        NUMBER,
        "full-width characters",
    ),
}


def typed(*groups: str) -> str:
    """Return a code of these groups."""
    return "-".join(groups)


HARMED = {
    "wrong-character": (
        typed(ONE, TWO, "9" + THREE[1:], FOUR, FIVE),
        "GROUP",
        3,
        "a character of data is another one",
    ),
    "wrong-check": (
        typed(ONE, TWO, THREE, FOUR, FIVE[:4] + "Z"),
        "GROUP",
        5,
        "a check character is another one",
    ),
    "exchanged": (
        typed(ONE, TWO[1] + TWO[0] + TWO[2:], THREE, FOUR, FIVE),
        "GROUP",
        2,
        "two characters exchanged",
    ),
    "exchanged-with-check": (
        typed(ONE, TWO, THREE, FOUR[:3] + FOUR[4] + FOUR[3], FIVE),
        "GROUP",
        4,
        "a character exchanged with the check",
    ),
    "letter-u": (
        typed(ONE, TWO, THREE, "U" + FOUR[1:], FIVE),
        "CHARACTER",
        4,
        "a letter that no code has",
    ),
    "groups-exchanged": (typed(TWO, ONE, THREE, FOUR, FIVE), "ORDER", 1, "two groups exchanged"),
    "group-short": (typed(ONE, TWO, THREE[:4], FOUR, FIVE), "LENGTH", 3, "a group of four"),
    "group-long": (typed(ONE, TWO, THREE, FOUR + "7", FIVE), "LENGTH", 4, "a group of six"),
    "group-missing": (typed(ONE, TWO, FOUR, FIVE), "MISSING", 3, "four groups"),
    "last-missing": (typed(ONE, TWO, THREE, FOUR), "MISSING", 5, "the last group was not typed"),
    "group-twice": (typed(ONE, TWO, TWO, THREE, FOUR, FIVE), "MANY", 3, "a group typed twice"),
    "group-more": (typed(ONE, TWO, THREE, FOUR, FIVE, ONE), "MANY", 6, "a sixth group"),
    "tight-missing": (
        CODE.replace("-", "")[:12] + CODE.replace("-", "")[13:],
        "MISSING",
        3,
        "a character lost, nothing between the groups",
    ),
    "empty": ("", "MISSING", 1, "nothing"),
}


def cases() -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the vectors."""
    for name, (text, number, comment) in FORGIVEN.items():
        yield (
            name,
            {
                "comment": comment,
                "read": "typed-code",
                "stage": None,
                "code": None,
                "text": text,
                "number": str(number),
            },
        )
    for name, (text, fault, group, comment) in HARMED.items():
        yield (
            name,
            {
                "comment": comment,
                "read": "typed-code",
                "stage": "typed",
                "code": f"HWL-CODE-{fault}",
                "group": group,
                "text": text,
            },
        )
