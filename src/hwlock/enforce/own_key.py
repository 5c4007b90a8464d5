"""The key that a machine has in any case: software, in its store.

It authenticates what this store remembers, and signs requests and receipts where no device
holds a key. It raises the price of editing files by hand and no more: whoever runs as this
user can read it. What must not be copied is bound to hardware instead (docs/threat-model.md).
"""

from __future__ import annotations

from hwlock.check.state import State
from hwlock.crypto import hmac
from hwlock.crypto.keys import SoftwareSigner
from hwlock.errors import BadSignature, StoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hwlock.store.product_store import ProductStore

__all__ = ["OwnKey"]

_SEED_BYTES = 32
_TAG_BYTES = 32


class OwnKey:
    """The seed of one product's store on this machine."""

    def __init__(self, seed: bytes) -> None:
        if len(seed) != _SEED_BYTES:
            raise StoreError("HWL-STORE-KEY")
        self._seed = seed

    @classmethod
    def of(cls, store: ProductStore, entropy: Callable[[int], bytes]) -> OwnKey:
        """Return the store's key, made now where there is none yet."""
        seed = store.seed()
        if seed is None:
            seed = entropy(_SEED_BYTES)
            store.put_seed(seed)
        return cls(seed)

    def signer(self) -> SoftwareSigner:
        """Return the Ed25519 key that signs for this machine where no device does."""
        return SoftwareSigner.from_seed(hmac.sha256(self._seed, b"hwlock machine key v1"))

    def seal(self, state: State) -> bytes:
        """Return the bytes that the store keeps of `state`: a tag, then the state."""
        body = state.encode()
        return hmac.sha256(self._state_key(), body) + body

    def unseal(self, data: bytes) -> State:
        """Return the state of bytes that `seal` made; StoreError where somebody changed them."""
        tag, body = data[:_TAG_BYTES], data[_TAG_BYTES:]
        try:
            hmac.verify(self._state_key(), body, tag)
        except BadSignature as exc:
            raise StoreError("HWL-STORE-FORGED") from exc
        return State.parse(body)

    def _state_key(self) -> bytes:
        return hmac.sha256(self._seed, b"hwlock state v1")
