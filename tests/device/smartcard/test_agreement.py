"""Cards agree on secrets as everybody does, and ask for PIN and touch as for a signature."""

from __future__ import annotations

import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hwlock.devices import registry
from hwlock.errors import BadAnswer, Cancelled, NotFound, PinRequired, UnsupportedError
from hwlock.evidence.card import CardRecord, agreement_of
from hwlock.testing.cards.keys import self_signed
from hwlock.testing.cards.openpgp import VirtualOpenPgpCard
from hwlock.testing.cards.yubikey import VirtualYubiKey
from hwlock.testing.pcsc import READERS

pytestmark = pytest.mark.device
SERIAL = "piv:serial=1234567"


@pytest.fixture
def peer():
    """Return somebody's private key."""
    return ec.generate_private_key(ec.SECP256R1())


def point_of(private):
    """Return the public half as x‖y."""
    public = private.public_key()
    return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)[1:]


@pytest.mark.parametrize("slot", [0x9E, 0x9D, 0x82])
def test_both_sides_agree(service, yubikey, person, peer, slot):
    """The card and its peer find the same secret; the PIN is asked for where the slot wants it."""
    key = yubikey.piv.put_key(slot)
    service.insert(yubikey)
    someone = person("123456")
    with registry.open_dongle(f"{SERIAL};slot={slot:02x}", someone) as device:
        record = device.enroll()
        agreed = [registry.agreeing(device).agree(record, point_of(peer)) for _ in range(2)]
    assert agreed == [peer.exchange(ec.ECDH(), key.private.public_key())] * 2
    assert len(someone.asked) == (0 if slot == 0x9E else 1)


def test_pin_and_touch(service, yubikey, person, peer):
    """Nobody to ask is an error; a touch that does not come is a no; a wrong PIN costs one try."""
    yubikey.piv.put_key(0x9D, touch_policy="always")
    service.insert(yubikey)
    uri, point = f"{SERIAL};slot=9d", point_of(peer)
    with registry.open_dongle(uri) as device, pytest.raises(PinRequired):
        device.agree(device.enroll(), point)
    someone = person("654321", "123456")
    with registry.open_dongle(uri, someone) as device:
        record = device.enroll()
        with pytest.raises(PinRequired):
            device.agree(record, point)
        assert yubikey.piv.tries == 2
        yubikey.piv.touch = lambda: False
        with pytest.raises(Cancelled):
            device.agree(record, point)
        yubikey.piv.touch = lambda: True
        assert len(device.agree(record, point)) == 32
    assert someone.touches == ["YubiKey 1234567"] * 2


@pytest.mark.parametrize("algorithm", ["RSA-2048", "Ed25519"])
def test_other_keys_only_sign(service, yubikey, person, peer, algorithm):
    """A key of another algorithm says so, and nobody is asked for a PIN."""
    yubikey.piv.put_key(0x9D, algorithm)
    service.insert(yubikey)
    someone = person()
    with registry.open_dongle(f"{SERIAL};slot=9d", someone) as device:
        record = device.enroll()
        with pytest.raises(UnsupportedError) as caught:
            device.agree(record, point_of(peer))
    assert caught.value.code == "HWL-DEVICE-AGREE"
    assert someone.asked == []


DECRYPTION = 0xB8


@pytest.fixture
def openpgp():
    """Return an OpenPGP card with an Ed25519 key for authentication, not inserted."""
    card = VirtualOpenPgpCard()
    card.openpgp.put_key("Ed25519")
    return card


@pytest.mark.parametrize("whole_point", [False, True])
def test_an_openpgp_card_agrees_on_p256(service, openpgp, person, peer, whole_point):
    """By its key for decryption, whether it tells x or all of the point; the PIN is asked once."""
    openpgp.openpgp.whole_point = whole_point
    private = openpgp.openpgp.put_key("P-256", tag=DECRYPTION)
    service.insert(openpgp)
    someone = person("123456")
    with registry.open_dongle("openpgp:", someone) as device:
        record = device.enroll()
        agreed = registry.agreeing(device).agree(record, point_of(peer))
        assert device.prove(record, bytes(32)).signature
        assert device.agree(record, point_of(peer)) == agreed
    assert agreed == peer.exchange(ec.ECDH(), private.public_key())
    public = agreement_of("openpgp", CardRecord.parse(record).key, record)
    assert public == point_of(private)
    assert len(someone.asked) == 1


def test_an_openpgp_card_agrees_on_x25519(service, openpgp, person):
    """As `gpg` makes its keys by default; a point of the other curve is not sent to the card."""
    private = openpgp.openpgp.put_key("X25519", tag=DECRYPTION)
    service.insert(openpgp)
    other = x25519.X25519PrivateKey.generate()
    point = other.public_key().public_bytes_raw()
    with registry.open_dongle("openpgp:", person("123456")) as device:
        record = device.enroll()
        agreed = device.agree(record, point)
        with pytest.raises(UnsupportedError):
            device.agree(record, bytes(64))
    assert agreed == other.exchange(private.public_key())


