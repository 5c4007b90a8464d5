"""A second reader, written from docs/spec/files.md with other libraries, agrees on every file."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

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
    if key[1] == 1:
        assert header[1] == -8
        ed25519.Ed25519PublicKey.from_public_bytes(key[-2]).verify(signature, message)
    else:
        assert header[1] == -7
        x, y = (int.from_bytes(key[label], "big") for label in (-2, -3))
        public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
        r, s = (int.from_bytes(signature[at : at + 32], "big") for at in (0, 32))
        public.verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))
    return header, cbor2.loads(payload)


def says(raw: bytes) -> dict[int, Any]:
    """Return what a file says, before it is believed."""
    return cbor2.loads(cbor2.loads(raw).value[2])


def open_issued(raw: bytes, product: bytes) -> dict[int, Any]:
    """Verify a file of an issuer (section 3)."""
    delegation = cbor2.loads(cbor2.loads(raw).value[0])[-70000]
    wanted = cbor2.loads(cbor2.loads(delegation).value[0])[4]
    (root,) = [key for key in says(product)[-70000][2] if kid_of(key) == wanted]
    header, appointed = open_by(root, delegation)
    assert header[16] == "application/hwlock-delegation"
    _, found = open_by(appointed[8][1], raw)
    assert appointed[6] <= found[6] < appointed[4]
    assert found[3] in appointed[-70000][1][1]
    return found


def cose_key(raw: bytes) -> dict[int, Any]:
    """Return the COSE_Key of raw bytes."""
    if len(raw) == 32:
        return {1: 1, -1: 6, -2: raw}
    return {1: 2, -1: 1, -2: raw[:32], -3: raw[32:]}


@pytest.mark.parametrize("path", GENUINE, ids=lambda path: path.stem)
def test_a_second_reader_agrees(path):
    """Every genuine vector is genuine to it, too."""
    case = json.loads(path.read_text(encoding="ascii"))
    raw = bytes.fromhex(case["hex"])
    if case["read"] == "product":
        open_by(says(raw)[-70000][2][0], raw)
    elif case["read"] == "request":
        open_by(says(raw)[8][1], raw)
    elif case["read"] == "receipt":
        _, found = open_by(cose_key(bytes.fromhex(case["key"])), raw)
        assert found[-70000][1].hex() == case["license_digest"]
    else:
        found = open_issued(raw, bytes.fromhex(case["product"]))
        if case["read"] == "response":
            assert (found[7].hex(), found[-70000][1].hex()) == (case["nonce"], case["request"])
            assert case["now"] < found[4]
