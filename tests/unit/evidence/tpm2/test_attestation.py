"""What a statement of a TPM proves; one fault a test, each with its own code."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hwlock.codec import cbor
from hwlock.codec.fields import Fields
from hwlock.errors import FormatError, HwlockError, UntrustedError
from hwlock.evidence.tpm2 import attestation
from hwlock.evidence.tpm2.claims import Tpm2Claims
from hwlock.evidence.tpm2.constants import (
    ALG_ECC,
    ALG_ECDSA,
    ALG_NULL,
    ALG_SHA256,
    CURVE_P256,
    CURVE_P384,
    DECRYPT,
    ENCRYPTED_DUPLICATION,
    FIXED_PARENT,
    FIXED_TPM,
    GENERATED_VALUE,
    RESTRICTED,
    SENSITIVE_DATA_ORIGIN,
    SIGN,
    ST_ATTEST_CERTIFY,
)
from hwlock.evidence.tpm2.structures import Attest, Public
from hwlock.evidence.tpm2.wire import sized, u8, u16, u32, u64
from hwlock.record import replace

NONCE = bytes(range(32))
BOUND = FIXED_TPM | FIXED_PARENT | SENSITIVE_DATA_ORIGIN


def public_area(point: bytes, attributes: int, scheme: int = ALG_ECDSA) -> bytes:
    """Write the TPMT_PUBLIC of a P-256 key."""
    head = u16(ALG_ECC) + u16(ALG_SHA256) + u32(attributes) + sized(b"")
    chosen = u16(scheme) + (u16(ALG_SHA256) if scheme != ALG_NULL else b"")
    parameters = u16(ALG_NULL) + chosen + u16(CURVE_P256) + u16(ALG_NULL)
    return head + parameters + sized(point[:32]) + sized(point[32:])


class SoftTpm:
    """Somebody who writes down what a TPM would say, with keys of software."""

    def __init__(self) -> None:
        self.ak = ec.generate_private_key(ec.SECP256R1())
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.ak_public = public_area(self.point(self.ak), BOUND | RESTRICTED | SIGN)
        self.key_public = public_area(self.point(self.key), BOUND | SIGN)
        self.magic = GENERATED_VALUE
        self.kind = ST_ATTEST_CERTIFY
        self.extra = attestation.qualifying_data(NONCE)
        self.name = b""

    @staticmethod
    def point(key: ec.EllipticCurvePrivateKey) -> bytes:
        """Return x‖y."""
        public = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return public[1:]

    def claims(self) -> Tpm2Claims:
        """Sign the statement."""
        name = self.name or u16(ALG_SHA256) + hashlib.sha256(self.key_public).digest()
        clock = u64(1000) + u32(1) + u32(2) + u8(1)
        attest = u32(self.magic) + u16(self.kind) + sized(b"signer") + sized(self.extra)
        attest += clock + u64(3) + sized(name) + sized(name)
        r, s = utils.decode_dss_signature(self.ak.sign(attest, ec.ECDSA(hashes.SHA256())))
        return Tpm2Claims(
            ek_certificate=None,
            ek_public=self.key_public,
            ak_public=self.ak_public,
            key_public=self.key_public,
            attest=attest,
            signature=r.to_bytes(32, "big") + s.to_bytes(32, "big"),
        )


def refused(claims: Tpm2Claims, nonce: bytes = NONCE) -> str:
    """Return the code with which claims are refused."""
    with pytest.raises(HwlockError) as caught:
        attestation.verify(claims, nonce)
    return caught.value.code


def test_recorded(claims: Tpm2Claims) -> None:
    """A statement of a software TPM verifies and says which key, which AK, which EK."""
    said = attestation.verify(claims, NONCE)
    assert said.key == Public.parse(claims.key_public).point
    assert said.ak_name == u16(ALG_SHA256) + hashlib.sha256(claims.ak_public).digest()
    ek = Public.parse(claims.ek_public)
    assert said.ek_digest == hashlib.sha256(u16(ALG_ECC) + u16(CURVE_P384) + ek.point).digest()
    assert said.clock.clock_ms > 0


def test_software_verifies() -> None:
    """Software can write a perfect statement: this link alone proves nothing of a TPM."""
    soft = SoftTpm()
    said = attestation.verify(soft.claims(), NONCE)
    assert said.key == soft.point(soft.key)
    assert (said.clock.clock_ms, said.clock.reset_count, said.clock.restart_count) == (1000, 1, 2)
    assert said.clock.safe
    assert said.firmware == 3


def test_replayed(claims: Tpm2Claims) -> None:
    """A statement that was made for another request is refused."""
    assert refused(claims, bytes(32)) == "HWL-TPM-ATTEST-NONCE"


@pytest.mark.parametrize(
    ("attributes", "scheme"),
    [
        (BOUND | SIGN, ALG_ECDSA),
        (BOUND | RESTRICTED, ALG_ECDSA),
        (BOUND | RESTRICTED | SIGN | DECRYPT, ALG_ECDSA),
        (BOUND | RESTRICTED | SIGN | ENCRYPTED_DUPLICATION, ALG_ECDSA),
        (BOUND & ~FIXED_TPM | RESTRICTED | SIGN, ALG_ECDSA),
        (BOUND & ~FIXED_PARENT | RESTRICTED | SIGN, ALG_ECDSA),
        (BOUND & ~SENSITIVE_DATA_ORIGIN | RESTRICTED | SIGN, ALG_ECDSA),
        (BOUND | RESTRICTED | SIGN, ALG_NULL),
    ],
)
def test_ak_attributes(attributes: int, scheme: int) -> None:
    """An AK that could sign what we write, or could leave its TPM, proves nothing."""
    soft = SoftTpm()
    soft.ak_public = public_area(soft.point(soft.ak), attributes, scheme)
    assert refused(soft.claims()) == "HWL-TPM-AK"


@pytest.mark.parametrize(
    "attributes",
    [
        BOUND,
        BOUND | SIGN | DECRYPT,
        BOUND | SIGN | RESTRICTED,
        BOUND & ~FIXED_TPM | SIGN,
        BOUND & ~FIXED_PARENT | SIGN,
        BOUND & ~SENSITIVE_DATA_ORIGIN | SIGN,
    ],
)
def test_key_attributes(attributes: int) -> None:
    """A device key that can be exported or was imported is refused, though it is certified."""
    soft = SoftTpm()
    soft.key_public = public_area(soft.point(soft.key), attributes)
    assert refused(soft.claims()) == "HWL-TPM-KEY"


def test_other_signer(claims: Tpm2Claims) -> None:
    """A statement by another AK than the one of the claims is refused."""
    other = SoftTpm()
    assert refused(replace(claims, ak_public=other.ak_public)) == "HWL-TPM-ATTEST-SIGNATURE"


def test_every_changed_byte(claims: Tpm2Claims) -> None:
    """No byte of the statement, the device key or the signature can be changed."""
    for member in ("attest", "signature", "key_public"):
        original = getattr(claims, member)
        for at in range(len(original)):
            changed = original[:at] + bytes([original[at] ^ 1]) + original[at + 1 :]
            with pytest.raises(HwlockError):
                attestation.verify(replace(claims, **{member: changed}), NONCE)


def test_one_tpm_has_one_name(claims: Tpm2Claims) -> None:
    """An EK under other attributes, or with another policy, is still the same TPM."""
    name = attestation.verify(claims, NONCE).ek_digest
    raw = claims.ek_public
    policy = len(Public.parse(raw).policy)
    for at in (7, 10, 9 + policy):
        changed = raw[:at] + bytes([raw[at] ^ 0x40]) + raw[at + 1 :]
        said = attestation.verify(replace(claims, ek_public=changed), NONCE)
        assert said.ek_digest == name
    moved = raw[:-1] + bytes([raw[-1] ^ 1])
    assert attestation.verify(replace(claims, ek_public=moved), NONCE).ek_digest != name


def test_changed_ak(claims: Tpm2Claims) -> None:
    """An AK with a changed byte is refused, or has another Name: no credential opens for it."""
    name = attestation.verify(claims, NONCE).ak_name
    for at in range(len(claims.ak_public)):
        changed = bytearray(claims.ak_public)
        changed[at] ^= 1
        try:
            said = attestation.verify(replace(claims, ak_public=bytes(changed)), NONCE)
        except HwlockError:
            continue
        assert said.ak_name != name


def test_not_by_a_tpm() -> None:
    """What does not begin as only a TPM can make a restricted key sign is no statement."""
    soft = SoftTpm()
    soft.magic ^= 1
    assert refused(soft.claims()) == "HWL-TPM-STRUCTURE"
    soft = SoftTpm()
    soft.kind += 1  # a quote, not a certification
    assert refused(soft.claims()) == "HWL-TPM-STRUCTURE"


def test_about_another_key(claims: Tpm2Claims) -> None:
    """A statement about one key does not speak for another."""
    soft = SoftTpm()
    soft.name = u16(ALG_SHA256) + bytes(32)
    assert refused(soft.claims()) == "HWL-TPM-ATTEST-NAME"
    assert refused(replace(claims, key_public=soft.key_public)) == "HWL-TPM-ATTEST-NAME"


def test_off_the_curve() -> None:
    """A device key or AK that is no point of the curve is refused."""
    soft = SoftTpm()
    soft.ak_public = public_area(b"\1" * 64, BOUND | RESTRICTED | SIGN)
    with pytest.raises(UntrustedError):
        attestation.verify(soft.claims(), NONCE)


def test_travels(claims: Tpm2Claims) -> None:
    """Claims survive being written and read; without an EK certificate as well."""
    for original in (claims, replace(claims, ek_certificate=None)):
        raw = cbor.encode(original.encode())
        assert Tpm2Claims.parse(Fields(cbor.decode(raw), "tpm2")) == original


def test_claims_are_strict(claims: Tpm2Claims) -> None:
    """Members that are missing, unknown or of the wrong size are refused."""
    members = claims.encode()
    assert isinstance(members, dict)
    for changed in (
        {**members, 9: b""},
        {key: value for key, value in members.items() if key != 5},
        {**members, 6: bytes(63)},
        {**members, 1: b""},
        {**members, 2: bytes(1025)},
    ):
        with pytest.raises(FormatError):
            Tpm2Claims.parse(Fields(changed, "tpm2"))


def test_attest_reads_all_members(claims: Tpm2Claims) -> None:
    """A parsed statement keeps its bytes."""
    assert Attest.parse(claims.attest).raw == claims.attest
