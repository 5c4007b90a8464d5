"""Armor: bytes as a text block that survives mail and chat (docs/spec/encoding.md section 3).

::

    -----BEGIN HWLOCK REQUEST-----
    0oRYOaQBJwRQa2tra2tra2tra2tra2traxB4GmFwcGxpY2F0aW9uL2h3bG9jTAIv
    …
    -----END HWLOCK REQUEST-----

A line is 45 bytes in base64 (60 characters, no padding) and their check (4 characters); the
last line is shorter and ends with the check of the whole. Reading keeps the base64
characters and nothing else, and then counts: where the line breaks are does not matter, and
yet a damaged line is named by the number that it had when it was written.

What is forgiven: line ends, quote marks, white space anywhere, text around, dashes that mail
made of other dashes, letter case of BEGIN and END, quoted-printable, HTML entities, UTF-16.
What is not: any other change inside. The checks are against accident only; what is in the
block is signed. The compiled core reads; only writing is done here.
"""

from __future__ import annotations

from hwlock._native import ffi, lib
from hwlock.errors import FormatError, InternalError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["LABELS", "decode", "encode"]

LABELS = (
    "REQUEST",
    "RESPONSE",
    "LICENSE",
    "RECEIPT",
    "PRODUCT",
    "REVOCATION",
    "MANIFEST",
    "DIAGNOSTIC",
)

_LINE_BYTES = 45
_LAST = 1 << 31  # marks the last line in its check
_WHOLE_BYTES = 4

_OK = lib.HWLOCK_OK
_BLOCK, _FAULT = ffi.typeof("hwlock_block *"), ffi.typeof("hwlock_fault *")
_memory = ffi.new_allocator(should_clear_after_alloc=False)

_FAULTS = {
    lib.HWLOCK_ARMOR_NONE: "HWL-ARMOR-NONE",
    lib.HWLOCK_ARMOR_BEGIN: "HWL-ARMOR-BEGIN",
    lib.HWLOCK_ARMOR_END: "HWL-ARMOR-END",
    lib.HWLOCK_ARMOR_LABEL: "HWL-ARMOR-LABEL",
    lib.HWLOCK_ARMOR_SEVERAL: "HWL-ARMOR-SEVERAL",
    lib.HWLOCK_ARMOR_KIND: "HWL-ARMOR-KIND",
    lib.HWLOCK_ARMOR_SIZE: "HWL-ARMOR-SIZE",
    lib.HWLOCK_ARMOR_EMPTY: "HWL-ARMOR-EMPTY",
    lib.HWLOCK_ARMOR_MIXED: "HWL-ARMOR-MIXED",
    lib.HWLOCK_ARMOR_LINE: "HWL-ARMOR-LINE",
    lib.HWLOCK_ARMOR_CUT: "HWL-ARMOR-CUT",
    lib.HWLOCK_ARMOR_MISSING: "HWL-ARMOR-MISSING",
    lib.HWLOCK_ARMOR_ORDER: "HWL-ARMOR-ORDER",
}
_PARTICULARS = {
    lib.HWLOCK_ARMOR_END: ("label",),
    lib.HWLOCK_ARMOR_LABEL: ("found", "wanted"),
    lib.HWLOCK_ARMOR_SEVERAL: ("found",),
    lib.HWLOCK_ARMOR_KIND: ("found",),
    lib.HWLOCK_ARMOR_SIZE: ("found", "limit"),
    lib.HWLOCK_ARMOR_LINE: ("line",),
    lib.HWLOCK_ARMOR_CUT: ("line",),
    lib.HWLOCK_ARMOR_MISSING: ("line", "count"),
    lib.HWLOCK_ARMOR_ORDER: ("line", "found"),
}


def encode(data: bytes, label: str) -> str:
    """Return `data` (at least one byte) as a block of text; `label` is one of LABELS."""
    if label not in LABELS or not data:
        raise InternalError("HWL-INTERNAL", detail=f"armor of {len(data)} bytes as {label}")
    from binascii import crc32  # reading needs none of it

    whole = data + crc32(data).to_bytes(_WHOLE_BYTES, "big")
    count = -(-len(whole) // _LINE_BYTES)
    lines = [f"-----BEGIN HWLOCK {label}-----"]
    for number in range(1, count + 1):
        part = whole[(number - 1) * _LINE_BYTES : number * _LINE_BYTES]
        lines.append((_base64(part) + _check(part, number, last=number == count)).decode())
    lines.append(f"-----END HWLOCK {label}-----\n")
    return "\n".join(lines)


def decode(
    text: bytes, *, expected_label: str | None = None, max_bytes: int = 65536
) -> tuple[str | None, bytes]:
    """Return the label and the data of the one block in `text`, or None and a binary file.

    Of several blocks the one with `expected_label` is taken if there is only one such; the
    same block twice counts once. FormatError (stage armor).
    """
    size = min(len(text), 4 * max_bytes + 65536)
    work = _memory("uint8_t[]", size + size // 2 + 64)
    block, fault = ffi.new(_BLOCK), ffi.new(_FAULT)
    wanted = ffi.NULL if expected_label is None else expected_label.encode()
    code = lib.hwlock_armor_read(block, text, len(text), wanted, max_bytes, work, len(work), fault)
    label = ffi.string(block.label).decode()
    if code != _OK:
        raise _refused(fault, label, expected_label)
    if not label:
        return None, text
    return label, bytes(ffi.buffer(block.data.at, block.data.bytes))


def _refused(fault: Any, label: str, wanted: str | None) -> FormatError:
    """Return what the core found, as an error with the particulars of its sentence."""
    known = {
        "label": label,
        "wanted": wanted,
        "found": fault.found or label,
        "limit": fault.wanted,
        "line": fault.line,
        "count": fault.wanted,
    }
    details = {name: known[name] for name in _PARTICULARS.get(fault.code, ())}
    code = _FAULTS.get(fault.code, "HWL-ARMOR-NONE")
    return FormatError(code, stage="armor", offset=None, **details)


def _check(part: bytes, number: int, *, last: bool) -> bytes:
    """Return the four characters that protect line `number`: 24 bits of a CRC-32."""
    from binascii import crc32

    start = crc32((number | _LAST if last else number).to_bytes(4, "big"))
    return _base64((crc32(part, start) & 0xFFFFFF).to_bytes(3, "big"))


def _base64(data: bytes) -> bytes:
    from binascii import b2a_base64

    return b2a_base64(data, newline=False).rstrip(b"=")
