"""The desk's keys: encrypted, private, readable by OpenSSL, and the ones that were made."""

from __future__ import annotations

import base64
import os
import shutil
import stat
import subprocess

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hwlock.errors import StoreError, UntrustedError, UsageError
from hwlock.issue import keys, pkcs8
from hwlock.store.disk import RealDisk
from hwlock.store.files import make_private_folder

WORDS = "pä ss wörd"


@pytest.fixture
def folder(tmp_path):
    """A private folder."""
    with make_private_folder(str(tmp_path / "keys"), mode=0o700, disk=RealDisk()) as folder:
        yield folder


@pytest.fixture
def signer(folder):
    """The signer of a key that was just made as issuer.key."""
    return keys.create(folder, keys.ISSUER, WORDS, os.urandom)


def opened(folder, signer, passphrase=WORDS):
    """Open issuer.key as the key of `signer`."""
    return keys.open_signer(folder, keys.ISSUER, passphrase, expected_public=signer.key.raw)


def code_of(error, call, *arguments, **named):
    """Return the code of the error that a call must raise."""
    with pytest.raises(error) as caught:
        call(*arguments, **named)
    return caught.value.code


def test_a_key_comes_back(folder, signer):
    """What was written is read, by the passphrase, and signs as before."""
    assert opened(folder, signer).sign(b"x") == signer.sign(b"x")


def test_a_key_is_private(tmp_path, signer):
    """Nobody else may read the file."""
    assert stat.S_IMODE((tmp_path / "keys" / keys.ISSUER).stat().st_mode) == 0o600


def test_a_wrong_passphrase_has_its_own_code(folder, signer):
    """A typo is told apart from a file that is no key."""
    assert code_of(UntrustedError, opened, folder, signer, "other") == "HWL-DESK-PASSPHRASE"


@pytest.mark.parametrize("passphrase", ["", "   ", "\t"])
def test_an_empty_passphrase_is_refused(folder, passphrase):
    """A key is never kept under nothing."""
    assert (
        code_of(UsageError, keys.create, folder, keys.ROOT, passphrase, os.urandom)
        == "HWL-DESK-PASSPHRASE-EMPTY"
    )
    assert folder.names() == []


def test_a_missing_key_is_told(folder, signer):
    """A desk without its root key says which file it lacks."""
    folder.remove(keys.ISSUER)
    assert code_of(StoreError, opened, folder, signer) == "HWL-DESK-KEY-MISSING"


def test_the_key_of_another_desk_is_refused(folder, signer):
    """A file that was swapped opens and is not believed."""
    keys.create(folder, keys.ISSUER, WORDS, os.urandom)
    assert code_of(StoreError, opened, folder, signer) == "HWL-DESK-KEY"


def test_a_damaged_key_is_never_another_key(tmp_path, folder, signer):
    """CBC does not notice a changed byte; the desk does, whichever byte it is."""
    path = tmp_path / "keys" / keys.ISSUER
    good = path.read_bytes()
    start = good.index(b"\n") + 1
    for at in range(start, len(good) - 40, 7):
        other = b"A" if good[at : at + 1] != b"A" else b"B"
        path.write_bytes(good[:at] + other + good[at + 1 :])
        try:
            key = opened(folder, signer).key
        except (StoreError, UntrustedError):
            continue
        assert key == signer.key  # a byte that means nothing, such as a line end


def test_numbers_that_scrypt_does_not_take_are_damage(tmp_path, folder, signer):
    """N = 3 is no cost: the file is refused, and the library's own fault does not show."""
    path = tmp_path / "keys" / keys.ISSUER
    lines = path.read_text().splitlines()
    der = bytearray(base64.b64decode("".join(lines[1:-1])))
    at = der.index(bytes.fromhex("020102020108"))  # N = 2, r = 8
    der[at + 2] = 3
    path.write_text("\n".join([lines[0], base64.b64encode(der).decode(), lines[-1], ""]))
    with pytest.raises((StoreError, UntrustedError)):
        opened(folder, signer)


def test_a_plain_key_is_refused(folder, signer):
    """A key without a passphrase is told as such."""
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    folder.write_atomic(keys.ISSUER, pem, mode=0o600)
    assert code_of(StoreError, opened, folder, signer) == "HWL-DESK-KEY-PLAIN"


def test_a_key_of_another_kind_is_refused(folder, signer):
    """An EC key under the right passphrase is no key of a desk."""
    pem = generate_private_key(SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(WORDS.encode()),
    )
    folder.write_atomic(keys.ISSUER, pem, mode=0o600)
    assert code_of(StoreError, opened, folder, signer) == "HWL-DESK-KEY"


def test_text_is_no_key(folder, signer):
    """A file that is no PEM block is told as such."""
    folder.write_atomic(keys.ISSUER, b"not a key\n", mode=0o600)
    assert code_of(StoreError, opened, folder, signer) == "HWL-DESK-KEY"


def test_openssl_reads_the_real_thing(tmp_path, monkeypatch):
    """`openssl pkey` opens a key at the cost that desks really use, and sees scrypt."""
    monkeypatch.undo()
    openssl = shutil.which("openssl")
    assert openssl is not None
    private = Ed25519PrivateKey.generate()
    path = tmp_path / "key.pem"
    path.write_bytes(pkcs8.write(private, WORDS, os.urandom))
    public = subprocess.run(
        [openssl, "pkey", "-in", path, "-passin", f"pass:{WORDS}", "-pubout", "-outform", "DER"],
        capture_output=True,
        check=True,
    ).stdout
    assert public.endswith(private.public_key().public_bytes_raw())
    drawn = subprocess.run(
        [openssl, "asn1parse", "-in", path], capture_output=True, check=True, text=True
    ).stdout
    assert ":scrypt" in drawn and ":aes-256-cbc" in drawn and "INTEGER           :4000" in drawn
