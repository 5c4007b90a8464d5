"""Does the device key live in the same TPM as the attestation key?

What `verify` proves is one link of three: *if* the AK is in a TPM, the device key is in the
same one and can never leave it. That the AK is in the TPM of the EK is proven when that TPM
opens a credential made for the AK's Name (`credential`); that the EK is in a real TPM, by
its certificate (`ek_chain`).
"""

from __future__ import annotations

from hwlock.crypto import p256, sha2
from hwlock.errors import BadSignature, UntrustedError
from hwlock.record import Record

from .claims import Certified, Tpm2Claims
from .constants import (
    ALG_ECC,
    ALG_ECDSA,
    ALG_NULL,
    ALG_SHA256,
    CURVE_P256,
    DECRYPT,
    ENCRYPTED_DUPLICATION,
    FIXED_PARENT,
    FIXED_TPM,
    RESTRICTED,
    SENSITIVE_DATA_ORIGIN,
    SIGN,
)
from .structures import Attest, ClockInfo, Public

__all__ = ["Attestation", "qualifying_data", "verify"]

_BORN_AND_BOUND = FIXED_TPM | FIXED_PARENT | SENSITIVE_DATA_ORIGIN


class Attestation(Record):
    """What a genuine statement says.

    `key` is the device key's point (x‖y, 64 bytes), `agreement` that of the key that agrees
    on secrets (None where there is none), `ak_name` the Name to make credentials
    for. `ek_digest` names the TPM: SHA-256 of the EK as a key, so that nobody gives one TPM a
    second name by changing attributes that no certificate covers. `clock` is the TPM's at
    the time of the statement; its two counters, and `firmware`, are hidden behind constants
    of the AK (see `Attest`): compare them with later statements of the same AK.
    """

    key: bytes
    agreement: bytes | None
    ek_digest: bytes
    ak_name: bytes
    clock: ClockInfo
    firmware: int


def qualifying_data(nonce: bytes) -> bytes:
    """Return what the TPM is given to sign along, so that a statement answers one nonce."""
    return sha2.sha256(b"hwlock tpm2 attestation v1\0" + nonce)


def verify(claims: Tpm2Claims, nonce: bytes) -> Attestation:
    """Verify the statement in `claims`, made for `nonce`; UntrustedError, FormatError.

    1. The AK is a P-256 key that signs with ECDSA and SHA-256; it was made in its TPM and
       cannot leave it; and it is restricted: it signs nothing that begins like a statement
       of a TPM unless its TPM says it.
    2. The AK signed the statement.
    3. The statement is one of TPM2_Certify, by a TPM (magic and type; else FormatError).
    4. It was made for this nonce.
    5. It certifies the key of the claims: the Name is that of the public area.
    6. That key is a P-256 key that signs, was made in its TPM and cannot leave it.
    7. Rules 2 to 5 hold for the agreement key as well, where there is one, and it is a P-256
       key that agrees on secrets, was made in its TPM and cannot leave it.
    """
    ak = Public.parse(claims.ak_public)
    key = Public.parse(claims.key_public)
    # 1.
    if not _is_p256(ak) or not ak.has(_BORN_AND_BOUND | RESTRICTED | SIGN):
        raise UntrustedError("HWL-TPM-AK")
    if ak.attributes & (DECRYPT | ENCRYPTED_DUPLICATION):
        raise UntrustedError("HWL-TPM-AK")
    # 2. to 5.
    attest = _certified(ak, claims.attest, claims.signature, nonce, key)
    # 6.
    if not _is_p256(key) or not key.has(_BORN_AND_BOUND | SIGN):
        raise UntrustedError("HWL-TPM-KEY")
    if key.attributes & (DECRYPT | ENCRYPTED_DUPLICATION | RESTRICTED):
        raise UntrustedError("HWL-TPM-KEY")
    return Attestation(
        key=key.point,
        agreement=None if claims.agreement is None else _agreement(ak, claims.agreement, nonce),
        ek_digest=Public.parse(claims.ek_public).key_digest,
        ak_name=ak.name,
        clock=attest.clock,
        firmware=attest.firmware,
    )


def _certified(ak: Public, said: bytes, signature: bytes, nonce: bytes, key: Public) -> Attest:
    # 2.
    try:
        p256.PublicKey(ak.point).verify(signature, said)
    except BadSignature as exc:
        raise UntrustedError("HWL-TPM-ATTEST-SIGNATURE") from exc
    # 3.
    attest = Attest.parse(said)
    # 4.
    if attest.extra != qualifying_data(nonce):
        raise UntrustedError("HWL-TPM-ATTEST-NONCE")
    # 5.
    if attest.name != key.name:
        raise UntrustedError("HWL-TPM-ATTEST-NAME")
    return attest


def _is_p256(public: Public) -> bool:
    return (
        public.type == ALG_ECC
        and public.curve == CURVE_P256
        and public.name_alg == ALG_SHA256
        and (public.scheme, public.scheme_hash) == (ALG_ECDSA, ALG_SHA256)
    )


def _agreement(ak: Public, claims: Certified, nonce: bytes) -> bytes:
    # 7.
    key = Public.parse(claims.public)
    _certified(ak, claims.attest, claims.signature, nonce, key)
    if not _agrees(key) or not key.has(_BORN_AND_BOUND | DECRYPT):
        raise UntrustedError("HWL-TPM-KEY")
    if key.attributes & (SIGN | ENCRYPTED_DUPLICATION | RESTRICTED):
        raise UntrustedError("HWL-TPM-KEY")
    return key.point


def _agrees(public: Public) -> bool:
    return (
        public.type == ALG_ECC
        and public.curve == CURVE_P256
        and public.name_alg == ALG_SHA256
        and (public.symmetric, public.scheme) == (0, ALG_NULL)
    )
