"""Two independent programs over the same TPM: tpm2-tools and tpm2-pytss agree with us."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tpm2_pytss import ESAPI, constants, types  # type: ignore[import-untyped,unused-ignore]
from tpm2_pytss.utils import (  # type: ignore[import-untyped,unused-ignore]
    credential_to_tools,
    make_credential,
)

from hwlock.devices import tpm2
from hwlock.devices.tpm2 import commands
from hwlock.devices.tpm2.storage import Enrollment
from hwlock.evidence.tpm2 import attestation, credential
from hwlock.evidence.tpm2.structures import Public
from hwlock.evidence.tpm2.wire import sized
from hwlock.testing.swtpm import SoftwareTpm

pytestmark = pytest.mark.device

Tool = Callable[..., str]

NONCE = bytes(32)
SECRET = bytes(range(32))
TOOLS_HEADER = bytes.fromhex("badcc0de00000001")  # of the credential files of tpm2-tools


@pytest.fixture
def enrollment(swtpm: SoftwareTpm) -> bytes:
    """Keys of the TPM."""
    with tpm2.open(swtpm.uri) as device:
        return device.enroll()


@pytest.fixture
def tools_ak(enrollment: bytes, tool: Tool, tmp_path: Path) -> bytes:
    """Our AK as the file ak.ctx of tpm2-tools; its Name."""
    keys = Enrollment.parse(enrollment)
    (tmp_path / "ak.pub").write_bytes(sized(keys.ak_public))
    (tmp_path / "ak.priv").write_bytes(sized(keys.ak_private))
    template = "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|restricted|decrypt"
    tool("tpm2_createprimary", "-C", "o", "-G", "ecc256:null:aes128cfb", "-a", template, "-c", "p")
    tool("tpm2_load", "-C", "p", "-u", "ak.pub", "-r", "ak.priv", "-c", "ak.ctx", "-n", "ak.name")
    tool("tpm2_flushcontext", "-t")
    return (tmp_path / "ak.name").read_bytes()


def test_names(
    swtpm: SoftwareTpm, tool: Tool, tmp_path: Path, tools_ak: bytes, enrollment: bytes
) -> None:
    """The Names that we compute are those of tpm2-tools: AK, RSA and P-384 EK."""
    assert Public.parse(Enrollment.parse(enrollment).ak_public).name == tools_ak
    for handle in ("0x81010001", "0x81010016"):
        tool("tpm2_readpublic", "-c", handle, "-n", "name", "-o", "public")
        with tpm2.open(swtpm.uri) as device:
            named = commands.read_public(device.tpm, int(handle, 16))
        name = (tmp_path / "name").read_bytes()
        assert named.name == named.public.name == name
        assert sized(named.public.raw) == (tmp_path / "public").read_bytes()


def test_tools_verify_our_signature(
    swtpm: SoftwareTpm,
    tool: Tool,
    tmp_path: Path,
    enrollment: bytes,
) -> None:
    """tpm2_verifysignature accepts what the device key signed."""
    with tpm2.open(swtpm.uri) as device:
        signature = device.sign(enrollment, b"message")
        point = device.public(enrollment)
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\4" + point)
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    numbers = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    (tmp_path / "key.pem").write_bytes(pem)
    (tmp_path / "message").write_bytes(b"message")
    (tmp_path / "signature").write_bytes(utils.encode_dss_signature(*numbers))
    tool("tpm2_loadexternal", "-C", "n", "-G", "ecc", "-u", "key.pem", "-c", "key.ctx")
    tool(
        *("tpm2_verifysignature", "-c", "key.ctx", "-g", "sha256", "-m", "message"),
        *("-s", "signature", "-f", "ecdsa"),
    )


@pytest.mark.parametrize("handle", ["0x81010001", "0x81010016"], ids=["RSA", "P-384"])
def test_tools_open_ours(
    swtpm: SoftwareTpm,
    tool: Tool,
    tmp_path: Path,
    tools_ak: bytes,
    handle: str,
) -> None:
    """tpm2_activatecredential opens what our MakeCredential made."""
    with tpm2.open(swtpm.uri) as device:
        ek = commands.read_public(device.tpm, int(handle, 16)).public
    sealed = credential.make(ek.raw, tools_ak, SECRET, entropy=os.urandom)
    (tmp_path / "credential").write_bytes(TOOLS_HEADER + sealed)
    algorithm = "sha256" if handle == "0x81010001" else "sha384"
    tool("tpm2_startauthsession", "--policy-session", "-g", algorithm, "-S", "session")
    tool("tpm2_policysecret", "-S", "session", "-c", "e")
    authorization = ("-P", "session:session") if algorithm == "sha256" else ()
    tool(
        *("tpm2_activatecredential", "-c", "ak.ctx", "-C", handle),
        *("-i", "credential", "-o", "secret", *authorization),
    )
    assert (tmp_path / "secret").read_bytes() == SECRET


def test_ours_opens_theirs(
    swtpm: SoftwareTpm,
    tool: Tool,
    tmp_path: Path,
    enrollment: bytes,
) -> None:
    """We open what tpm2_makecredential made for our AK and the P-384 EK."""
    name = Public.parse(Enrollment.parse(enrollment).ak_public).name
    tool("tpm2_readpublic", "-c", "0x81010016", "-o", "ek.pub")
    (tmp_path / "secret").write_bytes(SECRET)
    tool(
        *("tpm2_makecredential", "-u", "ek.pub", "-s", "secret"),
        *("-n", name.hex(), "-o", "credential"),
    )
    made = (tmp_path / "credential").read_bytes()
    assert made.startswith(TOOLS_HEADER)
    tool("tpm2_flushcontext", "-t")
    with tpm2.open(swtpm.uri) as device:
        assert device.open_credential(enrollment, made.removeprefix(TOOLS_HEADER)) == SECRET


def test_ours_opens_pytss(swtpm: SoftwareTpm, enrollment: bytes) -> None:
    """We open what tpm2-pytss made, and its form of a credential is ours."""
    with tpm2.open(swtpm.uri) as device:
        claims = device.claims(enrollment, NONCE)
        name = attestation.verify(claims, NONCE).ak_name
        ek, _ = types.TPMT_PUBLIC.unmarshal(claims.ek_public)
        blob, seed = make_credential(
            types.TPM2B_PUBLIC(publicArea=ek), SECRET, types.TPM2B_NAME(name)
        )
        theirs = credential_to_tools(blob, seed).removeprefix(TOOLS_HEADER)
        assert device.open_credential(enrollment, theirs) == SECRET


@pytest.fixture
def esapi(swtpm: SoftwareTpm) -> Iterator[ESAPI]:
    """tpm2-pytss, connected."""
    with ESAPI(swtpm.tcti) as connected:
        yield connected


def test_pytss_reads_our_keys(enrollment: bytes, esapi: ESAPI) -> None:
    """tpm2-pytss loads our wrapped key under the root it makes, and signs with it."""
    keys = Enrollment.parse(enrollment)
    template = types.TPM2B_PUBLIC.parse(
        "ecc256:null:aes128cfb",
        objectAttributes="fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|restricted|decrypt",
    )
    parent, public, *_ = esapi.create_primary(None, template)
    assert bytes(public.get_name()) == keys.parent
    area, _ = types.TPMT_PUBLIC.unmarshal(keys.key_public)
    key = esapi.load(
        parent,
        types.TPM2B_PRIVATE(keys.key_private),
        types.TPM2B_PUBLIC(publicArea=area),
    )
    digest = hashlib.sha256(b"message").digest()
    ticket = types.TPMT_TK_HASHCHECK(
        tag=constants.TPM2_ST.HASHCHECK, hierarchy=constants.TPM2_RH.NULL
    )
    scheme = types.TPMT_SIG_SCHEME(scheme=constants.TPM2_ALG.NULL)
    signature = esapi.sign(key, digest, scheme, ticket)
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\4" + keys.point)
    signature.verify_signature(types.TPM2B_PUBLIC(publicArea=area), b"message")
    assert point.curve.name == "secp256r1"
    esapi.flush_context(key)
    esapi.flush_context(parent)


def test_pytss_reads_our_statement(swtpm: SoftwareTpm, enrollment: bytes) -> None:
    """tpm2-pytss reads the same members out of our attestation, and verifies its signature."""
    with tpm2.open(swtpm.uri) as device:
        claims = device.claims(enrollment, NONCE)
    attested = attestation.verify(claims, NONCE)
    theirs, _ = types.TPMS_ATTEST.unmarshal(claims.attest)
    assert int(theirs.clockInfo.clock) == attested.clock.clock_ms
    assert bytes(theirs.attested.certify.name) == Public.parse(claims.key_public).name
    assert bytes(theirs.extraData) == attestation.qualifying_data(NONCE)
    area, _ = types.TPMT_PUBLIC.unmarshal(claims.ak_public)
    assert bytes(area.get_name()) == attested.ak_name


def test_pytss_reads_our_clock(swtpm: SoftwareTpm) -> None:
    """ReadClock says the same to both."""
    with tpm2.open(swtpm.uri) as device:
        ours = device.clock()
    with ESAPI(swtpm.tcti) as esapi:
        theirs = esapi.read_clock().clockInfo
    assert int(theirs.resetCount) == ours.reset_count
    assert int(theirs.restartCount) == ours.restart_count
    assert bool(theirs.safe) == ours.safe
    assert 0 <= int(theirs.clock) - ours.clock_ms < 60_000
