"""The keys that hwlock asks a TPM for, as templates (TPMT_PUBLIC without its unique part).

- SRK: the storage root, TCG TPM v2.0 Provisioning Guidance, 7.5.1, ECC P-256.
- device key: signs challenges and requests; its private half never leaves the TPM.
- AK: restricted, so it signs nothing but what the TPM itself says.
- agreement key: takes part in ECDH, and in nothing else; opens content keys.
- EK: TCG EK Credential Profile 2.5, annex B; the low range (L-1, L-2) has PolicySecret, the
  high range (H-1 to H-3) PolicyOR of it with a policy that the operator may write.
"""

from __future__ import annotations

from hwlock.evidence.tpm2.constants import (
    ADMIN_WITH_POLICY,
    ALG_AES,
    ALG_CFB,
    ALG_ECC,
    ALG_ECDSA,
    ALG_NULL,
    ALG_RSA,
    ALG_SHA256,
    ALG_SHA384,
    CURVE_P256,
    CURVE_P384,
    DECRYPT,
    FIXED_PARENT,
    FIXED_TPM,
    NO_DA,
    RESTRICTED,
    SENSITIVE_DATA_ORIGIN,
    SIGN,
    USER_WITH_AUTH,
)
from hwlock.evidence.tpm2.wire import sized, u16, u32

__all__ = [
    "AGREEMENT_KEY",
    "AK",
    "DEVICE_KEY",
    "EK_P256",
    "EK_P256_HIGH",
    "EK_P384_HIGH",
    "EK_RSA2048",
    "EK_RSA2048_HIGH",
    "POLICY_A_SHA256",
    "POLICY_B_SHA256",
    "POLICY_B_SHA384",
    "POLICY_OR_BRANCHES",
    "SRK",
]

# PolicySecret(TPM_RH_ENDORSEMENT), and PolicyAuthorizeNV of the index kept for it: the two
# branches of the high range (annex B.6; tests compute A and the combinations again).
POLICY_A_SHA256 = bytes.fromhex("837197674484b3f81a90cc8d46a5d724fd52d76e06520b64f2a1da1b331469aa")
_POLICY_C_SHA256 = bytes.fromhex("3767e2edd43ff45a3a7e1eaefcef78643dca964632e7aad82c673a30d8633fde")
POLICY_B_SHA256 = bytes.fromhex("ca3d0a99a2b93906f7a3342414efcfb3a385d44cd1fd459089d19b5071c0b7a0")
_POLICY_A_SHA384 = bytes.fromhex(
    "8bbf2266537c171cb56e403c4dc1d4b64f432611dc386e6f532050c3278c930e143e8bb1133824ccb431053871c6db53"
)
_POLICY_C_SHA384 = bytes.fromhex(
    "d6032ce61f2fb3c240eb3cf6a33237ef2b6a16f4293c22b455e261cffd217ad5b4947c2d73e63005eed2dc2b3593d165"
)
POLICY_B_SHA384 = bytes.fromhex(
    "b26e7d28d11a50bc53d882bcf5fd3a1a074148bb35d3b4e4cb1c0ad9bde419cacb47ba09699646150f9fc000f3f80e12"
)
POLICY_OR_BRANCHES = {
    POLICY_B_SHA256: (POLICY_A_SHA256, _POLICY_C_SHA256),
    POLICY_B_SHA384: (_POLICY_A_SHA384, _POLICY_C_SHA384),
}

_OURS = FIXED_TPM | FIXED_PARENT | SENSITIVE_DATA_ORIGIN
_STORAGE = _OURS | RESTRICTED | DECRYPT
_EK_LOW = _STORAGE | ADMIN_WITH_POLICY
_EK_HIGH = _EK_LOW | USER_WITH_AUTH

_NO_SYMMETRIC = u16(ALG_NULL)
_NO_SCHEME = u16(ALG_NULL)
_ES256 = u16(ALG_ECDSA) + u16(ALG_SHA256)
_EMPTY_POINT = sized(b"") + sized(b"")


def _aes_cfb(bits: int) -> bytes:
    return u16(ALG_AES) + u16(bits) + u16(ALG_CFB)


def _head(kind: int, name_alg: int, attributes: int, policy: bytes = b"") -> bytes:
    return u16(kind) + u16(name_alg) + u32(attributes) + sized(policy)


def _ecc(symmetric: bytes, scheme: bytes, curve: int, unique: bytes) -> bytes:
    return symmetric + scheme + u16(curve) + u16(ALG_NULL) + unique


def _rsa(unique: bytes) -> bytes:
    return _aes_cfb(128) + _NO_SCHEME + u16(2048) + u32(0) + sized(unique)


SRK = _head(ALG_ECC, ALG_SHA256, _STORAGE | USER_WITH_AUTH | NO_DA) + _ecc(
    _aes_cfb(128), _NO_SCHEME, CURVE_P256, _EMPTY_POINT
)

# Both with the empty password, so a wrong one cannot be guessed at: no lockout (noDA).
DEVICE_KEY = _head(ALG_ECC, ALG_SHA256, _OURS | USER_WITH_AUTH | NO_DA | SIGN) + _ecc(
    _NO_SYMMETRIC, _ES256, CURVE_P256, _EMPTY_POINT
)
AK = _head(ALG_ECC, ALG_SHA256, _OURS | USER_WITH_AUTH | NO_DA | RESTRICTED | SIGN) + _ecc(
    _NO_SYMMETRIC, _ES256, CURVE_P256, _EMPTY_POINT
)

AGREEMENT_KEY = _head(ALG_ECC, ALG_SHA256, _OURS | USER_WITH_AUTH | NO_DA | DECRYPT) + _ecc(
    _NO_SYMMETRIC, _NO_SCHEME, CURVE_P256, _EMPTY_POINT
)

# The low range fills the unique part with zeros, the high range leaves it empty.
EK_RSA2048 = _head(ALG_RSA, ALG_SHA256, _EK_LOW, POLICY_A_SHA256) + _rsa(bytes(256))
EK_P256 = _head(ALG_ECC, ALG_SHA256, _EK_LOW, POLICY_A_SHA256) + _ecc(
    _aes_cfb(128), _NO_SCHEME, CURVE_P256, sized(bytes(32)) + sized(bytes(32))
)
EK_RSA2048_HIGH = _head(ALG_RSA, ALG_SHA256, _EK_HIGH, POLICY_B_SHA256) + _rsa(b"")
EK_P256_HIGH = _head(ALG_ECC, ALG_SHA256, _EK_HIGH, POLICY_B_SHA256) + _ecc(
    _aes_cfb(128), _NO_SCHEME, CURVE_P256, _EMPTY_POINT
)
EK_P384_HIGH = _head(ALG_ECC, ALG_SHA384, _EK_HIGH, POLICY_B_SHA384) + _ecc(
    _aes_cfb(256), _NO_SCHEME, CURVE_P384, _EMPTY_POINT
)
