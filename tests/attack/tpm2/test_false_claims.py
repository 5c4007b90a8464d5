"""An attacker with a TPM of their own wants a license for a key outside of any TPM.

The chain that must not break: certificate → EK → (credential) → AK → (Certify) → device key.
"""

from __future__ import annotations

import os
from datetime import datetime, timezone

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hwlock.devices.tpm2 import commands, storage
from hwlock.devices.tpm2.attester import Tpm2Attester
from hwlock.devices.tpm2.channel import Held
from hwlock.devices.tpm2.endorsement import open_endorsement
from hwlock.devices.tpm2.policy import endorsement_session
from hwlock.devices.tpm2.storage import Enrollment, Parent
from hwlock.errors import DeviceError, HwlockError, UntrustedError
from hwlock.evidence.claims import proof_message
from hwlock.evidence.tpm2 import attestation, credential, ek_chain
from hwlock.evidence.tpm2.claims import Tpm2Claims
from hwlock.evidence.tpm2.constants import RH_NULL, RH_OWNER
from hwlock.evidence.tpm2.structures import Public
from hwlock.evidence.tpm2.wire import sized, u32
from hwlock.record import replace
from hwlock.testing.ek_authority import EkAuthority
from hwlock.testing.swtpm import SoftwareTpm

pytestmark = pytest.mark.device

NONCE = bytes(range(32))
NOW = datetime(2030, 1, 1, tzinfo=timezone.utc)
CC_LOAD_EXTERNAL = 0x167


def refused(claims: Tpm2Claims, nonce: bytes = NONCE) -> str:
    """Return the code with which the desk refuses."""
    with pytest.raises(HwlockError) as caught:
        attestation.verify(claims, nonce)
    return caught.value.code


def software_key() -> tuple[ec.EllipticCurvePrivateKey, bytes]:
    """Return a key of software and its point."""
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return key, public[1:]


def with_point(public: bytes, point: bytes) -> bytes:
    """Return a TPMT_PUBLIC with another point: a software key dressed as a TPM's."""
    return public[:-68] + sized(point[:32]) + sized(point[32:])


def test_software_device_key(attacker: Tpm2Attester) -> None:
    """A software key with a TPM key's attributes is not what the AK certified."""
    claims = attacker.claims(attacker.enroll(), NONCE)
    _, point = software_key()
    assert refused(replace(claims, key_public=with_point(claims.key_public, point))) == (
        "HWL-TPM-ATTEST-NAME"
    )


def test_software_ak(attacker: Tpm2Attester) -> None:
    """A software AK convinces by its statement, and then cannot open the credential.

    Its public half alone can be loaded (TPM2_LoadExternal), and then the TPM refuses to
    activate for it; with its private half the TPM does not load it under those attributes.
    """
    enrollment = attacker.enroll()
    claims = attacker.claims(enrollment, NONCE)
    key, point = software_key()
    forged = with_point(claims.ak_public, point)
    numbers = utils.decode_dss_signature(key.sign(claims.attest, ec.ECDSA(hashes.SHA256())))
    signature = b"".join(number.to_bytes(32, "big") for number in numbers)
    said = attestation.verify(
        replace(claims, ak_public=forged, signature=signature, agreement=None), NONCE
    )
    sealed = credential.Credential.parse(
        credential.make(claims.ek_public, said.ak_name, bytes(32), entropy=os.urandom)
    )
    scalar = key.private_numbers().private_value.to_bytes(32, "big")
    sensitive = bytes.fromhex("0023") + sized(b"") + sized(b"") + sized(scalar)
    with pytest.raises(DeviceError):
        attacker.tpm.run(
            CC_LOAD_EXTERNAL, parameters=sized(sensitive) + sized(forged) + u32(RH_NULL)
        )
    handle, _ = attacker.tpm.run(
        CC_LOAD_EXTERNAL,
        parameters=sized(b"") + sized(forged) + u32(RH_OWNER),
        returns_handle=True,
    )
    with (
        Held(attacker.tpm, handle),
        open_endorsement(attacker.tpm) as ek,
        endorsement_session(attacker.tpm, ek.public, os.urandom) as session,
        pytest.raises(DeviceError),
    ):
        commands.activate_credential(
            attacker.tpm,
            handle,
            ek.handle,
            session.handle,
            blob=sealed.blob,
            seed=sealed.seed,
        )


def test_ak_of_another_tpm(victim: Tpm2Attester, attacker: Tpm2Attester) -> None:
    """With the victim's EK and the attacker's AK, neither TPM opens the credential."""
    mine, theirs = attacker.enroll(), victim.enroll()
    claims = replace(attacker.claims(mine, NONCE), ek_public=victim.claims(theirs, NONCE).ek_public)
    said = attestation.verify(claims, NONCE)
    sealed = credential.make(claims.ek_public, said.ak_name, bytes(32), entropy=os.urandom)
    for device, enrollment in ((attacker, mine), (victim, theirs)):
        with pytest.raises(UntrustedError) as caught:
            device.open_credential(enrollment, sealed)
        assert caught.value.code == "HWL-TPM-CREDENTIAL"


