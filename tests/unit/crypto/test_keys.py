"""Keys as files name them."""

from __future__ import annotations

import base64
import hashlib

import pytest

from hwlock.codec import cbor, cose
from hwlock.codec.fields import Fields
from hwlock.crypto.keys import SoftwareSigner, VerificationKey, sign_file
from hwlock.errors import BadKey, BadSignature, FormatError, UntrustedError
from hwlock.testing.vendor import CardSigner, seeded

TYP = "application/hwlock-receipt"


def test_kid_of_an_ed25519_key_is_its_thumbprint():
    """RFC 9679: SHA-256 of the deterministic COSE_Key with crv, x and kty alone, cut to 16."""
    key = seeded("key").key
    thumbprint = hashlib.sha256(b"\xa3\x01\x01\x20\x06\x21\x58\x20" + key.raw).digest()
    assert key.kid == thumbprint[:16]
    assert key.alg == cose.EDDSA == -8


def test_kid_of_a_p256_key_is_its_thumbprint():
    """The same for EC2: kty, crv, x and y."""
    key = CardSigner("card").key
    x, y = key.raw[:32], key.raw[32:]
    encoded = b"\xa4\x01\x02\x20\x01\x21\x58\x20" + x + b"\x22\x58\x20" + y
    assert key.kid == hashlib.sha256(encoded).digest()[:16]
    assert key.alg == cose.ES256 == -7


def test_kid_of_the_example_of_the_rfc():
    """The example of RFC 9679 section 6: the thumbprint that the document prints."""
    x = "65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d"
    y = "1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c"
    key = VerificationKey(bytes.fromhex(x + y))
    printed = "496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec"
    assert key.kid.hex() == printed[:32]


def test_a_key_is_what_a_cose_key_says():
    """Both kinds of key are written and read as COSE_Key."""
    for key in (seeded("key").key, CardSigner("card").key):
        assert VerificationKey.parse(Fields(key.cose_key(), "key")) == key


def test_keys_are_values():
    """Two keys with the same bytes are equal; a key does not show them when printed."""
    one, same, other = (seeded(name).key for name in ("a", "a", "b"))
    assert (one == same, hash(one) == hash(same), one == other) == (True, True, False)
    assert one != one.raw
    assert repr(one) == f"VerificationKey({one.kid.hex()})"


@pytest.mark.parametrize("size", [0, 31, 33, 63, 65])
def test_a_key_has_32_or_64_bytes(size):
    """Bytes of another length are no key."""
    with pytest.raises(BadKey):
        VerificationKey(bytes([1]) * size)


@pytest.mark.parametrize(
    "change",
    [{1: 0}, {1: 3}, {1: 4}, {-1: 7}, {1: 2}, {-1: 1}],
    ids=["kty-0", "kty-rsa", "kty-symmetric", "crv-ed448", "ec2-ed25519", "okp-p256"],
)
def test_a_key_of_another_kind_is_refused(change):
    """Type and curve must be those of Ed25519 or of P-256, and of one of them both."""
    with pytest.raises(BadKey) as caught:
        VerificationKey.parse(Fields(seeded("key").key.cose_key() | change, "key"))
    assert caught.value.code == "HWL-KEY-CURVE"


def test_a_private_key_in_a_file_is_refused():
    """A COSE_Key with a member d is nothing that a file may hold."""
    with pytest.raises(FormatError) as caught:
        VerificationKey.parse(Fields(seeded("key").key.cose_key() | {-4: bytes(32)}, "key"))
    assert caught.value.code == "HWL-FIELD-UNKNOWN"


def test_a_signed_file_is_opened_by_its_key():
    """What was signed comes out; the header names algorithm, key and type."""
    for signer in (seeded("key"), CardSigner("card")):
        signed = cose.parse(sign_file(signer, TYP, {1: "acme"}), expected_typ=TYP)
        assert signer.key.open(signed) == {1: "acme"}
        assert (signed.header.alg, signed.header.kid) == (signer.key.alg, signer.key.kid)


def test_a_file_of_another_key_is_named_as_such():
    """The kid is compared first, so the person hears whose file it is."""
    signed = cose.parse(sign_file(seeded("a"), TYP, {}))
    with pytest.raises(UntrustedError) as caught:
        seeded("b").key.open(signed)
    assert caught.value.code == "HWL-KEY-OTHER"
    assert seeded("a").key.kid.hex() in caught.value.message


def test_a_signature_over_something_else_is_refused():
    """A changed payload under the same signature does not open."""
    signer = seeded("key")
    raw = sign_file(signer, TYP, {1: "acme"}).replace(b"acme", b"acne")
    with pytest.raises(BadSignature):
        signer.key.open(cose.parse(raw))


def test_a_payload_that_is_no_cbor_is_refused_after_its_signature():
    """Whoever may sign may still not say what no file says."""
    signer = seeded("key")
    header = cose.Header(alg=signer.key.alg, kid=signer.key.kid, typ=TYP)
    signed = cose.parse(cose.assemble(header, b"\x18\x01", signer.sign))
    with pytest.raises(FormatError) as caught:
        signer.key.open(signed)
    assert caught.value.stage == "cbor"


@pytest.mark.parametrize("delegated", [False, True])
def test_a_delegation_is_there_where_it_belongs_and_nowhere_else(delegated):
    """An issuer's file carries one, a file of a root or a machine does not."""
    signer = seeded("key")
    signed = cose.parse(sign_file(signer, TYP, {}, None if delegated else b"delegation"))
    with pytest.raises(UntrustedError) as caught:
        signer.key.open(signed, delegated=delegated)
    assert caught.value.code == "HWL-KEY-DELEGATION"


def test_a_software_signer_comes_from_its_seed():
    """RFC 8032 section 7.1, test 1: the public key of that seed, and its signature of nothing."""
    seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
    public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    signer = SoftwareSigner.from_seed(bytes.fromhex(seed))
    assert signer.key.raw.hex() == public
    assert base64.b16encode(signer.sign(b"")).startswith(b"E5564300C360AC729086E2CC806E828A")


def test_cose_keys_are_deterministic():
    """The bytes that are hashed are the one form of their map."""
    key = CardSigner("card").key
    assert cbor.decode(cbor.encode(key.cose_key())) == key.cose_key()
