"""COSE_Sign1: assembled, parsed, verified by others; the bytes that were received count."""

from __future__ import annotations

from pathlib import Path

import cbor2
import pycddl  # type: ignore[import-untyped]
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cwt import COSE, COSEKey

from hwlock.codec import cose
from hwlock.errors import FormatError, InternalError

ED25519 = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
P256 = ec.derive_private_key(0x1234567890ABCDEF, ec.SECP256R1())
KID = b"k" * 16
TYP = "application/hwlock-license"
HEADER = cose.Header(alg=cose.EDDSA, kid=KID, typ=TYP)
SPEC = Path(__file__).parents[3] / "docs" / "spec"


def es256(message: bytes) -> bytes:
    """Sign as a device does: raw r and s."""
    r, s = decode_dss_signature(P256.sign(message, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def test_what_is_assembled_is_parsed_again() -> None:
    """Header, payload and signature come back, with the bytes that were signed."""
    signed: list[bytes] = []

    def sign(message: bytes) -> bytes:
        signed.append(message)
        return ED25519.sign(message)

    header = cose.Header(alg=cose.EDDSA, kid=KID, typ=TYP, delegation=b"allowed")
    raw = cose.assemble(header, b"payload", sign)
    parsed = cose.parse(raw, expected_typ=TYP)
    assert parsed.header == header
    assert parsed.payload == b"payload"
    assert [parsed.to_be_signed] == signed
    assert parsed.raw == raw
    ED25519.public_key().verify(parsed.signature, parsed.to_be_signed)


def test_to_be_signed_is_the_structure_of_the_standard() -> None:
    """["Signature1", protected, empty external data, payload], RFC 9052 section 4.4."""
    assert cbor2.loads(cose.to_be_signed(b"\xa0", b"p")) == ["Signature1", b"\xa0", b"", b"p"]


def test_an_independent_library_verifies_eddsa() -> None:
    """The library cwt verifies what we assemble with Ed25519, and reads the same header."""
    header = cose.Header(alg=cose.EDDSA, kid=KID, typ=TYP, delegation=b"d")
    raw = cose.assemble(header, b"payload", ED25519.sign)
    public = ED25519.public_key().public_bytes_raw()
    key = COSEKey.new({1: 1, 2: KID, 3: -8, 4: [2], -1: 6, -2: public})
    protected, unprotected, payload = COSE.new().decode_with_headers(raw, key)
    assert protected == {1: -8, 4: KID, 16: TYP, -70000: b"d"}
    assert (unprotected, payload) == ({}, b"payload")


def test_an_independent_library_verifies_es256() -> None:
    """The library cwt verifies what we assemble with P-256 and a raw signature."""
    raw = cose.assemble(cose.Header(alg=cose.ES256, kid=KID, typ=TYP), b"payload", es256)
    point = P256.public_key().public_numbers()
    x, y = point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")
    key = COSEKey.new({1: 2, 2: KID, 3: -7, 4: [2], -1: 1, -2: x, -3: y})
    assert COSE.new().decode(raw, key) == b"payload"


def schema(root: str) -> pycddl.Schema:
    """Return hwlock.cddl with another first rule.

    The validator applies `.cbor` to every member of an array, so the protected header is a
    plain byte string in its eyes and is validated as a root of its own.
    """
    rules = (SPEC / "hwlock.cddl").read_text(encoding="utf-8")
    return pycddl.Schema(f"start = {root}\n" + rules.replace(".cbor protected-header", ""))


@pytest.mark.parametrize("delegation", [None, b"allowed"])
def test_the_envelope_is_what_the_cddl_says(delegation: bytes | None) -> None:
    """An independent validator finds envelope and header as hwlock.cddl has them."""
    header = cose.Header(alg=cose.EDDSA, kid=KID, typ=TYP, delegation=delegation)
    raw = cose.assemble(header, b"payload", ED25519.sign)
    schema("hwlock-file").validate_cbor(raw)
    schema("protected-header").validate_cbor(cbor2.loads(raw).value[0])


@pytest.mark.parametrize(
    ("root", "data"),
    [
        ("hwlock-file", "d28440a04040"),
        ("hwlock-file", "8440a0405840" + "00" * 64),
        ("protected-header", "a10127"),
        ("protected-header", "a3012504500000000000000000000000000000000010" + "63612f62"),
    ],
)
def test_the_cddl_refuses_what_we_refuse(root: str, data: str) -> None:
    """A short signature, no tag, a header without members, an unknown algorithm."""
    with pytest.raises(pycddl.ValidationError):
        schema(root).validate_cbor(bytes.fromhex(data))


@pytest.mark.parametrize(
    "header",
    [
        cose.Header(alg=-37, kid=KID, typ=TYP),
        cose.Header(alg=cose.EDDSA, kid=KID[1:], typ=TYP),
        cose.Header(alg=cose.EDDSA, kid=KID, typ="license"),
        cose.Header(alg=cose.EDDSA, kid=KID, typ="application/" + "x" * 60),
    ],
    ids=repr,
)
def test_assembles_nothing_that_it_would_not_parse(header: cose.Header) -> None:
    """A bad header is our own fault, found before anything is signed."""
    with pytest.raises(InternalError):
        cose.assemble(header, b"payload", lambda _: pytest.fail("this must not be signed"))


def test_assembles_no_signature_of_another_length() -> None:
    """A signer that gives DER instead of r and s is found at once."""
    with pytest.raises(InternalError):
        cose.assemble(HEADER, b"payload", lambda _: b"\x30" + bytes(70))


def test_a_file_of_another_kind_is_refused_by_name() -> None:
    """The error says what the file is, and what is wanted."""
    raw = cose.assemble(HEADER, b"payload", ED25519.sign)
    with pytest.raises(FormatError) as caught:
        cose.parse(raw, expected_typ="application/hwlock-request")
    assert caught.value.code == "HWL-COSE-TYP"
    assert TYP in caught.value.message
    assert "application/hwlock-request" in caught.value.message


def test_size_is_bounded_first() -> None:
    """An envelope larger than asked for is refused before it is read."""
    raw = cose.assemble(HEADER, bytes(1000), ED25519.sign)
    assert cose.parse(raw, max_bytes=len(raw)).raw == raw
    with pytest.raises(FormatError) as caught:
        cose.parse(raw, max_bytes=len(raw) - 1)
    assert caught.value.code == "HWL-CBOR-SIZE"


def test_every_flipped_bit_is_refused_or_changes_what_is_signed() -> None:
    """No bit of an envelope is without effect: it breaks the form or the signature."""
    raw = cose.assemble(HEADER, b"payload", ED25519.sign)
    whole = cose.parse(raw)
    for position in range(len(raw) * 8):
        flipped = bytearray(raw)
        flipped[position // 8] ^= 1 << position % 8
        try:
            parsed = cose.parse(bytes(flipped))
        except FormatError:
            continue
        assert (parsed.to_be_signed, parsed.signature) != (whole.to_be_signed, whole.signature)
