"""Attacks on the store by another user of the machine, by hostile names, and by bad luck."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hwlock.errors import StoreError
from hwlock.store.disk import RealDisk
from hwlock.store.files import MAX_BYTES, open_folder
from hwlock.store.product_store import Enrollment, ProductStore, products

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LICENSE = "0123456789abcdef0123456789abcdef"
REQUEST = "00112233aabbccdd"
NOBODY = 65534
SOURCE = str(Path(__file__).parents[2] / "src")

READ: dict[str, Callable[[ProductStore], object]] = {
    "product.hwproduct": lambda store: store.product(),
    "state.cbor": lambda store: store.state(),
    "seed.bin": lambda store: store.seed(),
    f"licenses/{LICENSE}.hwlic": lambda store: [file.data() for file in store.licenses()],
    "devices/tpm2.cbor": lambda store: store.enrollment("tpm2"),
    f"pending/{REQUEST}.hwpend": lambda store: [file.data() for file in store.pending()],
    f"returned/{LICENSE}.hwgone": lambda store: [
        file.data() for file in store.unfinished_returns()
    ],
}
FOLDERS = ["", "acme-cad", "acme-cad/licenses", "acme-cad/pending", "acme-cad/returned"]


@pytest.fixture
def root() -> Iterator[Path]:
    """Return a full root under a folder that other users may enter."""
    with tempfile.TemporaryDirectory(prefix="hwlock-attack-") as base:
        os.chmod(base, 0o711)
        path = Path(base, "root")
        with ProductStore(str(path), "acme-cad", system=True).locked() as kept:
            kept.put_product(b"product")
            kept.put_state(b"state")
            kept.put_seed(b"seed")
            kept.put_license(LICENSE, b"license")
            kept.put_enrollment("tpm2", Enrollment(uri="tpm2:", record=b"keys"))
            kept.put_pending(REQUEST, b"request")
            kept.begin_return(LICENSE, b"intent")
        yield path


def read_all(root: Path) -> None:
    """Read everything that is in the store."""
    store = ProductStore(str(root), "acme-cad")
    for read in READ.values():
        read(store)


def code_of(act: Callable[[], object]) -> str:
    """Return the code of the StoreError that `act` raises."""
    with pytest.raises(StoreError) as caught:
        act()
    return caught.value.code


@pytest.mark.parametrize("name", READ)
def test_a_link_instead_of_a_file(root: Path, name: str) -> None:
    """A link is not followed, not even to a copy of the file itself."""
    path = root / "acme-cad" / name
    path.rename(path.parent / "elsewhere")
    path.symlink_to("elsewhere")
    store = ProductStore(str(root), "acme-cad")
    assert code_of(lambda: READ[name](store)) == "HWL-STORE-LINK"


@pytest.mark.parametrize("name", FOLDERS)
def test_a_link_instead_of_a_folder(root: Path, name: str) -> None:
    """No level of the store may be a link, from the root down."""
    path = root / name
    path.rename(root.parent / "elsewhere")
    path.symlink_to(root.parent / "elsewhere")
    assert code_of(lambda: read_all(root)) == "HWL-STORE-LINK"
    assert code_of(lambda: ProductStore(str(root), "acme-cad").locked().__enter__()) == (
        "HWL-STORE-LINK"
    )


@pytest.mark.parametrize("name", FOLDERS)
def test_a_file_instead_of_a_folder(root: Path, name: str) -> None:
    """A file where a folder should be is said to be that."""
    path = root / name
    path.rename(root.parent / "elsewhere")
    path.touch(mode=0o600)
    assert code_of(lambda: read_all(root)) == "HWL-STORE-KIND"


def test_writing_over_a_link_leaves_its_target(root: Path) -> None:
    """A link in the place of a file is replaced; what it points to is not written."""
    victim = root.parent / "victim"
    victim.write_bytes(b"precious")
    for target in (victim, root.parent / "dangling"):
        state = root / "acme-cad" / "state.cbor"
        state.unlink()
        state.symlink_to(target)
        with ProductStore(str(root), "acme-cad").locked() as kept:
            kept.put_state(b"new")
        assert not state.is_symlink() and state.read_bytes() == b"new"
    assert victim.read_bytes() == b"precious"
    assert not (root.parent / "dangling").exists()


def test_writing_over_a_hard_link_leaves_its_target(root: Path) -> None:
    """Content is never written in place, so a second name of the file keeps the old one."""
    victim = root.parent / "victim"
    victim.write_bytes(b"precious")
    state = root / "acme-cad" / "state.cbor"
    state.unlink()
    os.link(victim, state)
    with ProductStore(str(root), "acme-cad").locked() as kept:
        kept.put_state(b"new")
    assert victim.read_bytes() == b"precious"


@pytest.mark.parametrize("make", [os.link, os.symlink])
def test_a_lock_that_is_another_file(root: Path, make: Callable[[Path, Path], None]) -> None:
    """The lock is the one file that is written in place: with a second name it is refused."""
    victim = root.parent / "victim"
    victim.write_bytes(b"precious")
    victim.chmod(0o600)
    (root / "acme-cad" / "lock").unlink()
    make(victim, root / "acme-cad" / "lock")
    store = ProductStore(str(root), "acme-cad")
    code = code_of(lambda: store.locked(within_s=0).__enter__())
    assert code == ("HWL-STORE-LINK" if make is os.symlink else "HWL-STORE-KIND")
    assert victim.read_bytes() == b"precious"


def test_a_dangling_lock_makes_no_file(root: Path) -> None:
    """A lock that is a link to nothing does not create its target."""
    (root / "acme-cad" / "lock").unlink()
    (root / "acme-cad" / "lock").symlink_to(root.parent / "made")
    store = ProductStore(str(root), "acme-cad")
    assert code_of(lambda: store.locked(within_s=0).__enter__()) == "HWL-STORE-LINK"
    assert not (root.parent / "made").exists()


@pytest.mark.parametrize("name", READ)
def test_a_fifo_does_not_hold_us(root: Path, name: str) -> None:
    """A FIFO without a writer is refused at once."""
    path = root / "acme-cad" / name
    path.unlink()
    os.mkfifo(path, 0o600)
    store = ProductStore(str(root), "acme-cad")
    assert code_of(lambda: READ[name](store)) == "HWL-STORE-KIND"


def test_a_fifo_as_lock_does_not_hold_us(root: Path) -> None:
    """The lock too is opened without waiting for a peer."""
    (root / "acme-cad" / "lock").unlink()
    os.mkfifo(root / "acme-cad" / "lock", 0o600)
    store = ProductStore(str(root), "acme-cad")
    assert code_of(lambda: store.locked(within_s=0).__enter__()) == "HWL-STORE-KIND"


def test_a_device_is_not_read() -> None:
    """A device that would give zeros forever is no plain file."""
    with open_folder("/dev", disk=RealDisk()) or pytest.fail("no /dev") as folder:
        assert code_of(lambda: folder.read("zero")) == "HWL-STORE-KIND"


@pytest.mark.parametrize("name", READ)
def test_a_huge_file_is_not_read(root: Path, name: str) -> None:
    """A file of terabytes that takes no room on the disk takes none in memory either."""
    path = root / "acme-cad" / name
    os.truncate(path, 1 << 40)
    store = ProductStore(str(root), "acme-cad")
    assert code_of(lambda: READ[name](store)) == "HWL-STORE-SIZE"
    os.truncate(path, MAX_BYTES + 1)
    assert code_of(lambda: READ[name](store)) == "HWL-STORE-SIZE"


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
@pytest.mark.parametrize("name", READ)
def test_a_file_that_others_may_write(root: Path, name: str, mode: int) -> None:
    """What group or others may change is not believed."""
    (root / "acme-cad" / name).chmod(mode)
    store = ProductStore(str(root), "acme-cad")
    assert code_of(lambda: READ[name](store)) == "HWL-STORE-MODE"


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o1777])
@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_that_others_may_write(root: Path, name: str, mode: int) -> None:
    """A folder in which others may exchange names is not believed, sticky or not."""
    (root / name).chmod(mode)
    assert code_of(lambda: read_all(root)) == "HWL-STORE-MODE"


class Stranger(RealDisk):
    """A disk for a user who owns none of the files."""

    def owners(self) -> tuple[int, ...]:
        """Return a user id that nobody has."""
        return (4294967294,)


def test_a_foreign_owner_is_refused(root: Path) -> None:
    """Files of somebody else are not believed, and nothing is written among them."""
    store = ProductStore(str(root), "acme-cad", disk=Stranger())
    assert code_of(store.state) == "HWL-STORE-OWNER"
    assert code_of(lambda: store.locked().__enter__()) == "HWL-STORE-OWNER"
    assert code_of(lambda: products(str(root), disk=Stranger())) == "HWL-STORE-OWNER"


DROP = """
import os, sys
sys.path.insert(0, {source!r})
import fcntl, pwd
from hwlock.codec import cbor, fields
from hwlock.errors import StoreError
from hwlock.store import locked
from hwlock.store.product_store import ProductStore
os.setgroups([])
os.setgid({nobody})
os.setuid({nobody})
store = ProductStore({root!r}, "acme-cad")
"""


def as_nobody(root: Path, script: str) -> str:
    """Run `script` as the user nobody; return what it printed.

    The process gives its rights up after its imports: the interpreter and the source may
    stand where nobody cannot go.
    """
    begin = DROP.format(source=SOURCE, nobody=NOBODY, root=str(root))
    command = [sys.executable, "-c", begin + script]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout.strip()


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to act as other users")


@needs_root
@pytest.mark.parametrize("name", ["", "acme-cad", "acme-cad/licenses", *map(str, READ)])
def test_root_does_not_believe_files_of_users(root: Path, name: str) -> None:
    """A level or file that belongs to nobody is refused by root, wherever it is."""
    path = root / name if name in FOLDERS else root / "acme-cad" / name
    os.chown(path, NOBODY, NOBODY)
    assert code_of(lambda: read_all(root)) == "HWL-STORE-OWNER"


@needs_root
def test_a_user_reads_the_store_of_root(root: Path) -> None:
    """A user reads the machine's licenses without any right to write or lock."""
    script = (
        "print(store.state(), [f.data() for f in store.licenses()], store.enrollment('tpm2').uri,"
        f"store.is_returned({LICENSE!r}))"
    )
    assert as_nobody(root, script) == "b'state' [b'license'] tpm2: True"


