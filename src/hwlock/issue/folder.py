"""The desk's folder: where it is, how it is made, and what it says of itself."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from hwlock.errors import StoreError, UsageError
from hwlock.issue import keys
from hwlock.issue.registry import Registry
from hwlock.license.offers import ROOTS
from hwlock.record import Record
from hwlock.store import places
from hwlock.store.disk import RealDisk
from hwlock.store.failure import Telling
from hwlock.store.files import Folder, make_private_folder, open_folder

__all__ = ["REGISTRY", "Settings", "make", "opened", "place", "read_settings"]

SETTINGS = "desk.json"
REGISTRY = "registry.sqlite"
_FORMAT = 1
_FOLDER_MODE = 0o700
_FILE_MODE = 0o600


class Settings(Record):
    """What `desk.json` says: the vendor's name, and the raw public keys of root and issuer."""

    name: str
    root: bytes
    issuer: bytes

    def encode(self) -> bytes:
        """Return the file."""
        shape = {
            "format": _FORMAT,
            "name": self.name,
            "root": self.root.hex(),
            "issuer": self.issuer.hex(),
        }
        return (json.dumps(shape, indent=2, ensure_ascii=False) + "\n").encode()

    @classmethod
    def parse(cls, raw: bytes, *, path: str) -> Settings:
        """Read the file; StoreError."""
        try:
            shape = json.loads(raw)
            if shape["format"] != _FORMAT:
                raise ValueError("format")
            settings = cls(
                name=str(shape["name"]),
                root=bytes.fromhex(shape["root"]),
                issuer=bytes.fromhex(shape["issuer"]),
            )
        except (ValueError, KeyError, TypeError) as exc:
            raise StoreError("HWL-DESK-SETTINGS", path=path) from exc
        return settings


def place(environ: Mapping[str, str]) -> str:
    """Return the path of the desk: HWLOCK_VENDOR, or beside this user's own store; UsageError."""
    if environ.get("HWLOCK_VENDOR"):
        return os.path.abspath(environ["HWLOCK_VENDOR"])
    # where a machine's own licenses are is another matter: HWLOCK_HOME does not move the desk
    elsewhere = {name: value for name, value in environ.items() if name != "HWLOCK_HOME"}
    try:
        return f"{places.user_root(elsewhere)}-vendor"
    except StoreError as exc:
        raise UsageError("HWL-DESK-HOME", reason=exc.details["reason"]) from exc


def make(path: str, *, name: str, passphrase: str, entropy: Callable[[int], bytes]) -> None:
    """Make a desk at `path`: whole or not at all; UsageError where there is something.

    It grows under another name and gets the real one when it is complete, so that no run
    ever has to guess whether keys that it finds have already signed something.
    """
    keys.refuse_empty(passphrase)
    refuse_taken(path)
    growing = f"{path}.{os.getpid()}.new"
    try:
        with make_private_folder(growing, mode=_FOLDER_MODE, disk=RealDisk()) as folder:
            _fill(folder, name, passphrase, entropy)
        with Telling(path):
            if os.path.isdir(path):
                os.rmdir(path)
            os.rename(growing, path)
    except BaseException:
        shutil.rmtree(growing, ignore_errors=True)
        raise


def refuse_taken(path: str) -> None:
    """Return if a desk can be made at `path`: there is nothing, or an empty folder."""
    with Telling(path):
        if os.path.lexists(path) and (not os.path.isdir(path) or os.listdir(path)):
            raise UsageError("HWL-DESK-EXISTS", path=path)


@contextmanager
def opened(path: str) -> Iterator[Folder]:
    """Give the open folder of the desk at `path`; UsageError where there is none."""
    folder = open_folder(path, disk=RealDisk())
    if folder is None:
        raise UsageError("HWL-DESK-NONE", path=path)
    with folder:
        yield folder


def read_settings(path: str) -> Settings:
    """Return what the desk at `path` says of itself; UsageError, StoreError."""
    with opened(path) as folder:
        raw = folder.read(SETTINGS)
    if raw is None:
        raise UsageError("HWL-DESK-NONE", path=path)
    return Settings.parse(raw, path=os.path.join(path, SETTINGS))


def _fill(folder: Folder, name: str, passphrase: str, entropy: Callable[[int], bytes]) -> None:
    root = keys.create(folder, keys.ROOT, passphrase, entropy)
    issuer = keys.create(folder, keys.ISSUER, passphrase, entropy)
    for roots in ROOTS.values():
        folder.make(roots, _FOLDER_MODE).__exit__()
    Registry.make(folder.path_of(REGISTRY))
    settings = Settings(name=name, root=root.key.raw, issuer=issuer.key.raw)
    folder.write_atomic(SETTINGS, settings.encode(), mode=_FILE_MODE)
