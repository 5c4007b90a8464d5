"""One table of verdicts: Python's check and a program in C say what it says."""

from __future__ import annotations

import json
import runpy
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import findings
import native_reader
import pytest

from hwlock._native import lib
from hwlock.check import State, Verdict, check, merge
from hwlock.codec.fields import numeric_date
from hwlock.crypto.trust import Product
from hwlock.evidence.claims import Evidence, Proof
from hwlock.evidence.host import weigh
from hwlock.license.license import UnverifiedLicense
from hwlock.license.revocation import Revocations, UnverifiedList
from hwlock.record import replace

TESTS = Path(__file__).parents[2]
VECTORS = sorted((TESTS / "vectors" / "check").glob("*.json"))
CHALLENGE = bytes(range(32))


def read(path: Path) -> dict[str, Any]:
    """Read one case."""
    return json.loads(path.read_text(encoding="ascii"))  # type: ignore[no-any-return]


def at(seconds: int) -> datetime:
    """Return a NumericDate as a time."""
    return datetime.fromtimestamp(seconds, timezone.utc)


def parts_of(facts: dict[str, Any]) -> list[tuple[str, bytes]] | None:
    """Return the parts of the machine; None where nobody looked."""
    if "parts" not in facts:
        return None
    return [(kind, bytes.fromhex(value)) for kind, value in facts["parts"]]


def expectations(case: dict[str, Any]) -> list[tuple[str, str, dict[str, object]]]:
    """Return the findings of a case."""
    return [findings.expected(findings.Said(**one)) for one in case["verdict"]["findings"]]


def judged(case: dict[str, Any], raw: str) -> tuple[Verdict, State]:
    """Let Python check a license with the facts of a case."""
    facts, product = case["facts"], Product.parse(bytes.fromhex(case["product"]))
    parts = parts_of(facts)
    evidence = Evidence(
        challenge=CHALLENGE,
        components=None if parts is None else weigh(parts),
        proofs=tuple(
            Proof(
                anchor=kind,
                public=bytes.fromhex(public),
                signature=bytes.fromhex(signature),
                data=bytes.fromhex(data),
            )
            for kind, public, signature, data in facts.get("proofs", ())
        ),
    )
    state = None
    if "mark" in facts:
        state = replace(State.begin(at(facts["mark"])), revoked=facts.get("revoked_seen", 0))
    revoked = Revocations()
    for one in facts.get("lists", ()):
        revoked = revoked.joined(UnverifiedList.parse(bytes.fromhex(one)).verify(product))
    return check(
        UnverifiedLicense.parse(bytes.fromhex(raw)),
        evidence,
        state,
        product,
        at(facts["now"]),
        released=at(facts["released"]) if "released" in facts else None,
        revoked=revoked if "lists" in facts else None,
    )


def added(case: dict[str, Any], verdict: Verdict) -> bool:
    """Tell whether an add-on is merged into its base."""
    if "base" not in case["facts"]:
        return False
    base, _ = judged(case, case["facts"]["base"])
    merged = merge([base, verdict])
    return merged is not None and bool(merged.addons)


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_python_says_what_the_table_says(path: Path) -> None:
    """Every finding with its particulars, in this order; where it stands; what is granted."""
    case = read(path)
    verdict, after = judged(case, case["license"])
    if not added(case, verdict):
        merged = merge([verdict])
        assert merged is not None
        verdict = merged
    assert [findings.told(found) for found in verdict.findings] == expectations(case)
    said = case["verdict"]
    assert (verdict.allowed, verdict.standing) == (said["allowed"], said["standing"])
    assert list(verdict.features) == said["features"]
    assert after.seen_at == at(said.get("mark", numeric_date(after.seen_at)))
    assert (verdict.degraded, verdict.soft) == (
        said.get("degraded", False),
        said.get("soft", False),
    )
    for name in ("days_left", "grace_days_left"):
        assert getattr(verdict, name) == said.get(name, getattr(verdict, name))


def in_c(case: dict[str, Any], raw: str, base: native_reader.Verdict | None = None) -> Any:
    """Let a program in C check a license with the facts of a case."""
    facts, product = case["facts"], native_reader.Product(bytes.fromhex(case["product"]))
    lists = [native_reader.List(bytes.fromhex(one), product) for one in facts.get("lists", ())]
    told = ("now", "mark", "released", "holding", "wrong", "revoked_seen")
    return native_reader.Verdict(
        native_reader.License(bytes.fromhex(raw), product),
        parts=parts_of(facts),
        revoked=native_reader.Known(lists) if lists else None,
        base=base,
        **{name: facts[name] for name in told if name in facts},
    )


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_a_program_in_c_says_what_the_table_says(path: Path) -> None:
    """The same, by hwlock_license_check."""
    case = read(path)
    base = in_c(case, case["facts"]["base"]) if "base" in case["facts"] else None
    verdict, said = in_c(case, case["license"], base), case["verdict"]
    rows = [findings.Said(**one) for one in said["findings"]]
    assert [findings.Said(*one) for one in verdict.findings()] == rows
    says = verdict.says()
    assert says == says | {key: value for key, value in said.items() if key != "findings"}
    assert (says["degraded"], says["soft"]) == (
        said.get("degraded", False),
        said.get("soft", False),
    )
    assert verdict.code == ("HWL-OK" if said["allowed"] else "HWL-DENIED")
    for name in ("cad", "sim", "cam", ""):
        has = lib.hwlock_verdict_has(verdict.c, name.encode())
        assert has == (name in said["features"])


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_bits_are_what_the_proofs_say(path: Path) -> None:
    """`holding` and `wrong` of a case are what hwlock_license_prove answers for its proofs."""
    case = read(path)
    product = native_reader.Product(bytes.fromhex(case["product"]))
    license = native_reader.License(bytes.fromhex(case["license"]), product)
    holding = wrong = 0
    for number, anchor in enumerate(license.says()["anchors"]):
        kind, _, uri, _, _, key = anchor
        for shown, public, signature, data in case["facts"].get("proofs", ()):
            if (shown, public) != (kind, key.hex()):
                continue
            code = lib.HWLOCK_OK if bytes.fromhex(data) == uri.encode() else 1
            if key:
                signed = bytes.fromhex(signature)
                code = lib.hwlock_license_prove(license.c, number, CHALLENGE, signed)
            holding |= (code == lib.HWLOCK_OK) << number
            wrong |= (code != lib.HWLOCK_OK) << number
    facts = case["facts"]
    assert (holding, wrong) == (facts.get("holding", 0), facts.get("wrong", 0))


def test_every_finding_of_the_core_is_in_the_table() -> None:
    """No code of a check is without a case."""
    said = {one["code"] for path in VECTORS for one in read(path)["verdict"]["findings"]}
    assert said == findings.CODES


def test_vectors_are_what_their_programs_make() -> None:
    """The folder holds what tests/generate makes, byte for byte, no more and no less."""
    made = dict(runpy.run_path(str(TESTS / "generate" / "write.py"))["vectors"]("check"))
    assert {path: path.read_text(encoding="ascii") for path in VECTORS} == made
