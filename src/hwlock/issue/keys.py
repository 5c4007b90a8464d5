"""The desk's keys as files: the root, which speaks for the vendor, and the issuer, which signs.

All are Ed25519 and lie in the desk's folder under one passphrase (`hwlock.issue.pkcs8`), those
of agents under passphrases of their own. The root signs product files and delegations; everything
else is the issuer's. A desk whose root key was taken away still answers requests; it cannot add
products or renew. The first two have plain names; each later key has its id in the name of its
file, so that none is ever written over another.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hwlock.crypto.keys import SoftwareSigner, VerificationKey
from hwlock.errors import StoreError, UsageError
from hwlock.issue import pkcs8

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hwlock.store.files import Folder

__all__ = ["ISSUER", "ROOT", "create", "create_later", "file_of", "open_signer", "refuse_empty"]

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
    return _written(folder, lambda _: name, passphrase, entropy)


def create_later(
    folder: Folder, role: str, passphrase: str, entropy: Callable[[int], bytes]
) -> tuple[SoftwareSigner, str]:
    """Make a key as `create` does, in a file with its id in the name; return that as well."""
    signer = _written(folder, lambda key: file_of(role, key), passphrase, entropy)
    return signer, file_of(role, signer.key)


def file_of(role: str, key: VerificationKey) -> str:
    """Return the name of the file of a key that is not one of the first two."""
    return f"{role}-{key.kid.hex()}.key"


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


def _written(
    folder: Folder,
    name_of: Callable[[VerificationKey], str],
    passphrase: str,
    entropy: Callable[[int], bytes],
) -> SoftwareSigner:
    refuse_empty(passphrase)
    private = Ed25519PrivateKey.from_private_bytes(entropy(_SEED_BYTES))
    signer = SoftwareSigner(private)
    pem = pkcs8.write(private, passphrase, entropy)
    folder.write_atomic(name_of(signer.key), pem, mode=_PRIVATE)
    return signer
