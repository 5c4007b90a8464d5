"""What one product keeps on this machine, for reading.

Under a root (`places`) each product has a folder named by its id::

    acme-cad/
      lock                            held by whoever writes; its text names the holder
      product.hwproduct               the vendor's public keys
      state.cbor                      what `check` remembers, with its own tag
      answer.hwres                    in the machine's root: the newest response, for all users
      revocations.hwcrl               the newest revocation list, and what was added to it
      seed.bin                        32 secret bytes of this store, private in any root
      licenses/*.hwlic                license files; deployment tools may drop theirs in
      devices/<kind>.cbor             enrollments: {1: uri, 2: record}
      pending/<request id>.hwpend     requests that wait for their answer
      pending/<request id>.<license id>.hwintent    an activation on its way
      pending/<request id>.<license id>.hwdone      a request that was answered
      returned/<license id>.hwgone    a license that is dead here, and what its receipt needs
      returned/<license id>.hwret     the receipt

Reading takes no lock and needs no right to write, so it works in a root that belongs to
the administrator. Every file is seen whole, before or after a write, never in between.
For several files the order of reading matters, and that of writing answers it (see
`hwlock.store.locked`): ask `is_returned` *after* `licenses`.

What is missing is None or empty; what is there and cannot be believed is a StoreError.
"""

from __future__ import annotations

import os

from hwlock.errors import HwlockError, StoreError
from hwlock.record import Record

from . import names
from .disk import RealDisk
from .files import open_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .disk import Disk
    from .files import Folder
    from .locked import Locking

__all__ = ["Enrollment", "ProductStore", "StoredFile", "products"]

MAX_LICENSES = 64
MAX_PENDING = 64
MAX_RETURNED = 1024
_MAX_URI_BYTES = 255
DEADLINE_S = 10.0

# Where each thing stands: folders inside the product's folder, then how its name ends.
LICENSES, LICENSE = "licenses", ".hwlic"
DEVICES, DEVICE = "devices", ".cbor"
PENDING, PEND, INTENT, DONE = "pending", ".hwpend", ".hwintent", ".hwdone"
RETURNED, GONE, RECEIPT = "returned", ".hwgone", ".hwret"
FOLDERS = (LICENSES, DEVICES, PENDING, RETURNED)
PRODUCT, STATE, SEED, LOCK = "product.hwproduct", "state.cbor", "seed.bin", "lock"
ANSWER = "answer.hwres"
REVOCATIONS = "revocations.hwcrl"

# What editors, file managers and copying tools put in front of the names of their own files.
_LEFTOVER = (".", "~", "#")


class StoredFile(Record):
    """One file of several: its content, or the `error` that keeps us from believing it.

    `name` is the name of the file, or the id that it was made of.
    """

    name: str
    content: bytes = b""
    error: HwlockError | None = None

    def data(self) -> bytes:
        """Return the content, or raise the error."""
        if self.error is not None:
            raise self.error
        return self.content


class Enrollment(Record):
    """A device that was enrolled: the `uri` that opens it and its own opaque `record`."""

    uri: str
    record: bytes


class Intent(Record):
    """An activation on its way: `request_id` becomes `license`, kept under `license_id`."""

    request_id: str
    license_id: str
    license: bytes

    @property
    def file(self) -> str:
        """The name of its file in pending/."""
        return f"{self.request_id}.{self.license_id}{INTENT}"

    @property
    def done_file(self) -> str:
        """The name that the request's record gets when it is answered."""
        return f"{self.request_id}.{self.license_id}{DONE}"


