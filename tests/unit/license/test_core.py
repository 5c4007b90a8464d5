"""A program in C comes to the same verdict: proofs, clock and term, rules over anchors, lists."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations, product

import findings
import native_reader
import pytest

from hwlock._native import ffi, lib
from hwlock.check.check import check
from hwlock.check.state import State
from hwlock.codec.fields import numeric_date
from hwlock.crypto.trust import Limits
from hwlock.errors import HwlockError
from hwlock.evidence.claims import Evidence
from hwlock.evidence.host import weigh
from hwlock.license import revocation
from hwlock.license.amendment import Amendment
from hwlock.license.binding import Binding, Threshold
from hwlock.license.license import UnverifiedLicense
from hwlock.license.model import Feature, Model
from hwlock.license.revocation import (
    DEVICE,
    ISSUER,
    LICENSE,
    Listed,
    Revocations,
    UnverifiedList,
    device_subject,
    publish,
)
from hwlock.record import replace
from hwlock.testing.customer import parts_of
from hwlock.testing.vendor import (
    SOLD_AT,
    CardSigner,
    Vendor,
    host_anchor,
    key_anchor,
    proof_of,
    seeded,
)

VENDOR = Vendor()
CARD, OTHER = CardSigner("tpm of alpha"), CardSigner("tpm of beta")
CHALLENGE = bytes(range(32))
ANCHORS = (key_anchor(CARD), key_anchor(OTHER), host_anchor())
POLICY = Threshold(needed=2, parts=(0, Threshold(needed=1, parts=(1, 2)), 2))


def opened(raw: bytes) -> native_reader.License:
    """Open a license of VENDOR in C."""
    return native_reader.License(raw, native_reader.Product(VENDOR.product.raw))


def said(verdict: native_reader.Verdict) -> list[tuple[str, str, dict[str, object]]]:
    """Return the findings of C as Python has them."""
    return [findings.expected(findings.Said(*one)) for one in verdict.findings()]


@pytest.mark.parametrize("days", [1, 365, None])
def test_clock_and_term_are_judged_alike(days: int | None) -> None:
    """Around every bound: issue, mark, tolerance and expiry."""
    raw = VENDOR.license(VENDOR.terms(days=days))
    license = opened(raw)
    parsed = UnverifiedLicense.parse(raw)
    hour, second = timedelta(hours=1), timedelta(seconds=1)
    bounds = [SOLD_AT + timedelta(days=n) for n in (-30, 0, 1, 365)]
    steps = (second * 0, second, 26 * hour, 26 * hour + second, 7 * 24 * hour)
    times = sorted({at - step for at in bounds for step in (*steps, steps[-1] + second)})
    parts = list(parts_of("alpha"))
    evidence = Evidence(challenge=CHALLENGE, components=weigh(parts))
    for now, mark in product(times, [None, *times]):
        state = None if mark is None else State.begin(mark)
        expected, after = check(parsed, evidence, state, VENDOR.product, now)
        seen = 0 if mark is None else numeric_date(mark)
        found = native_reader.Verdict(license, parts=parts, now=numeric_date(now), mark=seen)
        assert said(found) == [findings.told(one) for one in expected.findings]
        assert bool(found.c.allowed) == expected.allowed
        assert found.c.mark == numeric_date(after.seen_at)


def test_rules_over_anchors_are_judged_alike() -> None:
    """Two of (card, one of (other card, parts), parts): every set of anchors that hold."""
    license = opened(VENDOR.license(VENDOR.terms(Binding(anchors=ANCHORS, policy=POLICY))))
    now = numeric_date(SOLD_AT)
    for card, other, here in product((0, 1), repeat=3):
        holds = card + (other or here) + here >= 2
        parts = list(parts_of("alpha" if here else "beta"))
        found = native_reader.Verdict(license, parts=parts, holding=card | other << 1, now=now)
        assert bool(found.c.allowed) == holds
        # a bit does not stand for a fingerprint
        bare = native_reader.Verdict(license, holding=card | other << 1 | 4, now=now)
        assert bool(bare.c.allowed) == bool(card and other)


def test_no_time_of_a_caller_is_too_far() -> None:
    """The ends of 64 bits are answered like any other time."""
    model = Model(kind="subscription", grace_days=3650)
    license = opened(VENDOR.license(replace(VENDOR.terms(), model=model)))
    ends = (-(2**63), -1, 0, 2**63 - 1)
    for mark, now, released in product(ends, repeat=3):
        found = native_reader.Verdict(
            license, parts=list(parts_of("alpha")), mark=mark, now=now, released=released
        )
        assert found.code == "HWL-DENIED"
        assert 0 <= found.c.time <= 253402300799


def test_everything_that_a_check_can_find_has_room() -> None:
    """Sixteen devices, sixty-four features, and all rules at once."""
    names = tuple(f"f{number}" for number in range(64))
    cards = [seeded(f"card {number}") for number in range(16)]
    anchors = tuple(key_anchor(card, kind="piv") for card in cards)
    rule = Binding(anchors=anchors, policy=Threshold(needed=16, parts=tuple(range(16))))
    ended = tuple(Feature(name=name, expires_at=SOLD_AT) for name in sorted(names))
    model = Model(kind="trial", features=ended, addon_to="E-0")
    terms = replace(VENDOR.terms(rule, features=names), model=model)
    entries = (
        *(entry(DEVICE, device_subject(card.key.raw), SOLD_AT) for card in cards),
        entry(LICENSE, terms.id, SOLD_AT),
        entry(ISSUER, VENDOR.issuer.key.kid, SOLD_AT),
    )
    revoked = known(listed(1, *entries))
    facts = {"now": numeric_date(SOLD_AT) + 4000 * 86400, "mark": 1, "revoked_seen": 2}
    found = native_reader.Verdict(opened(VENDOR.license(terms)), revoked=revoked, **facts)
    codes = [one[0] for one in found.findings()]
    assert len(codes) == 16 + 3 + 1 + 1 + 64 + 1
    assert len(codes) < len(found.c.findings)
    assert found.c.features == 0


def entry(kind: str, subject: bytes, since: datetime) -> revocation.Entry:
    """Return one entry of a list."""
    return revocation.Entry(kind=kind, subject=subject, since=since)


def listed(
    number: int, *entries: revocation.Entry, base: int = 0, product: str = "acme-cad"
) -> bytes:
    """Return a genuine list as a file."""
    says = Listed(
        product_id="acme-cad", number=number, base=base, issued_at=SOLD_AT, entries=entries
    )
    return publish(says, VENDOR.issuer, VENDOR.delegation)


def known(*raws: bytes) -> native_reader.Known:
    """Return what lists amount to in C."""
    product = native_reader.Product(VENDOR.product.raw)
    return native_reader.Known([native_reader.List(raw, product) for raw in raws])


def test_lists_are_joined_alike() -> None:
    """Every order of full lists and deltas: the same number, or the same refusal."""
    dead = entry(ISSUER, VENDOR.issuer.key.kid, SOLD_AT)
    pool = (
        listed(1),
        listed(2, base=1),
        listed(3, base=2),
        listed(4, dead, base=1),
        listed(5),
        listed(6, base=5),
    )
    for raws in (*permutations(pool, 3), *permutations(pool, 2)):
        expected: object = Revocations()
        try:
            for raw in raws:
                expected = expected.joined(UnverifiedList.parse(raw).verify(VENDOR.product))  # type: ignore[attr-defined]
            expected = expected.number  # type: ignore[attr-defined]
        except HwlockError as exc:
            expected = exc.code
        try:
            found: object = known(*raws).c.number
        except ValueError as exc:
            found = str(exc)
        assert found == expected


def test_a_full_list_and_its_deltas_stay_small() -> None:
    """Eight files and 65000 bytes are the most; a full list begins anew."""
    deltas = [listed(number, base=number - 1) for number in range(2, 10)]
    assert known(listed(1), *deltas[:7]).c.list_count == 8
    with pytest.raises(ValueError, match="HWL-REVOKED-GAP"):
        known(listed(1), *deltas)
    assert known(listed(1), *deltas[:7], listed(9)).c.list_count == 1
    many = tuple(entry(DEVICE, n.to_bytes(32, "big"), SOLD_AT) for n in range(1000))
    large = listed(1, *many), listed(2, *many[:250], base=1), listed(3, *many[:40], base=2)
    sizes = [len(raw) for raw in large]
    assert sum(sizes[:2]) <= 65000 < sum(sizes)
    assert known(*large[:2]).c.list_count == 2
    with pytest.raises(ValueError, match="HWL-REVOKED-GAP"):
        known(*large)


def test_lists_of_two_products_are_not_joined() -> None:
    """What another product took back says nothing of this one."""
    limits = Limits(products=("acme-cad", "acme-cam"))
    delegation = VENDOR.delegate(limits)
    says = Listed(product_id="acme-cam", number=2, base=0, issued_at=SOLD_AT, entries=())
    other = Vendor("acme-cam").product
    raw = publish(says, VENDOR.issuer, delegation)
    ours = native_reader.List(listed(1), native_reader.Product(VENDOR.product.raw))
    theirs = native_reader.List(raw, native_reader.Product(other.raw))
    with pytest.raises(ValueError, match="HWL-PRODUCT-OTHER"):
        native_reader.Known([ours, theirs])


def test_a_proof_is_verified_by_the_anchor_that_it_is_for() -> None:
    """A key answers for itself, over this challenge; a fingerprint answers nothing."""
    license = opened(VENDOR.license(VENDOR.terms(Binding(anchors=ANCHORS, policy=POLICY))))
    proof = proof_of(CARD, CHALLENGE).signature
    assert lib.hwlock_license_prove(license.c, 0, CHALLENGE, proof) == lib.HWLOCK_OK
    wrong = lib.HWLOCK_ANCHOR_PROOF
    assert lib.hwlock_license_prove(license.c, 0, bytes(32), proof) == wrong
    assert lib.hwlock_license_prove(license.c, 1, CHALLENGE, proof) == wrong
    for number in (2, 3, 1 << 40):
        assert lib.hwlock_license_prove(license.c, number, CHALLENGE, proof) == (
            lib.HWLOCK_ANCHOR_OTHER
        )


def test_an_anchor_that_is_no_fingerprint_matches_nothing() -> None:
    """A key, and a number that there is not; a component that is none is the caller's fault."""
    license = opened(VENDOR.license(VENDOR.terms(Binding(anchors=ANCHORS, policy=POLICY))))
    for number in (0, 3):
        with pytest.raises(ValueError, match=str(lib.HWLOCK_ANCHOR_OTHER)):
            license.match(number, [])
    for part in (("disk", b""), ("disk", bytes(257)), ("", b"x"), ("a" * 65, b"x")):
        with pytest.raises(ValueError, match=str(lib.HWLOCK_BAD_INPUT)):
            license.match(2, [part])
    assert license.match(2, [])[0] == 0


