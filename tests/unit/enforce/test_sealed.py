"""A sealed file behaves like the plain file, and gives out nothing that was changed."""

from __future__ import annotations

import io
import random
import sys
import zipfile
from pathlib import Path

import pytest

from hwlock.crypto.chunked import CHUNK_BYTES, Chunks, Header
from hwlock.enforce import importer
from hwlock.enforce.sealed import SealedFile, open_sealed
from hwlock.errors import FormatError, UntrustedError, UsageError

KEY = bytes(range(32))
PLAIN = random.Random(7).randbytes(3 * CHUNK_BYTES + 777)


def seal(path: Path, plain: bytes, product_id: str = "acme-cad") -> Path:
    """Write `plain` as a sealed file."""
    header = Header.make(
        product_id=product_id, key_id=b"k" * 16, salt=bytes(32), size=len(plain), name=path.name
    )
    chunks = Chunks(header, KEY)
    size = header.chunk_bytes
    body = [chunks.seal(at, plain[at * size : (at + 1) * size]) for at in range(header.count)]
    path.write_bytes(header.raw + b"".join(body))
    return path


def opened(path: Path) -> SealedFile:
    """Open it with the key that it names."""
    return open_sealed(path, "acme-cad", {b"k" * 16: KEY}.__getitem__)


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, len(PLAIN)])
def test_it_is_read_whole(tmp_path: Path, size: int) -> None:
    """At once, in pieces, and through a buffer."""
    path = seal(tmp_path / "a", PLAIN[:size])
    with opened(path) as file:
        assert file.read() == PLAIN[:size]
    with opened(path) as file:
        assert b"".join(iter(lambda: file.read(10_007), b"")) == PLAIN[:size]
    with io.BufferedReader(opened(path)) as file:
        assert file.read() == PLAIN[:size]


def test_it_is_read_from_anywhere(tmp_path: Path) -> None:
    """As a plain file is."""
    chance = random.Random(1)
    with opened(seal(tmp_path / "a", PLAIN)) as file, io.BytesIO(PLAIN) as plain:
        for _ in range(200):
            whence = chance.choice((0, 1, 2))
            target = chance.randrange(len(PLAIN) + 9)
            offset = target - (0, plain.tell(), len(PLAIN))[whence]
            assert file.seek(offset, whence) == plain.seek(offset, whence)
            length = chance.randrange(2 * CHUNK_BYTES)
            assert file.read(length) == plain.read(length)
            assert file.tell() == plain.tell()
        with pytest.raises(ValueError, match="negative"):
            file.seek(-1)


def test_a_library_reads_it_in_place(tmp_path: Path) -> None:
    """zipfile seeks to the end first."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("part.txt", "content")
    with zipfile.ZipFile(opened(seal(tmp_path / "a", packed.getvalue()))) as archive:
        assert archive.read("part.txt") == b"content"


@pytest.mark.parametrize("place", [20, 100, 1000, CHUNK_BYTES + 1000, -1])
def test_a_changed_byte_is_never_given_out(tmp_path: Path, place: int) -> None:
    """In header or chunk; what stands before it can still be read."""
    path = seal(tmp_path / "a", PLAIN)
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)
    with pytest.raises((UntrustedError, FormatError, KeyError)), opened(path) as file:
        file.read()


@pytest.mark.parametrize("change", [-1, -CHUNK_BYTES - 16, 1])
def test_a_file_of_another_length_is_refused_at_once(tmp_path: Path, change: int) -> None:
    """Cut, cut between chunks, or longer."""
    path = seal(tmp_path / "a", PLAIN)
    data = path.read_bytes()
    path.write_bytes(data + b"x" if change > 0 else data[:change])
    with pytest.raises(UntrustedError) as caught:
        opened(path)
    assert caught.value.code == "HWL-SEALED-CHANGED"


def test_what_is_not_ours_is_refused(tmp_path: Path) -> None:
    """Another product's file, no sealed file, no file."""
    with pytest.raises(UntrustedError) as caught:
        opened(seal(tmp_path / "a", PLAIN, "other"))
    assert caught.value.code == "HWL-PRODUCT-OTHER"
    (tmp_path / "b").write_bytes(PLAIN)
    with pytest.raises(FormatError):
        opened(tmp_path / "b")
    with pytest.raises(UsageError):
        opened(tmp_path / "none")


def test_a_sealed_module_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package, a module in it, and nothing left in the folder."""
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    (tmp_path / "solver_pkg").mkdir()
    seal(tmp_path / "solver_pkg" / "__init__.py.hwsealed", b"from .core import answer\n")
    seal(tmp_path / "solver_pkg" / "core.py.hwsealed", b"def answer():\n    return 42\n")
    before = sorted(tmp_path.rglob("*"))
    with importer.modules(lambda path: opened(Path(path)), str(tmp_path)):
        import solver_pkg  # type: ignore[import-not-found]

        assert solver_pkg.answer() == 42
        with pytest.raises(ModuleNotFoundError):
            import solver_nothing  # type: ignore[import-not-found]  # noqa: F401
    assert sorted(tmp_path.rglob("*")) == before
    assert not [finder for finder in sys.meta_path if isinstance(finder, importer.SealedFinder)]


def test_a_module_without_license_is_refused_with_the_reason(tmp_path: Path) -> None:
    """The opener's error is what the program sees."""
    seal(tmp_path / "solver_locked.py.hwsealed", b"")

    def refuse(path: str) -> SealedFile:
        raise UntrustedError("HWL-SEALED-CHANGED", name=path)

    with importer.modules(refuse, str(tmp_path)), pytest.raises(UntrustedError):
        import solver_locked  # type: ignore[import-not-found]  # noqa: F401
