"""Names, for any text at all."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwlock.errors import StoreError
from hwlock.store import names
from hwlock.store.product_store import ProductStore

TEXT = st.text() | st.text(alphabet="abc019._-/\\\0:~ A\u0660", max_size=70)


@given(TEXT)
def test_a_product_id_stays_inside_the_root(text: str) -> None:
    """Any text is refused, or names exactly one folder directly under the root."""
    try:
        store = ProductStore("/root-of-stores", text)
    except StoreError as error:
        assert error.code == "HWL-STORE-NAME"
        assert error.message.isprintable()
        return
    assert os.path.normpath(store.path) == store.path == f"/root-of-stores/{text}"
    assert os.path.basename(store.path) == text.lower()


@given(TEXT)
def test_words_are_one_plain_name(text: str) -> None:
    """Whatever passes as an id or a kind has no character that leads anywhere."""
    for check in (names.kind, names.license_id, names.pending_id):
        try:
            assert check(text) == text
        except StoreError as error:
            assert error.code == "HWL-STORE-NAME"
        else:
            assert set(text) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") and text


@given(TEXT)
def test_shown_names_are_printable(text: str) -> None:
    """What is shown has the same length and nothing that a terminal obeys."""
    assert names.shown(text).isprintable()
    assert len(names.shown(text)) == len(text)


@pytest.mark.parametrize("digit", "0123456789")
def test_numbered_devices_are_reserved(digit: str) -> None:
    """COM and LPT ports are no product ids, with or without an ending."""
    for device in ("com", "lpt"):
        for text in (f"{device}{digit}", f"{device}{digit}.cad"):
            assert not names.is_product_id(text)
