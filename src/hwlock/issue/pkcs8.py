"""Ed25519 private keys under a passphrase: PKCS#8 with PBES2, scrypt and AES-256-CBC.

The bytes are an EncryptedPrivateKeyInfo (RFC 5958 §3) around an Ed25519 PrivateKeyInfo
(RFC 8410 §7), by PBES2 (RFC 8018 §6.2) with scrypt as key derivation (RFC 7914 §7), in a
PEM block. `cryptography` reads this form but writes only PBKDF2, so it is written here.

The cost is N = 2^14, r = 8, p = 5: about 0.2 s and 16 MiB a guess. OpenSSL reads at most
32 MiB (a larger N with r = 8 makes `openssl pkey` fail), and OWASP gives this as equal in
work to N = 2^17, p = 1.
"""

from __future__ import annotations

import base64
import hashlib

from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.hazmat.primitives import padding, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from hwlock.errors import StoreError, UntrustedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["COST", "read", "write"]

COST = (1 << 14, 8, 5)  # N, r, p
_MAX_MEMORY = 64 << 20
_SALT_BYTES = 16
_IV_BYTES = 16
_KEY_BYTES = 32

# DER tags, and object identifiers in their encoded form
_INTEGER, _OCTETS, _SEQUENCE = 0x02, 0x04, 0x30
_PBES2 = bytes.fromhex("06092a864886f70d01050d")  # 1.2.840.113549.1.5.13
_SCRYPT = bytes.fromhex("06092b06010401da47040b")  # 1.3.6.1.4.1.11591.4.11
_AES_256_CBC = bytes.fromhex("060960864801650304012a")  # 2.16.840.1.101.3.4.1.42


def write(private: Ed25519PrivateKey, passphrase: str, entropy: Callable[[int], bytes]) -> bytes:
    """Return `private` as an ENCRYPTED PRIVATE KEY block under `passphrase`."""
    salt, iv = entropy(_SALT_BYTES), entropy(_IV_BYTES)
    plain = private.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    padder = padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(_derive(passphrase, salt)), modes.CBC(iv)).encryptor()
    ciphertext = encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()
    cost = _der(_OCTETS, salt) + b"".join(map(_integer, (*COST, _KEY_BYTES)))
    scheme = _der(
        _SEQUENCE,
        _PBES2,
        _der(
            _SEQUENCE,
            _der(_SEQUENCE, _SCRYPT, _der(_SEQUENCE, cost)),
            _der(_SEQUENCE, _AES_256_CBC, _der(_OCTETS, iv)),
        ),
    )
    return _pem(_der(_SEQUENCE, scheme, _der(_OCTETS, ciphertext)))


def read(pem: bytes, passphrase: str, *, path: str) -> Ed25519PrivateKey:
    """Open a block that `write` or OpenSSL made; UntrustedError where the passphrase is wrong.

    `path` names the file in errors; StoreError where it holds no such key.
    """
    try:
        private = serialization.load_pem_private_key(pem, passphrase.encode())
    except TypeError as exc:  # the key stands there in the clear
        raise StoreError("HWL-DESK-KEY-PLAIN", path=path) from exc
    except (ValueError, UnsupportedAlgorithm, InternalError) as exc:
        # InternalError: numbers that scrypt does not take. The padding is all that tells a
        # wrong passphrase from a damaged file.
        if b"-----BEGIN ENCRYPTED PRIVATE KEY-----" in pem:
            raise UntrustedError("HWL-DESK-PASSPHRASE", path=path) from exc
        raise StoreError("HWL-DESK-KEY", path=path) from exc
    if not isinstance(private, Ed25519PrivateKey):
        raise StoreError("HWL-DESK-KEY", path=path)
    return private


def _derive(passphrase: str, salt: bytes) -> bytes:
    n, r, p = COST
    return hashlib.scrypt(
        passphrase.encode(), salt=salt, n=n, r=r, p=p, maxmem=_MAX_MEMORY, dklen=_KEY_BYTES
    )


def _der(tag: int, *contents: bytes) -> bytes:
    """Return one DER element (X.690 §10.1) with a definite length under 64 KiB."""
    content = b"".join(contents)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def _integer(value: int) -> bytes:
    return _der(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _pem(der: bytes) -> bytes:
    text = base64.b64encode(der).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    label = "ENCRYPTED PRIVATE KEY"
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""]).encode()
