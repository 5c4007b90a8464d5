"""Names that may become names of files."""

from __future__ import annotations

import pytest

from hwlock.errors import StoreError
from hwlock.store import names

WRONG_PRODUCTS = [
    "", ".", "..", ".hidden", "-x", "_x", "Acme", "a/b", "a\\b", "../a", "a\0b", "a b", "é", "a\n",
    "con", "nul.x", "com1", "lpt9.tar.gz", "acme.", "a" * 65, "c:", "a:b", "٣",
]  # fmt: skip


@pytest.mark.parametrize("text", ["a", "acme-cad", "0", "a.b_c-d", "a" * 64, "console", "a..b"])
def test_product_ids_are_returned(text: str) -> None:
    """A product id is returned as it is."""
    assert names.product_id(text) == text


@pytest.mark.parametrize("text", WRONG_PRODUCTS)
def test_what_is_no_product_id_is_refused(text: str) -> None:
    """Paths, device names of Windows and all that file systems read differently are refused."""
    with pytest.raises(StoreError) as caught:
        names.product_id(text)
    assert caught.value.code == "HWL-STORE-NAME"


@pytest.mark.parametrize("text", ["", "a" * 15, "A" * 16, "g" * 16, "a" * 65, "../" + "a" * 16])
def test_what_is_no_license_id_is_refused(text: str) -> None:
    """A license id is lower-case hexadecimal of bounded length."""
    with pytest.raises(StoreError, match="license id"):
        names.license_id(text)


@pytest.mark.parametrize("text", ["", "a" * 15, "a" * 17, "A" * 16])
def test_what_is_no_request_id_is_refused(text: str) -> None:
    """A request id is 16 lower-case hexadecimal digits."""
    with pytest.raises(StoreError, match="request id"):
        names.pending_id(text)


@pytest.mark.parametrize("text", ["", "aux", "TPM2", "tpm2.x", "-a", "a/b"])
def test_what_is_no_kind_is_refused(text: str) -> None:
    """A kind of device is a plain word."""
    with pytest.raises(StoreError, match="kind of device"):
        names.kind(text)


def test_names_are_shown_without_control_characters() -> None:
    """A name of a file cannot move the cursor of the terminal that shows it."""
    assert names.shown("a\x1b[2Jb\n\udcff") == "a?[2Jb??"
