"""Content keys in a license: whoever satisfies the binding has them, nobody else."""

from __future__ import annotations

import itertools
import os

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, x25519

from hwlock.codec import cbor
from hwlock.codec.fields import Fields
from hwlock.errors import DeniedError, UntrustedError
from hwlock.evidence import host
from hwlock.evidence.claims import Component
from hwlock.license import sealed_share
from hwlock.license.anchors import HostAnchor, IdentifierAnchor
from hwlock.license.binding import Binding, Threshold
from hwlock.license.content_keys import ContentKey, WrappedKeys
from hwlock.license.sealed_share import Share
from hwlock.testing.vendor import CardSigner, key_anchor

KEYS = (
    ContentKey(id=b"m" * 16, name="models", key=os.urandom(32)),
    ContentKey(id=b"p" * 16, name="plugins", key=os.urandom(32)),
)
SALT = bytes(range(16))
PARTS = host.weigh(
    [
        ("disk", b"S1"),
        ("disk", b"S2"),
        ("nic", b"aa"),
        ("board", b"b"),
        ("cpu", b"c"),
        ("memory", b"8"),
    ]
)


class Device:
    """A device that agrees on keys, in software."""

    def __init__(self, name: str) -> None:
        self.anchor = key_anchor(CardSigner(name), kind="tpm2")
        self._private = ec.generate_private_key(ec.SECP256R1())
        numbers = self._private.public_key().public_numbers()
        self.public = numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")

    def secret(self, share: Share) -> bytes:
        """Open a share as the driver does."""
        peer = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\4" + share.ephemeral)
        agreed = self._private.exchange(ec.ECDH(), peer)
        return sealed_share.agreed_secret(agreed, share, self.public)


def test_a_device_with_x25519_opens_what_was_wrapped_to_it() -> None:
    """An OpenPGP card agrees so; its public key has 32 bytes."""
    private = x25519.X25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    binding = Binding(anchors=(Device("card").anchor,), policy=0)
    wrapped = WrappedKeys.wrap(KEYS, binding, {0: public}, os.urandom)

    def opened(_: int, share: Share) -> bytes:
        peer = x25519.X25519PublicKey.from_public_bytes(share.ephemeral)
        return sealed_share.agreed_secret(private.exchange(peer), share, public)

    assert wrapped.unwrap(KEYS[0].id, binding, opened) == KEYS[0].key


def test_nothing_is_wrapped_to_a_point_that_agrees_on_nothing() -> None:
    """Points of small order would give everybody the same secret."""
    for public in (bytes(32), b"\1" + bytes(31)):
        with pytest.raises(UntrustedError) as caught:
            sealed_share.to_device(bytes(16), public)
        assert caught.value.code == "HWL-SEALED-KEYS"


def host_anchor() -> HostAnchor:
    """Return the anchor of a machine of PARTS."""
    claims = host.claim(PARTS, SALT)
    return HostAnchor(salt=SALT, components=claims.components, needed=host.appraise(claims))


def publics() -> tuple[bytes, ...]:
    """Return what a request says of PARTS, in the order of their digests."""
    return tuple(
        sealed_share.public_of(sealed_share.component_secret(SALT, part))
        for one in host_anchor().components
        for part in PARTS
        if host.found(one, SALT, (part,)) is not None
    )


def test_a_device_opens_what_was_wrapped_to_it() -> None:
    """Both keys, after encoding and parsing."""
    device = Device("one")
    binding = Binding(anchors=(device.anchor,), policy=0)
    wrapped = WrappedKeys.wrap(KEYS, binding, {0: device.public}, os.urandom)
    read = WrappedKeys.parse(Fields(cbor.decode(cbor.encode(wrapped.encode())), "keys"))
    assert read == wrapped
    for key in KEYS:
        assert read.unwrap(key.id, binding, lambda _, share: device.secret(share)) == key.key


