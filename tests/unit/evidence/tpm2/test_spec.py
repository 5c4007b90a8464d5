"""Every example in docs/spec/tpm2.md is true."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from hwlock.evidence.tpm2 import attestation, credential
from hwlock.evidence.tpm2.claims import Tpm2Claims
from hwlock.evidence.tpm2.structures import Attest
from hwlock.evidence.tpm2.wire import sized, u16

PAGE = Path(__file__).parents[4] / "docs" / "spec" / "tpm2.md"


def example(kind: str) -> bytes:
    """Return the bytes of the example of a kind."""
    page = PAGE.read_text(encoding="utf-8")
    return bytes.fromhex(page.split(f"```{kind}\n")[1].split("\n```")[0])


def test_qualifying_data(claims: Tpm2Claims) -> None:
    """The qualifying data follow from the nonce, and stand in a recorded statement."""
    assert attestation.qualifying_data(bytes(range(32))) == example("qualifying")
    assert Attest.parse(claims.attest).extra == example("qualifying")


def test_credential() -> None:
    """The credential follows from the EK, the Name, the secret and the entropy of the page."""
    numbers = ec.derive_private_key(1, ec.SECP256R1()).public_key().public_numbers()
    x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
    head = bytes.fromhex("0023 000b 00030072 0000 0006 0080 0043 0010 0003 0010")
    made = credential.make(
        head + sized(x) + sized(y), u16(0x000B) + bytes(32), bytes(32), entropy=bytes
    )
    assert made == example("credential")
