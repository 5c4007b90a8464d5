"""The key that a machine has in any case: software, in its store.

It authenticates what this store remembers, and signs requests and receipts where no device
holds a key. It raises the price of editing files by hand and no more: whoever runs as this
user can read it. What must not be copied is bound to hardware instead (docs/threat-model.md).
"""

from __future__ import annotations

from hwlock.check.state import State
from hwlock.crypto import hmac
from hwlock.crypto.keys import SoftwareSigner, VerificationKey
from hwlock.errors import BadSignature, FormatError, StoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hwlock.devices.base import KeyAttester
    from hwlock.store.locked import LockedStore
    from hwlock.store.product_store import ProductStore

__all__ = ["DeviceSigner", "OwnKey"]

_SEED_BYTES = 32
_TAG_BYTES = 32


class OwnKey:
    """The seed of one product's store on this machine."""

    def __init__(self, seed: bytes, product_id: str) -> None:
        self._seed = seed
        self._product_id = product_id

    @classmethod
    def of(cls, held: LockedStore, entropy: Callable[[int], bytes]) -> OwnKey:
        """Return the key of a locked store, made now where there is none yet."""
        seed = held.seed()
        if seed is None:
            seed = entropy(_SEED_BYTES)
            held.put_seed(seed)
        return cls(seed, held.product_id)

    @classmethod
    def kept(cls, store: ProductStore) -> OwnKey:
        """Return the key of a store that has one; StoreError."""
        seed = store.seed()
        if seed is None:
            raise StoreError("HWL-STORE-KEY", path=store.path)
        return cls(seed, store.product_id)

    def signer(self) -> SoftwareSigner:
        """Return the Ed25519 key that signs for this machine where no device does."""
        return SoftwareSigner.from_seed(hmac.sha256(self._seed, b"hwlock machine key v1"))

    def seal(self, state: State) -> bytes:
        """Return the bytes that the store keeps of `state`: a tag, then the state."""
        body = state.encode()
        return hmac.sha256(self._state_key(), body) + body

    def unseal(self, data: bytes) -> State:
        """Return the state of bytes that `seal` made; StoreError where somebody changed them.

        One that another version wrote, and that cannot be read, is as good as changed.
        """
        tag, body = data[:_TAG_BYTES], data[_TAG_BYTES:]
        try:
            hmac.verify(self._state_key(), body, tag)
            return State.parse(body)
        except (BadSignature, FormatError) as exc:
            raise StoreError("HWL-STORE-FORGED", product=self._product_id) from exc

    def _state_key(self) -> bytes:
        return hmac.sha256(self._seed, b"hwlock state v1")


class DeviceSigner:
    """The key of an enrolled device as a Signer; the device stays open meanwhile."""

    def __init__(self, device: KeyAttester, enrollment: bytes) -> None:
        self.device = device
        self._enrollment = enrollment
        self.key = VerificationKey(device.public(enrollment))

    def sign(self, message: bytes) -> bytes:
        """Return the device's signature (64 bytes) over `message`; DeviceError."""
        return self.device.sign(self._enrollment, message)
