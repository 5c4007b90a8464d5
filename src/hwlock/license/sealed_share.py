"""One share of a secret, encrypted to the hardware that an anchor names.

To a device with a key that can agree on keys (TPM, PIV, OpenPGP), or part by part to the
components of a host: each has an X25519 key that is derived from its raw value, and gets as
many shares as it weighs.
"""

from __future__ import annotations

from hwlock.codec import cbor
from hwlock.codec.fields import Fields
from hwlock.crypto import hmac
from hwlock.errors import FormatError, UntrustedError
from hwlock.evidence import host
from hwlock.license import shares
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hwlock.evidence.claims import Component
    from hwlock.license.anchors import HostAnchor

__all__ = [
    "SECRET_BYTES",
    "Share",
    "agreed_secret",
    "component_secret",
    "decrypt",
    "encrypt",
    "host_secret",
    "host_shares",
    "public_of",
    "sharing_keys",
    "to_device",
    "to_host",
]

SECRET_BYTES = 16
TAG_BYTES = 16
_POINTS_A_SHARE = 5
_NONCE = bytes(12)  # every key here encrypts once
_P256_BYTES, _X25519_BYTES = 64, 32


class Share(Record):
    """A leaf's share, encrypted: to one device, or part by part to the components of a host.

    `ephemeral` is a public key (P-256 x‖y, or X25519); `sealed` one ciphertext for a device,
    for a host one a component, in their order. An anchor that can hold none has none.
    """

    ephemeral: bytes = b""
    sealed: tuple[bytes, ...] = ()

    def encode(self) -> cbor.Value:
        """Return the member map (docs/spec: share)."""
        return {1: self.ephemeral, 2: self.sealed}

    @classmethod
    def parse(cls, fields: Fields) -> Share:
        """Read the member map; FormatError."""
        listed = fields.array(2, "sealed", max_items=host.MAX_COMPONENTS)
        share = cls(
            ephemeral=fields.bytes(1, "ephemeral", max_bytes=_P256_BYTES),
            sealed=tuple(_ciphertext(one) for one in listed),
        )
        fields.done()
        return share


def agreed_secret(agreed: bytes, share: Share, public: bytes) -> bytes:
    """Return the secret of a device's share; `agreed` is what its ECDH gives (32 bytes).

    Of P-256 that is x of the point.
    """
    if len(share.sealed) != 1:
        raise FormatError("HWL-FIELD-POLICY", stage="field")
    return decrypt(_transport_key(agreed, share.ephemeral, public), share.sealed[0])


def to_device(secret: bytes, public: bytes) -> Share:
    """Encrypt `secret` (16 bytes) by ECDH with an ephemeral key.

    `public` is a key of P-256 (x‖y) or of X25519 (32 bytes). UntrustedError where it is none.
    """
    if len(public) == _X25519_BYTES:
        return _to_x25519(secret, public)
    from cryptography.hazmat.primitives.asymmetric import ec

    curve = ec.SECP256R1()
    ephemeral = ec.generate_private_key(curve)
    peer = ec.EllipticCurvePublicKey.from_encoded_point(curve, b"\4" + public)
    numbers = ephemeral.public_key().public_numbers()
    point = numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
    agreed = ephemeral.exchange(ec.ECDH(), peer)
    return Share(ephemeral=point, sealed=(encrypt(_transport_key(agreed, point, public), secret),))


def _to_x25519(secret: bytes, public: bytes) -> Share:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    private = X25519PrivateKey.generate().private_bytes_raw()
    point = public_of(private)
    key = _transport_key(_x25519(private, public), point, public)
    return Share(ephemeral=point, sealed=(encrypt(key, secret),))


def component_secret(salt: bytes, component: Component) -> bytes:
    """Return the X25519 private key (32 bytes) of one component's raw value."""
    kind = component.kind.encode()
    return hmac.sha256(salt, b"hwlock component key v1\0" + kind + b"\0" + component.value)


def sharing_keys(
    claims: host.HostClaims | None, salt: bytes, components: tuple[Component, ...]
) -> tuple[bytes, ...]:
    """Return the public keys of components in the order of the claims that name them."""
    found = () if claims is None else claims.components
    parts = [host.found(one, salt, components) for one in found]
    return tuple(public_of(component_secret(salt, part)) for part in parts if part is not None)


