"""Files and folders, on the real disk of this system and on that of Windows where it can run."""

from __future__ import annotations

import errno
import os
import stat
import sys
from typing import TYPE_CHECKING

import pytest

from hwlock.errors import StoreError
from hwlock.store.disk import RealDisk
from hwlock.store.disk_windows import WindowsDisk
from hwlock.store.files import MAX_BYTES, MAX_NAMES, Folder, make_private_folder, open_folder
from hwlock.testing.disk import Step, SteppedDisk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hwlock.store.disk import Disk


@pytest.fixture(params=[RealDisk, WindowsDisk])
def disk(request: pytest.FixtureRequest) -> Disk:
    """Return each disk; the one of Windows uses calls that every system has."""
    made: Disk = request.param()
    return made


@pytest.fixture
def folder(tmp_path: Path, disk: Disk) -> Iterator[Folder]:
    """Return a folder of a store."""
    with make_private_folder(str(tmp_path / "a" / "b"), mode=0o700, disk=disk) as made:
        yield made


def code_of(caught: pytest.ExceptionInfo[StoreError]) -> str:
    """Return the code of a caught error."""
    return caught.value.code


def test_what_was_written_is_read(folder: Folder) -> None:
    """A file has exactly the content that was written last."""
    for data in (b"one", b"", b"x" * MAX_BYTES):
        folder.write_atomic("file", data, mode=0o600)
        assert folder.read("file") == data
    assert folder.names() == ["file"]


def test_what_is_missing_is_none(folder: Folder, disk: Disk) -> None:
    """Missing files and folders are no errors."""
    assert folder.read("file") is None
    assert folder.sub("folder") is None
    assert not folder.has("file")
    assert not folder.remove("file")
    assert not folder.rename("file", "other")
    assert open_folder(folder.path_of("folder"), disk=disk) is None


def test_modes_do_not_depend_on_the_umask(tmp_path: Path) -> None:
    """A private file is private, and a shared one shared, whatever the umask."""
    for umask in (0o000, 0o077):
        before = os.umask(umask)
        try:
            path = tmp_path / f"{umask:o}"
            with make_private_folder(str(path), mode=0o755, disk=RealDisk()) as folder:
                folder.write_atomic("shared", b"", mode=0o644)
                folder.write_atomic("private", b"", mode=0o600)
        finally:
            os.umask(before)
        modes = {name: stat.S_IMODE((path / name).stat().st_mode) for name in folder_names(path)}
        assert modes == {"shared": 0o644, "private": 0o600}
        assert stat.S_IMODE(path.stat().st_mode) == 0o755


def folder_names(path: Path) -> list[str]:
    """Return the names in a folder."""
    return [entry.name for entry in path.iterdir()]


def test_a_large_file_is_refused_both_ways(folder: Folder) -> None:
    """What is larger than the bound is neither written nor read."""
    with pytest.raises(StoreError) as caught:
        folder.write_atomic("file", b"x" * (MAX_BYTES + 1), mode=0o600)
    assert code_of(caught) == "HWL-STORE-SIZE"
    folder.write_atomic("file", b"four", mode=0o600)
    assert folder.read("file", max_bytes=4) == b"four"
    with pytest.raises(StoreError) as caught:
        folder.read("file", max_bytes=3)
    assert code_of(caught) == "HWL-STORE-SIZE"


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path) -> None:
    """The bound holds for what was read, not only for what the system said before."""

    class Growing(RealDisk):
        def read(self, file: int, count: int) -> bytes:
            with open(tmp_path / "file", "ab") as other:
                other.write(b"more")
            return super().read(file, count)

    (tmp_path / "file").write_bytes(b"abc")
    (tmp_path / "file").chmod(0o600)
    folder = open_folder(str(tmp_path), disk=Growing())
    assert folder is not None
    with folder, pytest.raises(StoreError) as caught:
        folder.read("file", max_bytes=6)
    assert code_of(caught) == "HWL-STORE-SIZE"


def test_a_folder_with_too_many_names_is_refused(tmp_path: Path, disk: Disk) -> None:
    """Listing is bounded."""
    for number in range(MAX_NAMES + 1):
        (tmp_path / f"{number}").touch()
    folder = open_folder(str(tmp_path), disk=disk)
    assert folder is not None
    with folder, pytest.raises(StoreError) as caught:
        folder.names()
    assert code_of(caught) == "HWL-STORE-MANY"


@pytest.mark.parametrize("what", ["create", "write", "sync", "rename"])
@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "HWL-STORE-FULL"),
        (errno.EDQUOT, "HWL-STORE-FULL"),
        (errno.EROFS, "HWL-STORE-READONLY"),
        (errno.EIO, "HWL-STORE-BROKEN"),
    ],
)
def test_a_write_that_fails_leaves_nothing(
    tmp_path: Path, what: str, number: int, code: str
) -> None:
    """A disk that fails at any step before the rename leaves the old content and no other file."""
    (tmp_path / "file").write_bytes(b"old")

    def fail(step: Step) -> None:
        if step.what == what:
            raise OSError(number, os.strerror(number))

    folder = open_folder(str(tmp_path), disk=SteppedDisk(fail))
    assert folder is not None
    with folder, pytest.raises(StoreError) as caught:
        folder.write_atomic("file", b"new", mode=0o600)
    assert code_of(caught) == code
    assert folder_names(tmp_path) == ["file"]
    assert (tmp_path / "file").read_bytes() == b"old"


