"""Content keys and sealed files: what a license can open, and sealing it.

A content key belongs to a product and has a name ("models"). It is made when something is first
sealed under it or sold with it; licenses of entitlements that were sold with its name carry
it, wrapped to the machine (`hwlock.license.content_keys`).
"""

from __future__ import annotations

import os
from typing import BinaryIO

from hwlock.crypto.chunked import Chunks, Header
from hwlock.errors import UsageError
from hwlock.evidence.card import agreement_of
from hwlock.exchange.request import Asking
from hwlock.issue.appraisal import Appraised
from hwlock.issue.books import Books
from hwlock.issue.desk import Desk
from hwlock.issue.records import Entitlement
from hwlock.license.anchors import HostAnchor, KeyAnchor
from hwlock.license.binding import Binding
from hwlock.license.content_keys import WrappedKeys

__all__ = ["seal", "wrapped"]

_SALT_BYTES = 32


def seal(desk: Desk, product_id: str, name: str, source: BinaryIO, target: BinaryIO) -> Header:
    """Write a sealed file of everything that `source` holds; it must know its size."""
    key = desk.content_key(product_id, name)
    size = source.seek(0, os.SEEK_END)
    source.seek(0)
    header = Header.make(
        product_id=product_id,
        key_id=key.id,
        salt=desk.entropy(_SALT_BYTES),
        size=size,
        name=name,
    )
    chunks = Chunks(header, key.key)
    target.write(header.raw)
    for number in range(header.count):
        wanted = min(header.chunk_bytes, size - number * header.chunk_bytes)
        plain = source.read(wanted)
        if len(plain) != wanted:
            raise UsageError("HWL-DESK-SEAL-CHANGED", name=name)
        target.write(chunks.seal(number, plain))
    return header


def wrapped(
    desk: Desk,
    books: Books,
    entitlement: Entitlement,
    asks: Asking,
    appraised: Appraised,
    binding: Binding,
) -> WrappedKeys | None:
    """Return the content keys that an entitlement was sold with, for the machine that asks.

    None where it was sold without any; DeniedError where what it is bound to can open none.
    """
    keys = tuple(books.content_key(entitlement.product_id, name) for name in entitlement.opens)
    known = tuple(key for key in keys if key is not None)
    if not known:
        return None
    return WrappedKeys.wrap(known, binding, _recipients(asks, appraised, binding), desk.entropy)


def _recipients(
    asks: Asking, appraised: Appraised, binding: Binding
) -> dict[int, bytes | tuple[bytes, ...]]:
    """Return, by the number of an anchor, the public keys to which its share is encrypted."""
    found: dict[int, bytes | tuple[bytes, ...]] = {}
    for number, anchor in enumerate(binding.anchors):
        if isinstance(anchor, HostAnchor):
            if asks.sharing:
                found[number] = asks.sharing
        elif isinstance(anchor, KeyAnchor):
            if anchor.kind == "tpm2" and appraised.agreement is not None:
                found[number] = appraised.agreement
            elif (public := agreement_of(anchor.kind, anchor.key, anchor.record)) is not None:
                found[number] = public
    return found
