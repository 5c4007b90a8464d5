"""Independent programs use the virtual cards: what they and hwlock see is the same.

OpenSC, yubico-piv-tool and ykman stand for every other client of such a card, and show that
the cards are cards. The commands of docs/howto are among them.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hwlock.crypto import p256
from hwlock.devices import registry
from hwlock.evidence.x509.spki import read_key
from hwlock.testing.cards.keys import self_signed
from hwlock.testing.cards.openpgp import VirtualOpenPgpCard
from hwlock.testing.cards.yubikey import VirtualYubiKey
from hwlock.testing.pcsc import READERS

pytestmark = pytest.mark.device
CHALLENGE = bytes(range(32))
DEFAULT_KEY = "010203040506070801020304050607080102030405060708"
YKMAN = str(Path(sys.executable).with_name("ykman"))


@pytest.fixture
def run(service, tmp_path):
    """Return what runs a program that sees the virtual readers, and gives its output."""

    def run(*command):
        done = subprocess.run(
            command, env=service.environment, cwd=tmp_path, capture_output=True, timeout=60
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout.decode()

    return run


def enrolled_key(uri):
    """Return the key that hwlock enrolls."""
    with registry.open_dongle(uri) as device:
        record = device.enroll()
    from hwlock.evidence.card import CardRecord

    return CardRecord.parse(record).key


def spki(pem):
    """Return the SubjectPublicKeyInfo of a PEM public key."""
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    key = load_pem_public_key(pem)
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def test_made_with_ykman(service, run, yubikey, tmp_path, maker):
    """A key that ykman makes, as the howto says, is the one that hwlock enrolls and attests."""
    yubikey.piv.keys.clear()
    yubikey.piv.objects = {n: o for n, o in yubikey.piv.objects.items() if n != 0x5FC101}
    service.insert(yubikey)
    ykman = (YKMAN, "--reader", READERS[0], "piv")
    assert "PIV version:              5.7.1" in run(*ykman, "info")
    generate = ("keys", "generate", "--algorithm", "ECCP256", "--pin-policy", "never")
    run(*ykman, *generate, "--management-key", DEFAULT_KEY, "9e", "key.pem")
    key = enrolled_key("piv:serial=1234567")
    assert read_key(spki((tmp_path / "key.pem").read_bytes())) == key
    run(*ykman, "keys", "attest", "9e", "attested.pem")
    run(*ykman, "certificates", "export", "f9", "token.pem")
    with registry.open_dongle("piv:serial=1234567") as device:
        claims = device.claims(device.enroll(), CHALLENGE)
        assert device.prove(claims.record, CHALLENGE).signature
    for name in ("attested.pem", "token.pem"):
        found = x509.load_pem_x509_certificate((tmp_path / name).read_bytes())
        spki_of = found.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        assert spki_of in claims.attestation
    assert "1234567" in run(YKMAN, "--reader", READERS[0], "info")


def test_made_with_yubico_piv_tool(service, run, maker, tmp_path):
    """The same with yubico-piv-tool, which also signs with it and is content."""
    yubikey = VirtualYubiKey(firmware=(5, 4, 3), token=maker.token())  # 2.2 knows 3DES only
    service.insert(yubikey)
    tool = ("yubico-piv-tool", "-r", READERS[0])
    run(*tool, "-a", "generate", "-s", "9a", "-A", "ECCP256", f"-k{DEFAULT_KEY}", "-o", "key.pem")
    key = enrolled_key("piv:serial=1234567;slot=9a")
    assert read_key(spki((tmp_path / "key.pem").read_bytes())) == key
    der = self_signed(yubikey.piv.keys[0x9A].private, "here")
    certificate = x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)
    (tmp_path / "cert.pem").write_bytes(certificate)
    run(*tool, "-a", "import-certificate", "-s", "9a", f"-k{DEFAULT_KEY}", "-i", "cert.pem")
    assert "Serial Number:\t1234567" in run(*tool, "-a", "status")
    test = ("-a", "verify-pin", "-a", "test-signature", "-P", "123456", "-s", "9a")
    run(*tool, *test, "-i", "cert.pem")


@pytest.mark.parametrize("algorithm", ["P-256", "RSA-2048"])
def test_opensc_signs_with_a_piv_card(service, run, plain, person, tmp_path, algorithm):
    """OpenSC knows the plain card, and signs with the key that hwlock enrolled."""
    plain.piv.put_key(0x9A, algorithm)
    inserted = service.insert(plain)
    assert "Personal Identity Verification Card" in run("opensc-tool", "--name")
    (found,) = registry.scan(("piv",))
    with registry.open_dongle(found.uri + ";slot=9a", person("123456")) as device:
        claims = device.claims(device.enroll(), CHALLENGE)
    message = b"signed by another program"
    (tmp_path / "message").write_bytes(message)
    mechanism = "ECDSA-SHA256" if algorithm == "P-256" else "SHA256-RSA-PKCS"
    run(
        *("pkcs11-tool", "--login", "--pin", "123456", "--sign", "--id", "01"),
        *("-m", mechanism, "-i", "message", "-o", "signature"),
    )
    signature = (tmp_path / "signature").read_bytes()
    claims.key.verify(signature, message)
    inserted.remove()


def test_opensc_signs_with_an_openpgp_card(service, run, person, tmp_path):
    """OpenSC knows the OpenPGP card, and signs with the key that hwlock enrolled."""
    card = VirtualOpenPgpCard()
    card.openpgp.put_key("RSA-2048")
    service.insert(card)
    assert "OpenPGP card v3.4 (0006 12345678)" in run("opensc-tool", "--name")
    uri = "openpgp:serial=0006:12345678"
    with registry.open_dongle(uri, person("123456")) as device:
        claims = device.claims(device.enroll(), CHALLENGE)
    message = b"signed by another program"
    (tmp_path / "message").write_bytes(message)
    run(
        *("pkcs11-tool", "--login", "--pin", "123456", "--sign", "--id", "03"),
        *("-m", "SHA256-RSA-PKCS", "-i", "message", "-o", "signature"),
    )
    claims.key.verify((tmp_path / "signature").read_bytes(), message)


def test_ykman_knows_the_openpgp_card(service, run):
    """The application says of itself to ykman what hwlock reads."""
    card = VirtualOpenPgpCard()
    card.openpgp.put_key()
    service.insert(card)
    said = run(YKMAN, "--reader", READERS[0], "openpgp", "info")
    assert "OpenPGP version:            3.4" in said
    assert "PIN tries remaining:        3" in said


def test_public_half_of_a_card_signature(service, yubikey):
    """A card's ECDSA is that of everybody: `cryptography` verifies what hwlock got."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature
    from cryptography.hazmat.primitives.hashes import SHA256

    service.insert(yubikey)
    with registry.open_dongle("piv:serial=1234567") as device:
        proof = device.prove(device.enroll(), CHALLENGE)
    assert isinstance(p256.PublicKey(proof.public), p256.PublicKey)
    r, s = (int.from_bytes(half, "big") for half in (proof.signature[:32], proof.signature[32:]))
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\4" + proof.public)
    digest = hashlib.sha256(b"hwlock proof v1\0" + CHALLENGE).digest()
    public.verify(encode_dss_signature(r, s), digest, ec.ECDSA(Prehashed(SHA256())))
