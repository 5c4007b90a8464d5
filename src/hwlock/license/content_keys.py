"""Content keys inside a license: usable only where its hardware is.

A license that is allowed to open sealed files carries their content keys. They are encrypted
under one *master* of 16 bytes, which exists nowhere: it is shared out over the policy of the
binding, and each leaf's share is encrypted to the anchor there, so that whoever satisfies the
policy, and nobody else, puts it together again (docs/spec/payloads.md section 3).

1. A threshold "k of n" splits its secret into n shares, k of which are enough.
2. The share of a TPM, a PIV or an OpenPGP card is encrypted by ECDH to a key of that device, which
   agrees with an ephemeral key inside the hardware.
3. The share of a host anchor is split again, a component getting as many shares as it weighs;
   each component's are encrypted by X25519 to a key that is derived from its raw value, whose
   public half the request carried. A digest, which the license shows, is not enough.
4. An anchor that can do neither (a FIDO2 key, a shared secret, an identifier) has no share. The
   policy must hold without it, or there is no license.
"""

from __future__ import annotations

from hwlock.codec import cbor
from hwlock.codec.fields import Fields
from hwlock.crypto import hmac
from hwlock.crypto.chunked import KEY_BYTES, KEY_ID_BYTES
from hwlock.errors import DeniedError, Finding
from hwlock.license import shares
from hwlock.license.anchors import HostAnchor
from hwlock.license.binding import Binding, Threshold
from hwlock.license.sealed_share import (
    SECRET_BYTES,
    TAG_BYTES,
    Share,
    decrypt,
    encrypt,
    to_device,
    to_host,
)
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Entropy = Callable[[int], bytes]

__all__ = ["MAX_KEYS", "ContentKey", "WrappedKeys"]

MAX_KEYS = 16


class ContentKey(Record):
    """A key of sealed files: its `id` (16 bytes), its `name`, and the key (32 bytes)."""

    id: bytes
    name: str
    key: bytes


class WrappedKeys(Record):
    """The content keys of a license: `keys` are (id, name, ciphertext), `shares` the leaves'."""

    keys: tuple[tuple[bytes, str, bytes], ...]
    shares: tuple[Share, ...]

    def encode(self) -> cbor.Value:
        """Return the member map (docs/spec: content-keys)."""
        return {
            1: tuple({1: id, 2: name, 3: sealed} for id, name, sealed in self.keys),
            2: tuple(share.encode() for share in self.shares),
        }

    @classmethod
    def parse(cls, fields: Fields) -> WrappedKeys:
        """Read the member map; FormatError."""
        listed = fields.array(1, "keys", max_items=MAX_KEYS)
        leaves = fields.array(2, "shares")
        wrapped = cls(
            keys=tuple(_parse_key(Fields(one, "content key")) for one in listed),
            shares=tuple(Share.parse(Fields(one, "share")) for one in leaves),
        )
        fields.done()
        return wrapped

    @classmethod
    def wrap(
        cls,
        keys: tuple[ContentKey, ...],
        binding: Binding,
        recipients: Mapping[int, bytes | tuple[bytes, ...]],
        entropy: Entropy,
    ) -> WrappedKeys:
        """Encrypt `keys` for whoever satisfies `binding`.

        `recipients` gives, by the number of an anchor, the public key to encrypt to (P-256
        x‖y or X25519), for a host one a component (X25519). DeniedError where the policy cannot be
        satisfied by anchors that can hold a share.
        """
        if not _reachable(binding.policy, set(recipients)):
            kinds = ", ".join(sorted({anchor.kind for anchor in binding.anchors}))
            missing = Finding("HWL-SEALED-ANCHOR", "deny", kinds=kinds)
            raise DeniedError(missing.code, findings=(missing,), kinds=kinds)
        master = entropy(SECRET_BYTES)
        leaves = []
        for number, secret in _shared_out(binding.policy, master, entropy):
            to = recipients.get(number)
            anchor = binding.anchors[number]
            if to is None:
                leaves.append(Share())
            elif isinstance(anchor, HostAnchor):
                assert isinstance(to, tuple)
                leaves.append(to_host(anchor, secret, to, entropy))
            else:
                assert isinstance(to, bytes)
                leaves.append(to_device(secret, to))
        sealed = tuple(
            (one.id, one.name, encrypt(_key_of(master, one.id), one.key)) for one in keys
        )
        return cls(keys=sealed, shares=tuple(leaves))

    def unwrap(
        self, key_id: bytes, binding: Binding, open_share: Callable[[int, Share], bytes | None]
    ) -> bytes:
        """Return the content key that `key_id` names, UntrustedError where it cannot be had.

        `open_share` gets the number of an anchor and its share, and returns the secret, or
        None where the anchor is not here.
        """
        found = next((one for one in self.keys if one[0] == key_id), None)
        if found is None:
            raise DeniedError("HWL-SEALED-KEY", key=key_id.hex())
        master = _put_together(binding.policy, iter(self.shares), open_share)
        if master is None:
            raise DeniedError("HWL-SEALED-HARDWARE", name=found[1])
        return decrypt(_key_of(master, key_id), found[2])


def _shared_out(
    policy: int | Threshold, secret: bytes, entropy: Entropy
) -> Iterator[tuple[int, bytes]]:
    """Yield (number of the anchor, its secret) of every leaf, from left to right."""
    if isinstance(policy, int):
        yield policy, secret
        return
    pieces = shares.split(secret, policy.needed, len(policy.parts), entropy)
    for part, piece in zip(policy.parts, pieces, strict=True):
        yield from _shared_out(part, piece, entropy)


def _put_together(
    policy: int | Threshold,
    leaves: Iterator[Share],
    open_share: Callable[[int, Share], bytes | None],
) -> bytes | None:
    if isinstance(policy, int):
        share = next(leaves, Share())
        return open_share(policy, share) if share.sealed else None
    found = [_put_together(part, leaves, open_share) for part in policy.parts]
    held = {number: secret for number, secret in enumerate(found, 1) if secret is not None}
    if len(held) < policy.needed:
        return None
    return shares.combine(dict(list(held.items())[: policy.needed]))


def _reachable(policy: int | Threshold, able: set[int]) -> bool:
    if isinstance(policy, int):
        return policy in able
    return sum(_reachable(part, able) for part in policy.parts) >= policy.needed


def _key_of(master: bytes, key_id: bytes) -> bytes:
    return hmac.sha256(master, b"hwlock content key v1\0" + key_id)


def _parse_key(fields: Fields) -> tuple[bytes, str, bytes]:
    key = (
        fields.bytes(1, "id", size=KEY_ID_BYTES),
        fields.text(2, "name", max_bytes=64),
        fields.bytes(3, "key", size=KEY_BYTES + TAG_BYTES),
    )
    fields.done()
    return key
