"""Parts of a file as QR codes, and back from a picture of them.

One sheet shows every part of a file: a QR code each (ISO/IEC 18004, alphanumeric, linked by
structured append), with its number. A camera that knows nothing of hwlock reads each as text.
`segno` draws, `zxing-cpp` finds and reads, `Pillow` opens pictures: the extra `qr`.
"""

from __future__ import annotations

from hwlock.codec import parts
from hwlock.errors import FormatError, UnsupportedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from PIL.Image import Image

__all__ = ["is_picture", "png", "read", "terminal"]

MAX_PICTURE_BYTES = 32 << 20
_MAX_PIXELS = 100_000_000
_SCALE = 6  # pixels a module: two codes side by side fill a full-HD screen
_QUIET = 4  # modules around a code (ISO/IEC 18004 §6.3.8)
_ACROSS = 2
_MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"BM", b"RIFF")


def png(data: bytes, label: str) -> bytes:
    """Return a sheet of QR codes for `data` as a PNG file; UnsupportedError."""
    from io import BytesIO

    image = _needed("PIL.Image", "Pillow")
    draw = _needed("PIL.ImageDraw", "Pillow")
    drawn = [_drawn(code) for code in _codes(data, label)]
    side = drawn[0].width
    margin = _SCALE * _QUIET * 2
    across = min(_ACROSS, len(drawn))
    rows = -(-len(drawn) // across)
    sheet = image.new("L", (across * (side + margin), rows * (side + margin)), 255)
    pen = draw.Draw(sheet)
    for at, code in enumerate(drawn):
        x, y = at % across * (side + margin), at // across * (side + margin)
        sheet.paste(code, (x + margin // 2, y + margin // 2))
        pen.text((x + margin, y + margin // 4), f"{at + 1} / {len(drawn)}", fill=0)
    found = BytesIO()
    sheet.save(found, "PNG")
    return found.getvalue()


def terminal(data: bytes, label: str) -> str:
    """Return QR codes for `data` as lines of text for a terminal; UnsupportedError."""
    from io import StringIO

    codes = _codes(data, label)
    found = StringIO()
    for at, code in enumerate(codes, 1):
        print(f"{label} {at} / {len(codes)}", file=found)
        code.terminal(found, compact=True, border=_QUIET)
    return found.getvalue()


def is_picture(data: bytes) -> bool:
    """Tell whether `data` begins like a picture file (PNG, JPEG, GIF, BMP, WebP)."""
    return data.startswith(_MAGIC)


def read(picture: bytes) -> str:
    """Return the text of every part on a picture, a line each; FormatError, UnsupportedError."""
    from io import BytesIO

    image = _needed("PIL.Image", "Pillow")
    reader = _needed("zxingcpp", "zxing-cpp")
    try:
        with image.open(BytesIO(picture)) as opened:
            if opened.width * opened.height > _MAX_PIXELS:
                raise FormatError("HWL-QR-PICTURE", stage="parts", detail="it is too large")
            grey = opened.convert("L")
    except (OSError, ValueError, SyntaxError) as exc:
        raise FormatError("HWL-QR-PICTURE", stage="parts", detail=str(exc)) from exc
    texts = [code.text for code in reader.read_barcodes(grey, formats=reader.BarcodeFormat.QRCode)]
    ours = [text for text in texts if parts.found_in(text)]
    if not ours:
        raise FormatError("HWL-QR-NONE", stage="parts", found=len(texts))
    return "\n".join(ours)


def _codes(data: bytes, label: str) -> list[Any]:
    segno = _needed("segno", "segno")
    texts = parts.split(data, label)
    if len(texts) == 1:
        return [segno.make(texts[0], error="m", boost_error=False, micro=False)]
    # Parts are of one length, so that the sequence is cut exactly between them.
    made = segno.make_sequence("".join(texts), error="m", symbol_count=len(texts))
    return list(made)


def _drawn(code: Any) -> Image:
    from io import BytesIO

    image = _needed("PIL.Image", "Pillow")
    found = BytesIO()
    code.save(found, kind="png", scale=_SCALE, border=_QUIET)
    opened: Image = image.open(found)
    return opened.convert("L")


def _needed(module: str, package: str) -> ModuleType:
    from importlib import import_module

    try:
        return import_module(module)
    except ImportError as exc:
        raise UnsupportedError("HWL-EXTRA-MISSING", extra="qr", module=package) from exc
