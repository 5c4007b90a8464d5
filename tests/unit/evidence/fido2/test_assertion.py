"""What a security key signed answers our challenge, or is refused for one reason."""

from __future__ import annotations

import hashlib

import pytest

from hwlock.errors import FormatError, UntrustedError
from hwlock.evidence import fido2

CHALLENGE = bytes(range(32))
RP_HASH = hashlib.sha256(b"hwlock:").digest()


def data(flags: int = 0, rest: bytes = b"", rp: bytes = RP_HASH) -> bytes:
    """Return authenticator data with counter 7."""
    return rp + bytes((flags,)) + b"\0\0\0\7" + rest


def refused(raw: bytes) -> str:
    """Return the code with which authenticator data are refused."""
    with pytest.raises((FormatError, UntrustedError)) as caught:
        fido2.signed_message(raw, CHALLENGE)
    return caught.value.code


@pytest.mark.parametrize("flags", [0x00, 0x01, 0x05, 0x04])
def test_message(flags: int) -> None:
    """The key signs its data and the hash of our proof message, touched or not."""
    proof = b"hwlock proof v1\0" + CHALLENGE
    expected = data(flags) + hashlib.sha256(proof).digest()
    assert fido2.signed_message(data(flags), CHALLENGE) == expected


def test_extensions() -> None:
    """Extensions are read past where the flag announces them."""
    raw = data(0x80, bytes.fromhex("a16b6372656450726f7465637401"))
    assert fido2.signed_message(raw, CHALLENGE).startswith(raw)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "HWL-FIDO2-DATA"),
        (data()[:36], "HWL-FIDO2-DATA"),
        (data(rest=b"\0"), "HWL-FIDO2-DATA"),
        (data(0x80), "HWL-CBOR-CUT"),
        (data(0x80, b"\x01"), "HWL-FIDO2-DATA"),
        (data(0x80, b"\xa0\0"), "HWL-CBOR-EXTRA"),
        (data(rest=bytes(3000)), "HWL-FIDO2-DATA"),
        (data(rp=hashlib.sha256(b"example.org").digest()), "HWL-FIDO2-RP"),
        (data(0x08), "HWL-FIDO2-SYNCED"),
        (data(0x18), "HWL-FIDO2-SYNCED"),
        (data(0x40), "HWL-FIDO2-DATA"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refused(raw: bytes, code: str) -> None:
    """Wrong lengths, other relying parties and credentials that can be copied are refused."""
    assert refused(raw) == code


def test_a_new_credential_is_no_answer() -> None:
    """Authenticator data of a registration are not taken for those of an assertion."""
    key = bytes.fromhex("a4010103272006215820") + bytes.fromhex(
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    )
    raw = data(0x41, bytes(16) + b"\0\1x" + key)
    assert refused(raw) == "HWL-FIDO2-FLAGS"


@pytest.mark.parametrize("cut", [1, 10, 41])
def test_a_cut_key(cut: int) -> None:
    """A new credential whose key is cut short is refused, wherever that is."""
    key = bytes.fromhex("a4010103272006215820") + bytes(32)
    assert refused(data(0x41, bytes(16) + b"\0\1x" + key[:cut])) == "HWL-FIDO2-DATA"


@pytest.mark.parametrize("size", [0, 1024, 65535])
def test_a_credential_of_impossible_length(size: int) -> None:
    """The length of a credential's id is checked before it is used."""
    assert refused(data(0x41, bytes(16) + size.to_bytes(2, "big"))) == "HWL-FIDO2-DATA"
