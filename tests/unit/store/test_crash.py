"""Whatever stops a sequence, the store is before it or after it, and running it again ends it."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from hwlock.record import replace
from hwlock.store.product_store import ProductStore
from hwlock.testing.disk import Step, SteppedDisk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.crash
NAMES = ["ask", "activate", "renew", "give_back"]


def usable(store: ProductStore, this: Any) -> bool:
    """Tell whether the license can be used, asking in the order that a check asks."""
    held = any(file.data() == this.BYTES for file in store.licenses())
    return held and not store.is_returned(this.LICENSE)


def appraise_ask(store: ProductStore, this: Any) -> bool:
    """Expect a waiting request to have all that it needs."""
    waiting = [file.name for file in store.pending()] == [this.REQUEST]
    if waiting:
        enrollment = store.enrollment("tpm2")
        assert enrollment is not None and enrollment.record == b"keys"
        assert store.product() == b"product"
        assert store.state() == this.BEFORE
    return waiting


def appraise_activate(store: ProductStore, this: Any) -> bool:
    """Expect exactly one of: the request waits, the license is there."""
    waiting = [file.name for file in store.pending()] == [this.REQUEST]
    licensed = usable(store, this)
    assert waiting != licensed
    assert store.answered(this.REQUEST) == (this.LICENSE if licensed else None)
    assert store.state() in ((this.AFTER,) if licensed else (this.BEFORE, this.AFTER))
    return licensed


def appraise_renew(store: ProductStore, this: Any) -> bool:
    """Expect one license of that id at all times, the old one or the new one."""
    (license,) = store.licenses()
    done = appraise_activate(store, this)
    assert license.data() == (this.BYTES if done else this.OLD_BYTES)
    return done


def appraise_give_back(store: ProductStore, this: Any) -> bool:
    """Expect exactly one of: the license is usable, its receipt is there or can be made."""
    begun = [file.data() for file in store.unfinished_returns()]
    receipts = [file.data() for file in store.receipts()]
    assert len(begun) + len(receipts) + usable(store, this) == 1
    if receipts:
        assert receipts == [b"signed: what the receipt says"]
        assert store.licenses() == ()
    return bool(receipts)


APPRAISE = {
    "ask": appraise_ask,
    "activate": appraise_activate,
    "renew": appraise_renew,
    "give_back": appraise_give_back,
}


def assert_recovers(root: str, name: str, this: Any) -> None:
    """Expect before or after, for a reader and for the next writer; then the end."""
    store = ProductStore(root, this.PRODUCT)
    seen = APPRAISE[name](store, this)
    with store.locked() as kept:
        assert APPRAISE[name](kept, this) == seen
    assert APPRAISE[name](store, this) == seen
    leftovers = [file for *_, files in os.walk(root) for file in files if file.endswith(".tmp")]
    assert leftovers == []
    if not seen:  # a response or receipt that was used is refused above this room
        this.SEQUENCES[name][1](root)
    assert APPRAISE[name](store, this)


@pytest.mark.parametrize("name", NAMES)
def test_kill_at_every_step(name: str, sequences: Any, tmp_path: Path) -> None:
    """A process killed with SIGKILL before any step leaves a store that is before or after."""
    prepared, out = tmp_path / "prepared", tmp_path / "out"
    out.mkdir()
    sequences.SEQUENCES[name][0](str(prepared))
    command = [sys.executable, sequences.__file__, name, str(prepared), str(out)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    killed = int(done.stdout)
    assert killed >= 12
    for number in range(1, killed + 1):
        assert_recovers(str(out / str(number)), name, sequences)


class LossyDisk:
    """What may be on a disk after the power failed: names and contents that were not synced
    are there or not, each by itself.
    """

    def __init__(self) -> None:
        self.contents: list[bytes] = []  # by inode
        self.synced: set[int] = set()
        self.lasting: list[tuple[str, str, str, int | None]] = []
        self.floating: list[tuple[str, str, str, int | None]] = []
        self.names: dict[tuple[str, str], int | None] = {}

    def apply(self, step: Step) -> None:
        """Do what the step does; a name points to an inode, or to None for a folder."""
        at = (step.folder, step.name)
        if step.what == "make_folder":
            self._float(*at, "", None)
        elif step.what == "create" or (step.what == "open_lock" and at not in self.names):
            self.contents.append(b"")
            self._float(*at, "", len(self.contents) - 1)
        elif step.what == "write" and step.name != "lock":  # the lock is written over itself
            inode = self.names[at]
            assert inode is not None
            self.contents[inode] += step.data
        elif step.what == "sync":
            inode = self.names[at]
            assert inode is not None
            self.synced.add(inode)
        elif step.what == "rename" and at in self.names:
            self._float(step.folder, step.new, step.name, self.names[at])
        elif step.what == "unlink" and at in self.names:
            self._float(step.folder, "", step.name, None)
        elif step.what == "sync_folder":
            self.lasting += [change for change in self.floating if change[0] == step.folder]
            self.floating = [change for change in self.floating if change[0] != step.folder]

    def images(self) -> Iterator[tuple[dict[tuple[str, str], int | None], float]]:
        """Yield every (names, share of unsynced contents) that may be there."""
        for kept in itertools.product((True, False), repeat=len(self.floating)):
            names: dict[tuple[str, str], int | None] = {}
            chosen = [change for change, here in zip(self.floating, kept, strict=True) if here]
            for change in self.lasting + chosen:
                self._change(names, *change)
            yield names, 0.0
            yield names, 0.5

    def write(self, names: dict[tuple[str, str], int | None], share: float) -> None:
        """Make an image real."""
        for (folder, name), inode in sorted(names.items()):
            if not os.path.isdir(folder):
                continue  # its own name was lost
            path = os.path.join(folder, name)
            if inode is None:
                os.mkdir(path, 0o700)
                continue
            content = self.contents[inode]
            size = len(content) if inode in self.synced else int(len(content) * share)
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            os.write(file, content[:size])
            os.close(file)

    def _float(self, folder: str, new: str, old: str, inode: int | None) -> None:
        change = (folder, new, old, inode)
        self.floating.append(change)
        self._change(self.names, *change)

    @staticmethod
    def _change(
        names: dict[tuple[str, str], int | None], folder: str, new: str, old: str, inode: int | None
    ) -> None:
        if old:
            names.pop((folder, old), None)
        if new:
            names[folder, new] = inode


def moved(step: Step, old: str, new: str) -> Step:
    """Return the step as it would be under another root."""
    path = os.path.join(step.folder, step.name).replace(old, new, 1)
    folder, name = os.path.split(path)
    return replace(step, folder=folder, name=name)


@pytest.mark.parametrize("name", NAMES)
def test_power_loss_after_every_step(name: str, sequences: Any, tmp_path: Path) -> None:
    """Every prefix of the steps, with any unsynced change lost, is before or after."""
    steps: list[Step] = []
    recorded = str(tmp_path / "recorded")
    run = sequences.SEQUENCES[name][1]
    # The preparation is recorded too: what it synced must last through the sequence.
    disk = SteppedDisk(steps.append)
    if name in ("activate", "renew", "give_back"):
        sequences.ask(recorded, disk)
    if name == "renew":
        with ProductStore(recorded, sequences.PRODUCT, disk=disk).locked() as kept:
            kept.put_license(sequences.LICENSE, sequences.OLD_BYTES)
    if name == "give_back":
        sequences.activate(recorded, disk)
    prepared = len(steps)
    run(recorded, disk)
    assert len(steps) - prepared >= 12
    images = 0
    for length in range(prepared, len(steps) + 1):
        for number in itertools.count():
            root = str(tmp_path / f"{length}-{number}")
            lossy = LossyDisk()
            for step in steps[:length]:
                lossy.apply(moved(step, recorded, root))
            image = next(itertools.islice(lossy.images(), number, None), None)
            if image is None:
                break
            lossy.write(*image)
            images += 1
            assert_recovers(root, name, sequences)
    assert images > 2 * (len(steps) - prepared)


def test_a_forgotten_sync_is_noticed(sequences: Any, tmp_path: Path) -> None:
    """The model of power loss has teeth: without the sync of files an image is broken."""
    steps: list[Step] = []
    recorded = str(tmp_path / "recorded")
    sequences.ask(recorded, SteppedDisk(steps.append))
    lossy = LossyDisk()
    for step in steps:
        if step.what != "sync":
            lossy.apply(moved(step, recorded, str(tmp_path / "image")))
    lossy.write(*next(lossy.images()))
    store = ProductStore(str(tmp_path / "image"), sequences.PRODUCT)
    assert store.state() == b""
