"""A sealed file as a file: read, seek, hand it to whatever takes a binary file."""

from __future__ import annotations

import io
import os

from hwlock.crypto.chunked import MAX_HEADER_BYTES, Chunks, Header
from hwlock.errors import UntrustedError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

    from typing_extensions import Buffer

__all__ = ["SealedFile", "open_sealed"]


class SealedFile(io.RawIOBase):
    """The plain content of a sealed file, read chunk by chunk; one chunk is kept in memory.

    Whatever was changed raises UntrustedError when it is read, never before it is given out.
    """

    def __init__(self, file: BinaryIO, header: Header, content_key: bytes) -> None:
        super().__init__()
        self.header = header
        self.name = header.name
        self._file = file
        self._chunks = Chunks(header, content_key)
        self._at = 0
        self._number = -1
        self._plain = memoryview(b"")

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to `offset` bytes from the beginning, from here, or from the end; return the place."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.header.size}[whence]
        if base + offset < 0:
            raise ValueError("negative seek position")
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        """Return the place, in bytes from the beginning."""
        return self._at

    def readinto(self, target: Buffer) -> int:
        """Fill `target` as far as the content goes; return how many bytes that were."""
        view = memoryview(target).cast("B")
        done = 0
        while done < len(view) and self._at < self.header.size:
            number, inside = divmod(self._at, self.header.chunk_bytes)
            piece = self._chunk(number)[inside : inside + len(view) - done]
            view[done : done + len(piece)] = piece
            done += len(piece)
            self._at += len(piece)
        return done

    def readall(self) -> bytes:
        """Return everything from here on."""
        found = bytearray(max(0, self.header.size - self._at))
        self.readinto(found)
        return bytes(found)

    def close(self) -> None:
        """Close the file; what was decrypted is forgotten."""
        self._plain = memoryview(b"")
        self._file.close()
        super().close()

    def _chunk(self, number: int) -> memoryview:
        if number != self._number:
            begin, length = self.header.place(number)
            self._file.seek(begin)
            plain = self._chunks.open(number, self._file.read(length))
            self._number, self._plain = number, memoryview(plain)
        return self._plain


def open_sealed(
    path: str | os.PathLike[str], product_id: str, key_of: Callable[[bytes], bytes]
) -> SealedFile:
    """Open the sealed file at `path`; `key_of` gives the content key that an id (16 bytes) names.

    FormatError where it is none; UntrustedError where it is of another product or was cut;
    UsageError where it cannot be read; and whatever `key_of` raises.
    """
    try:
        file = open(path, "rb")  # noqa: SIM115 - the SealedFile closes it
    except OSError as exc:
        detail = exc.strerror or str(exc)
        raise UsageError("HWL-FILE-READ", path=os.fspath(path), detail=detail) from exc
    try:
        header = Header.parse(file.read(MAX_HEADER_BYTES))
        if header.product_id != product_id:
            raise UntrustedError(
                "HWL-PRODUCT-OTHER", file="sealed file", theirs=header.product_id, ours=product_id
            )
        if os.fstat(file.fileno()).st_size != header.sealed_size:
            raise UntrustedError("HWL-SEALED-CHANGED", name=header.name)
        return SealedFile(file, header, key_of(header.key_id))
    except BaseException:
        file.close()
        raise
