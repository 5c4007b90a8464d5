"""Every example of docs/spec/files.md is true, and the page names what the code names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hwlock.crypto import fingerprint
from hwlock.crypto.keys import VerificationKey
from hwlock.errors.table import TABLE
from hwlock.evidence.claims import claims_challenge, proof_message
from hwlock.exchange.activation_key import ActivationKey
from hwlock.exchange.request import use_proof
from hwlock.license.amendment import read_code

SPEC = Path(__file__).parents[3] / "docs" / "spec"
PAGE = (SPEC / "files.md").read_text(encoding="utf-8")


def example(kind: str) -> list[str]:
    """Return the lines of the example of a kind."""
    return PAGE.split(f"```{kind}\n")[1].split("\n```")[0].splitlines()


@pytest.mark.parametrize("line", example("kids"))
def test_the_kid_of_an_example(line):
    """Each key has the kid next to it."""
    raw, kid = line.split()
    assert VerificationKey(bytes.fromhex(raw)).kid.hex() == kid


def test_the_example_of_an_activation_key():
    """Id, salt, proof and a component follow from the typed key as the page says."""
    says = dict(line.split() for line in example("activation-key"))
    key = ActivationKey.parse(says["key"])
    salt = key.salt(says["product"])
    assert (key.id.hex(), salt.hex()) == (says["id"], says["salt"])
    nonce, kid = bytes.fromhex(says["nonce"]), bytes.fromhex(says["kid"])
    assert key.proof(nonce, kid).hex() == says["proof"]
    digest = fingerprint.digest(salt, "disk", b"disk of alpha")[:16]
    assert [digest.hex()] == example("component")


def test_the_challenge_of_a_dongle():
    """It follows from the nonce and the signer of the request."""
    says = dict(line.split() for line in example("claims-challenge"))
    challenge = claims_challenge(bytes.fromhex(says["nonce"]), bytes.fromhex(says["kid"]))
    assert challenge.hex() == says["challenge"]


def test_proof_of_a_used_code():
    """The digest over nonce, license, index and code."""
    says = dict(line.split() for line in example("use-proof"))
    raw = {name: bytes.fromhex(says[name]) for name in ("nonce", "license", "proof")}
    number = read_code(says["code"])
    assert use_proof(raw["nonce"], raw["license"], int(says["index"]), number) == raw["proof"]


def test_the_message_of_a_proof():
    """The prefix that the page prints, then the challenge."""
    assert '"hwlock proof v1\\0" ‖ challenge' in PAGE
    assert proof_message(bytes(32)) == b"hwlock proof v1\0" + bytes(32)


def test_every_code_on_the_page_exists():
    """The page names no code that nothing raises."""
    assert set(re.findall(r"HWL-[A-Z0-9-]+[A-Z0-9]", PAGE)) <= set(TABLE)