def test_another_device_opens_nothing() -> None:
    """Nor does the right one a changed share, or a key that is not there."""
    device, other = Device("one"), Device("two")
    binding = Binding(anchors=(device.anchor,), policy=0)
    wrapped = WrappedKeys.wrap(KEYS, binding, {0: device.public}, os.urandom)
    with pytest.raises(UntrustedError):
        wrapped.unwrap(KEYS[0].id, binding, lambda _, share: other.secret(share))
    with pytest.raises(DeniedError) as absent:
        wrapped.unwrap(KEYS[0].id, binding, lambda *_: None)
    assert absent.value.code == "HWL-SEALED-HARDWARE"
    with pytest.raises(DeniedError) as unknown:
        wrapped.unwrap(bytes(16), binding, lambda _, share: device.secret(share))
    assert unknown.value.code == "HWL-SEALED-KEY"


@pytest.mark.parametrize(
    "here", [set(c) for n in range(4) for c in itertools.combinations(range(3), n)]
)
def test_the_policy_decides_who_has_the_keys(here: set[int]) -> None:
    """Two of (a, b, both a and c): exactly where the policy holds."""
    devices = [Device(name) for name in "abc"]
    policy = Threshold(needed=2, parts=(0, 1, Threshold(needed=2, parts=(0, 2))))
    binding = Binding(anchors=tuple(device.anchor for device in devices), policy=policy)
    recipients = {number: device.public for number, device in enumerate(devices)}
    wrapped = WrappedKeys.wrap(KEYS, binding, recipients, os.urandom)

    def open_share(number: int, share: Share) -> bytes | None:
        return devices[number].secret(share) if number in here else None

    holds = sum((0 in here, 1 in here, {0, 2} <= here)) >= 2
    try:
        found = wrapped.unwrap(KEYS[1].id, binding, open_share)
    except DeniedError:
        assert not holds
    else:
        assert holds
        assert found == KEYS[1].key


@pytest.mark.parametrize("missing", range(len(PARTS) + 1))
def test_a_host_has_the_keys_exactly_where_it_matches(missing: int) -> None:
    """With every choice of parts that are no longer there."""
    anchor = host_anchor()
    binding = Binding(anchors=(anchor,), policy=0)
    wrapped = WrappedKeys.wrap(KEYS, binding, {0: publics()}, os.urandom)
    for gone in itertools.combinations(PARTS, missing):
        present = tuple(part for part in PARTS if part not in gone)
        matched = host.match(anchor.components, SALT, anchor.needed, present).matched
        secret = sealed_share.host_secret(anchor, wrapped.shares[0], present)
        if matched:
            assert secret is not None
            opened = wrapped.unwrap(KEYS[0].id, binding, lambda *_, s=secret: s)
            assert opened == KEYS[0].key


def test_too_few_parts_are_told_from_wrong_ones() -> None:
    """Nothing fits: nothing is opened; the digests in the license are not enough."""
    anchor = host_anchor()
    binding = Binding(anchors=(anchor,), policy=0)
    wrapped = WrappedKeys.wrap(KEYS, binding, {0: publics()}, os.urandom)
    assert sealed_share.host_secret(anchor, wrapped.shares[0], ()) is None
    guessed = tuple(
        Component(kind=one.kind, value=one.digest, weight=one.weight) for one in anchor.components
    )
    assert sealed_share.host_secret(anchor, wrapped.shares[0], guessed) is None


def test_shares_of_a_host_are_few() -> None:
    """A license stays small: one share for each 5 points."""
    needed, counts = sealed_share.host_shares(host_anchor())
    assert sum(counts) <= 30
    assert 0 < needed <= sum(counts)


def test_what_can_hold_no_share_must_not_be_needed() -> None:
    """A plain USB dongle beside a TPM will do, in its place it will not."""
    device = Device("one")
    usb = IdentifierAnchor(uri="usb:vid=1234;pid=abcd;serial=1", label="a dongle")
    anchors = (device.anchor, usb)
    either = Binding(anchors=anchors, policy=Threshold(needed=1, parts=(0, 1)))
    wrapped = WrappedKeys.wrap(KEYS, either, {0: device.public}, os.urandom)

    def open_share(number: int, share: Share) -> bytes | None:
        assert number == 0
        return device.secret(share)

    assert wrapped.unwrap(KEYS[0].id, either, open_share) == KEYS[0].key
    both = Binding(anchors=anchors, policy=Threshold(needed=2, parts=(0, 1)))
    with pytest.raises(DeniedError) as caught:
        WrappedKeys.wrap(KEYS, both, {0: device.public}, os.urandom)
    assert caught.value.code == "HWL-SEALED-ANCHOR"
