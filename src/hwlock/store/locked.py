"""Writing, which needs the lock; and the two sequences that must survive a crash.

There is no journal. Every single write happens whole or not at all and is on the disk
before the next one begins (`files`, rule 3), so after a crash at any point exactly the
first few steps of a sequence are there. The sequences are ordered so that each such
beginning means something.

**Activation** (`activate`): a request waits, and becomes a license.

1. `state.cbor`, which already knows the response (its time). True with or without license.
2. `pending/<request>.<license>.hwintent`: the bytes of the license to come. Changes nothing.
3. `licenses/<license>.hwlic`. *Here it is activated.* From now on the request counts as
   answered, since the license that its intent names is there with those bytes.
4. `pending/<request>.hwpend` becomes `pending/<request>.<license>.hwdone`, so that the
   same response is recognized when it comes again.
5. the intent is removed.

A crash before 3: the request waits, the same response can be activated again. After 3: it
is activated; the next holder of the lock does what is left of 4 and 5.

**Return** (`begin_return`, `finish_return`): a license becomes a receipt.

1. `returned/<license>.hwgone`, with all that making the receipt needs. *From here on the
   license is dead on this machine*, whoever puts its file back.
2. its license files are removed.
3. `returned/<license>.hwret`, the receipt.

A crash before 1: nothing happened. After 1: `unfinished_returns` has the id and what was
put; the caller makes the receipt again and finishes. A receipt can be made twice (two
signatures of one statement); it cannot be lost, and it never exists beside a live license.
The mark of step 1 stays for good.
"""

from __future__ import annotations

from hwlock.errors import InternalError, StoreError

