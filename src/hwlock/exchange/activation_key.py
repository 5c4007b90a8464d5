"""The activation key: what a customer gets when a right is sold, and types into a request.

100 random bits as a typed code of 25 characters. A request does not carry the key. It
carries its *id*, by which the desk finds the entitlement, and a *proof* that ties the key to
this one request, so that whoever reads the mail cannot activate with it. The fingerprint's
salt comes from the key as well: the same machine gives the same digests for the same
entitlement, and others for another one.
"""

from __future__ import annotations

from hwlock.codec import typed_code
from hwlock.crypto import hmac, sha2
from hwlock.record import Record

__all__ = ["ActivationKey"]

KEY_BITS = 100
ID_BYTES = 16
SALT_BYTES = 16


class ActivationKey(Record):
    """An activation key, as the number that its typed code stands for."""

    number: int

    @classmethod
    def parse(cls, text: str) -> ActivationKey:
        """Read a typed key; FormatError names the group that is mistyped."""
        return cls(number=typed_code.decode(text))

    @classmethod
    def make(cls, entropy: bytes) -> ActivationKey:
        """Make a key of 13 fresh random bytes, of which 100 bits are used."""
        return cls(number=int.from_bytes(entropy, "big") % (1 << KEY_BITS))

    def __str__(self) -> str:
        return typed_code.encode(self.number)

    def __repr__(self) -> str:  # a key is a secret: tracebacks and logs must not show it
        return "ActivationKey(…)"

    @property
    def id(self) -> bytes:
        """What names the key without giving it away (16 bytes)."""
        return self._derive(b"id")[:ID_BYTES]

    def salt(self, product_id: str) -> bytes:
        """Return the salt of fingerprints under this key (16 bytes)."""
        return self._derive(b"salt " + product_id.encode())[:SALT_BYTES]

    def proof(self, nonce: bytes, kid: bytes) -> bytes:
        """Return the tag (32 bytes) that ties this key to one request and its signer."""
        return hmac.sha256(self._derive(b"proof"), nonce + kid)

    def _derive(self, purpose: bytes) -> bytes:
        secret = sha2.sha256(b"hwlock activation key v1\0" + self.number.to_bytes(13, "big"))
        return hmac.sha256(secret, purpose)