@pytest.mark.parametrize("algorithm", ["", "RSA-2048", "P-384"])
def test_an_openpgp_card_without_such_a_key_only_signs(service, openpgp, person, algorithm):
    """It is enrolled without it, and says so; nobody is asked for a PIN."""
    if algorithm:
        openpgp.openpgp.put_key(algorithm, tag=DECRYPTION)
    service.insert(openpgp)
    someone = person()
    with registry.open_dongle("openpgp:", someone) as device:
        record = device.enroll()
        with pytest.raises(UnsupportedError) as caught:
            device.agree(record, bytes(32))
    assert caught.value.code == "HWL-DEVICE-AGREE"
    assert agreement_of("openpgp", CardRecord.parse(record).key, record) is None
    assert someone.asked == []


def test_an_openpgp_card_whose_key_was_replaced(service, openpgp, person):
    """The license still runs by the key for authentication; what was encrypted stays closed."""
    openpgp.openpgp.put_key("X25519", tag=DECRYPTION)
    service.insert(openpgp)
    someone = person("123456")
    with registry.open_dongle("openpgp:", someone) as device:
        record = device.enroll()
        openpgp.openpgp.put_key("X25519", tag=DECRYPTION)
        with pytest.raises(NotFound) as caught:
            device.agree(record, bytes([9] + [0] * 31))
        assert caught.value.code == "HWL-SMARTCARD-OTHER"
        assert someone.asked == []
        assert device.prove(record, bytes(32)).signature


def test_touch_of_an_openpgp_card(service, openpgp, person):
    """A touch that does not come is a no, as for a signature."""
    openpgp.openpgp.put_key("X25519", tag=DECRYPTION)
    openpgp.openpgp.wants_touch = True
    service.insert(openpgp)
    someone = person("123456")
    with registry.open_dongle("openpgp:", someone) as device:
        record = device.enroll()
        openpgp.openpgp.touch = lambda: False
        with pytest.raises(Cancelled):
            device.agree(record, bytes([9] + [0] * 31))
    assert someone.touches == ["OpenPGP card 0006:12345678"]


def test_another_key(service, yubikey, person, peer):
    """A card whose slot holds another key than the record's neither gets the PIN nor answers."""
    yubikey.piv.put_key(0x9D)
    service.insert(yubikey)
    someone = person("123456")
    with registry.open_dongle(f"{SERIAL};slot=9d", someone) as device:
        record = device.enroll()
        yubikey.piv.put_key(0x9D)
        with pytest.raises(NotFound) as caught:
            device.agree(record, point_of(peer))
    assert caught.value.code == "HWL-SMARTCARD-OTHER"
    assert someone.asked == []


def test_a_point_off_the_curve(service, yubikey):
    """The card refuses it, and answers the next one."""
    service.insert(yubikey)
    with registry.open_dongle(SERIAL) as device:
        record = device.enroll()
        with pytest.raises(BadAnswer):
            device.agree(record, bytes(64))
        assert device.prove(record, bytes(32)).signature


# --- other programs


@pytest.fixture
def run(service, tmp_path):
    """Return what runs a program that sees the virtual readers."""

    def run(*command):
        done = subprocess.run(
            command, env=service.environment, cwd=tmp_path, capture_output=True, timeout=60
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return (done.stdout + done.stderr).decode()

    return run


def test_opensc_derives_the_same(service, run, plain, person, peer, tmp_path):
    """OpenSC's module derives with the key in 9d the secret that hwlock gets."""
    plain.piv.put_key(0x9D)
    service.insert(plain)
    spki = peer.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "peer.der").write_bytes(spki)
    run(
        *("pkcs11-tool", "--login", "--pin", "123456", "--derive", "--id", "03"),
        *("-m", "ECDH1-COFACTOR-DERIVE", "-i", "peer.der", "-o", "secret"),
    )
    (found,) = registry.scan(("piv",))
    with registry.open_dongle(found.uri + ";slot=9d", person("123456")) as device:
        agreed = device.agree(device.enroll(), point_of(peer))
    assert (tmp_path / "secret").read_bytes() == agreed


def test_yubico_piv_tool_agrees(service, run, maker, tmp_path):
    """yubico-piv-tool makes an ephemeral key, agrees with the card, and is content."""
    yubikey = VirtualYubiKey(firmware=(5, 4, 3), token=maker.token())  # 2.2 knows 3DES only
    key = yubikey.piv.put_key(0x9D)
    service.insert(yubikey)
    der = self_signed(key.private, "here")
    certificate = x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)
    (tmp_path / "cert.pem").write_bytes(certificate)
    tool = ("yubico-piv-tool", "-r", READERS[0], "-a", "verify-pin", "-P", "123456")
    said = run(*tool, "-a", "test-decipher", "-s", "9d", "-i", "cert.pem")
    assert "Successfully performed ECDH exchange" in said


def test_opensc_derives_the_same_with_an_openpgp_card(
    service, run, openpgp, person, peer, tmp_path
):
    """OpenSC's module derives with the key for decryption the secret that hwlock gets."""
    openpgp.openpgp.keys.clear()
    for tag in (0xB6, DECRYPTION, 0xA4):
        openpgp.openpgp.put_key("P-256", tag=tag)
    service.insert(openpgp)
    spki = peer.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "peer.der").write_bytes(spki)
    run(
        *("pkcs11-tool", "--login", "--pin", "123456", "--derive", "--id", "02"),
        *("-m", "ECDH1-DERIVE", "-i", "peer.der", "-o", "secret"),
    )
    with registry.open_dongle("openpgp:", person("123456")) as device:
        agreed = device.agree(device.enroll(), point_of(peer))
    assert (tmp_path / "secret").read_bytes() == agreed
