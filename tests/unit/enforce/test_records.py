"""The private records of a machine: requests that wait, licenses that are gone, sealed state."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timezone

import pytest

from hwlock.check.state import State
from hwlock.codec import cbor
from hwlock.crypto.keys import SoftwareSigner
from hwlock.enforce.own_key import OwnKey
from hwlock.enforce.pending import Pending, name_of
from hwlock.enforce.returning import Gone
from hwlock.errors import FormatError, StoreError

MOMENT = datetime(2026, 3, 1, 12, 0, 5, tzinfo=timezone.utc)
OWN = OwnKey(bytes(range(32)), "acme-cad")
STATE = State.begin(MOMENT)
PENDING = Pending(nonce=bytes(range(32)), digest=b"d" * 32, asked_at=MOMENT, state=b"s" * 32)
GONE = Gone(
    product_id="acme-cad",
    license_id=b"i" * 16,
    license_digest=b"d" * 32,
    key=b"k" * 32,
    returned_at=MOMENT,
)


@pytest.mark.parametrize("record", [PENDING, GONE], ids=["pending", "gone"])
def test_a_record_is_kept_and_read(record):
    """And nothing else is: no prefix of it, and no more than it."""
    data = record.encode()
    assert type(record).parse(data) == record
    for wrong in (*(data[:size] for size in range(len(data))), data + b"\0"):
        with pytest.raises(FormatError):
            type(record).parse(wrong)


@pytest.mark.parametrize("record", [PENDING, GONE], ids=["pending", "gone"])
def test_a_record_has_its_members_and_no_others(record):
    """A member too few or too many is refused."""
    members = dict(cbor.decode(record.encode()))
    for key in members:
        with pytest.raises(FormatError):
            type(record).parse(cbor.encode({k: v for k, v in members.items() if k != key}))
    with pytest.raises(FormatError):
        type(record).parse(cbor.encode(members | {9: 0}))


def test_a_request_that_waits_is_named_by_its_nonce():
    """16 hex digits: enough to find it, and a name that every file system takes."""
    assert PENDING.name == name_of(PENDING.nonce) == "0001020304050607"


def test_sealed_state_is_a_tag_and_the_state():
    """Only the store's own key opens it."""
    sealed = OWN.seal(STATE)
    assert sealed[32:] == STATE.encode()
    assert OWN.unseal(sealed) == STATE
    with pytest.raises(StoreError):
        OwnKey(bytes(32), "acme-cad").unseal(sealed)


def test_every_flipped_bit_of_sealed_state_is_noticed():
    """Neither tag nor state can be changed, cut or stretched."""
    sealed = OWN.seal(STATE)
    changes = [
        bytes(byte ^ (1 << bit if at == place else 0) for place, byte in enumerate(sealed))
        for at in range(len(sealed))
        for bit in range(8)
    ]
    changes += [sealed[:size] for size in range(len(sealed))] + [sealed + b"\0"]
    for changed in changes:
        with pytest.raises(StoreError) as caught:
            OWN.unseal(changed)
        assert caught.value.code == "HWL-STORE-FORGED"


def derived(purpose: bytes) -> bytes:
    """Compute a derivation as docs/spec/files.md section 10 says, with the standard library."""
    return hmac.new(bytes(range(32)), purpose, hashlib.sha256).digest()


def test_a_state_of_another_version_is_as_good_as_changed():
    """Its tag is right and it cannot be read: a new activation begins it anew."""
    for body in (cbor.encode({1: 1_700_000_000}), cbor.encode({9: 0}), b""):
        with pytest.raises(StoreError) as caught:
            OWN.unseal(hmac.digest(derived(b"hwlock state v1"), body, "sha256") + body)
        assert caught.value.code == "HWL-STORE-FORGED"


def test_the_seed_signs_and_seals_with_different_keys():
    """Both are derived as the page says; the product does not enter, each has its own seed."""
    tag = hmac.new(derived(b"hwlock state v1"), STATE.encode(), hashlib.sha256).digest()
    assert OWN.seal(STATE) == tag + STATE.encode()
    expected = SoftwareSigner.from_seed(derived(b"hwlock machine key v1"))
    assert OWN.signer().key == expected.key
    assert OWN.signer().key != OwnKey(bytes(32), "acme-cad").signer().key