@needs_root
@pytest.mark.parametrize("act", ["store.seed()", "store.locked().__enter__()"])
def test_a_user_neither_writes_nor_learns_the_secret_of_root(root: Path, act: str) -> None:
    """The secret and the lock of the machine's store are root's."""
    script = f"try: {act}\nexcept StoreError as error: print(error.code)"
    assert as_nobody(root, script) == "HWL-STORE-DENIED"


@needs_root
def test_a_store_made_before_us_by_somebody_else(root: Path) -> None:
    """Somebody who makes our root first, in a folder that all may write, gains nothing."""
    shared = root.parent / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    as_nobody(root, f"os.mkdir({str(shared / 'root')!r}, 0o700)")
    store = ProductStore(str(shared / "root"), "acme-cad")
    assert code_of(lambda: store.locked().__enter__()) == "HWL-STORE-OWNER"


def test_a_folder_swapped_while_it_is_open(root: Path) -> None:
    """Who exchanges the folder for a link between lock and write does not move the write."""
    victim = root.parent / "victim"
    victim.mkdir(mode=0o700)
    with ProductStore(str(root), "acme-cad").locked() as kept:
        (root / "acme-cad").rename(root / "moved")
        (root / "acme-cad").symlink_to(victim)
        kept.put_state(b"new")
        kept.put_license("f" * 32, b"new")
    assert list(victim.iterdir()) == []
    assert (root / "moved" / "state.cbor").read_bytes() == b"new"