class ProductStore:
    """The files of `product_id` under `root`, for reading; `locked` gives what writes.

    `system` marks the machine's root: what is made there is readable by every user.
    Constructing it touches nothing; StoreError for an id that is none.
    """

    def __init__(
        self, root: str, product_id: str, *, system: bool = False, disk: Disk | None = None
    ) -> None:
        self.root = root
        self.product_id = names.product_id(product_id)
        self.system = system
        self.disk: Disk = RealDisk() if disk is None else disk

    @property
    def path(self) -> str:
        """The product's folder, for sentences."""
        return os.path.join(self.root, self.product_id)

    def locked(self, *, within_s: float = DEADLINE_S) -> Locking:
        """Return a block that holds the store's lock and gives the LockedStore that writes.

        Makes the folders that are missing. Entering raises StoreError HWL-STORE-LOCKED,
        which names the holder, when the lock is not free `within_s` seconds.
        """
        from .locked import Locking

        return Locking(self, within_s)

    def product(self) -> bytes | None:
        """Return the product file."""
        return self._read(PRODUCT)

    def state(self) -> bytes | None:
        """Return the state, as opaque as it was put."""
        return self._read(STATE)

    def answer(self) -> bytes | None:
        """Return the newest response that an administrator activated here for all users."""
        return self._read(ANSWER) if self.system else None

    def revocations(self) -> bytes | None:
        """Return the revocation lists, as they were put."""
        return self._read(REVOCATIONS)

    def seed(self) -> bytes | None:
        """Return the store's secret."""
        return self._read(SEED)

    def licenses(self) -> tuple[StoredFile, ...]:
        """Return every license file, by name; one that cannot be read has its error."""
        found = [
            (name, name)
            for name in self._names(LICENSES)
            if name.lower().endswith(LICENSE) and not name.startswith(_LEFTOVER)
        ]
        return self._read_each(LICENSES, found, MAX_LICENSES)

    def enrollment(self, kind: str) -> Enrollment | None:
        """Return what was enrolled as `kind`; FormatError where the record is damaged."""
        raw = self._read(DEVICES, names.kind(kind) + DEVICE)
        return None if raw is None else _parse_enrollment(raw)

    def kinds(self) -> tuple[str, ...]:
        """Return the kinds that are enrolled, sorted."""
        return tuple(self._stems(DEVICES, DEVICE, names.is_kind))

    def pending(self) -> tuple[StoredFile, ...]:
        """Return the requests that wait for an answer; `name` is the request id.

        One whose answer is a license here is not waiting, even if a crash left its file.
        """
        waiting = self._read_stems(PENDING, PEND, names.is_pending_id, MAX_PENDING)
        spent = {intent.request_id for intent in self._intents() if self._is_done(intent)}
        return tuple(file for file in waiting if file.name not in spent)

    def answered(self, request_id: str) -> str | None:
        """Return the id of the license that answered a request; None while it waits."""
        names.pending_id(request_id)
        ended = [f"{i.request_id}.{i.license_id}" for i in self._intents() if self._is_done(i)]
        for stem in self._stems(PENDING, DONE, _is_pair) + ended:
            request, _, license_id = stem.partition(".")
            if request == request_id:
                return license_id
        return None

    def is_returned(self, license_id: str) -> bool:
        """Tell whether a return of the license was begun here: then it is dead here."""
        names.license_id(license_id)
        folder = self._reach(RETURNED)
        if folder is None:
            return False
        with folder:
            return folder.has(license_id + GONE) or folder.has(license_id + RECEIPT)

    def unfinished_returns(self) -> tuple[StoredFile, ...]:
        """Return what was put with `begin_return` where no receipt followed; `name` is the id."""
        done = self._stems(RETURNED, RECEIPT, names.is_license_id)
        begun = self._read_stems(RETURNED, GONE, names.is_license_id, MAX_RETURNED)
        return tuple(file for file in begun if file.name not in done)

    def receipt(self, license_id: str) -> bytes | None:
        """Return the receipt of a license that was returned."""
        return self._read(RETURNED, names.license_id(license_id) + RECEIPT)

    def receipts(self) -> tuple[StoredFile, ...]:
        """Return all receipts; `name` is the license id."""
        return self._read_stems(RETURNED, RECEIPT, names.is_license_id, MAX_RETURNED)

    # -- how it is reached --

    def _base(self) -> Folder | None:
        root = open_folder(self.root, disk=self.disk)
        if root is None:
            return None
        with root:
            return root.sub(self.product_id)

    def _reach(self, *folders: str) -> Folder | None:
        folder = self._base()
        for name in folders:
            if folder is None:
                return None
            with folder:
                folder = folder.sub(name)
        return folder

    def _read(self, *steps: str) -> bytes | None:
        folder = self._reach(*steps[:-1])
        if folder is None:
            return None
        with folder:
            return folder.read(steps[-1])

    def _names(self, *folders: str) -> list[str]:
        folder = self._reach(*folders)
        if folder is None:
            return []
        with folder:
            return folder.names()

    def _stems(self, folder: str, ending: str, is_valid: Callable[[str], bool]) -> list[str]:
        """Return the names of our own files in `folder`, without their ending."""
        stems = (name[: -len(ending)] for name in self._names(folder) if name.endswith(ending))
        return [stem for stem in stems if is_valid(stem)]

    def _read_stems(
        self, folder: str, ending: str, is_valid: Callable[[str], bool], limit: int
    ) -> tuple[StoredFile, ...]:
        stems = self._stems(folder, ending, is_valid)
        return self._read_each(folder, [(stem, stem + ending) for stem in stems], limit)

    def _read_each(
        self, folder: str, wanted: list[tuple[str, str]], limit: int
    ) -> tuple[StoredFile, ...]:
        """Return the files (name to give, name of file), the first `limit` of them."""
        opened = self._reach(folder)
        if opened is None:
            return ()
        with opened:
            files = [_stored(opened, name, file) for name, file in wanted[:limit]]
            if len(wanted) > limit:
                shown = names.shown(opened.path)
                error = StoreError("HWL-STORE-MANY", path=shown, limit=limit)
                files.append(StoredFile(name=folder, error=error))
        return tuple(file for file in files if file is not None)

    def _intents(self) -> list[Intent]:
        found = []
        for stem in self._stems(PENDING, INTENT, _is_pair):
            data = self._read(PENDING, stem + INTENT)
            if data is not None:
                request_id, _, license_id = stem.partition(".")
                found.append(Intent(request_id=request_id, license_id=license_id, license=data))
        return found

    def _is_done(self, intent: Intent) -> bool:
        return self._read(LICENSES, intent.license_id + LICENSE) == intent.license


def products(root: str, *, disk: Disk | None = None) -> tuple[str, ...]:
    """Return the ids of the products that have a folder under `root`, sorted.

    A plain file is no product, whatever its name: a note, or what a file manager leaves.
    """
    folder = open_folder(root, disk=RealDisk() if disk is None else disk)
    if folder is None:
        return ()
    with folder:
        found = [name for name in folder.names() if names.is_product_id(name)]
        return tuple(name for name in found if not folder.is_plain_file(name))


def _is_pair(stem: str) -> bool:
    request_id, _, license_id = stem.partition(".")
    return names.is_pending_id(request_id) and names.is_license_id(license_id)


def _stored(folder: Folder, name: str, file: str) -> StoredFile | None:
    """Return the file as `name`; None where it went away since it was listed."""
    try:
        data = folder.read(file)
    except StoreError as error:
        return StoredFile(name=name, error=error)
    return None if data is None else StoredFile(name=name, content=data)


def _parse_enrollment(raw: bytes) -> Enrollment:
    from hwlock.codec import cbor
    from hwlock.codec.fields import Fields

    fields = Fields(cbor.decode(raw), "enrollment")
    enrollment = Enrollment(
        uri=fields.text(1, "uri", max_bytes=_MAX_URI_BYTES), record=fields.bytes(2, "record")
    )
    fields.done()
    return enrollment
