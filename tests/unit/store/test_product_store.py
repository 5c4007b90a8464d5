"""What a product keeps."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from hwlock.errors import FormatError, InternalError, StoreError
from hwlock.store.product_store import (
    MAX_LICENSES,
    MAX_PENDING,
    Enrollment,
    ProductStore,
    StoredFile,
    products,
)

LICENSE = "0123456789abcdef0123456789abcdef"
REQUEST = "00112233aabbccdd"


def drop(store: ProductStore, name: str, data: bytes = b"", mode: int = 0o600) -> Path:
    """Put a file into the store as a deployment tool does."""
    path = Path(store.path, name)
    for folder in (Path(store.root), Path(store.path), path.parent):
        folder.mkdir(exist_ok=True, mode=0o700)
    path.write_bytes(data)
    path.chmod(mode)
    return path


def test_a_store_that_is_not_there_is_empty(store: ProductStore) -> None:
    """Reading where nothing was ever kept finds nothing and makes nothing."""
    assert store.product() is None
    assert store.state() is None
    assert store.seed() is None
    assert store.licenses() == ()
    assert store.enrollment("tpm2") is None
    assert store.kinds() == ()
    assert store.pending() == ()
    assert store.answered(REQUEST) is None
    assert not store.is_returned(LICENSE)
    assert store.unfinished_returns() == store.receipts() == ()
    assert store.receipt(LICENSE) is None
    assert products(store.root) == ()
    assert not Path(store.root).exists()


def test_everything_that_is_put_is_read(store: ProductStore) -> None:
    """Each thing comes back as it was put."""
    enrollment = Enrollment(uri="tpm2:device:/dev/tpmrm0", record=b"\x00keys")
    with store.locked() as kept:
        kept.put_product(b"product")
        kept.put_state(b"state")
        kept.put_seed(b"seed")
        kept.put_license(LICENSE, b"license")
        kept.put_enrollment("tpm2", enrollment)
        kept.put_pending(REQUEST, b"request")
        assert kept.state() == b"state"
    assert (store.product(), store.state(), store.seed()) == (b"product", b"state", b"seed")
    assert store.licenses() == (StoredFile(name=f"{LICENSE}.hwlic", content=b"license"),)
    assert store.enrollment("tpm2") == enrollment
    assert store.kinds() == ("tpm2",)
    assert store.pending() == (StoredFile(name=REQUEST, content=b"request"),)
    assert products(store.root) == ("acme-cad",)


def test_what_is_removed_is_gone(store: ProductStore) -> None:
    """Removing says whether there was anything."""
    with store.locked() as kept:
        kept.put_license(LICENSE, b"license")
        kept.put_pending(REQUEST, b"request")
        assert kept.remove_license(f"{LICENSE}.hwlic")
        assert not kept.remove_license(f"{LICENSE}.hwlic")
        assert kept.remove_pending(REQUEST)
        assert not kept.remove_pending(REQUEST)
    assert store.licenses() == store.pending() == ()


@pytest.mark.parametrize(
    ("system", "file_mode", "folder_mode"), [(False, 0o600, 0o700), (True, 0o644, 0o755)]
)
def test_modes_are_those_of_the_root(
    tmp_path: Path, system: bool, file_mode: int, folder_mode: int
) -> None:
    """A user's store is private; the machine's is readable, but for its secret and its lock."""
    with ProductStore(str(tmp_path / "root"), "acme-cad", system=system).locked() as kept:
        kept.put_seed(b"seed")
        kept.put_license(LICENSE, b"license")
    for folder, _, files in os.walk(tmp_path / "root"):
        assert stat.S_IMODE(os.stat(folder).st_mode) == folder_mode
        for file in files:
            expected = 0o600 if file in ("seed.bin", "lock") else file_mode
            assert stat.S_IMODE(os.stat(os.path.join(folder, file)).st_mode) == expected


def test_dropped_licenses_are_read_and_leftovers_are_not(store: ProductStore) -> None:
    """Any name that ends in .hwlic counts; what editors and copying tools leave does not."""
    for name in ("Site license (copy).hwlic", "B.HWLIC", "\udcff.hwlic"):
        drop(store, f"licenses/{name}", b"x")
    for name in (".a.hwlic.swp", "a.hwlic~", "#a.hwlic#", "~$a.hwlic", ".a.hwlic", "a.hwlic.tmp"):
        drop(store, f"licenses/{name}")
    found = [file.name for file in store.licenses()]
    assert found == ["B.HWLIC", "Site license (copy).hwlic", "\udcff.hwlic"]


def test_a_bad_license_does_not_hide_the_others(store: ProductStore) -> None:
    """One file that cannot be believed comes with its error, and the others still come."""
    drop(store, "licenses/a.hwlic", b"good")
    drop(store, "licenses/b.hwlic", b"bad", mode=0o666)
    Path(store.path, "licenses", "c.hwlic").mkdir(mode=0o700)
    drop(store, "licenses/d.hwlic", b"good")
    a, b, c, d = store.licenses()
    assert (a.data(), d.data()) == (b"good", b"good")
    assert isinstance(b.error, StoreError) and b.error.code == "HWL-STORE-MODE"
    assert isinstance(c.error, StoreError) and c.error.code == "HWL-STORE-KIND"
    with pytest.raises(StoreError, match="other users may change"):
        b.data()


def test_licenses_are_bounded(store: ProductStore) -> None:
    """More than the bound are not read, and this is said."""
    for number in range(MAX_LICENSES + 1):
        drop(store, f"licenses/{number:03}.hwlic", b"x")
    *read, last = store.licenses()
    assert len(read) == MAX_LICENSES
    assert last.error is not None and last.error.code == "HWL-STORE-MANY"


def test_requests_that_wait_are_bounded(store: ProductStore) -> None:
    """One request too many is refused; asking the same again is not."""
    with store.locked() as kept:
        kept.put_pending("f" * 16, b"x")
        for number in range(MAX_PENDING - 1):
            drop(store, f"pending/{number:016x}.hwpend")
        kept.put_pending("f" * 16, b"again")
        with pytest.raises(StoreError) as caught:
            kept.put_pending("e" * 16, b"x")
    assert caught.value.code == "HWL-STORE-MANY"


def test_foreign_names_are_not_ours(store: ProductStore) -> None:
    """Files whose names we could not have made are no requests, kinds, returns or products."""
    for name in ("pending/x.hwpend", "pending/x.y.hwintent", "devices/UP.cbor", "devices/x.txt"):
        drop(store, name)
    for name in ("returned/x.hwgone", "returned/x.hwret", "../UPPER/file", "../.hidden/file"):
        drop(store, name)
    assert store.pending() == store.unfinished_returns() == store.receipts() == ()
    assert store.kinds() == ()
    assert products(store.root) == ("acme-cad",)
    with store.locked():
        assert Path(store.path, "pending", "x.y.hwintent").exists()


def test_an_answer_ends_its_request(store: ProductStore) -> None:
    """After activation the request no longer waits, and says which license answered it."""
    with store.locked() as kept:
        kept.put_pending(REQUEST, b"request")
        kept.activate(LICENSE, b"license", request_id=REQUEST, state=b"state")
        kept.activate(LICENSE, b"license", request_id=REQUEST, state=b"state")
        assert kept.answered(REQUEST) == LICENSE
    assert store.pending() == ()
    assert [file.data() for file in store.licenses()] == [b"license"]
    assert sorted(os.listdir(Path(store.path, "pending"))) == [f"{REQUEST}.{LICENSE}.hwdone"]


def test_a_return_kills_then_removes_then_receipts(store: ProductStore) -> None:
    """A license is dead from the first step, even if its file comes back."""
    with store.locked() as kept:
        kept.put_license(LICENSE, b"license")
        kept.begin_return(LICENSE, b"intent")
        kept.begin_return(LICENSE, b"another")
        assert kept.is_returned(LICENSE)
    assert store.unfinished_returns() == (StoredFile(name=LICENSE, content=b"intent"),)
    with store.locked() as kept:
        kept.finish_return(LICENSE, b"receipt", files=[f"{LICENSE}.hwlic"])
        kept.put_license(LICENSE, b"license")
    assert store.is_returned(LICENSE)
    assert store.unfinished_returns() == ()
    assert store.receipt(LICENSE) == b"receipt"
    assert store.receipts() == (StoredFile(name=LICENSE, content=b"receipt"),)


def test_a_return_cannot_be_finished_before_it_is_begun(store: ProductStore) -> None:
    """A receipt never stands beside a live license."""
    with store.locked() as kept, pytest.raises(InternalError):
        kept.finish_return(LICENSE, b"receipt", files=[])
    assert store.receipts() == ()


@pytest.mark.parametrize("name", ["../state.hwlic", "a\\b.hwlic", "lock", ""])
def test_only_license_files_are_removed_by_name(store: ProductStore, name: str) -> None:
    """The name of a license file cannot lead elsewhere."""
    with store.locked() as kept, pytest.raises(StoreError) as caught:
        kept.remove_license(name)
    assert caught.value.code == "HWL-STORE-NAME"


def test_a_damaged_enrollment_is_a_format_error(store: ProductStore) -> None:
    """What does not parse as our record is refused."""
    drop(store, "devices/tpm2.cbor", b"\xa1\x01")
    with pytest.raises(FormatError):
        store.enrollment("tpm2")


def test_the_lock_is_free_after_an_error(store: ProductStore) -> None:
    """An exception inside the block gives the lock back."""
    with pytest.raises(KeyError), store.locked():
        raise KeyError("x")
    with store.locked(within_s=0):
        pass


def test_the_holder_of_the_lock_is_named(store: ProductStore) -> None:
    """Who waits too long learns which process holds the store."""
    with store.locked(), pytest.raises(StoreError) as caught:
        store.locked(within_s=0.01).__enter__()
    assert caught.value.code == "HWL-STORE-LOCKED"
    assert f"process {os.getpid()} (" in caught.value.message
    assert "0.01 s" in caught.value.message


def test_the_room_is_cheap_to_import() -> None:
    """Importing the room and reading with it loads nothing heavy."""
    heavy = "typing dataclasses re json pathlib tempfile shutil logging enum subprocess inspect"
    script = (
        "import sys; from hwlock.store import places, product_store, locked;"
        "product_store.ProductStore('/nonexistent', 'x').licenses();"
        f"print([name for name in '{heavy}'.split() if name in sys.modules])"
    )
    source = str(Path(__file__).parents[3] / "src")
    command = [sys.executable, "-S", "-E", "-c", f"import sys; sys.path[0] = {source!r}; {script}"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"
