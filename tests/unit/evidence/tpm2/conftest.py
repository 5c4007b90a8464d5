"""One recorded attestation, a software key that looks like a TPM's, and an EK."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hwlock.evidence.tpm2.claims import Tpm2Claims
from hwlock.evidence.tpm2.constants import (
    ADMIN_WITH_POLICY,
    ALG_AES,
    ALG_CFB,
    ALG_ECC,
    ALG_NULL,
    ALG_SHA256,
    CURVE_P256,
    DECRYPT,
    FIXED_PARENT,
    FIXED_TPM,
    RESTRICTED,
    SENSITIVE_DATA_ORIGIN,
)
from hwlock.evidence.tpm2.wire import sized, u16, u32

VECTOR = Path(__file__).parents[3] / "vectors" / "tpm2" / "swtpm-p384.json"


@pytest.fixture(scope="session")
def recorded() -> dict[str, bytes]:
    """The recorded attestation: name of the member → bytes."""
    raw = json.loads(VECTOR.read_text())
    return {
        key: bytes.fromhex(value) for key, value in raw.items() if key not in ("about", "trusted")
    }


@pytest.fixture(scope="session")
def trusted() -> tuple[bytes, ...]:
    """The certificates that vouch for it."""
    return tuple(bytes.fromhex(der) for der in json.loads(VECTOR.read_text())["trusted"])


@pytest.fixture(scope="session")
def claims(recorded: dict[str, bytes]) -> Tpm2Claims:
    """Its claims."""
    return Tpm2Claims(**{key: value for key, value in recorded.items() if key != "nonce"})


@pytest.fixture(scope="session")
def ek() -> bytes:
    """The TPMT_PUBLIC of a P-256 endorsement key."""
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)[1:]
    attributes = FIXED_TPM | FIXED_PARENT | SENSITIVE_DATA_ORIGIN | RESTRICTED | DECRYPT
    head = u16(ALG_ECC) + u16(ALG_SHA256) + u32(attributes | ADMIN_WITH_POLICY) + sized(bytes(32))
    parameters = u16(ALG_AES) + u16(128) + u16(ALG_CFB) + u16(ALG_NULL) + u16(CURVE_P256)
    return head + parameters + u16(ALG_NULL) + sized(point[:32]) + sized(point[32:])
