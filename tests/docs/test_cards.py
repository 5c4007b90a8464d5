"""What docs/spec/cards.md shows is what the library writes; the howtos name what exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pycddl import Schema, ValidationError

from hwlock.codec import cbor
from hwlock.crypto.agreement_key import AgreementKey
from hwlock.crypto.keys import VerificationKey
from hwlock.devices.smartcard.piv_card import SLOTS
from hwlock.errors.table import TABLE
from hwlock.evidence.card import CardRecord, agreement_of
from hwlock.evidence.x509.spki import read_key
from hwlock.testing.cards.keys import generate

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("spec/cards.md", "howto/piv.md", "howto/openpgp.md")


def test_record():
    """The record of the example is written and read as it stands there."""
    text = (DOCS / "spec/cards.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```card-record\n(.*?)```", text, flags=re.S)
    shown = dict(line.split() for line in block.splitlines())
    key = VerificationKey(bytes.fromhex(shown["key"]))
    record = CardRecord(slot=int(shown["slot"], 16), key=key)
    assert record.encode().hex() == shown["record"]
    assert CardRecord.parse(bytes.fromhex(shown["record"])) == record


def test_record_of_an_openpgp_card():
    """With a key that agrees on secrets."""
    text = (DOCS / "spec/cards.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```openpgp-record\n(.*?)```", text, flags=re.S)
    shown = {name: bytes.fromhex(value) for name, value in map(str.split, block.splitlines())}
    key, agreement = VerificationKey(shown["key"]), AgreementKey(raw=shown["agreement"])
    record = CardRecord(slot=0, key=key, agreement=agreement)
    assert record.encode() == shown["record"]
    assert CardRecord.parse(shown["record"]) == record
    assert agreement_of("openpgp", key, shown["record"]) == shown["agreement"]


def test_schema():
    """The schema accepts records and attestations that the library writes, and no others."""
    cddl = (DOCS / "spec/hwlock.cddl").read_text(encoding="utf-8")
    cddl = cddl.replace(" .cbor protected-header", "")
    records = Schema("start = card-record\n" + cddl)
    attestations = Schema("start = piv-attestation\n" + cddl)
    for key in (generate("Ed25519"), generate("RSA-2048"), generate("P-256")):
        public = key.public_key()
        spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        for slot in (0, 0x9A):
            records.validate_cbor(CardRecord(slot=slot, key=read_key(spki)).encode())
    attestations.validate_cbor(cbor.encode((b"leaf", b"token")))
    signs, agrees = generate("Ed25519"), generate("X25519")
    key = VerificationKey(signs.public_key().public_bytes_raw())
    agreement = AgreementKey(raw=agrees.public_key().public_bytes_raw())
    records.validate_cbor(CardRecord(slot=0, key=key, agreement=agreement).encode())
    for schema, wrong in ((records, {1: 0x9A}), (attestations, ()), (attestations, (b"",) * 6)):
        with pytest.raises(ValidationError):
            schema.validate_cbor(cbor.encode(wrong))


@pytest.mark.parametrize("page", PAGES)
def test_codes(page):
    """Every code that a page names is in the table."""
    text = (DOCS / page).read_text(encoding="utf-8")
    assert set(re.findall(r"HWL-[A-Z0-9-]+[A-Z0-9]", text)) <= set(TABLE)


def test_slots():
    """The slots of the specification are those of the driver."""
    assert {0x9A, 0x9C, 0x9D, 0x9E, *range(0x82, 0x96)} == set(SLOTS)