def test_features_are_known_by_name() -> None:
    """The whole name, and no part of one."""
    license = opened(VENDOR.license(VENDOR.terms(features=("cad", "sim"))))
    names = (b"cad", b"sim", b"ca", b"cads", b"", b"CAD")
    assert [lib.hwlock_license_has(license.c, name) for name in names] == [1, 1, 0, 0, 0, 0]


def test_what_is_refused_grants_nothing() -> None:
    """A caller that does not look at the code finds zeros, and a check that denies."""
    raw = VENDOR.license(VENDOR.terms())
    damaged = raw[:-1] + bytes([raw[-1] ^ 1])
    shipped = native_reader.Product(VENDOR.product.raw)
    license = ffi.new("hwlock_license *")
    work = ffi.new("uint8_t[]", 4096)
    code = lib.hwlock_license_open(
        license, shipped.c, damaged, len(damaged), work, len(work), ffi.NULL
    )
    assert code == lib.HWLOCK_SIGNATURE_BAD
    assert bytes(ffi.buffer(license)) == bytes(ffi.sizeof("hwlock_license"))
    verdict, facts = ffi.new("hwlock_verdict *"), ffi.new("hwlock_facts *", {"now": 1})
    facts.holding = 0xFFFF
    assert lib.hwlock_license_check(verdict, license, facts) == lib.HWLOCK_DENIED
    assert not lib.hwlock_verdict_has(verdict, b"cad")


