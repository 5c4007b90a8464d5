"""Every example in docs/spec/fido2.md is true."""

from __future__ import annotations

import hashlib
from pathlib import Path

from hwlock.crypto.keys import VerificationKey
from hwlock.devices.fido2.enrollment import Enrollment
from hwlock.evidence.fido2.attestation import CLIENT_DATA_HASH
from hwlock.evidence.fido2.authenticator_data import RP_ID, RP_ID_HASH

PAGE = Path(__file__).parents[4] / "docs" / "spec" / "fido2.md"
KEY = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")


def example(kind: str) -> bytes:
    """Return the bytes of the example of a kind."""
    page = PAGE.read_text(encoding="utf-8")
    return bytes.fromhex(page.split(f"```{kind}\n")[1].split("\n```")[0])


def test_the_relying_party() -> None:
    """The hash of the page is that of the name on the page."""
    assert f"    {RP_ID}\n" in PAGE.read_text(encoding="utf-8")
    assert hashlib.sha256(RP_ID.encode()).digest() == RP_ID_HASH == example("rp-id-hash")


def test_the_client_data_hash() -> None:
    """The constant follows from its words."""
    expected = hashlib.sha256(b"hwlock fido2 attestation v1\0").digest()
    assert expected == CLIENT_DATA_HASH == example("client-data-hash")


def test_the_record() -> None:
    """The record of the page is the one that is written for its members, and read."""
    enrolled = Enrollment(credential=b"x", key=VerificationKey(KEY), aaguid=bytes(16), touch=False)
    assert enrolled.encode() == example("record")
    assert Enrollment.parse(example("record")) == enrolled
