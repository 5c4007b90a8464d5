"""Write base25519.h and base_p256.h, the multiples of the base points, for a build of the core.

    python csrc/base_tables.py FOLDER

Every build does it first: that of the extension (build_ext.py), of libhwlock (CMakeLists.txt), of
the tests in C (tests/Makefile). Plain affine arithmetic from the curve's equations, nothing shared
with the C code. A file that is already right is left as it is, so that nothing is compiled again.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

Point = tuple[int, int]
Add = Callable[[Point, Point], Point]

TEETH, ENTRIES = 64, 8

P25519 = 2**255 - 19
D25519 = -121665 * pow(121666, -1, P25519) % P25519
BASE25519 = (
    15112221349535400772501151409588531511454012693041857206046113283949847762202,
    46316835694926478169428394003475163141307993866256225615783033603165251855960,
)

P256 = 2**256 - 2**224 + 2**192 + 2**96 - 1
BASE_P256 = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)


def add_25519(a: Point, b: Point) -> Point:
    """Add on -x² + y² = 1 + d x² y²; complete."""
    (x1, y1), (x2, y2) = a, b
    t = D25519 * x1 * x2 * y1 * y2 % P25519
    x3 = (x1 * y2 + x2 * y1) * pow(1 + t, -1, P25519) % P25519
    return x3, (y1 * y2 + x1 * x2) * pow(1 - t, -1, P25519) % P25519


def add_p256(a: Point, b: Point) -> Point:
    """Add on y² = x³ - 3x + b; neither the points nor the sum may be at infinity."""
    (x1, y1), (x2, y2) = a, b
    if a == b:
        slope = (3 * x1 * x1 - 3) * pow(2 * y1, -1, P256) % P256
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, P256) % P256
    x3 = (slope * slope - x1 - x2) % P256
    return x3, (slope * (x1 - x3) - y1) % P256


def coordinates_25519(point: Point) -> tuple[int, ...]:
    """Return y + x, y - x, 2dxy."""
    x, y = point
    return (y + x) % P25519, (y - x) % P25519, 2 * D25519 * x * y % P25519


def coordinates_p256(point: Point) -> tuple[int, ...]:
    """Return x and y in Montgomery form, as csrc/src/field_p256.h has it."""
    return tuple(value * 2**260 % P256 for value in point)


def entries(base: Point, add: Add) -> Iterator[Point]:
    """Yield i * 16^t * base for all teeth t and i = 1..8."""
    for _ in range(TEETH):
        multiple = base
        for i in range(ENTRIES):
            yield multiple
            if i < ENTRIES - 1:
                multiple = add(multiple, base)
        for _ in range(4):
            base = add(base, base)


def odd_multiples(base: Point, add: Add, rows: int, entries_a_row: int) -> Iterator[Point]:
    """Yield 32^i * (1, 3, 5 ...) * base for all rows i, and 32^rows * base."""
    for _ in range(rows):
        multiple, double = base, add(base, base)
        for j in range(entries_a_row):
            yield multiple
            if j < entries_a_row - 1:
                multiple = add(multiple, double)
        base = double
        for _ in range(4):
            base = add(base, base)
    yield base


def words(point: tuple[int, ...]) -> list[int]:
    """Return four 64-bit words of each coordinate, least significant first."""
    return [value >> shift & 2**64 - 1 for value in point for shift in (0, 64, 128, 192)]


def braced(numbers: Sequence[int], indent: str) -> str:
    """Return an initializer, four numbers a line."""
    told = [f"0x{number:016x}" for number in numbers]
    lines = [", ".join(told[i : i + 4]) for i in range(0, len(told), 4)]
    return "{" + f",\n{indent} ".join(lines) + "}"


def table(
    guard: str,
    title: str,
    name: str,
    points: list[tuple[int, ...]],
    entries_a_row: int,
    top: tuple[int, ...] | None = None,
) -> str:
    """Return the text of the header: word j of entry i of a row at [row][j][i]."""
    lines = [
        f"/* {title}",
        " * Written by csrc/base_tables.py. */",
        f"#ifndef {guard}",
        f"#define {guard}",
        "",
        "#include <stdint.h>",
        "",
    ]
    if top is not None:
        x, y = words(top)[:4], words(top)[4:]
        told = f"{braced(x, '    ')},\n     {braced(y, '    ')}"
        lines.append(f"const uint64_t {name}_TOP[2][4] =\n    {{{told}}};\n")
    rows = len(points) // entries_a_row
    shape = f"[{rows}][{4 * len(points[0])}][{entries_a_row}]"
    lines.append(f"const uint64_t {name}{shape} = {{")
    for row in range(rows):
        entries = [words(point) for point in points[row * entries_a_row :][:entries_a_row]]
        lines.append("    {")
        lines += [f"        {braced(column, '        ')}," for column in zip(*entries, strict=True)]
        lines.append("    },")
    return "\n".join([*lines, "};", "", "#endif", ""])


def ed25519() -> str:
    """Return the text of base25519.h."""
    points = [coordinates_25519(point) for point in entries(BASE25519, add_25519)]
    title = "The comb (comb.h) of the base point of Ed25519: y + x, y - x, 2dxy."
    return table("HWLOCK_BASE25519_H", title, "BASE25519", points, ENTRIES)


def p256() -> str:
    """Return the text of base_p256.h."""
    *points, top = odd_multiples(BASE_P256, add_p256, 51, 16)
    title = "The rows (group_p256.h) of the base point of P-256, and its multiple by 2^255."
    return table(
        "HWLOCK_BASE_P256_H",
        title,
        "BASE_P256",
        [coordinates_p256(point) for point in points],
        16,
        coordinates_p256(top),
    )


def write(folder: Path) -> None:
    """Write both headers into `folder`, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (("base25519.h", ed25519()), ("base_p256.h", p256())):
        path, content = folder / name, text.encode("ascii")
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
