"""The virtual key convinces python-fido2's own server, and so does the driver's credential."""

from __future__ import annotations

import os

import pytest
from fido2.client import DefaultClientDataCollector, Fido2Client, UserInteraction
from fido2.cose import CoseKey
from fido2.ctap2 import AssertionResponse
from fido2.hid import CtapHidDevice
from fido2.server import Fido2Server
from fido2.webauthn import (
    AuthenticatorData,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
)

from hwlock.crypto import sha2
from hwlock.devices import registry
from hwlock.devices.fido2.enrollment import Enrollment
from hwlock.evidence.claims import proof_message
from hwlock.testing.fido2 import Authenticator, Maker, VirtualKey

ORIGIN = "https://example.org"


class Types(UserInteraction):
    """A person who types the PIN."""

    def prompt_up(self) -> None:
        """Touch it."""

    def request_pin(self, permissions: object, rp_id: object) -> str:
        """Type it."""
        return "1234"

    def request_uv(self, permissions: object, rp_id: object) -> bool:
        """Agree."""
        return True


@pytest.mark.parametrize("algorithm", [-7, -8])
@pytest.mark.parametrize("pin", [None, "1234"])
def test_the_server_of_another_library(maker: Maker, algorithm: int, pin: str | None) -> None:
    """A registration and a login through python-fido2's client and server succeed."""
    authenticator = Authenticator(maker=maker, algorithms=(algorithm,), pin=pin)
    with VirtualKey(authenticator) as key:
        device = key.connect()
        assert isinstance(device, CtapHidDevice)
        assert device.ping(bytes(range(256))) == bytes(range(256))
        client = Fido2Client(device, DefaultClientDataCollector(ORIGIN), user_interaction=Types())
        server = Fido2Server(
            PublicKeyCredentialRpEntity(name="x", id="example.org"), attestation="direct"
        )
        user = PublicKeyCredentialUserEntity(name="x", id=b"x")
        verification = "required" if pin else "discouraged"
        options, state = server.register_begin(user, user_verification=verification)
        made = server.register_complete(state, client.make_credential(options.public_key))
        asked, state = server.authenticate_begin(
            [made.credential_data], user_verification=verification
        )
        answer = client.get_assertion(asked.public_key).get_response(0)
        server.authenticate_complete(state, [made.credential_data], answer)


@pytest.mark.parametrize("algorithm", [-7, -8])
def test_a_proof_verifies_elsewhere(maker: Maker, person: type, algorithm: int) -> None:
    """What our driver calls a proof, python-fido2 verifies as an assertion of that key."""
    key = VirtualKey(Authenticator(maker=maker, algorithms=(algorithm,)))
    with key, registry.open_dongle("fido2:", person()) as opened:
        record, challenge = opened.enroll(), os.urandom(32)
        proof = opened.prove(record, challenge)
    enrolled = Enrollment.parse(record)
    signature = proof.signature
    if algorithm == -7:
        from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

        r, s = (int.from_bytes(signature[at : at + 32], "big") for at in (0, 32))
        signature = encode_dss_signature(r, s)
    response = AssertionResponse(
        credential={"id": enrolled.credential, "type": "public-key"},
        auth_data=AuthenticatorData(proof.data),
        signature=signature,
    )
    cose = {**enrolled.key.cose_key(), 3: algorithm}
    response.verify(sha2.sha256(proof_message(challenge)), CoseKey.parse(cose))
