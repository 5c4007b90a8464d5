"""The integrity manifest: what the files of an application are, signed by its vendor.

A text file in two halves. The first is what `sha256sum` prints and checks, a line a file, sorted
by path, with `/` between folders; then the exceptions, a pattern a line::

    # hwlock manifest of acme-cad
    9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08  bin/acme-cad
    # except logs/*

The second half is an armored block: a COSE_Sign1 by an issuer that holds the SHA-256 of the first
half, all bytes before the block's line.
"""

from __future__ import annotations

from hwlock.codec import armor, cbor, cose, cwt
from hwlock.codec.fields import Fields, numeric_date
from hwlock.crypto import sha2
from hwlock.crypto.keys import sign_file
from hwlock.crypto.trust import verify_issued
from hwlock.errors import FormatError, UntrustedError
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import NoReturn

    from hwlock.crypto.keys import Signer
    from hwlock.crypto.trust import Product

__all__ = ["MANIFEST_TYP", "Manifest", "safe_path", "sign"]

MANIFEST_TYP = "application/hwlock-manifest"
MAX_BYTES = 32 << 20
_MAX_FILES = 200_000
_MAX_EXCEPTIONS = 256
_BLOCK = b"-----BEGIN HWLOCK MANIFEST-----"
_EXCEPT = "# except "
_DIGEST_CHARS = 64
_HEX = frozenset("0123456789abcdef")


class Manifest(Record):
    """A genuine manifest: `files` are (path, SHA-256 of 32 bytes), `exceptions` patterns."""

    product_id: str
    issued_at: datetime
    files: tuple[tuple[str, bytes], ...]
    exceptions: tuple[str, ...]

    @classmethod
    def verify(cls, data: bytes, product: Product) -> Manifest:
        """Return the genuine manifest in `data`; FormatError, UntrustedError."""
        if len(data) > MAX_BYTES:
            raise FormatError("HWL-MANIFEST-LARGE", stage="field", limit=MAX_BYTES)
        listed, block = _halves(data)
        signed = cose.parse(
            armor.decode(block, expected_label="MANIFEST")[1], expected_typ=MANIFEST_TYP
        )
        claims = Fields(cbor.decode(signed.payload), "manifest")
        product_id = claims.text(cwt.AUD, "product", max_bytes=64)
        if product_id != product.id:
            raise UntrustedError(
                "HWL-PRODUCT-OTHER", file="manifest", theirs=product_id, ours=product.id
            )
        verify_issued(signed, product, where="manifest")
        own = claims.map(cwt.HWLOCK, "hwlock")
        digest = own.bytes(1, "digest", size=32)
        issued_at = claims.time(cwt.IAT, "issued")
        own.done()
        claims.done()
        if sha2.sha256(listed) != digest:
            raise UntrustedError("HWL-MANIFEST-CHANGED", product=product.id)
        files, exceptions = _parse(listed)
        return cls(product_id=product_id, issued_at=issued_at, files=files, exceptions=exceptions)


def sign(
    product_id: str,
    files: tuple[tuple[str, bytes], ...],
    exceptions: tuple[str, ...],
    *,
    issued_at: datetime,
    signer: Signer,
    delegation: bytes,
) -> bytes:
    """Return a manifest file; `files` are (path, SHA-256), paths as `safe_path` wants them."""
    lines = [f"# hwlock manifest of {product_id}"]
    lines += [f"{digest.hex()}  {path}" for path, digest in sorted(files)]
    lines += [f"{_EXCEPT}{pattern}" for pattern in exceptions]
    listed = ("\n".join(lines) + "\n").encode()
    payload: cbor.Value = {
        cwt.AUD: product_id,
        cwt.IAT: numeric_date(issued_at),
        cwt.HWLOCK: {1: sha2.sha256(listed)},
    }
    raw = sign_file(signer, MANIFEST_TYP, payload, delegation)
    return listed + armor.encode(raw, "MANIFEST").encode()


def safe_path(path: str) -> bool:
    """Tell whether `path` stays in the folder that it is relative to, on every system."""
    parts = path.split("/")
    return (
        path.isprintable()
        and "\\" not in path
        and ":" not in path
        and all(part not in ("", ".", "..") for part in parts)
    )


def _halves(data: bytes) -> tuple[bytes, bytes]:
    """Return the list, exactly the bytes that were signed, and the block."""
    place = data.find(b"\n" + _BLOCK)
    if place < 0:
        _refuse(0)
    return data[: place + 1], data[place + 1 :]


def _parse(listed: bytes) -> tuple[tuple[tuple[str, bytes], ...], tuple[str, ...]]:
    files: list[tuple[str, bytes]] = []
    exceptions: list[str] = []
    for number, line in enumerate(listed.decode("utf-8", "replace").split("\n")[:-1], 1):
        if line.startswith(_EXCEPT):
            exceptions.append(line.removeprefix(_EXCEPT))
        elif not line.startswith("#"):
            files.append(_file(line, number))
    paths = [path for path, _ in files]
    if paths != sorted(set(paths)) or len(files) > _MAX_FILES or len(exceptions) > _MAX_EXCEPTIONS:
        _refuse(1)
    return tuple(files), tuple(exceptions)


def _file(line: str, number: int) -> tuple[str, bytes]:
    digest, path = line[:_DIGEST_CHARS], line[_DIGEST_CHARS + 2 :]
    whole = len(digest) == _DIGEST_CHARS and _HEX.issuperset(digest)
    if not whole or line[_DIGEST_CHARS : _DIGEST_CHARS + 2] != "  " or not safe_path(path):
        _refuse(number)
    return path, bytes.fromhex(digest)


def _refuse(line: int) -> NoReturn:
    raise FormatError("HWL-MANIFEST-LINE", stage="field", line=line)
