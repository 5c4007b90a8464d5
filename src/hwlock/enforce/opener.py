"""Opens sealed files for a grant: the content key comes out of the license by the hardware.

There is no answer to patch here. A key is put together from shares, and each share is taken out by
what the license is bound to: the TPM or a card agrees on a secret, the parts of the machine
are read again. Without them there is nothing to decrypt with.

Where too few are found, the person is told why a device that is here did not do its part (a wrong
PIN, a card that another program holds); only of one that is not here, that it is not.
"""

from __future__ import annotations

from hwlock.devices import registry
from hwlock.enforce.sealed import SealedFile, open_sealed
from hwlock.errors import (
    DeniedError,
    DeviceError,
    HwlockError,
    NotFound,
    PinRequired,
    Removed,
    UnsupportedError,
    UntrustedError,
)
from hwlock.evidence.card import agreement_of
from hwlock.license.anchors import HostAnchor, KeyAnchor
from hwlock.license.sealed_share import agreed_secret, host_secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from os import PathLike

    from hwlock.enforce.machine import Machine
    from hwlock.license.license import Terms
    from hwlock.license.sealed_share import Share
    from hwlock.store.product_store import ProductStore

__all__ = ["Opener"]

_NOT_HERE = "HWL-SEALED-HARDWARE"


class Opener:
    """Opens what the licenses of one grant open; a key that was found is kept until it goes."""

    def __init__(
        self,
        machine: Machine,
        product_id: str,
        stores: tuple[ProductStore, ...],
        licenses: tuple[Terms, ...],
    ) -> None:
        self._machine = machine
        self._product_id = product_id
        self._stores = stores
        self._licenses = licenses
        self._keys: dict[bytes, bytes] = {}

    def open(self, path: str | PathLike[str]) -> SealedFile:
        """Open a sealed file; DeniedError, UntrustedError, FormatError, UsageError.

        DeviceError, UnsupportedError where a device is here and does not open it.
        """
        return open_sealed(path, self._product_id, self.key)

    def key(self, key_id: bytes) -> bytes:
        """Return the content key (32 bytes) that `key_id` names; errors as of `open`."""
        if key_id not in self._keys:
            self._keys[key_id] = self._found(key_id)
        return self._keys[key_id]

    def _found(self, key_id: bytes) -> bytes:
        refusals: list[HwlockError] = [DeniedError("HWL-SEALED-KEY", key=key_id.hex())]
        for terms in self._licenses:
            try:
                return self._unwrapped(terms, key_id)
            except (DeniedError, UntrustedError, DeviceError, UnsupportedError) as exc:
                refusals.append(exc)
        raise max(refusals, key=_says)

    def _unwrapped(self, terms: Terms, key_id: bytes) -> bytes:
        if terms.content_keys is None:
            raise DeniedError("HWL-SEALED-KEY", key=key_id.hex())
        reasons: list[HwlockError] = []

        def open_share(number: int, share: Share) -> bytes | None:
            anchor = terms.binding.anchors[number]
            try:
                if isinstance(anchor, HostAnchor):
                    return self._from_host(anchor, share)
                return self._from_device(anchor, share) if isinstance(anchor, KeyAnchor) else None
            except (NotFound, Removed):
                return None  # it is not here: the policy says whether that matters
            except (DeviceError, UnsupportedError) as exc:
                reasons.append(exc)
                return None

        try:
            return terms.content_keys.unwrap(key_id, terms.binding, open_share)
        except DeniedError as exc:
            if reasons and exc.code == _NOT_HERE:
                raise reasons[0] from exc
            raise

    def _from_host(self, anchor: HostAnchor, share: Share) -> bytes | None:
        enrolled = (store.enrollment("host") for store in self._stores)
        uri = next((one.uri for one in enrolled if one is not None), self._machine.host_uri)
        with self._machine.open_host(uri) as host:
            return host_secret(anchor, share, host.components())

    def _from_device(self, anchor: KeyAnchor, share: Share) -> bytes | None:
        if anchor.kind == "tpm2":
            return self._from_tpm(share)
        public = agreement_of(anchor.kind, anchor.key, anchor.record)
        if public is None:
            return None
        people = self._machine.person
        person = None if people is None else people.for_device(anchor.uri)
        try:
            with registry.agreeing(self._machine.open_dongle(anchor.uri, person)) as dongle:
                agreed = dongle.agree(anchor.record, share.ephemeral)
        except PinRequired:
            if people is not None:
                people.forget(anchor.uri)  # what was refused is never tried again
            raise
        return agreed_secret(agreed, share, public)

    def _from_tpm(self, share: Share) -> bytes | None:
        for store in self._stores:
            enrolled = store.enrollment("tpm2")
            if enrolled is None:
                continue
            with self._machine.open_key(enrolled.uri) as device:
                public = device.agreement(enrolled.record)
                agreed = device.agree(enrolled.record, share.ephemeral)
            try:
                return agreed_secret(agreed, share, public)
            except UntrustedError:
                continue  # the license was made for the enrollment of another store
        return None


def _says(refusal: HwlockError) -> int:
    """Return how much a refusal says: of what is here most, of a license of another thing least."""
    return {"HWL-SEALED-KEY": 0, _NOT_HERE: 1}.get(refusal.code, 2)
