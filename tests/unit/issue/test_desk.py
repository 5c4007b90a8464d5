"""The desk's face: how it is made, and what can be sold."""

from __future__ import annotations

import os
import stat
from datetime import date, datetime, timedelta, timezone

import pytest

from hwlock.codec import cose
from hwlock.crypto.trust import Product
from hwlock.errors import StoreError, UsageError
from hwlock.issue import folder
from hwlock.issue.desk import Desk
from hwlock.issue.selling import Sale, expiry

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)


def code_of(error, call, *arguments, **named):
    """Return the code of the error that a call must raise."""
    with pytest.raises(error) as caught:
        call(*arguments, **named)
    return caught.value.code


def test_a_desk_is_private(tmp_path, desk):
    """The folder and everything in it are for their owner alone."""
    modes = {}
    for place, folders, files in os.walk(tmp_path / "desk"):
        for name in (*folders, *files):
            modes[name] = stat.S_IMODE(os.stat(os.path.join(place, name)).st_mode)
    assert {modes.pop(f"{kind}-roots") for kind in ("tpm", "piv", "fido2")} == {0o700}
    assert modes == dict.fromkeys(("desk.json", "issuer.key", "registry.sqlite", "root.key"), 0o600)
    assert stat.S_IMODE((tmp_path / "desk").stat().st_mode) == 0o700


def test_a_desk_is_never_made_over_another(tmp_path, desk):
    """A second init changes nothing."""
    before = (tmp_path / "desk" / "root.key").read_bytes()
    code = code_of(UsageError, Desk.init, str(tmp_path / "desk"), name="Evil", passphrase="x")
    assert code == "HWL-DESK-EXISTS"
    assert (tmp_path / "desk" / "root.key").read_bytes() == before
    assert os.listdir(tmp_path) == ["desk"]


def test_an_empty_folder_becomes_a_desk(tmp_path):
    """Somebody may have made the folder already."""
    (tmp_path / "mine").mkdir()
    assert Desk.init(str(tmp_path / "mine"), name="Acme", passphrase="x").products() == ()


def test_a_desk_is_made_whole_or_not_at_all(tmp_path):
    """An init that fails in the middle leaves nothing."""

    def dry(_size):
        raise OSError("no entropy")

    with pytest.raises(OSError, match="no entropy"):
        Desk.init(str(tmp_path / "mine"), name="Acme", passphrase="x", entropy=dry)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("passphrase", ["", " "])
def test_a_desk_has_a_passphrase(tmp_path, passphrase):
    """An empty passphrase is refused before anything is made."""
    code = code_of(UsageError, Desk.init, str(tmp_path / "d"), name="A", passphrase=passphrase)
    assert code == "HWL-DESK-PASSPHRASE-EMPTY"
    assert os.listdir(tmp_path) == []


def test_no_desk_is_told(tmp_path):
    """A missing folder, and one that is no desk, say how to make one."""
    assert code_of(UsageError, Desk.open, str(tmp_path / "none")) == "HWL-DESK-NONE"
    os.chmod(tmp_path, 0o700)
    assert code_of(UsageError, Desk.open, str(tmp_path)) == "HWL-DESK-NONE"


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": 2}', '{"format": 1, "root": "x"}'])
def test_settings_that_cannot_be_read_are_told(tmp_path, desk, text):
    """A damaged desk.json is named."""
    (tmp_path / "desk" / "desk.json").write_text(text)
    assert code_of(StoreError, Desk.open, str(tmp_path / "desk")) == "HWL-DESK-SETTINGS"


def test_a_foreign_desk_is_refused(tmp_path, desk):
    """A folder that others may change is not believed."""
    os.chmod(tmp_path / "desk", 0o777)
    assert code_of(StoreError, Desk.open, str(tmp_path / "desk")) == "HWL-STORE-MODE"


def test_the_desk_is_where_the_environment_says():
    """HWLOCK_VENDOR first, then the data folder, then home."""
    assert folder.place({"HWLOCK_VENDOR": "/a/b"}) == "/a/b"
    assert folder.place({"XDG_DATA_HOME": "/d", "HOME": "/h"}) == "/d/hwlock-vendor"
    assert folder.place({"HOME": "/h"}) == "/h/.local/share/hwlock-vendor"
    assert folder.place({"HWLOCK_HOME": "/x", "HOME": "/h"}) == "/h/.local/share/hwlock-vendor"
    assert folder.place({"HWLOCK_VENDOR": "", "HOME": "/h"}) == "/h/.local/share/hwlock-vendor"