from . import names
from .files import make_private_folder
from .product_store import (
    ANSWER,
    DEVICE,
    DEVICES,
    FOLDERS,
    GONE,
    LICENSE,
    LICENSES,
    LOCK,
    MAX_PENDING,
    PEND,
    PENDING,
    PRODUCT,
    RECEIPT,
    RETURNED,
    REVOCATIONS,
    SEED,
    STATE,
    Enrollment,
    Intent,
    ProductStore,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .files import Folder
    from .lock import Lock

__all__ = ["LockedStore", "Locking"]


class LockedStore(ProductStore):
    """A product's store while this process holds its lock: reads, and writes.

    Made by `ProductStore.locked`, and of no use after its block.
    """

    def __init__(self, store: ProductStore, held: Folder) -> None:
        super().__init__(store.root, store.product_id, system=store.system, disk=store.disk)
        self._held = held

    def put_product(self, data: bytes) -> None:
        """Keep the product file."""
        self._put(PRODUCT, data=data)

    def put_state(self, data: bytes) -> None:
        """Keep the state; when this returns, no loss of power takes it back."""
        self._put(STATE, data=data)

    def put_answer(self, data: bytes) -> None:
        """Keep the newest response for all users, in the machine's root only."""
        if self.system:
            self._put(ANSWER, data=data)

    def put_revocations(self, data: bytes) -> None:
        """Keep the revocation lists; earlier ones are replaced."""
        self._put(REVOCATIONS, data=data)

    def put_seed(self, data: bytes) -> None:
        """Keep the store's secret, readable by this user alone."""
        self._put(SEED, data=data, private=True)

    def put_license(self, license_id: str, data: bytes) -> None:
        """Keep a license under its id; one with the same id is replaced."""
        self._put(LICENSES, names.license_id(license_id) + LICENSE, data=data)

    def remove_license(self, name: str) -> bool:
        """Remove a license file by the name that `licenses` gave; tell whether it was there."""
        if "/" in name or "\\" in name or not name.lower().endswith(LICENSE):
            raise StoreError(
                "HWL-STORE-NAME", name=names.shown(name[:80]), what="license file", rule="*.hwlic"
            )
        return self._remove(LICENSES, name)

    def put_enrollment(self, kind: str, enrollment: Enrollment) -> None:
        """Keep the enrollment of the device `kind`; an earlier one is replaced."""
        from hwlock.codec import cbor

        raw = cbor.encode({1: enrollment.uri, 2: enrollment.record})
        self._put(DEVICES, names.kind(kind) + DEVICE, data=raw)

    def put_pending(self, request_id: str, data: bytes) -> None:
        """Remember a request; StoreError where MAX_PENDING others still wait."""
        name = names.pending_id(request_id) + PEND
        waiting = {*self._stems(PENDING, PEND, names.is_pending_id), request_id}
        if len(waiting) > MAX_PENDING:
            path = names.shown(self._held.path_of(PENDING))
            raise StoreError("HWL-STORE-MANY", path=path, limit=MAX_PENDING)
        self._put(PENDING, name, data=data)

    def remove_pending(self, request_id: str) -> bool:
        """Forget a request; tell whether it was there."""
        return self._remove(PENDING, names.pending_id(request_id) + PEND)

    def activate(self, license_id: str, data: bytes, *, request_id: str, state: bytes) -> None:
        """Keep the license that answers `request_id`; running it again is the same as once."""
        intent = Intent(
            request_id=names.pending_id(request_id),
            license_id=names.license_id(license_id),
            license=data,
        )
        self.put_state(state)  # 1
        self._put(PENDING, intent.file, data=data)  # 2
        self.put_license(license_id, data)  # 3
        self._end(intent)  # 4, 5

    def begin_return(self, license_id: str, data: bytes) -> None:
        """Kill the license here; `data` is what its receipt will be made of.

        A return that was begun is kept as it is: what the first receipt was made of counts.
        """
        name = names.license_id(license_id) + GONE
        if self._read(RETURNED, name) is None:
            self._put(RETURNED, name, data=data)

    def finish_return(self, license_id: str, receipt: bytes, *, files: Iterable[str]) -> None:
        """Remove the license's `files` (names that `licenses` gave), then keep the receipt."""
        if not self.is_returned(license_id):
            raise InternalError("HWL-INTERNAL", detail="a return was finished and never begun")
        for name in files:
            self.remove_license(name)
        self._put(RETURNED, license_id + RECEIPT, data=receipt)

    # -- how it is done --

    @property
    def _folder_mode(self) -> int:
        return folder_mode(self.system)

    def _base(self) -> Folder | None:
        return self._held.sub(".")

    def _put(self, *steps: str, data: bytes, private: bool = False) -> None:
        mode = 0o644 if self.system and not private else 0o600
        at = "." if len(steps) == 1 else steps[0]
        with self._held.make(at, self._folder_mode) as folder:
            folder.write_atomic(steps[-1], data, mode=mode)

    def _remove(self, *steps: str) -> bool:
        folder = self._reach(*steps[:-1])
        if folder is None:
            return False
        with folder:
            return folder.remove(steps[-1])

    def _recover(self) -> None:
        """Remove what dead processes left, and end the activations that they began."""
        self._held.tidy()
        for name in FOLDERS:
            folder = self._held.sub(name)
            if folder is not None:
                with folder:
                    folder.tidy()
        for intent in self._intents():
            self._end(intent)

    def _end(self, intent: Intent) -> None:
        if self._is_done(intent):
            with self._held.make(PENDING, self._folder_mode) as folder:
                folder.rename(intent.request_id + PEND, intent.done_file)  # 4
        self._remove(PENDING, intent.file)  # 5


def folder_mode(system: bool) -> int:
    """Return the mode of folders that are made in a user's or in the machine's root."""
    return 0o755 if system else 0o700


class Locking:
    """A block that holds the lock of a product's store and gives its LockedStore."""

    def __init__(self, store: ProductStore, within_s: float) -> None:
        self._store = store
        self._within_s = within_s
        self._folder: Folder | None = None
        self._lock: Lock | None = None

    def __enter__(self) -> LockedStore:
        self._folder = folder = self._make()
        try:
            self._lock = folder.lock(LOCK, within_s=self._within_s).__enter__()
            locked = LockedStore(self._store, folder)
            locked._recover()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return locked

    def __exit__(self, *exc: object) -> None:
        lock, self._lock = self._lock, None
        folder, self._folder = self._folder, None
        try:
            if lock is not None:
                lock.__exit__(None, None, None)
        finally:
            if folder is not None:
                folder.__exit__()

    def _make(self) -> Folder:
        store = self._store
        mode = folder_mode(store.system)
        with make_private_folder(store.root, mode=mode, disk=store.disk) as root:
            return root.make(store.product_id, mode)
