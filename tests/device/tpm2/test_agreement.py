"""The key that agrees on secrets: what it says is right, certified, and read by nobody between."""

from __future__ import annotations

import os

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from hwlock.crypto.keys import VerificationKey
from hwlock.devices import tpm2
from hwlock.devices.tpm2.attester import Tpm2Attester
from hwlock.devices.tpm2.channel import Channel
from hwlock.devices.tpm2.storage import Enrollment
from hwlock.errors import BadAnswer, DeviceError, FormatError, HwlockError, UntrustedError
from hwlock.evidence.tpm2 import attestation
from hwlock.evidence.tpm2.structures import Public
from hwlock.license import sealed_share
from hwlock.record import replace
from hwlock.testing.swtpm import SoftwareTpm

pytestmark = pytest.mark.device

NONCE = bytes(32)
ECDH_ZGEN, START_AUTH_SESSION = b"\x00\x00\x01\x54", b"\x00\x00\x01\x76"


class Between:
    """Somebody on the way to the TPM: keeps everything, and may change an answer."""

    def __init__(self, wire: object, change: tuple[bytes, int] | None = None) -> None:
        self._wire = wire
        self._change = change
        self.seen: list[bytes] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._wire, name)

    def exchange(self, command: bytes) -> bytes:
        """Pass it on."""
        answer: bytes = self._wire.exchange(command)  # type: ignore[attr-defined]
        if self._change is not None and command[6:10] == self._change[0]:
            place = self._change[1] % len(answer)
            answer = answer[:place] + bytes([answer[place] ^ 1]) + answer[place + 1 :]
        self.seen += [command, answer]
        return answer


def other_point() -> tuple[ec.EllipticCurvePrivateKey, bytes]:
    """Return somebody's key and its point."""
    private = ec.generate_private_key(ec.SECP256R1())
    numbers = private.public_key().public_numbers()
    return private, numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")


def expected(private: ec.EllipticCurvePrivateKey, enrollment: bytes) -> bytes:
    """Return the x that both should come to."""
    point = Public.parse(Enrollment.parse(enrollment).agreement_public).point
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\4" + point)
    return private.exchange(ec.ECDH(), theirs)


def test_it_agrees_with_any_other(device: Tpm2Attester) -> None:
    """As cryptography does it; three times, with one enrollment."""
    enrollment = device.enroll()
    for _ in range(3):
        private, point = other_point()
        assert device.agree(enrollment, point) == expected(private, enrollment)


def test_it_is_certified_beside_the_device_key(device: Tpm2Attester) -> None:
    """What the desk encrypts to is in the same TPM."""
    enrollment = device.enroll()
    claims = device.claims(enrollment, NONCE)
    said = attestation.verify(claims, NONCE)
    assert said.agreement == Public.parse(Enrollment.parse(enrollment).agreement_public).point
    assert VerificationKey(said.key).raw == device.public(enrollment)


def test_a_key_in_its_place_is_refused(device: Tpm2Attester) -> None:
    """The device key, another TPM key, another's statement: none of them agrees on secrets."""
    one, two = device.claims(device.enroll(), NONCE), device.claims(device.enroll(), NONCE)
    assert one.agreement is not None
    assert two.agreement is not None
    signing = replace(
        one.agreement, public=one.key_public, attest=one.attest, signature=one.signature
    )
    for false in (two.agreement, signing, replace(one.agreement, public=two.agreement.public)):
        with pytest.raises(UntrustedError):
            attestation.verify(replace(one, agreement=false), NONCE)


def test_nothing_secret_passes_in_clear(swtpm: SoftwareTpm) -> None:
    """All bytes on the way, while a share is opened: neither x nor y nor the secret."""
    with tpm2.open(swtpm.uri) as device:
        enrollment = device.enroll()
        public = Public.parse(Enrollment.parse(enrollment).agreement_public).point
        secret = os.urandom(16)
        share = sealed_share.to_device(secret, public)
        between = Between(device.tpm.wire)
        device.tpm.wire = between  # type: ignore[assignment]
        x = device.agree(enrollment, share.ephemeral)
        assert sealed_share.agreed_secret(x, share, public) == secret
    everything = b"".join(between.seen)
    assert ECDH_ZGEN in everything
    assert x not in everything
    assert secret not in everything


@pytest.mark.parametrize("place", [12, 16, 20, 40, 80, 100, 130, -1, -20, -40])
def test_an_answer_that_was_changed_on_the_way_is_refused(swtpm: SoftwareTpm, place: int) -> None:
    """In its parameters, its nonce, its HMAC; and the next agreement works."""
    with tpm2.open(swtpm.uri) as device:
        enrollment = device.enroll()
    private, point = other_point()
    with tpm2.open(swtpm.uri) as device:
        device.tpm = Channel(Between(device.tpm.wire, (ECDH_ZGEN, place)))  # type: ignore[arg-type]
        with pytest.raises(DeviceError):
            device.agree(enrollment, point)
    with tpm2.open(swtpm.uri) as device:
        assert device.agree(enrollment, point) == expected(private, enrollment)


def test_a_nonce_that_was_changed_on_the_way_ends_the_session(swtpm: SoftwareTpm) -> None:
    """Both sides come to other keys, and the TPM notices first."""
    with tpm2.open(swtpm.uri) as device:
        enrollment = device.enroll()
        device.tpm = Channel(Between(device.tpm.wire, (START_AUTH_SESSION, -1)))  # type: ignore[arg-type]
        with pytest.raises(HwlockError):
            device.agree(enrollment, other_point()[1])


def test_another_root_cannot_take_the_place_of_the_known_one(device: Tpm2Attester) -> None:
    """The salt is encrypted to the root that was there at enrollment, whatever is said now."""
    keys = Enrollment.parse(device.enroll())
    other = Enrollment.parse(device.enroll())
    lied = replace(keys, parent_public=other.agreement_public)
    with pytest.raises((BadAnswer, DeviceError)):
        device.agree(lied.encode(), other_point()[1])


@pytest.mark.parametrize("point", [bytes(64), b"\xff" * 64])
def test_a_point_that_is_none_is_refused(device: Tpm2Attester, point: bytes) -> None:
    """By the TPM; ours is never asked to compute with it."""
    with pytest.raises(DeviceError):
        device.agree(device.enroll(), point)


def test_an_enrollment_of_before_is_not_read(device: Tpm2Attester) -> None:
    """It has no such key: the machine enrolls again."""
    keys = Enrollment.parse(device.enroll()).encode()
    with pytest.raises(FormatError):
        Enrollment.parse(keys.replace(b"\x01\x02\x02", b"\x01\x01\x02", 1))