def test_keys_are_opened_when_they_are_needed(tmp_path, desk, sell):
    """Selling and looking up need no passphrase; adding a product does."""
    plain = Desk.open(str(tmp_path / "desk"))
    plain.add_entitlement(Sale(product_id="acme-cad", customer="Globex"))
    assert len(plain.entitlements()) == 1
    assert code_of(UsageError, plain.add_product, "x") == "HWL-DESK-PASSPHRASE-NONE"


def test_a_product_file_is_signed_by_the_root(desk):
    """What is exported parses, names vendor and root, and is the same each time."""
    raw = desk.product("acme-cad").raw
    assert raw == desk.product("acme-cad").raw
    product = Product.parse(raw)
    assert (product.id, product.name, product.vendor) == ("acme-cad", "Acme CAD", "Acme")
    assert [root.raw for root in product.roots] == [desk.settings.root]
    assert cose.parse(raw).header.kid == desk.root().key.kid


def test_a_product_is_added_once(desk):
    """The id of a product is unique, and spelled so that it can be a file's name."""
    assert code_of(UsageError, desk.add_product, "acme-cad") == "HWL-DESK-PRODUCT-TWICE"
    for bad in ("", "Acme", "a/b", "../x", "-a", "a" * 65, "con"):
        assert code_of(UsageError, desk.add_product, bad) == "HWL-DESK-PRODUCT-ID"
    assert [one.id for one in desk.products()] == ["acme-cad"]


def test_what_does_not_exist_is_told(desk):
    """Names that nobody gave lead to the list of those that exist."""
    assert code_of(UsageError, desk.product, "none") == "HWL-DESK-PRODUCT-NONE"
    assert code_of(UsageError, desk.suspend, "E-NONE") == "HWL-DESK-ENTITLEMENT-NONE"
    sale = Sale(product_id="none", customer="Globex")
    assert code_of(UsageError, desk.add_entitlement, sale) == "HWL-DESK-PRODUCT-NONE"
    release = code_of(UsageError, desk.release, bytes(16), reason="x")
    assert release == "HWL-DESK-RELEASE"


@pytest.mark.parametrize(
    "change, code",
    [
        ({"seats": 0}, "HWL-DESK-NUMBER"),
        ({"seats": 10**7}, "HWL-DESK-NUMBER"),
        ({"customer": " "}, "HWL-DESK-TEXT"),
        ({"customer": "a\nb"}, "HWL-DESK-TEXT"),
        ({"customer": "\u202eevil"}, "HWL-DESK-TEXT"),
        ({"customer": "x" * 256}, "HWL-DESK-TEXT"),
        ({"features": ("",)}, "HWL-DESK-TEXT"),
        ({"features": tuple(map(str, range(65)))}, "HWL-DESK-NUMBER"),
        ({"bind": "tpm9"}, "HWL-BIND-GRAMMAR"),
    ],
)
def test_what_no_license_can_say_is_not_sold(desk, sell, change, code):
    """A sale is checked before it is in the books."""
    assert code_of(UsageError, sell, **change) == code
    assert desk.entitlements() == ()


def test_a_sale_is_kept_as_it_was_made(desk, clock, sell):
    """What comes out of the registry is what went in, the key included."""
    sold = sell(seats=3, features=("b", "a", "b"), expires_at=clock.now, bind="host(70%)")
    assert sold.features == ("a", "b")
    assert desk.entitlement(sold.id) == (sold, ())
    assert desk.entitlements(customer="Globex") == (sold,)
    assert desk.entitlements(customer="Initech") == ()
    assert desk.entitlements(product_id="acme-cad") == (sold,)
    assert "ActivationKey(…)" in repr(sold)  # a record in a traceback does not show the key


def test_a_name_is_composed(desk, sell):
    """Two spellings of one name are one customer."""
    assert sell(customer="Zoe\u0308").customer == sell(customer=" Zo\u00eb ").customer


def test_a_term_ends_when_it_says():
    """Days count from now, a date to its last second in UTC, and none is for ever."""
    assert expiry(NOW, days=30) == NOW + timedelta(days=30)
    assert expiry(NOW, until=date(2026, 3, 1)) == datetime(
        2026, 3, 1, 23, 59, 59, tzinfo=timezone.utc
    )
    assert expiry(NOW) is None
    assert code_of(UsageError, expiry, NOW, until=date(2026, 2, 28)) == "HWL-DESK-PAST"
    assert code_of(UsageError, expiry, NOW, days=0) == "HWL-DESK-NUMBER"
    assert code_of(UsageError, expiry, NOW, days=36501) == "HWL-DESK-NUMBER"
