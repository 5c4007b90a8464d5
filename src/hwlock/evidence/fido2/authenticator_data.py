"""Authenticator data (WebAuthn §6.1): what a security key says about itself when it signs."""

from __future__ import annotations

from hwlock.codec import cbor
from hwlock.codec.fields import Fields
from hwlock.crypto import sha2
from hwlock.crypto.keys import VerificationKey
from hwlock.errors import FormatError, UntrustedError
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

__all__ = ["MAX_CREDENTIAL_BYTES", "RP_ID", "AuthenticatorData"]

RP_ID = "hwlock:"
RP_ID_HASH = sha2.sha256(RP_ID.encode())

FLAG_UP = 0x01  # somebody touched it
FLAG_UV = 0x04  # by PIN or finger
FLAG_BE = 0x08  # the credential may be copied to other devices
FLAG_AT = 0x40  # a new credential stands here
FLAG_ED = 0x80  # extensions stand here

_HEAD_BYTES = 37
MAX_BYTES = 2048
MAX_CREDENTIAL_BYTES = 1023  # WebAuthn §4, credential id
# A COSE_Key in the one form that CTAP2 allows, by its first bytes → its length
_KEY_FORMS = {
    bytes.fromhex("a5010203262001215820"): 77,  # EC2, ES256, P-256
    bytes.fromhex("a4010103272006215820"): 42,  # OKP, EdDSA, Ed25519
}
_ALG = 3


class AuthenticatorData(Record):
    """Authenticator data as parsed only; `raw` is what was signed.

    `aaguid` (16 bytes, the model of the key), `credential` and `key` are those of a new
    credential, empty and None in an assertion.
    """

    raw: bytes
    rp_id_hash: bytes
    flags: int
    counter: int
    aaguid: bytes = b""
    credential: bytes = b""
    key: VerificationKey | None = None

    @classmethod
    def parse(cls, raw: bytes) -> AuthenticatorData:
        """Read authenticator data that fill `raw`; FormatError, BadKey."""
        if not _HEAD_BYTES <= len(raw) <= MAX_BYTES:
            _refuse("its length is out of range", len(raw))
        flags, at = raw[32], _HEAD_BYTES
        aaguid = credential = b""
        key = None
        if flags & FLAG_AT:
            aaguid, credential, key, at = _credential(raw, at)
        if flags & FLAG_ED:
            if type(cbor.decode(raw[at:])) is not dict:
                _refuse("its extensions are not a map", at)
        elif at != len(raw):
            _refuse("something follows its end", at)
        return cls(
            raw=raw,
            rp_id_hash=raw[:32],
            flags=flags,
            counter=int.from_bytes(raw[33:37], "big"),
            aaguid=aaguid,
            credential=credential,
            key=key,
        )

    def check(self) -> None:
        """Refuse data that are not for hwlock, or of a credential that can be copied."""
        if self.rp_id_hash != RP_ID_HASH:
            raise UntrustedError("HWL-FIDO2-RP")
        if self.flags & FLAG_BE:
            raise UntrustedError("HWL-FIDO2-SYNCED")

    def check_assertion(self) -> None:
        """Refuse data that are not an assertion's; UntrustedError."""
        self.check()
        if self.flags & FLAG_AT:
            raise UntrustedError("HWL-FIDO2-FLAGS", flags=f"{self.flags:#04x}")


def _credential(raw: bytes, at: int) -> tuple[bytes, bytes, VerificationKey, int]:
    """Read attested credential data at `at` (WebAuthn §6.5.1); return where they end."""
    size = int.from_bytes(raw[at + 16 : at + 18], "big")
    start = at + 18
    end = start + size
    if not 1 <= size <= MAX_CREDENTIAL_BYTES or end > len(raw):
        _refuse("its credential has no possible length", at + 16)
    length = _KEY_FORMS.get(raw[end : end + 10], 0)
    encoded = raw[end : end + length]
    if not length or len(encoded) != length:
        _refuse("its key is neither P-256 nor Ed25519", end)
    fields = Fields(cbor.decode(encoded), "security key")
    fields.raw(_ALG, "alg")  # said by the form already
    return raw[at : at + 16], raw[start:end], VerificationKey.parse(fields), end + length


def _refuse(fault: str, offset: int) -> NoReturn:
    raise FormatError("HWL-FIDO2-DATA", stage="field", offset=offset, fault=fault)
