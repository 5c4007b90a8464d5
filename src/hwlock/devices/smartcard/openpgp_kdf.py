"""PINs that an OpenPGP card wants hashed (application 3.4.1, 4.3.2; RFC 4880, 3.7.1.3)."""

from __future__ import annotations

import hashlib

from hwlock.errors import BadAnswer

from . import tlv

__all__ = ["pin_block"]

_PLAIN, _ITERATED = 0, 3
_HASHES = {8: "sha256", 10: "sha512"}
_MOST_BYTES = 65011712  # the most that the one byte of RFC 4880 can say
_FORM = 0xF9


def pin_block(kdf: bytes, pin: str) -> bytes:
    """Return what VERIFY takes of `pin` where the card's KDF object is `kdf`; BadAnswer."""
    said = tlv.read(kdf, "PIN format")
    said = tlv.read(said[_FORM], "PIN format") if _FORM in said else said
    kind = said.get(0x81, bytes([_PLAIN]))
    if kind == bytes([_PLAIN]):
        return pin.encode()
    name = _HASHES.get(int.from_bytes(said.get(0x82, b""), "big"))
    count = int.from_bytes(said.get(0x83, b""), "big")
    if kind != bytes([_ITERATED]) or name is None or 0x84 not in said or count > _MOST_BYTES:
        raise BadAnswer("HWL-SMARTCARD-ANSWER", fault="PIN format: it is not known")
    salted = said[0x84] + pin.encode()
    whole, rest = divmod(max(count, len(salted)), len(salted))
    digest = hashlib.new(name)
    for _ in range(whole):
        digest.update(salted)
    digest.update(salted[:rest])
    return digest.digest()
