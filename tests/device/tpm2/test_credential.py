"""Attestation and credentials with a real (software) TPM, for every kind of EK."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

import pytest

from hwlock.devices import tpm2
from hwlock.devices.tpm2 import commands, templates
from hwlock.devices.tpm2.attester import Tpm2Attester
from hwlock.devices.tpm2.endorsement import open_endorsement
from hwlock.errors import HwlockError, UntrustedError
from hwlock.evidence.tpm2 import attestation, credential, ek_chain
from hwlock.evidence.tpm2.constants import ALG_ECC, ALG_RSA, CURVE_P256, CURVE_P384, RH_ENDORSEMENT
from hwlock.evidence.tpm2.structures import Public
from hwlock.testing.ek_authority import EkAuthority
from hwlock.testing.swtpm import SoftwareTpm

pytestmark = pytest.mark.device

Tool = Callable[..., str]

NOW = datetime(2030, 1, 1, tzinfo=timezone.utc)
NONCE = bytes(range(32))
RSA_INDEX, P256_INDEX, P384_INDEX = 0x01C00002, 0x01C0000A, 0x01C00016


def roundtrip(device: Tpm2Attester) -> Public:
    """Attest, seal a secret and open it; return the EK's public area."""
    enrollment = device.enroll()
    claims = device.claims(enrollment, NONCE)
    attested = attestation.verify(claims, NONCE)
    assert attested.key == device.public(enrollment)
    secret = os.urandom(32)
    sealed = credential.make(claims.ek_public, attested.ak_name, secret, entropy=os.urandom)
    assert device.open_credential(enrollment, sealed) == secret
    assert commands.handles(device.tpm, 0x80000000, 16) == ()
    assert commands.handles(device.tpm, 0x02000000, 16) == ()
    return Public.parse(claims.ek_public)


def put_certificate(tool: Tool, folder: Path, index: int, der: bytes) -> None:
    """Write a certificate into NV memory, as a maker does."""
    (folder / "ek.der").write_bytes(der)
    attributes = "ppwrite|ppread|ownerread|authread|no_da|platformcreate"
    tool("tpm2_nvdefine", hex(index), "-C", "p", "-s", str(len(der)), "-a", attributes)
    tool("tpm2_nvwrite", hex(index), "-C", "p", "-i", "ek.der")


def test_p384_by_maker(swtpm: SoftwareTpm, device: Tpm2Attester) -> None:
    """The P-384 EK of the maker (PolicyOR) opens credentials, and its chain verifies."""
    assert roundtrip(device).curve == CURVE_P384
    claims = device.claims(device.enroll(), NONCE)
    assert claims.ek_certificate is not None
    endorsement = ek_chain.verify(
        claims.ek_certificate, claims.ek_public, trusted=swtpm.roots, at=NOW
    )
    assert endorsement.virtual
    assert (endorsement.maker_id, endorsement.model) == ("00001014", "swtpm")
    assert endorsement.root_subject == "swtpm-localca-rootca"
    assert not endorsement.expired


def test_rsa_by_maker(swtpm: SoftwareTpm, tool: Tool) -> None:
    """Where there is only the RSA certificate, the RSA EK (PolicySecret) is used."""
    tool("tpm2_nvundefine", hex(P384_INDEX), "-C", "p")
    with tpm2.open(swtpm.uri) as device:
        assert roundtrip(device).type == ALG_RSA
        claims = device.claims(device.enroll(), NONCE)
    assert claims.ek_certificate is not None
    ek_chain.verify(claims.ek_certificate, claims.ek_public, trusted=swtpm.roots, at=NOW)


@pytest.mark.parametrize(
    ("index", "template"),
    [
        (P256_INDEX, templates.EK_P256),
        (0x01C00014, templates.EK_P256_HIGH),
        (0x01C00012, templates.EK_RSA2048_HIGH),
    ],
    ids=["P-256", "P-256 high", "RSA high"],
)
def test_other_templates(
    swtpm: SoftwareTpm,
    tool: Tool,
    tmp_path: Path,
    index: int,
    template: bytes,
) -> None:
    """Every template that a maker may have used is made again, certified, and opens."""
    with tpm2.open(swtpm.uri) as device:
        held, named = commands.create_primary(device.tpm, RH_ENDORSEMENT, template)
        held.flush()
    authority = EkAuthority()
    put_certificate(tool, tmp_path, index, authority.certify(named.public.raw) + bytes(7))
    for maker_index in (P384_INDEX, RSA_INDEX):
        tool("tpm2_nvundefine", hex(maker_index), "-C", "p")
    with tpm2.open(swtpm.uri) as device:
        assert roundtrip(device).raw == named.public.raw
        claims = device.claims(device.enroll(), NONCE)
    assert claims.ek_certificate is not None
    endorsement = ek_chain.verify(
        claims.ek_certificate, claims.ek_public, trusted=(authority.der,), at=NOW
    )
    assert endorsement.maker == "Infineon"