def test_certificate_of_another_tpm(
    victim: Tpm2Attester, attacker: Tpm2Attester, made: SoftwareTpm
) -> None:
    """The victim's EK certificate does not vouch for the attacker's EK."""
    theirs = victim.claims(victim.enroll(), NONCE).ek_certificate
    mine = attacker.claims(attacker.enroll(), NONCE)
    assert theirs is not None
    with pytest.raises(UntrustedError) as caught:
        ek_chain.verify(theirs, mine.ek_public, trusted=made.roots, at=NOW)
    assert caught.value.code == "HWL-EK-KEY"


def test_self_made_maker(attacker: Tpm2Attester, made: SoftwareTpm) -> None:
    """A certificate that says Infineon, by an authority of the attacker's, is refused."""
    claims = attacker.claims(attacker.enroll(), NONCE)
    forged = EkAuthority("swtpm-localca").certify(claims.ek_public)
    with pytest.raises(UntrustedError) as caught:
        ek_chain.verify(forged, claims.ek_public, trusted=made.roots, at=NOW)
    assert caught.value.code in ("HWL-CHAIN-SIGNATURE", "HWL-CHAIN-ISSUER")


def test_virtual_maker_is_told(attacker: Tpm2Attester, made: SoftwareTpm) -> None:
    """A genuine chain to a software TPM says that it is virtual: the policy decides."""
    claims = attacker.claims(attacker.enroll(), NONCE)
    assert claims.ek_certificate is not None
    assert ek_chain.verify(
        claims.ek_certificate, claims.ek_public, trusted=made.roots, at=NOW
    ).virtual


def test_replayed_statement(victim: Tpm2Attester) -> None:
    """A statement from an earlier request does not serve a later one."""
    assert refused(victim.claims(victim.enroll(), NONCE), os.urandom(32)) == (
        "HWL-TPM-ATTEST-NONCE"
    )


def test_statement_of_another_key(victim: Tpm2Attester) -> None:
    """A statement on one enrollment does not speak for another of the same TPM."""
    first = victim.claims(victim.enroll(), NONCE)
    second = victim.claims(victim.enroll(), NONCE)
    assert refused(replace(first, key_public=second.key_public)) == "HWL-TPM-ATTEST-NAME"
    assert refused(replace(first, ak_public=second.ak_public)) == "HWL-TPM-ATTEST-SIGNATURE"


def test_forged_statement_through_the_device_key(victim: Tpm2Attester) -> None:
    """The device key signs a forged statement, but does not pass for an AK."""
    enrollment = victim.enroll()
    claims = victim.claims(enrollment, NONCE)
    forged = victim.sign(enrollment, claims.attest)
    assert refused(replace(claims, ak_public=claims.key_public, signature=forged)) == "HWL-TPM-AK"


def test_ak_signs_nothing_of_ours(victim: Tpm2Attester) -> None:
    """The AK refuses to sign what its TPM did not say: no forged statement, no proof."""
    keys = Enrollment.parse(victim.enroll())
    with Parent.named(victim.tpm, keys.parent) as parent:
        ak = storage.load_ak(victim.tpm, parent, keys)
    with ak, pytest.raises(DeviceError):
        commands.sign(victim.tpm, ak.handle, bytes(32))


def test_ak_as_device_key(victim: Tpm2Attester) -> None:
    """An enrollment whose two keys were exchanged gives neither proofs nor claims."""
    keys = Enrollment.parse(victim.enroll())
    swapped = replace(
        keys,
        key_public=keys.ak_public,
        key_private=keys.ak_private,
        ak_public=keys.key_public,
        ak_private=keys.key_private,
    ).encode()
    with pytest.raises(DeviceError):
        victim.prove(swapped, bytes(32))
    claims = victim.claims(swapped, NONCE)
    assert refused(claims) == "HWL-TPM-AK"


def test_stolen_enrollment(victim: Tpm2Attester, attacker: Tpm2Attester) -> None:
    """The files of a licensed machine do not make another machine licensed."""
    enrollment = victim.enroll()
    claims = victim.claims(enrollment, NONCE)
    said = attestation.verify(claims, NONCE)
    sealed = credential.make(claims.ek_public, said.ak_name, bytes(32), entropy=os.urandom)
    for steal in (
        lambda: attacker.prove(enrollment, bytes(32)),
        lambda: attacker.sign(enrollment, b"x"),
        lambda: attacker.claims(enrollment, NONCE),
        lambda: attacker.open_credential(enrollment, sealed),
    ):
        with pytest.raises(DeviceError) as caught:
            steal()
        assert caught.value.code == "HWL-TPM-OTHER"


def test_file_as_proof(victim: Tpm2Attester) -> None:
    """A signing service over the device key cannot be made to answer a challenge."""
    enrollment = victim.enroll()
    with pytest.raises(HwlockError):
        victim.sign(enrollment, proof_message(os.urandom(32)))


def test_names_bind_attributes(victim: Tpm2Attester) -> None:
    """The same key under other attributes has another Name: credentials name both."""
    claims = victim.claims(victim.enroll(), NONCE)
    attributes = int.from_bytes(claims.ak_public[4:8], "big") ^ (1 << 16)
    loose = claims.ak_public[:4] + attributes.to_bytes(4, "big") + claims.ak_public[8:]
    assert Public.parse(loose).point == Public.parse(claims.ak_public).point
    assert Public.parse(loose).name != Public.parse(claims.ak_public).name
