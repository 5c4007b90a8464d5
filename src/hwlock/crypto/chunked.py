"""Sealed files: large contents in chunks, each encrypted and authenticated for its place.

A file (docs/spec/files.md: sealed file) is `HWLSEAL1`, the length of its header (2 bytes,
big-endian), the header (CBOR), and the chunks. It can be read from any place, and nothing
that was changed, moved, cut off or added is ever given out.

1. The key of a file is HMAC-SHA-256, keyed by the content key, over `"hwlock sealed file v1"`,
   a zero byte and everything before the chunks: another header is another key. The header
   holds a fresh salt of 32 bytes, so that a key serves one file.
2. A chunk is AES-256-GCM of `chunk_bytes` bytes, the last one of the rest, and at least one
   byte unless the file is empty. Its nonce is its number in 11 bytes, big-endian, and 1 for
   the last chunk, 0 for others (the STREAM construction: Hoang, Reyhanitabar, Rogaway, Vizár,
   2015). There is no further associated data.
"""

from __future__ import annotations

from hwlock.codec import cbor
from hwlock.codec.fields import Fields
from hwlock.crypto import hmac
from hwlock.errors import FormatError, UntrustedError
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CHUNK_BYTES", "KEY_BYTES", "KEY_ID_BYTES", "MAX_HEADER_BYTES", "Chunks", "Header"]

MAGIC = b"HWLSEAL1"
KEY_BYTES = 32
KEY_ID_BYTES = 16
CHUNK_BYTES = 1 << 16
TAG_BYTES = 16
MAX_HEADER_BYTES = 1024
_SALT_BYTES = 32
_SMALLEST_CHUNK, _LARGEST_CHUNK = 1 << 12, 1 << 24
_MAX_SIZE = 1 << 50
_PURPOSE = b"hwlock sealed file v1\0"


class Header(Record):
    """What stands at the beginning of a sealed file.

    `key_id` (16 bytes) names the content key; `size` is that of the plain content in bytes;
    `raw` all bytes before the chunks.
    """

    product_id: str
    key_id: bytes
    salt: bytes
    chunk_bytes: int
    size: int
    name: str
    raw: bytes

    @classmethod
    def make(cls, *, product_id: str, key_id: bytes, salt: bytes, size: int, name: str) -> Header:
        """Return the header of a new file; `salt` is fresh, 32 bytes."""
        members: cbor.Value = {
            1: product_id,
            2: key_id,
            3: salt,
            4: CHUNK_BYTES,
            5: size,
            6: name,
        }
        body = cbor.encode(members)
        return cls.parse(MAGIC + len(body).to_bytes(2, "big") + body)

    @classmethod
    def parse(cls, data: bytes) -> Header:
        """Read the beginning of a sealed file, which may go on behind it; FormatError."""
        start = len(MAGIC) + 2
        if not data.startswith(MAGIC):
            raise FormatError("HWL-SEALED-MAGIC", stage="field", offset=0)
        end = start + int.from_bytes(data[len(MAGIC) : start], "big")
        if len(data) < end or end > MAX_HEADER_BYTES:
            raise FormatError("HWL-SEALED-CUT", stage="field", offset=len(data))
        fields = Fields(cbor.decode(data[start:end]), "sealed file")
        header = cls(
            product_id=fields.text(1, "product", max_bytes=64),
            key_id=fields.bytes(2, "key", size=KEY_ID_BYTES),
            salt=fields.bytes(3, "salt", size=_SALT_BYTES),
            chunk_bytes=fields.uint(4, "chunk", max_value=_LARGEST_CHUNK),
            size=fields.uint(5, "size", max_value=_MAX_SIZE),
            name=fields.text(6, "name"),
            raw=data[:end],
        )
        fields.done()
        if header.chunk_bytes < _SMALLEST_CHUNK:
            raise FormatError("HWL-SEALED-CUT", stage="field", offset=start)
        return header

    @property
    def count(self) -> int:
        """How many chunks there are; an empty file has one, without content."""
        return max(1, -(-self.size // self.chunk_bytes))

    def place(self, number: int) -> tuple[int, int]:
        """Return where chunk `number` (from 0) begins in the file, and its sealed length."""
        begin = number * self.chunk_bytes
        length = min(self.chunk_bytes, self.size - begin) + TAG_BYTES
        return len(self.raw) + number * (self.chunk_bytes + TAG_BYTES), length

    @property
    def sealed_size(self) -> int:
        """How long the whole file is, in bytes."""
        begin, length = self.place(self.count - 1)
        return begin + length


class Chunks:
    """The chunks of one file under its content key (32 bytes)."""

    def __init__(self, header: Header, content_key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self.header = header
        self._last = header.count - 1
        cipher = AESGCM(hmac.sha256(content_key, _PURPOSE + header.raw))
        self._encrypt: Callable[[bytes, bytes, None], bytes] = cipher.encrypt
        self._decrypt: Callable[[bytes, bytes, None], bytes] = cipher.decrypt

    def seal(self, number: int, plain: bytes) -> bytes:
        """Return chunk `number` (from 0) of the plain bytes at its place."""
        return self._encrypt(self._nonce(number), plain, None)

    def open(self, number: int, sealed: bytes) -> bytes:
        """Return the plain bytes of chunk `number`; UntrustedError where it is not genuine."""
        from cryptography.exceptions import InvalidTag

        try:
            return self._decrypt(self._nonce(number), sealed, None)
        except InvalidTag as exc:
            raise UntrustedError("HWL-SEALED-CHANGED", name=self.header.name) from exc

    def _nonce(self, number: int) -> bytes:
        return number.to_bytes(11, "big") + (b"\1" if number == self._last else b"\0")
