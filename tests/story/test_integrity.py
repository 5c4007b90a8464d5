"""The program's own files: shipped with a manifest, changed, deleted, replaced, added to."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from hwlock.codec import armor
from hwlock.crypto.trust import Product
from hwlock.enforce import integrity
from hwlock.errors import DeniedError, FormatError, HwlockError, StoreError, UntrustedError
from hwlock.license.manifest import MANIFEST_TYP, safe_path
from tests.story.actors import Actor, Clock, at_desk, at_machine


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> tuple[Actor, Path]:
    """Return a desk with a product file, and a folder with a program of 40 files."""
    home = tmp_path_factory.mktemp("vendor")
    desk = at_desk(home, Clock())
    desk.does("vendor", "product", "export", "acme-cad", "-o", home / "acme-cad.hwproduct")
    for number in range(40):
        file = home / "app" / f"lib{number % 4}" / f"part {number}.so"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(hashlib.sha256(bytes([number])).digest() * number)
    (home / "app" / "settings.ini").write_text("a=1\n", encoding="utf-8")
    words = ("vendor", "manifest", home / "app", "--product", "acme-cad", "--except", "*.ini")
    desk.does(*words, "--except", "logs/*", "-o", home / "app.hwmanifest")
    return desk, home


@pytest.fixture
def app(vendor: tuple[Actor, Path], tmp_path: Path) -> Path:
    """Return the installed program."""
    shutil.copytree(vendor[1] / "app", tmp_path / "app")
    return tmp_path / "app"


def report(vendor: tuple[Actor, Path], app: Path) -> integrity.Report:
    """Return what is found."""
    home = vendor[1]
    raw = armor.decode((home / "acme-cad.hwproduct").read_bytes())[1]
    return integrity.verify(Product.parse(raw), (home / "app.hwmanifest").read_bytes(), str(app))


def test_what_was_shipped_is_good(vendor: tuple[Actor, Path], app: Path) -> None:
    """All of it, and sha256sum thinks so too."""
    found = report(vendor, app)
    found.require()
    assert (found.checked, found.findings) == (41, ())
    listed = (vendor[1] / "app.hwmanifest").read_bytes()
    peer = subprocess.run(
        ["sha256sum", "-c", "--quiet"], input=listed, cwd=app, capture_output=True, check=False
    )
    assert peer.returncode == 0, peer.stderr


def test_everything_that_is_wrong_is_told_at_once(vendor: tuple[Actor, Path], app: Path) -> None:
    """Changed by a bit, missing, replaced by a link, and added."""
    changed, gone, link = (app / "lib1" / f"part {n}.so" for n in (1, 5, 9))
    changed.write_bytes(changed.read_bytes()[:-1] + b"x")
    gone.unlink()
    os.rename(link, app / "elsewhere")
    link.symlink_to(app / "elsewhere")
    found = report(vendor, app)
    assert found.changed == ("lib1/part 1.so", "lib1/part 9.so")
    assert (found.missing, found.added) == (("lib1/part 5.so",), ("elsewhere",))
    with pytest.raises(DeniedError) as caught:
        found.require()
    assert [one.code for one in caught.value.findings] == [
        "HWL-FILES-CHANGED",
        "HWL-FILES-MISSING",
        "HWL-FILES-ADDED",
    ]


def test_what_the_vendor_excepted_may_change_and_come(
    vendor: tuple[Actor, Path], app: Path
) -> None:
    """Settings and logs, and it is said that they did."""
    (app / "settings.ini").write_text("a=2\n", encoding="utf-8")
    (app / "logs").mkdir()
    (app / "logs" / "today").write_text("…", encoding="utf-8")
    found = report(vendor, app)
    found.require()
    assert found.excepted == ("logs/today", "settings.ini")


def test_a_manifest_that_was_changed_is_refused(vendor: tuple[Actor, Path], app: Path) -> None:
    """In the list, in its order, in the exceptions, in the block; another product's as well."""
    home = vendor[1]
    product = Product.parse(armor.decode((home / "acme-cad.hwproduct").read_bytes())[1])
    data = (home / "app.hwmanifest").read_bytes()
    for forged in (
        data.replace(b"part 7.so", b"part 8.so", 1),
        data.replace(b"# except *.ini", b"# except *"),
        b"\n" + data,
        data.replace(b"# hwlock manifest of acme-cad\n", b""),
    ):
        with pytest.raises(UntrustedError) as caught:
            integrity.verify(product, forged, str(app))
        assert caught.value.code == "HWL-MANIFEST-CHANGED"
    for broken in (b"", b"hello", data[:1000], data.replace(b"-----BEGIN", b"----BEGIN")):
        with pytest.raises(FormatError):
            integrity.verify(product, broken, str(app))


def test_a_file_of_another_kind_is_no_manifest(vendor: tuple[Actor, Path], app: Path) -> None:
    """Its signature is good for what it is."""
    home = vendor[1]
    armored = (home / "acme-cad.hwproduct").read_bytes()
    raw = armor.decode(armored)[1]
    assert MANIFEST_TYP.encode() not in raw
    block = armor.encode(raw, "MANIFEST").encode()
    with pytest.raises(HwlockError) as caught:
        integrity.verify(Product.parse(raw), b"# hwlock manifest of acme-cad\n" + block, str(app))
    assert caught.value.code.startswith("HWL-COSE")


def test_a_folder_that_is_not_there_is_no_success(vendor: tuple[Actor, Path], app: Path) -> None:
    """Nothing to look at is an error."""
    with pytest.raises(StoreError):
        report(vendor, app / "none")


@pytest.mark.parametrize(
    "path", ["../x", "/x", "a/../x", "a//x", "C:/x", "a\\x", "", ".", "a/", "a\nb"]
)
def test_a_path_stays_in_its_folder(path: str) -> None:
    """On every system."""
    assert not safe_path(path)


def test_the_command_says_it_and_exits_so(
    vendor: tuple[Actor, Path], app: Path, tmp_path: Path
) -> None:
    """0 as shipped, 1 not."""
    home = vendor[1]
    machine = at_machine(tmp_path / "m", Clock())
    words = ("files", home / "app.hwmanifest", app, "--product", home / "acme-cad.hwproduct")
    assert machine.types(*words).out == "as shipped: 41 files of ACME CAD\n"
    (app / "lib0" / "part 4.so").unlink()
    told = machine.types(*words)
    assert (told.status, told.codes) == (1, {"HWL-FILES-MISSING"})


def test_the_desk_refuses_what_cannot_be_shipped(
    vendor: tuple[Actor, Path], tmp_path: Path
) -> None:
    """A link, an empty folder, an exception that leads out."""
    desk = vendor[0]
    (tmp_path / "empty").mkdir()
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "a").symlink_to("/etc/passwd")
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "a").write_bytes(b"a")
    words = ("--product", "acme-cad", "-o", tmp_path / "x")
    assert desk.types("vendor", "manifest", tmp_path / "empty", *words).codes == {
        "HWL-DESK-MANIFEST-EMPTY"
    }
    for more in ((tmp_path / "linked",), (tmp_path / "one", "--except", "../*")):
        told = desk.types("vendor", "manifest", *more, *words)
        assert told.codes == {"HWL-DESK-MANIFEST-NAME"}