def test_without_certificate(swtpm: SoftwareTpm, tool: Tool) -> None:
    """A TPM without certificates works with a P-256 EK that nobody vouches for."""
    for index in (P384_INDEX, RSA_INDEX):
        tool("tpm2_nvundefine", hex(index), "-C", "p")
    with tpm2.open(swtpm.uri) as device:
        ek = roundtrip(device)
        assert (ek.type, ek.curve) == (ALG_ECC, CURVE_P256)
        assert device.claims(device.enroll(), NONCE).ek_certificate is None
        description = device.describe()
    assert description.assurance == "key"
    assert "HWL-TPM-EK-NONE" in [note.code for note in description.notes]


def test_persistent_ek_gone(swtpm: SoftwareTpm, tool: Tool) -> None:
    """An EK that is not persistent is made again, and is the certified one."""
    with tpm2.open(swtpm.uri) as device, open_endorsement(device.tpm) as before:
        pass
    tool("tpm2_evictcontrol", "-C", "p", "-c", "0x81010016")
    with tpm2.open(swtpm.uri) as device:
        assert roundtrip(device).raw == before.public.raw


def test_certificate_of_another_tpm(
    swtpm: SoftwareTpm, other_swtpm: SoftwareTpm, tool: Tool, tmp_path: Path
) -> None:
    """A certificate that is not of this TPM's EK is passed over."""
    with tpm2.open(other_swtpm.uri) as other:
        foreign = other.claims(other.enroll(), NONCE).ek_certificate
    assert foreign is not None
    tool("tpm2_nvundefine", hex(P384_INDEX), "-C", "p")
    put_certificate(tool, tmp_path, P384_INDEX, foreign)
    with tpm2.open(swtpm.uri) as device:
        assert roundtrip(device).type == ALG_RSA


def test_changed_credential(device: Tpm2Attester) -> None:
    """A credential with any changed byte does not open, and no slot is lost."""
    enrollment = device.enroll()
    claims = device.claims(enrollment, NONCE)
    name = attestation.verify(claims, NONCE).ak_name
    sealed = credential.make(claims.ek_public, name, bytes(32), entropy=os.urandom)
    for at in range(0, len(sealed), 7):
        changed = bytearray(sealed)
        changed[at] ^= 0x40
        with pytest.raises(HwlockError):
            device.open_credential(enrollment, bytes(changed))
    assert device.open_credential(enrollment, sealed) == bytes(32)
    assert commands.handles(device.tpm, 0x80000000, 16) == ()


def test_credential_for_another_ak(device: Tpm2Attester) -> None:
    """A credential for one enrollment does not open for another of the same machine."""
    mine, other = device.enroll(), device.enroll()
    claims = device.claims(other, NONCE)
    name = attestation.verify(claims, NONCE).ak_name
    sealed = credential.make(claims.ek_public, name, bytes(32), entropy=os.urandom)
    with pytest.raises(UntrustedError) as caught:
        device.open_credential(mine, sealed)
    assert caught.value.code == "HWL-TPM-CREDENTIAL"


def test_attested_clock_is_hidden(device: Tpm2Attester) -> None:
    """The counters inside a statement are hidden by the TPM; the clock is not."""
    enrollment = device.enroll()
    first = attestation.verify(device.claims(enrollment, NONCE), NONCE)
    plain = device.clock()
    assert 0 <= plain.clock_ms - first.clock.clock_ms < 60_000
    assert first.clock.reset_count != plain.reset_count
    second = attestation.verify(device.claims(enrollment, NONCE), NONCE)
    assert second.clock.reset_count == first.clock.reset_count
