"""Which attestations of PIV tokens are believed; one fault a test."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hwlock.codec import cbor
from hwlock.crypto.keys import VerificationKey
from hwlock.errors import BadKey, FormatError, UntrustedError
from hwlock.evidence.piv import PivAttestation, verify_attestation
from hwlock.evidence.x509.certificate import Certificate
from hwlock.evidence.x509.spki import read_key
from hwlock.testing.cards.keys import generate
from hwlock.testing.cards.maker import EXTENSIONS, FIRMWARE, POLICY, SERIAL, CardMaker, TokenKey
from hwlock.testing.ek_authority import SINCE, UNTIL, EkAuthority

NOW = datetime(2030, 1, 1, tzinfo=timezone.utc)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def maker():
    """Return a maker of tokens."""
    return CardMaker()


@pytest.fixture(scope="module")
def token(maker):
    """Return the attesting key of one token."""
    return maker.token()


@pytest.fixture(scope="module")
def private():
    """Return a key in a slot."""
    return generate("P-256")


def key_of(leaf):
    """Return the key that a certificate is about."""
    return read_key(Certificate.parse(leaf).spki)


def verified(leaf, *above, trusted, key=None, at=NOW):
    """Return what an attestation says."""
    attestation = cbor.encode((leaf, *above))
    return verify_attestation(attestation, key or key_of(leaf), trusted=trusted, at=at)


def refused(leaf, *above, trusted, key=None, at=NOW):
    """Return the code with which an attestation is refused."""
    with pytest.raises(UntrustedError) as caught:
        verified(leaf, *above, trusted=trusted, key=key, at=at)
    return caught.value.code


def test_genuine(maker, token, private):
    """A token's attestation says serial, firmware and policies, up to the maker's root."""
    leaf = token.attest(
        private.public_key(), serial=33554433, pin_policy="always", touch_policy="cached"
    )
    assert verified(leaf, token.der, trusted=(maker.root,)) == PivAttestation(
        serial=33554433,
        firmware=(5, 7, 1),
        pin_policy="always",
        touch_policy="cached",
        maker="Yubico",
        root_subject="Test PIV Root CA",
        expired=False,
    )


@pytest.mark.parametrize("algorithm", ["P-256", "Ed25519", "RSA-2048", "RSA-3072"])
def test_every_kind_of_key(maker, token, algorithm):
    """Keys of each accepted kind can be attested."""
    leaf = token.attest(generate(algorithm).public_key())
    assert verified(leaf, token.der, trusted=(maker.root,)).serial == 1234567


def test_key_of_an_unknown_kind(maker, token):
    """A key that no anchor can have is not accepted because it is attested."""
    leaf = token.attest(generate("P-384").public_key())
    with pytest.raises(BadKey):
        verified(leaf, token.der, trusted=(maker.root,))


def test_another_key(maker, token, private):
    """An attestation of another key says nothing about this one."""
    leaf = token.attest(private.public_key())
    other = key_of(token.attest(generate("P-256").public_key()))
    assert refused(leaf, token.der, trusted=(maker.root,), key=other) == "HWL-PIV-KEY"


def test_nobody_trusted(maker, token, private):
    """Without the maker's root, or with another's of the same name, nobody vouches."""
    leaf = token.attest(private.public_key())
    assert refused(leaf, token.der, trusted=()) == "HWL-CHAIN-ISSUER"
    assert refused(leaf, token.der, trusted=(CardMaker("Other").root,)) == "HWL-CHAIN-ISSUER"
    assert refused(leaf, token.der, trusted=(CardMaker().root,)) == "HWL-CHAIN-SIGNATURE"


def test_what_comes_along_is_not_trusted(private):
    """A chain that is complete in itself, root and all, leads to nobody who is trusted."""
    mine = CardMaker("Mine")
    token = mine.token()
    leaf = token.attest(private.public_key())
    assert refused(leaf, token.der, mine.root, trusted=(CardMaker().root,)) == "HWL-CHAIN-ISSUER"


def test_no_token_certificate(maker, token, private):
    """Without the certificate of the token's key the chain has a gap."""
    leaf = token.attest(private.public_key())
    assert refused(leaf, trusted=(maker.root,)) == "HWL-CHAIN-ISSUER"


def test_token_in_the_folder(token, private):
    """An operator may trust single tokens."""
    leaf = token.attest(private.public_key())
    assert verified(leaf, trusted=(token.der,)).root_subject == "Test PIV Attestation"


def test_namesakes(maker, token, private):
    """All tokens of a maker bear one name; another's in the folder does no harm."""
    leaf = token.attest(private.public_key())
    trusted = (maker.token().der, maker.root)
    assert verified(leaf, token.der, trusted=trusted).serial == 1234567


