"""Whatever bytes a card or a request holds, they are read or refused with an error of ours."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hwlock.crypto.agreement_key import AgreementKey
from hwlock.crypto.keys import VerificationKey
from hwlock.devices.smartcard import tlv
from hwlock.devices.smartcard.apdu import Channel
from hwlock.devices.smartcard.openpgp_card import CardData
from hwlock.devices.smartcard.openpgp_kdf import pin_block
from hwlock.devices.smartcard.piv_card import PivCard
from hwlock.errors import BadAnswer, BadKey, FormatError, HwlockError, NotFound, UntrustedError
from hwlock.evidence.card import CardRecord
from hwlock.evidence.piv import verify_attestation
from hwlock.evidence.x509.spki import read_key
from hwlock.testing.cards.keys import generate
from hwlock.testing.cards.maker import CardMaker
from hwlock.testing.cards.openpgp import OpenPgpApplication

NOW = datetime(2030, 1, 1, tzinfo=timezone.utc)
MAKER = CardMaker()
TOKEN = MAKER.token()
LEAF = TOKEN.attest(generate("P-256").public_key())
KEY = VerificationKey(
    bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
)
CARD_DATA = OpenPgpApplication()._objects()[0x6E]


class Fixed:
    """A wire that answers each command with the same data, and success."""

    reader = "a wire"
    t0 = False

    def __init__(self, data):
        self.data = data

    def exchange(self, command):
        """Return it."""
        return self.data + b"\x90\0"


@st.composite
def changed(draw, whole):
    """Return `whole` with a few bytes changed, cut or added."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        data[at : at + draw(st.integers(0, 2))] = draw(st.binary(max_size=3))
    return bytes(data)


@given(st.binary(max_size=300))
def test_values(data):
    """Nested values: what is read is all there was, in pieces of it."""
    try:
        found = tlv.read(data, "test")
    except BadAnswer:
        return
    assert sum(map(len, found.values())) <= len(data)


@given(st.dictionaries(st.sampled_from([0x53, 0x70, 0x5C, 0x5F52, 0x7F49]), st.binary()))
def test_values_both_ways(values):
    """What is written is what is read."""
    written = b"".join(tlv.write(tag, value) for tag, value in values.items())
    assert tlv.read(written, "test") == values


@given(st.binary(max_size=200) | changed(CARD_DATA))
@example(CARD_DATA)
def test_card_data(data):
    """The OpenPGP card's description of itself."""
    try:
        said = CardData.parse(data)
    except BadAnswer:
        return
    assert 0 <= said.tries_left <= 255
    assert len(said.serial) == 13


@given(st.binary(max_size=200), st.sampled_from([(5, 7, 1), (4, 3, 5), ()]))
def test_piv_answers(data, firmware):
    """Whatever a PIV card answers to everything: a key, or an error of ours."""
    card = PivCard(Channel(Fixed(data)))
    card.firmware = firmware
    for ask in (card.key, card.certificate, card.metadata, card.demands):
        try:
            ask(0x9A)
        except (BadAnswer, BadKey, NotFound):
            pass


@given(st.binary(max_size=64))
def test_pin_formats(data):
    """What says how a PIN is sent: known, or refused."""
    try:
        assert pin_block(data, "123456")
    except BadAnswer:
        pass


RECORDS = (
    CardRecord(slot=0x9E, key=KEY),
    CardRecord(slot=0, key=KEY, agreement=AgreementKey(raw=bytes(range(32)))),
)


@given(
    st.binary(max_size=100) | st.sampled_from(RECORDS).flatmap(lambda one: changed(one.encode()))
)
def test_records(data):
    """A record that is read is written back as it was."""
    try:
        record = CardRecord.parse(data)
    except (FormatError, BadKey):
        return
    assert CardRecord.parse(record.encode()) == record


@given(st.binary(max_size=100))
def test_public_keys(data):
    """A SubjectPublicKeyInfo."""
    try:
        read_key(data)
    except (FormatError, BadKey):
        pass


@given(changed(b"\x82" + b"\x59" + len(LEAF).to_bytes(2, "big") + LEAF + b"\x40"))
def test_attestations(data):
    """A changed attestation never becomes a trusted one."""
    with pytest.raises((FormatError, UntrustedError)) as caught:
        verify_attestation(data, KEY, trusted=(MAKER.root,), at=NOW)
    assert isinstance(caught.value, HwlockError)
