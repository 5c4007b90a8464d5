"""What the driver says when a TPM is not as it should be, by a TPM that answers by script."""

from __future__ import annotations

import os

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from hwlock.devices.tpm2 import templates
from hwlock.devices.tpm2.channel import Channel
from hwlock.devices.tpm2.endorsement import open_endorsement
from hwlock.devices.tpm2.policy import endorsement_session
from hwlock.errors import UnsupportedError
from hwlock.evidence.tpm2.constants import ALG_RSA
from hwlock.evidence.tpm2.structures import Public
from hwlock.evidence.tpm2.wire import sized, u16, u32

CC_NV_READ_PUBLIC, CC_CREATE_PRIMARY = 0x169, 0x131


class TpmWithoutEcc:
    """A TPM without certificates and without elliptic curves."""

    shared = True

    def __init__(self) -> None:
        self.flushed = 0

    def exchange(self, command: bytes) -> bytes:
        """Answer what an EK takes."""
        code = int.from_bytes(command[6:10], "big")
        if code == CC_NV_READ_PUBLIC:
            return u16(0x8001) + u32(10) + u32(0x18B)
        if code == CC_CREATE_PRIMARY and templates.EK_RSA2048 not in command:
            return u16(0x8001) + u32(10) + u32(0x2E6)  # TPM_RC_CURVE of parameter 2
        if code == CC_CREATE_PRIMARY:
            made = sized(templates.EK_RSA2048[:-256] + b"\x81" + bytes(254) + b"\x01")
            parts = made + sized(b"") + sized(b"") + bytes(6) + sized(b"") + sized(b"name")
            body = u32(0x80000000) + u32(len(parts)) + parts
            return u16(0x8002) + u32(10 + len(body)) + u32(0) + body
        self.flushed += 1
        return u16(0x8001) + u32(10) + u32(0)

    def close(self) -> None:
        """Nothing is open."""


def test_ek_without_curves() -> None:
    """A TPM that has no P-256 gives its RSA EK, and gets its slot back."""
    wire = TpmWithoutEcc()
    with open_endorsement(Channel(wire)) as ek:
        assert (ek.public.type, ek.certificate) == (ALG_RSA, None)
        assert wire.flushed == 0
    assert wire.flushed == 1


def test_foreign_policy() -> None:
    """An EK with a policy that is none of the templates' is not supported, and says so."""
    key = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    raw = templates.EK_P256.replace(templates.POLICY_A_SHA256, bytes(32))[: -2 * 34]
    point = sized(key.x.to_bytes(32, "big")) + sized(key.y.to_bytes(32, "big"))
    with pytest.raises(UnsupportedError) as caught:
        endorsement_session(Channel(TpmWithoutEcc()), Public.parse(raw + point), os.urandom)
    assert caught.value.code == "HWL-TPM-EK-POLICY"
