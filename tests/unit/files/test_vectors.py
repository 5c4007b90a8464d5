"""Every vector of a file is verified, or caught at the stage and with the code that it names."""

from __future__ import annotations

import json
import runpy
from contextlib import nullcontext
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hwlock.codec.fields import numeric_date
from hwlock.crypto.keys import VerificationKey
from hwlock.crypto.succession import verify_successor
from hwlock.crypto.trust import Product
from hwlock.enforce import renewing
from hwlock.enforce.machine import Machine
from hwlock.enforce.memory import kept
from hwlock.enforce.redeeming import redeem
from hwlock.enforce.stores import stores_of
from hwlock.errors import (
    BadKey,
    DeniedError,
    FormatError,
    HwlockError,
    NotFound,
    UntrustedError,
)
from hwlock.evidence import host
from hwlock.exchange.activation_key import ActivationKey
from hwlock.exchange.diagnostic import parse_diagnostic
from hwlock.exchange.receipt import UnverifiedReceipt
from hwlock.exchange.renewal import UnverifiedRenewal
from hwlock.exchange.request import UnverifiedRequest
from hwlock.exchange.response import UnverifiedResponse
from hwlock.issue.dongles import anchor_of
from hwlock.license.amendment import amended
from hwlock.license.license import UnverifiedLicense
from hwlock.license.revocation import Revocations, UnverifiedList
from hwlock.testing.customer import parts_of

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


def code_of(error: HwlockError) -> str:
    """Return the code of `error`, of a verdict that of the one thing that denies."""
    if not isinstance(error, DeniedError) or error.code != "HWL-DENIED":
        return error.code
    (why,) = [found for found in error.findings if found.level == "deny"]
    return why.code


def verify(case: dict[str, Any], home: Path) -> None:
    """Verify the file of a case with what the case gives besides; `home` is an empty folder."""
    raw = bytes.fromhex(case["hex"])
    if case["read"] in TAKEN:
        TAKEN[case["read"]](case, raw, home)
    elif case["read"] == "product":
        Product.parse(raw)
    elif case["read"] == "license":
        UnverifiedLicense.parse(raw).verify(Product.parse(bytes.fromhex(case["product"])))
    elif case["read"] == "revocation":
        UnverifiedList.parse(raw).verify(Product.parse(bytes.fromhex(case["product"])))
    elif case["read"] == "request":
        request = UnverifiedRequest.parse(raw).verify()
        assert request.asks.proves(ActivationKey.parse(case["key"]))
        for dongle in request.asks.dongles:
            anchor_of(dongle).verify(dongle.proof, request.asks.challenge)
    elif case["read"] == "response":
        read_response(case, raw)
    elif case["read"] == "diagnostic":
        parse_diagnostic(raw)
    else:
        key = VerificationKey(bytes.fromhex(case["key"]))
        digest = bytes.fromhex(case["license_digest"])
        UnverifiedReceipt.parse(raw).verify(key, license_digest=digest)


def take_successor(case: dict[str, Any], raw: bytes, _: Path) -> None:
    """Let a product file take the place of the one that is known."""
    verify_successor(Product.parse(bytes.fromhex(case["known"])), Product.parse(raw))


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


def take_list(case: dict[str, Any], raw: bytes, home: Path) -> None:
    """Take a revocation list after those that are known."""
    del home  # what is known is all that it takes
    product = Product.parse(bytes.fromhex(case["product"]))
    known = Revocations.read(map(bytes.fromhex, case["known"]), product)
    known = known.joined(UnverifiedList.parse(raw).verify(product))
    revoked = [[one.kind, one.subject.hex(), numeric_date(one.since)] for one in known.entries]
    assert (known.number, revoked) == (case["number"], case["revoked"])


def machine_with(case: dict[str, Any], licenses: list[str], home: Path) -> Machine:
    """Return the machine "alpha" that has the product file and these licenses."""
    parts = SimpleNamespace(components=lambda: host.weigh(parts_of("alpha")))

    def no_tpm(uri: str) -> Any:
        raise NotFound("HWL-DEVICE-NONE", device=uri)

    machine = Machine(
        user_root=str(home / "user"),
        system_root=str(home / "system"),
        clock=lambda: datetime.fromtimestamp(case["now"], timezone.utc),
        open_host=lambda uri: nullcontext(parts),  # type: ignore[arg-type, return-value]
        open_key=no_tpm,
    )
    product = bytes.fromhex(case["product"])
    with stores_of(machine, Product.parse(product).id)[0].locked() as held:
        held.put_product(product)
        for raw in map(bytes.fromhex, licenses):
            held.put_license(UnverifiedLicense.parse(raw).says.id.hex(), raw)
    return machine


def take_renewal(case: dict[str, Any], raw: bytes, home: Path) -> None:
    """Accept a renewal on a machine with the licenses that the case names."""
    UnverifiedRenewal.parse(raw).verify(Product.parse(bytes.fromhex(case["product"])))
    machine = machine_with(case, case["held"], home)
    renewing.accept(machine, raw)
    (left,) = stores_of(machine, "acme-cad")[0].licenses()
    assert left.data().hex() == case["license"]


def use_code(case: dict[str, Any], raw: bytes, home: Path) -> None:
    """Use the codes of a case on a machine that has the license."""
    product = Product.parse(bytes.fromhex(case["product"]))
    terms = UnverifiedLicense.parse(raw).verify(product).terms
    machine = machine_with(case, [case["hex"]], home)
    for code in case["used"]:
        redeem(machine, (product,), code)
    opened = redeem(machine, (product,), case["typed"])
    state = kept(stores_of(machine, product.id)[0])
    assert state is not None
    after = amended(terms, state.codes.redeemed)
    assert after.expires_at is not None
    limits = {one.name: one.limit for one in after.model.counters}
    moved = after.binding != terms.binding
    found = (opened.index, numeric_date(after.expires_at), limits, moved)
    assert found == (case["opens"], case["ends"], case["limits"], case["moved"])


# what a machine takes, which has a memory of its own
TAKEN = {
    "successor": take_successor,
    "revocation": take_list,
    "renewal": take_renewal,
    "code": use_code,
}


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_a_vector_is_verified_or_caught_where_it_says(path: Path, tmp_path: Path) -> None:
    """A genuine file is verified; one fault is caught at its stage, with its code."""
    case = json.loads(path.read_text(encoding="ascii"))
    if case["code"] is None:
        verify(case, tmp_path)
        return
    with pytest.raises(HwlockError) as caught:
        verify(case, tmp_path)
    assert (stage_of(caught.value), code_of(caught.value)) == (case["stage"], case["code"])


def test_vectors_are_what_their_programs_make() -> None:
    """The folder holds what tests/generate makes, byte for byte, no more and no less."""
    made = dict(runpy.run_path(str(TESTS / "generate" / "write.py"))["vectors"]("files"))
    assert {path: path.read_text(encoding="ascii") for path in VECTORS} == made
