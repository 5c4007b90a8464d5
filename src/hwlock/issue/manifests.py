"""Signing what the files of an application are."""

from __future__ import annotations

from hwlock.crypto import sha2
from hwlock.errors import UsageError
from hwlock.issue.desk import Desk
from hwlock.license import manifest
from hwlock.store.tree import digest_of, walk

__all__ = ["make"]


def make(
    desk: Desk, product_id: str, folder: str, exceptions: tuple[str, ...] = ()
) -> tuple[bytes, int]:
    """Return the manifest of every file under `folder`, and how many there are.

    UsageError where a file cannot be read, is a link, or has a name that no manifest can hold;
    StoreError where a folder cannot be looked into.
    """
    product = desk.product(product_id)
    for pattern in exceptions:
        if not manifest.safe_path(pattern):
            raise UsageError("HWL-DESK-MANIFEST-NAME", path=pattern)
    files = tuple((path, _digest(folder, path)) for path in walk(folder))
    if not files:
        raise UsageError("HWL-DESK-MANIFEST-EMPTY", folder=folder)
    data = manifest.sign(
        product.id,
        files,
        exceptions,
        issued_at=desk.now(),
        signer=desk.issuer(),
        delegation=desk.delegation(product.id),
    )
    with desk.registry.writing() as books:
        desk.record(books, "manifest", product.id, files=len(files), digest=sha2.sha256(data).hex())
    return data, len(files)


def _digest(folder: str, path: str) -> bytes:
    digest = digest_of(folder, path) if manifest.safe_path(path) else None
    if digest is None:
        raise UsageError("HWL-DESK-MANIFEST-NAME", path=path)
    return digest