def test_steps_of_a_write_come_in_order(tmp_path: Path) -> None:
    """Content is synced before it gets its name, and the name before the write returns."""
    steps: list[Step] = []
    folder = open_folder(str(tmp_path), disk=SteppedDisk(steps.append))
    assert folder is not None
    with folder:
        folder.write_atomic("file", b"new", mode=0o600)
        folder.rename("file", "other")
        folder.remove("other")
    assert [step.what for step in steps] == [
        "create", "write", "sync", "rename", "sync_folder",
        "rename", "sync_folder", "unlink", "sync_folder",
    ]  # fmt: skip


def test_folders_that_cannot_be_synced_are_let_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network home that cannot sync folders is no reason to refuse; a broken disk is."""
    disk = RealDisk()
    folder = disk.open_folder(None, str(tmp_path))

    def fail(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    number = errno.EINVAL
    disk.sync_folder(folder)
    number = errno.EIO
    with pytest.raises(OSError, match="Input/output"):
        disk.sync_folder(folder)
    disk.close_folder(folder)


def test_tidy_removes_temporary_names_alone(folder: Folder) -> None:
    """Only names of our own pattern are removed."""
    for name in (".hwlock-00.tmp", ".hwlock-x", "a.tmp", "file"):
        folder.write_atomic(name, b"", mode=0o600)
    folder.tidy()
    assert folder.names() == [".hwlock-x", "a.tmp", "file"]


def test_the_lock_of_a_second_opening_waits(tmp_path: Path) -> None:
    """A lock that is held is refused after the deadline, naming the holder."""
    with make_private_folder(str(tmp_path), mode=0o700, disk=RealDisk()) as folder:
        with folder.lock("lock", within_s=1), pytest.raises(StoreError) as caught:
            folder.lock("lock", within_s=0.01).__enter__()
        assert code_of(caught) == "HWL-STORE-LOCKED"
        assert f"process {os.getpid()}" in caught.value.message
        with folder.lock("lock", within_s=0):
            pass  # free again


def test_a_lock_whose_file_was_removed_is_no_lock(tmp_path: Path) -> None:
    """A lock taken on a file that is gone is taken again on the new one."""
    removed: list[int] = []

    class Removing(RealDisk):
        def try_lock(self, file: int) -> bool:
            if not removed:
                (tmp_path / "lock").unlink()
                removed.append(file)
            return super().try_lock(file)

    with (
        make_private_folder(str(tmp_path), mode=0o700, disk=Removing()) as folder,
        folder.lock("lock", within_s=1),
    ):
        assert (tmp_path / "lock").read_bytes().startswith(b"process ")


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    """Reading, writing, locking and failing close all that they open."""
    before = len(os.listdir("/dev/fd"))
    with make_private_folder(str(tmp_path / "a" / "b"), mode=0o700, disk=RealDisk()) as folder:
        folder.write_atomic("file", b"x", mode=0o600)
        folder.read("file")
        folder.names()
        os.chmod(tmp_path / "a" / "b" / "file", 0o666)
        with pytest.raises(StoreError), folder.lock("lock", within_s=0):
            folder.read("file")
        with folder.lock("lock", within_s=0), pytest.raises(StoreError):
            folder.lock("lock", within_s=0).__enter__()
    assert len(os.listdir("/dev/fd")) == before


class Msvcrt:
    """What `WindowsDisk` uses of msvcrt: a lock on one byte, refused with EACCES."""

    LK_NBLCK, LK_UNLCK = 2, 0

    def __init__(self) -> None:
        self.held = False

    def locking(self, file: int, how: int, count: int) -> None:
        """Take or give back the byte at the file's position."""
        assert (os.lseek(file, 0, os.SEEK_CUR), count) == (1 << 30, 1)
        if how == self.LK_NBLCK and self.held:
            raise PermissionError(errno.EACCES, "Permission denied")
        self.held = how == self.LK_NBLCK


def test_windows_locks_one_byte_beyond_the_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The text of the holder stays readable while the lock is held."""
    monkeypatch.setitem(sys.modules, "msvcrt", Namespace(Msvcrt()))
    with make_private_folder(str(tmp_path), mode=0o700, disk=WindowsDisk()) as folder:
        with folder.lock("lock", within_s=0), pytest.raises(StoreError) as caught:
            folder.lock("lock", within_s=0).__enter__()
        assert f"process {os.getpid()}" in caught.value.message
        with folder.lock("lock", within_s=0):
            assert (tmp_path / "lock").stat().st_size == 96


class Namespace:
    """An object whose `vars` are the members of another one."""

    def __init__(self, of: Msvcrt) -> None:
        self.locking, self.LK_NBLCK, self.LK_UNLCK = of.locking, of.LK_NBLCK, of.LK_UNLCK


def test_windows_replaces_with_patience(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that has the file open for a moment does not make a write fail."""
    real, refusals = os.replace, [PermissionError(errno.EACCES, "in use")] * 3

    def replace(old: str, new: str) -> None:
        if refusals:
            raise refusals.pop()
        real(old, new)

    monkeypatch.setattr(os, "replace", replace)
    with make_private_folder(str(tmp_path), mode=0o700, disk=WindowsDisk()) as folder:
        folder.write_atomic("file", b"new", mode=0o600)
        assert folder.read("file") == b"new"