@pytest.mark.parametrize("kind", [FIRMWARE, SERIAL, POLICY])
def test_missing_extension(maker, token, private, kind):
    """A certificate that does not say serial, firmware or policy is no attestation."""
    leaf = token.attest(private.public_key(), change={kind: None})
    assert refused(leaf, token.der, trusted=(maker.root,)) == "HWL-PIV-EXTENSION"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (FIRMWARE, b"\5\7"),
        (FIRMWARE, b"\4\3\5\7\1"),
        (POLICY, b"\1"),
        (POLICY, b"\0\1"),
        (POLICY, b"\1\0"),
        (POLICY, b"\6\1"),
        (POLICY, b"\1\4"),
        (SERIAL, b"\2\6\0\0\0\0\0\1"),
        (SERIAL, b"\2\5\1\0\0\0\0"),
    ],
)
def test_strange_extension(maker, token, private, kind, value):
    """An extension that is not in its form is not guessed at."""
    leaf = token.attest(private.public_key(), change={kind: value})
    assert refused(leaf, token.der, trusted=(maker.root,)) == "HWL-PIV-EXTENSION"


@pytest.mark.parametrize("value", [b"", b"\1\1\1", b"\2\1\1\0", b"\2\4\1"])
def test_unreadable_serial(maker, token, private, value):
    """A serial number that is no number is a fault of the format."""
    leaf = token.attest(private.public_key(), change={SERIAL: value})
    with pytest.raises(FormatError):
        verified(leaf, token.der, trusted=(maker.root,))


def test_large_serial(maker, token, private):
    """A serial number from 2^31 on is read as one, with the zero byte or without."""
    for value in (b"\2\5\0\xff\0\0\1", b"\2\4\xff\0\0\1"):
        leaf = token.attest(private.public_key(), change={SERIAL: value})
        assert verified(leaf, token.der, trusted=(maker.root,)).serial == 0xFF000001


def test_duplicated_extension(maker, token, private):
    """An extension that stands there twice is refused, whichever a verifier would read."""
    leaf = token.attest(private.public_key(), change={FIRMWARE: b"\5\7\1"})
    firmware, form = (x509.ObjectIdentifier(oid) for oid in (FIRMWARE, EXTENSIONS[3]))
    doubled = leaf.replace(_oid(form), _oid(firmware))
    assert doubled != leaf
    with pytest.raises(FormatError):
        verified(doubled, token.der, trusted=(maker.root,))


def _oid(identifier):
    *_, last = identifier.dotted_string.split(".")
    return bytes.fromhex("2b06010401") + b"\x82\xc4\x0a\x03" + bytes([int(last)])


def test_attested_key_attests_nothing(maker):
    """A key in a slot that signs a certificate like a maker's is no maker's key."""
    token = maker.token()
    thief = ec.generate_private_key(ec.SECP256R1())
    genuine = token.attest(thief.public_key(), slot=0x9C)
    forger = EkAuthority("Test PIV Attestation 9c")
    forger.key = thief
    forged = TokenKey(forger).attest(generate("P-256").public_key())
    assert refused(forged, genuine, token.der, trusted=(maker.root,)) == "HWL-CHAIN-AUTHORITY"


def _unmarked(issuer, name="Test PIV Attestation"):
    """Return a token's key whose certificate does not say that it is an authority."""
    token = EkAuthority(name, issuer=issuer)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer.name)
    builder = builder.public_key(token.key.public_key()).serial_number(7)
    token.der = issuer.sign(builder.not_valid_before(SINCE).not_valid_after(UNTIL))
    return TokenKey(token)


def test_token_that_does_not_say_that_it_is_an_authority(private):
    """Many genuine tokens' certificates forget to say so: accepted when the root signed them."""
    root = EkAuthority("Root")
    token = _unmarked(root)
    leaf = token.attest(private.public_key())
    assert verified(leaf, token.der, trusted=(root.der,)).root_subject == "Root"
    middle = EkAuthority("Middle", issuer=root)
    deeper = _unmarked(middle)
    leaf = deeper.attest(private.public_key())
    assert verified(leaf, deeper.der, trusted=(root.der, middle.der)).root_subject == "Root"
    code = refused(leaf, deeper.der, middle.der, trusted=(root.der,))
    assert code == "HWL-CHAIN-AUTHORITY"


def test_authority_as_leaf(maker, token):
    """The certificate of the token's own key is no attestation of it."""
    assert refused(token.der, trusted=(maker.root,)) == "HWL-PIV-EXTENSION"


def test_changed_bits(maker, token, private):
    """An attestation with any bit changed is refused."""
    leaf = token.attest(private.public_key())
    key = key_of(leaf)
    for at in range(0, len(leaf), 7):
        changed = bytearray(leaf)
        changed[at] ^= 0x04
        with pytest.raises((UntrustedError, FormatError)):
            verified(bytes(changed), token.der, trusted=(maker.root,), key=key)


def test_times(maker, token, private):
    """A certificate from the future is refused, an expired one reported."""
    leaf = token.attest(private.public_key())
    assert refused(leaf, token.der, trusted=(maker.root,), at=SINCE - DAY) == "HWL-CHAIN-FUTURE"
    assert verified(leaf, token.der, trusted=(maker.root,), at=UNTIL + DAY).expired


@pytest.mark.parametrize("value", [(), (1,), b"", ("x",), (b"\0" * 4097,), (b"",) * 6, {1: b""}])
def test_no_list_of_certificates(value):
    """Anything but one to five certificates of bounded size is a fault of the format."""
    key = VerificationKey(generate("Ed25519").public_key().public_bytes_raw())
    with pytest.raises(FormatError):
        verify_attestation(cbor.encode(value), key, trusted=(), at=NOW)
