"""The templates are what the specifications say, computed a second time here."""

from __future__ import annotations

import hashlib

import pytest

from hwlock.devices.tpm2 import templates
from hwlock.evidence.tpm2.constants import (
    FIXED_PARENT,
    FIXED_TPM,
    RESTRICTED,
    SENSITIVE_DATA_ORIGIN,
    SIGN,
)
from hwlock.evidence.tpm2.structures import Public

CC_POLICY_SECRET, CC_POLICY_OR = bytes.fromhex("00000151"), bytes.fromhex("00000171")
ENDORSEMENT = bytes.fromhex("4000000b")


def policy_a(name: str) -> bytes:
    """PolicySecret(TPM_RH_ENDORSEMENT) with an empty reference (Part 3, 23.2.3)."""
    once = hashlib.new(name)
    once.update(bytes(once.digest_size) + CC_POLICY_SECRET + ENDORSEMENT)
    return hashlib.new(name, once.digest()).digest()


def policy_or(name: str, branches: tuple[bytes, ...]) -> bytes:
    """PolicyOR (Part 3, 23.6)."""
    size = hashlib.new(name).digest_size
    return hashlib.new(name, bytes(size) + CC_POLICY_OR + b"".join(branches)).digest()


@pytest.mark.parametrize(
    ("name", "policy"),
    [("sha256", templates.POLICY_B_SHA256), ("sha384", templates.POLICY_B_SHA384)],
)
def test_policies(name: str, policy: bytes) -> None:
    """The policies of the EK templates are the digests of their commands."""
    branches = templates.POLICY_OR_BRANCHES[policy]
    assert branches[0] == policy_a(name)
    assert policy_or(name, branches) == policy
    assert policy_a("sha256") == templates.POLICY_A_SHA256


def test_templates_parse() -> None:
    """Every template is a public area."""
    for template in (
        templates.SRK,
        templates.DEVICE_KEY,
        templates.AK,
        templates.EK_P256,
        templates.EK_P256_HIGH,
        templates.EK_P384_HIGH,
        templates.EK_RSA2048_HIGH,
        templates.EK_RSA2048,
    ):
        assert Public.parse(template).has(FIXED_TPM | FIXED_PARENT | SENSITIVE_DATA_ORIGIN)


def test_only_the_ak_is_restricted() -> None:
    """The AK signs what the TPM says alone; the device key signs what we ask."""
    assert Public.parse(templates.AK).has(RESTRICTED | SIGN)
    assert Public.parse(templates.DEVICE_KEY).attributes & (RESTRICTED | SIGN) == SIGN
