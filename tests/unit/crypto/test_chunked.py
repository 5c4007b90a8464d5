"""Chunks of a sealed file: each is good at its place, in its file, and nowhere else."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hwlock.crypto.chunked import CHUNK_BYTES, Chunks, Header
from hwlock.errors import FormatError, UntrustedError

KEY = bytes(range(32))


def header(size: int, salt: int = 1) -> Header:
    """Return the header of a file of `size` bytes."""
    return Header.make(
        product_id="acme-cad", key_id=bytes(16), salt=bytes([salt]) * 32, size=size, name="m.bin"
    )


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 200_000])
def test_a_header_says_where_each_chunk_stands(size: int) -> None:
    """Side by side, to the end of the file."""
    head = header(size)
    places = [head.place(number) for number in range(head.count)]
    ends = [begin + length for begin, length in places]
    assert [begin for begin, _ in places] == [len(head.raw), *ends[:-1]]
    assert ends[-1] == head.sealed_size
    assert head.sealed_size - len(head.raw) == size + 16 * head.count


def test_a_header_is_read_back_from_the_beginning_of_a_file() -> None:
    """Whatever follows."""
    head = header(70_000)
    assert Header.parse(head.raw + b"chunks") == head


def test_a_chunk_is_what_the_page_says() -> None:
    """Key and nonce by another implementation."""
    head = header(CHUNK_BYTES + 5)
    key = hmac.digest(KEY, b"hwlock sealed file v1\0" + head.raw, hashlib.sha256)
    last = AESGCM(key).encrypt((1).to_bytes(11, "big") + b"\1", b"hello", None)
    assert Chunks(head, KEY).seal(1, b"hello") == last


def test_a_chunk_is_opened_at_its_place_only() -> None:
    """Not at another, not as the last, not in a file with another header or key."""
    chunks = Chunks(header(3 * CHUNK_BYTES), KEY)
    sealed = chunks.seal(1, bytes(CHUNK_BYTES))
    assert chunks.open(1, sealed) == bytes(CHUNK_BYTES)
    elsewhere = (
        (chunks, 0),
        (chunks, 2),
        (Chunks(header(2 * CHUNK_BYTES), KEY), 1),
        (Chunks(header(3 * CHUNK_BYTES, salt=2), KEY), 1),
        (Chunks(header(3 * CHUNK_BYTES), KEY[::-1]), 1),
    )
    for other, number in elsewhere:
        with pytest.raises(UntrustedError) as caught:
            other.open(number, sealed)
        assert caught.value.code == "HWL-SEALED-CHANGED"


@pytest.mark.parametrize("cut", [0, 5, 9, 12, 60])
def test_a_header_that_is_cut_is_refused(cut: int) -> None:
    """Wherever."""
    with pytest.raises(FormatError):
        Header.parse(header(10).raw[:cut])


def test_chunks_have_bounds() -> None:
    """A header cannot make a reader hold gigabytes, nor read byte by byte."""
    raw = header(10).raw
    small = raw.replace(b"\x04\x1a\x00\x01\x00\x00", b"\x04\x1a\x00\x00\x0f\xff")
    large = raw.replace(b"\x04\x1a\x00\x01\x00\x00", b"\x04\x1a\x01\x00\x00\x01")
    assert raw not in (small, large)
    for changed in (small, large):
        with pytest.raises(FormatError):
            Header.parse(changed)
