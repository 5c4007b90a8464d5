"""Keys that agree on secrets: P-256 and X25519, in one form each."""

from __future__ import annotations

import pytest

from hwlock.codec import cbor
from hwlock.codec.fields import Fields
from hwlock.crypto.agreement_key import AgreementKey
from hwlock.errors import BadKey, FormatError
from hwlock.testing.vendor import CardSigner, seeded

P256 = CardSigner("one").key
X25519 = bytes(range(32))


def read(value: cbor.Value) -> AgreementKey:
    """Read a COSE_Key."""
    return AgreementKey.parse(Fields(value, "key"))


@pytest.mark.parametrize("raw", [P256.raw, X25519], ids=["P-256", "X25519"])
def test_a_key_reads_as_it_was_written(raw: bytes) -> None:
    """Its length says of which curve it is."""
    key = AgreementKey(raw=raw)
    assert read(key.cose_key()) == key


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({-1: 6}, BadKey),  # Ed25519, which signs
        ({1: 3}, BadKey),  # RSA
        ({-1: 5}, BadKey),  # X448
        ({-2: bytes(31)}, FormatError),
        ({-4: bytes(32)}, FormatError),  # a private part
        ({-1: "X25519"}, FormatError),
    ],
)
def test_other_keys_are_refused(changed: dict[int, object], error: type[Exception]) -> None:
    """One wrong member each."""
    with pytest.raises(error):
        read(AgreementKey(raw=X25519).cose_key() | changed)  # type: ignore[operator]


def test_a_point_off_the_curve_is_refused() -> None:
    """Nothing is encrypted to it."""
    with pytest.raises(BadKey):
        read(P256.cose_key() | {-3: bytes(32)})
    with pytest.raises(BadKey):
        read(seeded("signs").key.cose_key())
