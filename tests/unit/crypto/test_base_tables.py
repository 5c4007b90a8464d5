"""The tables of the base points, which every build writes anew, hold what other libraries say."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from nacl.bindings import crypto_scalarmult_ed25519_base_noclamp

PROGRAM = runpy.run_path(str(Path(__file__).parents[3] / "csrc" / "base_tables.py"))
P25519 = 2**255 - 19
D = -121665 * pow(121666, -1, P25519) % P25519
P256 = 2**256 - 2**224 + 2**192 + 2**96 - 1
L = 2**252 + 27742317777372353535851937790883648493
N256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@pytest.fixture(scope="module")
def ed25519() -> str:
    """Return the text of base25519.h."""
    return str(PROGRAM["ed25519"]())


@pytest.fixture(scope="module")
def p256() -> str:
    """Return the text of base_p256.h."""
    return str(PROGRAM["p256"]())


def numbers(text: str, row: int) -> list[list[int]]:
    """Return the entries of a row of a table: its numbers, of which word j is at [j]."""
    table = text[text.rindex("const uint64_t") :]
    words = [int(word, 16) for word in re.findall(r"0x[0-9a-f]{16}", table)]
    _, columns, entries = map(int, re.findall(r"\[(\d+)\]", table)[:3])
    at = words[row * columns * entries :]
    return [
        [
            sum(at[(4 * number + j) * entries + entry] << 64 * j for j in range(4))
            for number in range(columns // 4)
        ]
        for entry in range(entries)
    ]


@pytest.mark.parametrize("row", range(64))
def test_multiples_of_the_base_of_ed25519(ed25519: str, row: int) -> None:
    """Entry i of row t is (i + 1) 16^t B, as PyNaCl multiplies: y + x, y - x, 2dxy."""
    for i, (total, difference, product) in enumerate(numbers(ed25519, row)):
        scalar = (i + 1) * 16**row % L
        encoded = int.from_bytes(
            crypto_scalarmult_ed25519_base_noclamp(scalar.to_bytes(32, "little")), "little"
        )
        half = pow(2, -1, P25519)
        x, y = (total - difference) * half % P25519, (total + difference) * half % P25519
        assert encoded == y | (x & 1) << 255
        assert product == 2 * D * x * y % P25519


@pytest.mark.parametrize("row", range(51))
def test_multiples_of_the_base_of_p256(p256: str, row: int) -> None:
    """Entry j of row i is (2j + 1) 32^i G, as cryptography multiplies, times 2^260."""
    for j, (x, y) in enumerate(numbers(p256, row)):
        scalar = (2 * j + 1) * 32**row % N256
        point = ec.derive_private_key(scalar, ec.SECP256R1()).public_key().public_numbers()
        assert (x, y) == (point.x * 2**260 % P256, point.y * 2**260 % P256)


def test_the_top_of_the_base_of_p256(p256: str) -> None:
    """The point of the top digit is 2^255 G."""
    top = re.findall(r"0x[0-9a-f]{16}", p256)[:8]
    words = [int(word, 16) for word in top]
    x, y = (sum(words[4 * k + j] << 64 * j for j in range(4)) for k in range(2))
    point = ec.derive_private_key(2**255 % N256, ec.SECP256R1()).public_key().public_numbers()
    assert (x, y) == (point.x * 2**260 % P256, point.y * 2**260 % P256)


def test_what_is_right_is_left(ed25519: str, tmp_path: Path) -> None:
    """A second run writes nothing; a file that is not as it should be is mended."""
    PROGRAM["write"](tmp_path / "tables")
    files = sorted((tmp_path / "tables").iterdir())
    assert [path.name for path in files] == ["base25519.h", "base_p256.h"]
    before = [path.stat().st_mtime_ns for path in files]
    PROGRAM["write"](tmp_path / "tables")
    assert [path.stat().st_mtime_ns for path in files] == before
    files[0].write_text("/* cut */")
    PROGRAM["write"](tmp_path / "tables")
    assert files[0].read_text() == ed25519