@pytest.mark.parametrize("armored", [False, True])
def test_too_little_memory_is_told(armored: bool) -> None:
    """A byte less than the header asks for is not used."""
    raw = VENDOR.product.raw
    if armored:
        from hwlock.codec import armor

        raw = armor.encode(raw, "PRODUCT").encode()
    needed = len(raw) + len(raw) // 2 + 64
    for size, expected in ((needed, lib.HWLOCK_OK), (needed - 1, lib.HWLOCK_ROOM)):
        found = ffi.new("hwlock_product *")
        work = ffi.new("uint8_t[]", size)
        code = lib.hwlock_product_open(found, raw, len(raw), work, size, ffi.NULL)
        assert code == expected


def test_a_license_with_changes_for_unlock_codes_is_judged_as_it_was_issued() -> None:
    """A program in C uses no codes: an extension that was bought does not reach it."""
    changes = tuple(Amendment(kind=kind, lock=bytes(32)) for kind in ("clock", "transfer"))
    changes += (Amendment(kind="extend", lock=bytes(32), days=30),)
    license = opened(VENDOR.license(replace(VENDOR.terms(), amendments=changes)))
    assert license.c.amendment_count == 3
    parts = list(parts_of("alpha"))
    end = numeric_date(SOLD_AT) + 365 * 86400
    assert native_reader.Verdict(license, parts=parts, now=end - 1).c.allowed
    assert not native_reader.Verdict(license, parts=parts, now=end).c.allowed
