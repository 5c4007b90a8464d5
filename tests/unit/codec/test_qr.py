"""Sheets of QR codes: what is drawn is read back from the picture, also from a bad one."""

from __future__ import annotations

from io import BytesIO

import pytest
import zxingcpp
from PIL import Image

from hwlock.codec import parts, qr
from hwlock.errors import FormatError, UnsupportedError

DATA = bytes(at * 37 % 256 for at in range(2600))


def picture(image: Image.Image, form: str = "PNG") -> bytes:
    """Return `image` as a file."""
    found = BytesIO()
    image.save(found, form)
    return found.getvalue()


def sheet() -> Image.Image:
    """Return the sheet of DATA."""
    return Image.open(BytesIO(qr.png(DATA, "RESPONSE")))


def test_a_sheet_is_read_back() -> None:
    """All of its codes from one picture."""
    assert parts.assemble(qr.read(qr.png(DATA, "RESPONSE"))) == ("RESPONSE", DATA)


def test_a_small_file_is_one_code() -> None:
    """Without structured append, which some phones do not read."""
    small = qr.png(DATA[:200], "REQUEST")
    assert parts.assemble(qr.read(small)) == ("REQUEST", DATA[:200])


def test_the_codes_of_a_sheet_are_linked_in_their_order() -> None:
    """A reader that knows structured append sees one sequence."""
    codes = zxingcpp.read_barcodes(sheet(), formats=zxingcpp.BarcodeFormat.QRCode)
    texts = sorted(code.text for code in codes)
    assert texts == sorted(parts.split(DATA, "RESPONSE"))


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "BMP", "GIF"])
def test_a_screenshot_of_any_form_is_read(form: str) -> None:
    """As phones and screens save them."""
    data = picture(sheet().convert("RGB"), form)
    assert qr.is_picture(data)
    assert parts.assemble(qr.read(data)) == ("RESPONSE", DATA)


def test_a_tilted_photo_in_bad_light_is_read() -> None:
    """Turned by 7 degrees, smaller, grey, inside a larger picture."""
    photo = Image.new("L", (1800, 2400), 120)
    photo.paste(sheet().point(lambda level: 60 + level // 2), (150, 200))
    data = picture(photo.rotate(7, fillcolor=120).resize((1500, 2000)), "JPEG")
    assert parts.assemble(qr.read(data)) == ("RESPONSE", DATA)


def test_half_a_sheet_says_which_codes_are_missing() -> None:
    """The other half is in another picture."""
    whole = sheet()
    upper = whole.crop((0, 0, whole.width, whole.height // 3))
    with pytest.raises(FormatError) as caught:
        parts.assemble(qr.read(picture(upper)))
    assert caught.value.details["missing"] == "3, 4, 5, 6"


def test_a_picture_without_our_codes_says_what_was_seen() -> None:
    """Another code is not ours."""
    other = zxingcpp.create_barcode("https://example.org", zxingcpp.BarcodeFormat.QRCode)
    seen = Image.fromarray(other.to_image(scale=4))
    with pytest.raises(FormatError) as caught:
        qr.read(picture(seen))
    assert (caught.value.code, caught.value.details["found"]) == ("HWL-QR-NONE", 1)


@pytest.mark.parametrize("cut", [9, 30, 2000])
def test_a_broken_picture_is_refused(cut: int) -> None:
    """With a sentence, wherever it ends."""
    with pytest.raises(FormatError) as caught:
        qr.read(qr.png(DATA, "REQUEST")[:cut])
    assert caught.value.code == "HWL-QR-PICTURE"


def test_a_terminal_shows_every_code_with_its_number() -> None:
    """Light and dark as a camera needs them."""
    shown = qr.terminal(DATA, "REQUEST")
    assert all(f"REQUEST {number} / 6" in shown for number in range(1, 7))


def test_a_missing_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The base installation has none of them."""
    monkeypatch.setitem(__import__("sys").modules, "segno", None)
    with pytest.raises(UnsupportedError) as caught:
        qr.png(DATA, "REQUEST")
    assert "hwlock[qr]" in caught.value.hint