@pytest.mark.parametrize(
    "text", ["..", "../acme-cad", "/etc", "acme-cad/licenses", "a\0", ".", "", "CON", "acme-cad "]
)
def test_product_ids_do_not_lead_out(root: Path, text: str) -> None:
    """A product id from a hostile file is refused before a path is made of it."""
    assert code_of(lambda: ProductStore(str(root), text)) == "HWL-STORE-NAME"


@pytest.mark.parametrize("text", ["..", "../" * 8 + "etc", "/etc/passwd", "\0" * 16, "a" * 65])
def test_other_ids_do_not_lead_out(root: Path, text: str) -> None:
    """License ids, request ids and kinds are refused likewise."""
    with ProductStore(str(root), "acme-cad").locked() as kept:
        for act in (
            lambda: kept.put_license(text, b""),
            lambda: kept.put_pending(text, b""),
            lambda: kept.put_enrollment(text, Enrollment(uri="x:", record=b"")),
            lambda: kept.begin_return(text, b""),
            lambda: kept.is_returned(text),
            lambda: kept.activate(LICENSE, b"", request_id=text, state=b""),
            lambda: kept.activate(text, b"", request_id=REQUEST, state=b""),
        ):
            assert code_of(act) == "HWL-STORE-NAME"
        assert kept.state() == b"state"


