"""Every vector of a file is verified, or caught at the stage and with the code that it names."""

from __future__ import annotations

import json
import runpy
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from hwlock.crypto.keys import VerificationKey
from hwlock.crypto.succession import verify_successor
from hwlock.crypto.trust import Product
from hwlock.errors import (
    BadKey,
    DeniedError,
    FormatError,
    HwlockError,
    UntrustedError,
)
from hwlock.exchange.activation_key import ActivationKey
from hwlock.exchange.receipt import UnverifiedReceipt
from hwlock.exchange.request import UnverifiedRequest
from hwlock.exchange.response import UnverifiedResponse
from hwlock.issue.dongles import anchor_of
from hwlock.license.license import UnverifiedLicense

TESTS = Path(__file__).parents[2]
VECTORS = sorted((TESTS / "vectors" / "files").glob("*.json"))


def stage_of(error: HwlockError) -> str:
    """Return the stage of docs/spec/files.md at which `error` is raised."""
    if isinstance(error, FormatError):
        return error.stage
    if isinstance(error, BadKey):
        return "key"
    if isinstance(error, DeniedError):
        return "answer"
    assert isinstance(error, UntrustedError)
    return "trust"


def verify(case: dict[str, Any]) -> None:
    """Verify the file of a case with what the case gives besides."""
    raw = bytes.fromhex(case["hex"])
    if case["read"] == "product":
        Product.parse(raw)
    elif case["read"] == "successor":
        verify_successor(Product.parse(bytes.fromhex(case["known"])), Product.parse(raw))
    elif case["read"] == "license":
        UnverifiedLicense.parse(raw).verify(Product.parse(bytes.fromhex(case["product"])))
    elif case["read"] == "request":
        request = UnverifiedRequest.parse(raw).verify()
        assert request.asks.proves(ActivationKey.parse(case["key"]))
        for dongle in request.asks.dongles:
            anchor_of(dongle).verify(dongle.proof, request.asks.challenge)
    elif case["read"] == "response":
        read_response(case, raw)
    else:
        key = VerificationKey(bytes.fromhex(case["key"]))
        digest = bytes.fromhex(case["license_digest"])
        UnverifiedReceipt.parse(raw).verify(key, license_digest=digest)


def read_response(case: dict[str, Any], raw: bytes) -> None:
    """Verify a response, and open it where it is sealed."""
    product = Product.parse(bytes.fromhex(case["product"]))
    response = UnverifiedResponse.parse(raw).verify(
        product,
        nonce=bytes.fromhex(case["nonce"]),
        request=bytes.fromhex(case["request"]),
        now=datetime.fromtimestamp(case["now"], timezone.utc),
    )
    sealed = response.answers.sealed
    if sealed is not None:
        key = bytes.fromhex(case["content_key"])
        assert sealed.open(key, response.answers.request).hex() == case["license"]


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_a_vector_is_verified_or_caught_where_it_says(path: Path) -> None:
    """A genuine file is verified; one fault is caught at its stage, with its code."""
    case = json.loads(path.read_text(encoding="ascii"))
    if case["code"] is None:
        verify(case)
        return
    with pytest.raises(HwlockError) as caught:
        verify(case)
    assert (stage_of(caught.value), caught.value.code) == (case["stage"], case["code"])


def test_vectors_are_what_their_programs_make() -> None:
    """The folder holds what tests/generate makes, byte for byte, no more and no less."""
    made = dict(runpy.run_path(str(TESTS / "generate" / "write.py"))["vectors"]("files"))
    assert {path: path.read_text(encoding="ascii") for path in VECTORS} == made
