"""What an open file or folder must be before a byte of it is believed."""

from __future__ import annotations

import stat

from hwlock.errors import StoreError

from .names import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from os import stat_result

__all__ = ["vet_file", "vet_folder"]

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def vet_file(status: stat_result, path: str, owners: Collection[int] | None) -> None:
    """Refuse what is no plain file, or what another user owns or can change."""
    if not stat.S_ISREG(status.st_mode):
        raise StoreError("HWL-STORE-KIND", path=shown(path), reason="it is no plain file")
    vet_folder(status, path, owners)


def vet_folder(status: stat_result, path: str, owners: Collection[int] | None) -> None:
    """Refuse what another user owns or can change; `owners` None: the system has no such."""
    if owners is None:
        return
    if status.st_uid not in owners:
        raise StoreError("HWL-STORE-OWNER", path=shown(path), owner=_user(status.st_uid))
    if status.st_mode & _OTHERS_WRITE:
        raise StoreError("HWL-STORE-MODE", path=shown(path))


def _user(number: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"number {number}"