def test_a_full_disk() -> None:
    """On a real file system without room, a write says so and leaves all as it was."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to mount a small file system")
    script = f"""
import os, sys
sys.path.insert(0, {SOURCE!r})
from hwlock.errors import StoreError
from hwlock.store.product_store import ProductStore
store = ProductStore("/mnt/root", "acme-cad")
with store.locked() as kept:
    kept.put_state(b"before")
    try:
        for number in range(64):
            kept.put_license(f"{{number:032x}}", b"x" * 65536)
    except StoreError as error:
        print(error.code)
    try:
        kept.put_state(b"y" * 100000)
    except StoreError as error:
        print(error.code)
left = [name for *_, names in os.walk("/mnt/root") for name in names if name.endswith(".tmp")]
print(store.state(), left, all(len(file.data()) == 65536 for file in store.licenses()))
"""
    mount = 'mount -t tmpfs -o size=512k,mode=0700 none /mnt && exec "$0" -c "$1"'
    command = ["unshare", "-m", "sh", "-c", mount, sys.executable, script]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout.split("\n")[:3] == [
        "HWL-STORE-FULL", "HWL-STORE-FULL", "b'before' [] True"
    ]  # fmt: skip


def test_a_disk_that_cannot_be_written() -> None:
    """A store on a read-only file system is read as ever, and writing says why it fails."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to mount a small file system")
    script = f"""
import os, sys
sys.path.insert(0, {SOURCE!r})
from hwlock.errors import StoreError
from hwlock.store.product_store import ProductStore
store = ProductStore("/mnt/root", "acme-cad")
with store.locked() as kept:
    kept.put_state(b"before")
os.system("mount -o remount,ro /mnt")
print(store.state())
try:
    store.locked().__enter__()
except StoreError as error:
    print(error.code)
"""
    mount = 'mount -t tmpfs -o size=512k,mode=0700 none /mnt && exec "$0" -u -c "$1"'
    command = ["unshare", "-m", "sh", "-c", mount, sys.executable, script]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout.split("\n")[:2] == ["b'before'", "HWL-STORE-READONLY"]


COUNT = """
import sys
sys.path.insert(0, {source!r})
from hwlock.store.product_store import ProductStore
store = ProductStore({root!r}, "acme-cad")
for number in range({rounds}):
    with store.locked(within_s=120) as kept:
        state = kept.state() or b"0"
        assert len(set(state.split())) == 1, state
        count = str(int(state.split()[0]) + 1).encode()
        kept.put_state(b" ".join([count] * 500))
        kept.put_license(count.decode().zfill(32), count)
    assert len(set(store.state().split())) == 1
    assert all(file.error is None for file in store.licenses())
"""


def test_sixteen_processes_at_once(tmp_path: Path) -> None:
    """Sixteen processes that begin on an empty disk lose no update and see no torn file."""
    rounds = 4
    script = COUNT.format(source=SOURCE, root=str(tmp_path / "root"), rounds=rounds)
    running = [subprocess.Popen([sys.executable, "-c", script]) for _ in range(16)]
    assert [process.wait() for process in running] == [0] * 16
    store = ProductStore(str(tmp_path / "root"), "acme-cad")
    assert (store.state() or b"").split()[0] == str(16 * rounds).encode()
    assert len(store.licenses()) == 16 * rounds


def test_a_killed_holder_frees_the_lock(tmp_path: Path) -> None:
    """A process that dies with the lock in its hand, mid-write, blocks nobody."""
    script = f"""
import os, sys
sys.path.insert(0, {SOURCE!r})
from hwlock.store.product_store import ProductStore
with ProductStore({str(tmp_path / "root")!r}, "acme-cad").locked() as kept:
    open(os.path.join(kept.path, ".hwlock-0011.tmp"), "x").close()
    print("held", flush=True)
    sys.stdin.read()
"""
    store = ProductStore(str(tmp_path / "root"), "acme-cad")
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
        with pytest.raises(StoreError, match=f"process {holder.pid} "):
            store.locked(within_s=0).__enter__()
        holder.kill()
        holder.wait()
    with store.locked(within_s=0):
        pass
    assert sorted(os.listdir(store.path)) == ["lock"]
