"""The desk's two keys: the root, which speaks for the vendor, and the issuer, which signs.

Both are Ed25519 and lie in the desk's folder under one passphrase (`hwlock.issue.pkcs8`).
The root signs product files and delegations; everything else is the issuer's. A desk whose
`root.key` was taken away still answers requests; it cannot add products or renew.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hwlock.crypto.keys import SoftwareSigner
from hwlock.errors import StoreError, UsageError
from hwlock.issue import pkcs8

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hwlock.store.files import Folder

__all__ = ["ISSUER", "ROOT", "create", "open_signer", "refuse_empty"]

ROOT = "root.key"
ISSUER = "issuer.key"
_SEED_BYTES = 32
_PRIVATE = 0o600


def refuse_empty(passphrase: str) -> None:
    """Return if `passphrase` has something in it; UsageError."""
    if not passphrase.strip():
        raise UsageError("HWL-DESK-PASSPHRASE-EMPTY")


def create(
    folder: Folder, name: str, passphrase: str, entropy: Callable[[int], bytes]
) -> SoftwareSigner:
    """Make a key, write it as the file `name` under `passphrase`, and return its signer."""
    refuse_empty(passphrase)
    private = Ed25519PrivateKey.from_private_bytes(entropy(_SEED_BYTES))
    folder.write_atomic(name, pkcs8.write(private, passphrase, entropy), mode=_PRIVATE)
    return SoftwareSigner(private)


def open_signer(
    folder: Folder, name: str, passphrase: str, *, expected_public: bytes
) -> SoftwareSigner:
    """Open the key in the file `name`; StoreError, UntrustedError for a wrong passphrase.

    CBC does not tell whether somebody changed the file, so the key must be the one whose
    public half (raw, 32 bytes) the desk knows.
    """
    path = folder.path_of(name)
    pem = folder.read(name)
    if pem is None:
        raise StoreError("HWL-DESK-KEY-MISSING", path=path)
    signer = SoftwareSigner(pkcs8.read(pem, passphrase, path=path))
    if signer.key.raw != expected_public:
        raise StoreError("HWL-DESK-KEY", path=path)
    return signer
