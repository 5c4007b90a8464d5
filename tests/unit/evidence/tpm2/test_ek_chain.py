"""Which endorsement certificates are believed; one fault a test."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

from hwlock.errors import FormatError, UntrustedError
from hwlock.evidence.tpm2 import ek_chain
from hwlock.evidence.tpm2.claims import Tpm2Claims
from hwlock.evidence.tpm2.constants import SIGN
from hwlock.evidence.x509.certificate import Certificate
from hwlock.testing.ek_authority import SINCE, UNTIL, EkAuthority, tpm_name

NOW = datetime(2030, 1, 1, tzinfo=timezone.utc)
DAY = timedelta(days=1)


def refused(certificate: bytes, ek: bytes, *trusted: EkAuthority, at: datetime = NOW) -> str:
    """Return the code with which a certificate is refused."""
    with pytest.raises(UntrustedError) as caught:
        ek_chain.verify(certificate, ek, trusted=tuple(each.der for each in trusted), at=at)
    return caught.value.code


def accepted(
    certificate: bytes, ek: bytes, *trusted: EkAuthority, at: datetime = NOW
) -> ek_chain.Endorsement:
    """Return what an accepted certificate says."""
    return ek_chain.verify(certificate, ek, trusted=tuple(each.der for each in trusted), at=at)


def test_recorded(claims: Tpm2Claims, trusted: tuple[bytes, ...]) -> None:
    """The chain of a software TPM verifies up to its root, and is known to be virtual."""
    assert claims.ek_certificate is not None
    found = ek_chain.verify(claims.ek_certificate, claims.ek_public, trusted=trusted, at=NOW)
    assert found == ek_chain.Endorsement(
        maker="IBM software TPM (swtpm)",
        maker_id="00001014",
        model="swtpm",
        firmware="id:20191023",
        virtual=True,
        root_subject="swtpm-localca-rootca",
        expired=False,
    )


def test_hardware(ek: bytes) -> None:
    """A maker of hardware is named, with model and firmware, and is not virtual."""
    root = EkAuthority("Root")
    found = accepted(root.certify(ek), ek, root)
    assert (found.maker, found.model, found.firmware) == ("Infineon", "SLB9670", "id:00070055")
    assert (found.virtual, found.root_subject) == (False, "Root")


def test_intermediate(ek: bytes) -> None:
    """A chain is followed as far as the folder goes; an intermediate alone is enough."""
    root = EkAuthority("Root", path_length=1)
    middle = EkAuthority("Middle", issuer=root, path_length=0)
    certificate = middle.certify(ek)
    assert accepted(certificate, ek, root, middle).root_subject == "Root"
    assert accepted(certificate, ek, middle).root_subject == "Middle"
    assert refused(certificate, ek, root) == "HWL-CHAIN-ISSUER"


def test_self_made(ek: bytes) -> None:
    """A certificate of an authority that is not in the folder is refused, by its name."""
    mine, trusted = EkAuthority("Mine"), EkAuthority("Theirs")
    certificate = mine.certify(ek)
    with pytest.raises(UntrustedError, match="Mine") as caught:
        ek_chain.verify(certificate, ek, trusted=(trusted.der,), at=NOW)
    assert caught.value.code == "HWL-CHAIN-ISSUER"
    assert refused(certificate, ek) == "HWL-CHAIN-ISSUER"


def test_borrowed_name(ek: bytes) -> None:
    """An authority that only bears the name of a trusted one is refused."""
    assert (
        refused(EkAuthority("Root").certify(ek), ek, EkAuthority("Root")) == "HWL-CHAIN-SIGNATURE"
    )


def test_renewed_authority(ek: bytes) -> None:
    """Of several trusted certificates with one name, the one that signed is found."""
    old, new = EkAuthority("Root"), EkAuthority("Root")
    assert accepted(new.certify(ek), ek, old, new).root_subject == "Root"


def test_changed_certificate(ek: bytes) -> None:
    """A certificate with any bit changed is refused."""
    root = EkAuthority()
    certificate = root.certify(ek)
    for at in range(0, len(certificate), 5):
        changed = bytearray(certificate)
        changed[at] ^= 0x04
        with pytest.raises((UntrustedError, FormatError)):
            accepted(bytes(changed), ek, root)


def test_another_ek(ek: bytes, claims: Tpm2Claims) -> None:
    """The certificate of another TPM does not vouch for this one."""
    root = EkAuthority()
    assert refused(root.certify(claims.ek_public), ek, root) == "HWL-EK-KEY"


def test_ek_that_signs(ek: bytes) -> None:
    """A key that may do more than an EK may is none."""
    attributes = int.from_bytes(ek[4:8], "big") | SIGN
    changed = ek[:4] + attributes.to_bytes(4, "big") + ek[8:]
    root = EkAuthority()
    assert refused(root.certify(ek), changed, root) == "HWL-EK-ATTRIBUTES"


def test_missing_name(ek: bytes) -> None:
    """A certificate that does not say which TPM it is for is refused."""
    root = EkAuthority()
    assert refused(root.certify(ek, name=None), ek, root) == "HWL-EK-SAN"


@pytest.mark.parametrize(
    "name",
    [
        tpm_name(maker="Infineon"),
        tpm_name(maker="id:4946580"),
        tpm_name(maker="id:4946580g"),
        tpm_name(model="x\n"),
        tpm_name(version="v" * 65),
        x509.SubjectAlternativeName([x509.DNSName("tpm.example")]),
        x509.SubjectAlternativeName([x509.DirectoryName(x509.Name([]))]),
    ],
)
def test_unreadable_name(ek: bytes, name: x509.SubjectAlternativeName) -> None:
    """Maker, model and version must all be there and readable."""
    root = EkAuthority()
    assert refused(root.certify(ek, name=name), ek, root) == "HWL-EK-SAN"


def test_name_in_one_piece(ek: bytes) -> None:
    """Maker, model and version may stand in one relative name, as some makers write them."""
    root = EkAuthority()
    pieces = [
        x509.NameAttribute(ObjectIdentifier(f"2.23.133.2.{number}"), value)
        for number, value in ((1, "id:53544D20"), (2, "ST33"), (3, "id:1"))
    ]
    name = x509.Name([x509.RelativeDistinguishedName(pieces)])
    alternative = x509.SubjectAlternativeName([x509.DirectoryName(name)])
    assert accepted(root.certify(ek, name=alternative), ek, root).maker == "STMicroelectronics"


def test_unknown_maker(ek: bytes) -> None:
    """A maker that is not in the table is shown as it is called, and taken for hardware."""
    root = EkAuthority()
    found = accepted(root.certify(ek, name=tpm_name(maker="id:5A5A5A5A")), ek, root)
    assert (found.maker, found.virtual) == ("ZZZZ", False)


@pytest.mark.parametrize("maker", ["4D534654", "474F4F47", "564D5700", "414D5A4E", "51454D55"])
def test_virtual_makers(ek: bytes, maker: str) -> None:
    """The makers of virtual TPMs are known, also with a genuine chain."""
    root = EkAuthority()
    assert accepted(root.certify(ek, name=tpm_name(maker=f"id:{maker}")), ek, root).virtual


def test_purpose(ek: bytes) -> None:
    """A certificate for another purpose, or for none, is not one of an EK."""
    root = EkAuthority()
    for purpose in (None, ExtendedKeyUsageOID.SERVER_AUTH):
        assert refused(root.certify(ek, purpose=purpose), ek, root) == "HWL-EK-PURPOSE"
    assert refused(root.certify(ek, authority=True), ek, root) == "HWL-EK-PURPOSE"


def test_issuer_is_no_authority(ek: bytes) -> None:
    """A trusted certificate that is no authority, or may not sign certificates, is no issuer."""
    leaf = EkAuthority("Leaf", authority=False)
    assert refused(leaf.certify(ek), ek, leaf) == "HWL-CHAIN-AUTHORITY"
    usage = x509.KeyUsage(True, *[False] * 8)
    signer = EkAuthority("Signer", usage=usage)
    assert refused(signer.certify(ek), ek, signer) == "HWL-CHAIN-AUTHORITY"


def test_path_length(ek: bytes) -> None:
    """An authority that allows none below it does not vouch for what one below it signed."""
    root = EkAuthority("Root", path_length=0)
    middle = EkAuthority("Middle", issuer=root)
    assert refused(middle.certify(ek), ek, root, middle) == "HWL-CHAIN-AUTHORITY"
    assert accepted(root.certify(ek), ek, root).root_subject == "Root"


def test_unknown_condition(ek: bytes) -> None:
    """A critical extension that is not understood refuses; one that is not critical does not."""
    root = EkAuthority()
    strange = x509.UnrecognizedExtension(ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\5\0")
    assert refused(root.certify(ek, more=[(strange, True)]), ek, root) == "HWL-CHAIN-CRITICAL"
    accepted(root.certify(ek, more=[(strange, False)]), ek, root)


def test_expired_is_reported(ek: bytes) -> None:
    """An expired certificate, the EK's or an authority's, is accepted and said to be so."""
    root = EkAuthority()
    certificate = root.certify(ek, until=NOW - DAY)
    assert accepted(certificate, ek, root).expired
    old = EkAuthority(until=NOW - DAY)
    assert accepted(old.certify(ek), ek, old).expired
    assert not accepted(root.certify(ek), ek, root, at=UNTIL).expired


def test_from_the_future(ek: bytes) -> None:
    """A certificate that is not yet valid is refused: a clock is wrong, or somebody forges."""
    root = EkAuthority()
    assert refused(root.certify(ek, since=NOW + DAY), ek, root) == "HWL-CHAIN-FUTURE"
    assert refused(root.certify(ek), ek, root, at=SINCE - DAY) == "HWL-CHAIN-FUTURE"


def test_sha1_is_refused(ek: bytes) -> None:
    """A signature that is not of the accepted kinds is refused, not tried."""
    root = EkAuthority()
    certificate = root.certify(ek)
    sha256, sha1 = bytes.fromhex("2a8648ce3d040302"), bytes.fromhex("2a8648ce3d040301")
    changed = certificate.replace(b"\x30\x0a\x06\x08" + sha256, b"\x30\x0a\x06\x08" + sha1[:8])
    assert refused(changed, ek, root) == "HWL-CHAIN-ALGORITHM"


def test_weak_authority(ek: bytes) -> None:
    """An authority with an RSA key of 1024 bits vouches for nobody."""

    class WeakAuthority(EkAuthority):
        def sign(self, builder: x509.CertificateBuilder) -> bytes:
            return builder.sign(weak, hashes.SHA256()).public_bytes(Encoding.DER)

    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    root = WeakAuthority()
    spki = weak.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    builder = (
        x509.CertificateBuilder()
        .subject_name(root.name)
        .issuer_name(root.name)
        .public_key(weak.public_key())
        .serial_number(1)
        .not_valid_before(SINCE)
        .not_valid_after(UNTIL)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    root.der = root.sign(builder)
    assert Certificate.parse(root.der).spki == spki
    assert refused(root.certify(ek), ek, root) == "HWL-CHAIN-ALGORITHM"


def der(tag: int, *content: bytes) -> bytes:
    """Write one DER element."""
    body = b"".join(content)
    size = len(body)
    width = (size.bit_length() + 7) // 8
    head = bytes([size]) if size < 128 else bytes([0x80 | width]) + size.to_bytes(width, "big")
    return bytes([tag]) + head + body


def test_unsorted_name(ek: bytes) -> None:
    """An authority whose name breaks the order inside a SET (one maker's do) is read as it is."""
    key = ec.generate_private_key(ec.SECP256R1())
    common = der(0x30, der(0x06, bytes.fromhex("550403")), der(0x13, b"Unsorted Root"))
    country = der(0x30, der(0x06, bytes.fromhex("550406")), der(0x13, b"TW"))
    name = der(0x30, der(0x31, common, country))  # the shorter one would have to stand first
    algorithm = der(0x30, der(0x06, bytes.fromhex("2a8648ce3d040302")))
    times = der(0x30, der(0x17, b"200101000000Z"), der(0x18, b"20600101000000Z"))
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    constraints = der(0x30, der(0x01, b"\xff"))
    extension = der(
        0x30, der(0x06, bytes.fromhex("551d13")), der(0x01, b"\xff"), der(0x04, constraints)
    )
    tbs = der(
        0x30,
        der(0xA0, der(0x02, b"\x02")),
        der(0x02, b"\x01"),
        algorithm,
        *(name, times, name, spki, der(0xA3, der(0x30, extension))),
    )
    signature = key.sign(tbs, ec.ECDSA(hashes.SHA256()))
    root = der(0x30, tbs, algorithm, der(0x03, b"\0" + signature))
    with pytest.raises(ValueError, match="InvalidSetOrdering"):
        x509.load_der_x509_certificate(root)
    # an EK certificate of that authority: patch the issuer of one that a library wrote
    helper = EkAuthority()
    helper.key = key
    written = Certificate.parse(helper.certify(ek))
    inner = written.tbs[4:].replace(written.issuer, name, 1)
    tbs = der(0x30, inner)
    signature = key.sign(tbs, ec.ECDSA(hashes.SHA256()))
    certificate = der(0x30, tbs, algorithm, der(0x03, b"\0" + signature))
    found = ek_chain.verify(certificate, ek, trusted=(root,), at=NOW)
    assert found.root_subject == "Unsorted Root"
