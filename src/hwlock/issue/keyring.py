"""Which keys the desk has, and which of them sign now.

`desk.json` names the two keys that the desk was made with, and is never changed. Later keys stand
in the registry, so that a change of keys is one transaction: before it the old key signs, after
it the new one. A file of a key that the registry does not name has signed nothing.

An open desk keeps to the key that it began with; a decision that it would sign after somebody
else has replaced that key is refused (`refuse_replaced`).
"""

from __future__ import annotations

from collections.abc import Callable

from hwlock.crypto.keys import Signer, SoftwareSigner, VerificationKey
from hwlock.errors import UsageError
from hwlock.issue import folder, keys
from hwlock.issue.books import Books
from hwlock.issue.records import SigningKey
from hwlock.issue.registry import Registry

__all__ = ["ISSUER", "ROLES", "ROOT", "Keyring", "keys_in"]

ROOT, ISSUER = "root", "issuer"
ROLES = (ISSUER, ROOT)


class Keyring:
    """The keys of the desk at `path`; `agent` is who signs here, empty for the desk itself.

    `passphrase` is called at most once for each key that is opened.
    """

    def __init__(
        self,
        path: str,
        settings: folder.Settings,
        registry: Registry,
        passphrase: Callable[[], str],
        agent: str = "",
    ) -> None:
        self.settings = settings
        self.agent = agent
        self._path = path
        self._registry = registry
        self._passphrase = passphrase
        self._present: dict[str, SigningKey] = {}
        self._signers: dict[str, Signer] = {}

    def all(self) -> tuple[SigningKey, ...]:
        """Return all keys, the oldest first."""
        with self._registry.reading() as books:
            return keys_in(books, self.settings)

    def present(self, role: str) -> SigningKey:
        """Return the key that this desk signs with in a role; UsageError for an unknown agent."""
        if role not in self._present:
            name = self.agent if role == ISSUER else ""
            found = [one for one in self.all() if (one.role, one.name) == (role, name)]
            if not found or found[-1].replaced_at is not None:
                raise UsageError("HWL-DESK-KEY-NAME", name=name)
            self._present[role] = found[-1]
        return self._present[role]

    def signer(self, role: str) -> Signer:
        """Open the key in use; UntrustedError for a wrong passphrase, StoreError."""
        key = self.present(role)
        if key.file not in self._signers:
            with folder.opened(self._path) as place:
                self._signers[key.file] = keys.open_signer(
                    place, key.file, self._passphrase(), expected_public=key.public
                )
        return self._signers[key.file]

    def is_here(self, key: SigningKey) -> bool:
        """Tell whether the file of a key is in the desk's folder."""
        with folder.opened(self._path) as place:
            return place.has(key.file)

    def make(
        self, role: str, entropy: Callable[[int], bytes], passphrase: str | None = None
    ) -> tuple[SoftwareSigner, str]:
        """Make the file of a new key, under the passphrase that opens the root; and its name.

        `passphrase` is another one, for an agent. UntrustedError, StoreError.
        """
        root = self.present(ROOT)
        with folder.opened(self._path) as place:
            words = self._passphrase()
            self._signers[root.file] = keys.open_signer(
                place, root.file, words, expected_public=root.public
            )
            return keys.create_later(place, role, passphrase or words, entropy)

    def forget(self) -> None:
        """Look again which keys are in use."""
        self._present.clear()

    def refuse_replaced(self, books: Books, signer: Signer) -> None:
        """Return if the key of `signer` is in use; UsageError where it was replaced meanwhile."""
        for key in keys_in(books, self.settings):
            if key.kid == signer.key.kid and key.replaced_at is None:
                return
        raise UsageError("HWL-DESK-KEY-CHANGED", kid=signer.key.kid.hex())


def keys_in(books: Books, settings: folder.Settings) -> tuple[SigningKey, ...]:
    """Return the keys of a desk, the oldest first: those of its settings, then later ones."""
    later = books.signing_keys()
    known = {one.kid for one in later}
    first = [one for one in _first(books, settings) if one.kid not in known]
    return (*first, *later)


def _first(books: Books, settings: folder.Settings) -> list[SigningKey]:
    began_at = books.audit_began_at()
    return [
        SigningKey(
            kid=VerificationKey(public).kid,
            role=role,
            name="",
            public=public,
            file=file,
            made_at=began_at,
        )
        for role, public, file in (
            (ROOT, settings.root, keys.ROOT),
            (ISSUER, settings.issuer, keys.ISSUER),
        )
    ]
