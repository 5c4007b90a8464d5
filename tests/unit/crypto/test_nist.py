"""Vectors of NIST (CAVP), of the RFCs, and the 1024 signatures that came with Ed25519."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib import resources

import p256_model
import pytest

from hwlock.crypto import ed25519, hmac, p256, sha2
from hwlock.errors import BadKey, BadSignature


def lines(*path: str) -> list[str]:
    """Return the lines of a file of cryptography_vectors."""
    place = resources.files("cryptography_vectors").joinpath(*path)
    return place.read_text().splitlines()


def records(rows: list[str], section: str = "") -> Iterator[dict[str, str]]:
    """Yield blocks of `name = value`, of one [section] where it is named."""
    block: dict[str, str] = {}
    inside = not section
    for row in [*rows, ""]:
        if row.startswith("[") and section:
            inside = row.strip() == f"[{section}]"
        elif " = " in row and not row.startswith(("#", "[")):
            name, _, value = row.partition(" = ")
            block[name.strip()] = value.strip()
        elif not row.strip() and block:
            if inside:
                yield block
            block = {}


def number(text: str) -> bytes:
    """Return a hexadecimal number in 32 bytes."""
    return int(text, 16).to_bytes(32, "big")


@pytest.mark.parametrize("bits", [256, 512])
@pytest.mark.parametrize("length", ["Short", "Long"])
def test_sha2(bits: int, length: str) -> None:
    """Every message of CAVP has its digest."""
    hash_ = sha2.sha256 if bits == 256 else sha2.sha512
    count = 0
    for block in records(lines("hashes", "SHA2", f"SHA{bits}{length}Msg.rsp")):
        if "MD" in block:
            message = bytes.fromhex(block["Msg"])[: int(block["Len"]) // 8]
            assert hash_(message).hex() == block["MD"]
            count += 1
    assert count >= 64


def test_sha256_chain() -> None:
    """A chain of 1000 digests (CAVP's Monte Carlo step) ends where hashlib's ends."""
    a = b = c = bytes(32)
    for _ in range(1000):
        a, b, c = b, c, sha2.sha256(a + b + c)
    x = y = z = bytes(32)
    for _ in range(1000):
        x, y, z = y, z, hashlib.sha256(x + y + z).digest()
    assert c == z


def test_hmac() -> None:
    """RFC 4231's cases have their tags (one of them cut), and a changed tag is refused."""
    count = 0
    for block in records(lines("HMAC", "rfc-4231-sha256.txt")):
        if "MD" not in block:
            continue
        key, data = bytes.fromhex(block["Key"]), bytes.fromhex(block["Msg"])
        tag = hmac.sha256(key, data)
        assert tag.hex().startswith(block["MD"])
        hmac.verify(key, data, tag)
        with pytest.raises(BadSignature):
            hmac.verify(key, data, tag[:-1])
        with pytest.raises(BadSignature):
            hmac.verify(key, data, tag[:-1] + bytes([tag[-1] ^ 1]))
        count += 1
    assert count >= 6


def test_ed25519_sign_input() -> None:
    """All 1024 signatures verify, one by one and as many; over another message none does."""
    count = 0
    for row in lines("asymmetric", "Ed25519", "sign.input"):
        _, key, message, signed = (bytes.fromhex(part) for part in row.split(":")[:4])
        prepared = ed25519.PublicKey(key).prepare()
        pairs = [(signed[:64], message), (signed[:64], message + b"\0")]
        good, bad = prepared.verify_many(pairs)
        assert good is None
        assert isinstance(bad, BadSignature)
        count += 1
    assert count == 1024


@pytest.mark.parametrize("edition", ["FIPS_186-2", "FIPS_186-3"])
def test_p256_keys(edition: str) -> None:
    """CAVP's public keys are accepted or refused as it says."""
    count = 0
    for block in records(lines("asymmetric", "ECDSA", edition, "PKV.rsp"), "P-256"):
        x, y = int(block["Qx"], 16), int(block["Qy"], 16)
        if max(x, y) >= 2**256:
            assert block["Result"].startswith("F")  # has no 64 bytes: cannot reach us
            continue
        if block["Result"].startswith("P"):
            p256.PublicKey(p256_model.raw(x, y))
        else:
            with pytest.raises(BadKey):
                p256.PublicKey(p256_model.raw(x, y))
        count += 1
    assert count >= 6


def test_p256_signatures() -> None:
    """CAVP's signatures are accepted or refused as it says."""
    count = 0
    for block in records(lines("asymmetric", "ECDSA", "FIPS_186-3", "SigVer.rsp"), "P-256,SHA-256"):
        signature = number(block["R"]) + number(block["S"])
        message = bytes.fromhex(block["Msg"])
        try:
            p256.PublicKey(number(block["Qx"]) + number(block["Qy"])).verify(signature, message)
            accepted = True
        except (BadKey, BadSignature):
            accepted = False
        assert accepted == block["Result"].startswith("P")
        count += 1
    assert count == 15


def test_p256_generated_signatures() -> None:
    """CAVP's generated signatures verify, over the message and over its digest."""
    count = 0
    rows = lines("asymmetric", "ECDSA", "FIPS_186-3", "SigGen.rsp")
    for block in records(rows, "P-256,SHA-256"):
        if "Msg" not in block:
            continue
        key = p256.PublicKey(number(block["Qx"]) + number(block["Qy"]))
        signature = number(block["R"]) + number(block["S"])
        message = bytes.fromhex(block["Msg"])
        key.verify(signature, message)
        key.prepare().verify_digest(signature, sha2.sha256(message))
        count += 1
    assert count == 15
