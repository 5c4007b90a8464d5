"""The management key of a virtual PIV card: what the maker's tools prove before they write."""

from __future__ import annotations

import hmac
import secrets

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES

from hwlock.devices.smartcard import tlv

from .iso import Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .iso import Command

__all__ = ["ManagementKey"]

_TRIPLE_DES, _AES192 = 0x03, 0x0A
_DEFAULT = bytes.fromhex("010203040506070801020304050607080102030405060708")
_WITNESS, _CHALLENGE, _RESPONSE = 0x80, 0x81, 0x82


class ManagementKey:
    """The default key of YubiKeys, for AES-192 or (`old`) 3DES, and whether it was proven."""

    def __init__(self, *, old: bool) -> None:
        self._number, self._block = (_TRIPLE_DES, 8) if old else (_AES192, 16)
        cipher = TripleDES(_DEFAULT) if old else AES(_DEFAULT)
        self._cipher = Cipher(cipher, modes.ECB())  # noqa: S305 - as cards do
        self._expected = b""
        self._proven = False

    def authenticate(self, command: Command) -> bytes:
        """Do one step of the authentication, mutual or one-sided (SP 800-73-4 part 2, A.1)."""
        if command.p1 != self._number:
            raise Status(0x6A86)
        said = tlv.read(tlv.read_one(command.data, 0x7C, "template"), "template")
        if said.get(_WITNESS) == b"" or said.get(_CHALLENGE) == b"":
            return self._begin(_WITNESS if _WITNESS in said else _CHALLENGE)
        proof = said.get(_WITNESS, said.get(_RESPONSE, b""))
        expected, self._expected = self._expected, b""
        if not expected or not hmac.compare_digest(expected, proof):
            raise Status(0x6982)
        self._proven = True
        if _CHALLENGE not in said:
            return b""
        return tlv.write(0x7C, tlv.write(_RESPONSE, self._encrypt(said[_CHALLENGE])))

    def check(self) -> None:
        """Refuse whoever has not proven the key."""
        if not self._proven:
            raise Status(0x6982)

    def forget(self) -> None:
        """Forget that it was proven."""
        self._proven = False
        self._expected = b""

    def metadata(self) -> bytes:
        """Return what a YubiKey says of it."""
        return bytes([1, 1, self._number, 2, 2, 0, 1, 5, 1, 1])

    def _begin(self, tag: int) -> bytes:
        plain = secrets.token_bytes(self._block)
        encrypted = self._encrypt(plain)
        # a witness is shown encrypted and wanted back plain, a challenge the other way
        shown, self._expected = (encrypted, plain) if tag == _WITNESS else (plain, encrypted)
        return tlv.write(0x7C, tlv.write(tag, shown))

    def _encrypt(self, data: bytes) -> bytes:
        return self._cipher.encryptor().update(data)
