"""A second reader, written from docs/spec/files.md with other libraries, agrees on every file."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from hwlock.license.license import UnverifiedLicense

VECTORS = Path(__file__).parents[2] / "vectors" / "files"
GENUINE = [
    path
    for path in sorted(VECTORS.glob("*.json"))
    if json.loads(path.read_text(encoding="ascii"))["code"] is None
]


def kid_of(key: dict[int, Any]) -> bytes:
    """Return the kid of a COSE_Key (section 1)."""
    return hashlib.sha256(cbor2.dumps(key, canonical=True)).digest()[:16]


def open_by(key: dict[int, Any], raw: bytes) -> tuple[dict[int, Any], dict[int, Any]]:
    """Open a file with a COSE_Key (section 1): its header and its payload."""
    protected, _, payload, signature = cbor2.loads(raw).value
    header = cbor2.loads(protected)
    message = cbor2.dumps(["Signature1", protected, b"", payload])
    assert header[4] == kid_of(key)
    assert header[1] == (-8 if key[1] == 1 else -7)
    verify(key, signature, message)
    return header, cbor2.loads(payload)


def verify(key: dict[int, Any], signature: bytes, message: bytes) -> None:
    """Verify a signature of Ed25519 or ES256 (section 1)."""
    if key[1] == 1:
        ed25519.Ed25519PublicKey.from_public_bytes(key[-2]).verify(signature, message)
        return
    x, y = (int.from_bytes(key[label], "big") for label in (-2, -3))
    public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    r, s = (int.from_bytes(signature[at : at + 32], "big") for at in (0, 32))
    public.verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))


def says(raw: bytes) -> dict[int, Any]:
    """Return what a file says, before it is believed."""
    return cbor2.loads(cbor2.loads(raw).value[2])


def open_issued(raw: bytes, product: bytes) -> dict[int, Any]:
    """Verify a file of an issuer (section 3)."""
    delegation = cbor2.loads(cbor2.loads(raw).value[0])[-70000]
    wanted = cbor2.loads(cbor2.loads(delegation).value[0])[4]
    ours = says(product)[-70000]
    former = {kid_of(one[1]): one for one in ours.get(3, ())}
    (root,) = [
        key for key in (*ours[2], *(one[1] for one in former.values())) if kid_of(key) == wanted
    ]
    header, appointed = open_by(root, delegation)
    assert wanted not in former or kid_of(appointed[8][1]) in former[wanted][2]
    assert header[16] == "application/hwlock-delegation"
    _, found = open_by(appointed[8][1], raw)
    assert appointed[6] <= found[6] < appointed[4]
    assert found[3] in appointed[-70000][1][1]
    return found


def succeed(known: bytes, raw: bytes) -> None:
    """Let a product file take the place of a known one (section 2.1)."""
    before, after = says(known), says(raw)
    assert before[2] == after[2]
    assert before[6] < after[6]
    trusted = {kid_of(key): key for key in before[-70000][2]}
    for endorsement in after[-70000].get(4, ()):
        by = cbor2.loads(cbor2.loads(endorsement).value[0])[4]
        if by in trusted:
            header, found = open_by(trusted[by], endorsement)
            assert header[16] == "application/hwlock-endorsement"
            trusted[kid_of(found[8][1])] = found[8][1]
    assert kid_of(after[-70000][2][0]) in trusted


def prove(dongle: dict[int, Any], challenge: bytes) -> None:
    """Verify the proof of one dongle of a request (sections 5 and 9)."""
    message = b"hwlock proof v1\0" + challenge
    if dongle[1] == "usb":
        assert dongle[7].decode() == dongle[2]
    elif dongle[4][1] == 3:
        n, e = (int.from_bytes(dongle[4][label], "big") for label in (-1, -2))
        key = rsa.RSAPublicNumbers(e, n).public_key()
        key.verify(dongle[6], message, padding.PKCS1v15(), SHA256())
    else:
        verify(dongle[4], dongle[6], message)


def prove_all(raw: bytes) -> None:
    """Verify the proofs of all dongles of a request."""
    asked = says(raw)
    kid = kid_of(asked[8][1])
    challenge = hashlib.sha256(b"hwlock claims v1\0" + asked[7] + kid).digest()
    for dongle in asked[-70000].get(7, ()):
        assert dongle[2].startswith(dongle[1] + ":")
        prove(dongle, challenge)


def devices(binding: dict[int, Any]) -> list[object]:
    """Return what tells the anchors of a binding apart (section 4.1)."""
    return [
        (anchor[1], cbor2.dumps(anchor[3])) if 3 in anchor else (anchor[1], anchor.get(7))
        for anchor in binding[1]
    ]


def our_end(raw: bytes) -> int | None:
    """Return the same as the library understands it."""
    terms = UnverifiedLicense.parse(raw).says
    if terms.expires_at is None:
        return None
    return int((terms.expires_at + timedelta(days=terms.model.grace_days)).timestamp())


def cose_key(raw: bytes) -> dict[int, Any]:
    """Return the COSE_Key of raw bytes."""
    if len(raw) == 32:
        return {1: 1, -1: 6, -2: raw}
    return {1: 2, -1: 1, -2: raw[:32], -3: raw[32:]}


DAY = 86400
SAYS_NOTHING = ({}, "", 0, None, "node-locked", "enforce")


def runs_until(claims: dict[int, Any]) -> int | None:
    """Return the first second in which a license does not run any more (section 4.4)."""
    ours = claims[-70000]
    if 5 not in ours:
        return claims.get(4)
    model = ours[5]
    assert model
    assert set(model) <= set(range(1, 10))
    assert not any(value in SAYS_NOTHING for value in model.values())
    kind = model.get(1, "node-locked")
    assert (kind == "maintenance") == (4 in model)
    assert (kind == "subscription") or not {2, 3} & set(model)
    for name, feature in model.get(6, {}).items():
        assert name in ours[2]
        assert feature
        assert set(feature) <= {1, 2}
    for counter in model.get(7, {}).values():
        assert counter.get(2) in ("day", "month", "year", None)
    if kind == "maintenance":
        assert 4 not in claims
        return None
    return None if 4 not in claims else claims[4] + model.get(3, 0) * DAY


def taken(lists: list[bytes], product: bytes) -> tuple[int, list[list[Any]]]:
    """Take genuine lists one after the other (section 12); number and entries, sorted."""
    number, known = 0, {}
    for raw in lists:
        listed = open_issued(raw, product)[-70000]
        if listed[1] <= number:
            continue
        assert listed.get(2, 0) <= number
        number = listed[1]
        known = dict(known) if 2 in listed else {}
        for entry in listed[3]:
            since = known.get((entry[1], entry[2]), entry[3])
            known[entry[1], entry[2]] = min(since, entry[3])
    return number, sorted([kind, subject.hex(), at] for (kind, subject), at in known.items())


def fits(held: bytes, says: dict[int, Any]) -> bool:
    """Tell whether a license is the next of one that is held (section 13)."""
    before = cbor2.loads(cbor2.loads(held).value[2])
    same = [(one[8], one[-70000][1], one[-70000][4]) for one in (before, says)]
    return same[0] == same[1] and before[6] < says[6]


def opens(license_id: bytes, index: int, number: int) -> bytes:
    """Return the lock that a code opens (section 4.5)."""
    said = license_id + bytes([index]) + number.to_bytes(13, "big")
    return hashlib.sha256(b"hwlock amendment v1\0" + said).digest()


def after_codes(claims: dict[int, Any], used: list[int]) -> tuple[int, dict[str, int]]:
    """Return expiry and limits of a license whose changes with these indexes were used."""
    ends = claims[4]
    limits = {name: counter[1] for name, counter in claims[-70000][5][7].items()}
    for change in (claims[-70000][6][index] for index in used):
        ends += change.get(3, 0) * DAY
        if change[1] == "counter":
            limits[change[4]] += change[5]
    return ends, limits


def check_code(case: dict[str, Any]) -> None:
    """Follow the code of a case, and those that were used before."""
    claims = open_issued(bytes.fromhex(case["hex"]), bytes.fromhex(case["product"]))
    changes = claims[-70000][6]
    codes = [read_letters(text) for text in case["used"]] + [int(case["number"])]
    used = [
        index
        for number in codes
        for index, change in enumerate(changes)
        if change[2] == opens(claims[7], index, number)
    ]
    assert len(used) == len(codes)
    assert used[-1] == case["opens"]
    assert changes[used[-1]].get(6) in (None, *used[:-1])
    assert after_codes(claims, used) == (case["ends"], case["limits"])
    assert case["moved"] == (changes[used[-1]][1] == "transfer")


def read_letters(text: str) -> int:
    """Return the number of a code in letters, its check characters left aside (encoding.md)."""
    letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    groups = text.split("-")
    number = 0
    for letter in "".join(group[:4] for group in groups):
        number = number * 32 + letters.index(letter)
    return number


def check_renewal(case: dict[str, Any]) -> None:
    """Follow a renewal that is taken."""
    product = bytes.fromhex(case["product"])
    inside = open_issued(bytes.fromhex(case["hex"]), product)[-70000]
    assert inside[2].hex() == case["license"]
    says = open_issued(inside[2], product)
    assert all(fits(bytes.fromhex(held), says) for held in case["held"])
    assert says[6] <= case["now"] < says[4]
    if 4 in inside:
        taken([inside[4]], product)


def check_list(case: dict[str, Any]) -> None:
    """Follow a revocation list after those that were known."""
    lists = [bytes.fromhex(text) for text in (*case["known"], case["hex"])]
    found = taken(lists, bytes.fromhex(case["product"]))
    assert found == (case["number"], case["revoked"])


TAKEN = {"revocation": check_list, "renewal": check_renewal, "code": check_code}


@pytest.mark.parametrize("path", GENUINE, ids=lambda path: path.stem)
def test_a_second_reader_agrees(path):
    """Every genuine vector is genuine to it, too."""
    case = json.loads(path.read_text(encoding="ascii"))
    raw = bytes.fromhex(case["hex"])
    if case["read"] in TAKEN:
        TAKEN[case["read"]](case)
    elif case["read"] in ("product", "successor"):
        open_by(says(raw)[-70000][2][0], raw)
        if case["read"] == "successor":
            succeed(bytes.fromhex(case["known"]), raw)
    elif case["read"] == "request":
        open_by(says(raw)[8][1], raw)
        prove_all(raw)
    elif case["read"] == "receipt":
        _, found = open_by(cose_key(bytes.fromhex(case["key"])), raw)
        assert found[-70000][1].hex() == case["license_digest"]
    elif case["read"] == "diagnostic":
        header, found = open_by(says(raw)[8][1], raw)
        assert header[16] == "application/hwlock-diagnostic"
        assert set(found) == {6, 8, -70000}
    else:
        found = open_issued(raw, bytes.fromhex(case["product"]))
        if case["read"] == "license":
            assert runs_until(found) == our_end(raw)
        if case["read"] == "response":
            assert (found[7].hex(), found[-70000][1].hex()) == (case["nonce"], case["request"])
            assert case["now"] < found[4]
        else:
            named = devices(found[-70000][4])
            assert len(set(named)) == len(named)