def public_of(secret: bytes) -> bytes:
    """Return the public half (32 bytes) of an X25519 private key."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def host_shares(anchor: HostAnchor) -> tuple[int, tuple[int, ...]]:
    """Return how many shares are needed, and how many each component gets.

    A share stands for 5 points. Needed is the least number of shares that any set of
    components which matches holds: whoever matches can open.
    """
    counts = tuple(max(1, one.weight // _POINTS_A_SHARE) for one in anchor.components)
    total = sum(one.weight for one in anchor.components)
    least: list[int | None] = [0] + [None] * total  # by weight, the fewest shares of such a set
    for one, count in zip(anchor.components, counts, strict=True):
        for weight in range(total - one.weight, -1, -1):
            before = least[weight]
            if before is not None:
                after = least[weight + one.weight]
                best = before + count if after is None else min(after, before + count)
                least[weight + one.weight] = best
    return min(
        few for few in least[host.effective(anchor.components, anchor.needed) :] if few is not None
    ), counts


def host_secret(
    anchor: HostAnchor, share: Share, components: tuple[Component, ...]
) -> bytes | None:
    """Return the secret of a host's share with the raw parts that are here, None if too few."""
    needed, counts = host_shares(anchor)
    if len(share.sealed) != len(counts):
        raise FormatError("HWL-FIELD-POLICY", stage="field")
    held: dict[int, bytes] = {}
    first = 1
    for at, count in enumerate(counts):
        component = host.found(anchor.components[at], anchor.salt, components)
        if component is not None:
            parts = _open_component(anchor, share, at, component)
            held |= {first + n: parts[n * SECRET_BYTES :][:SECRET_BYTES] for n in range(count)}
        first += count
    if len(held) < needed:
        return None
    return shares.combine(dict(list(held.items())[:needed]))


def to_host(
    anchor: HostAnchor, secret: bytes, publics: tuple[bytes, ...], entropy: Callable[[int], bytes]
) -> Share:
    """Share `secret` out over the components; `publics` are their X25519 keys, in order."""
    needed, counts = host_shares(anchor)
    pieces = iter(shares.split(secret, needed, sum(counts), entropy))
    private = entropy(_X25519_BYTES)
    point = public_of(private)
    sealed = []
    for count, public in zip(counts, publics, strict=True):
        held = b"".join(next(pieces) for _ in range(count))
        sealed.append(encrypt(_transport_key(_x25519(private, public), point, public), held))
    return Share(ephemeral=point, sealed=tuple(sealed))


def _open_component(anchor: HostAnchor, share: Share, at: int, component: Component) -> bytes:
    private = component_secret(anchor.salt, component)
    agreed = _x25519(private, share.ephemeral)
    return decrypt(_transport_key(agreed, share.ephemeral, public_of(private)), share.sealed[at])


def _x25519(private: bytes, public: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

    try:
        return X25519PrivateKey.from_private_bytes(private).exchange(
            X25519PublicKey.from_public_bytes(public)
        )
    except ValueError as exc:  # a length that is none, or a point of small order
        raise UntrustedError("HWL-SEALED-KEYS") from exc


def _transport_key(agreed: bytes, ephemeral: bytes, public: bytes) -> bytes:
    return hmac.sha256(agreed, b"hwlock share v1\0" + ephemeral + public)


def encrypt(key: bytes, plain: bytes) -> bytes:
    """Encrypt with AES-256-GCM under a key (32 bytes) that encrypts nothing else."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key).encrypt(_NONCE, plain, None)


def decrypt(key: bytes, sealed: bytes) -> bytes:
    """Return what `encrypt` was given; UntrustedError."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key).decrypt(_NONCE, sealed, None)
    except InvalidTag as exc:
        raise UntrustedError("HWL-SEALED-KEYS") from exc


def _ciphertext(value: cbor.Value) -> bytes:
    if not isinstance(value, bytes) or not TAG_BYTES < len(value) <= 1024:
        raise FormatError("HWL-FIELD-POLICY", stage="field")
    return value
