"""A program in C comes to the same verdict: proofs, clock and term, rules over anchors."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import native_reader
import pytest

from hwlock._native import ffi, lib
from hwlock.check.check import check
from hwlock.check.state import State
from hwlock.codec.fields import numeric_date
from hwlock.evidence.claims import Evidence
from hwlock.evidence.host import weigh
from hwlock.license.amendment import Amendment
from hwlock.license.binding import Binding, Threshold
from hwlock.license.license import UnverifiedLicense
from hwlock.record import replace
from hwlock.testing.customer import parts_of
from hwlock.testing.vendor import SOLD_AT, CardSigner, Vendor, host_anchor, key_anchor, proof_of

VENDOR = Vendor()
CARD, OTHER = CardSigner("tpm of alpha"), CardSigner("tpm of beta")
CHALLENGE = bytes(range(32))
ANCHORS = (key_anchor(CARD), key_anchor(OTHER), host_anchor())
POLICY = Threshold(needed=2, parts=(0, Threshold(needed=1, parts=(1, 2)), 2))
BITS = {
    "HWL-CLOCK-BACK": lib.HWLOCK_CLOCK_BACK,
    "HWL-CLOCK-EARLY": lib.HWLOCK_CLOCK_EARLY,
    "HWL-TERM-ENDED": lib.HWLOCK_TERM_ENDED,
}


def opened(raw: bytes) -> native_reader.License:
    """Open a license of VENDOR in C."""
    return native_reader.License(raw, native_reader.Product(VENDOR.product.raw))


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
    evidence = Evidence(challenge=CHALLENGE, components=weigh(parts_of("alpha")))
    for now, mark in product(times, [None, *times]):
        state = None if mark is None else State.begin(mark)
        verdict, _ = check(parsed, evidence, state, VENDOR.product, now)
        expected = sum(BITS[found.code] for found in verdict.findings if found.code in BITS)
        seen = -1 if mark is None else numeric_date(mark)
        assert lib.hwlock_license_check(license.c, 1, seen, numeric_date(now)) == expected


def test_rules_over_anchors_are_judged_alike() -> None:
    """Two of (card, one of (other card, parts), parts): every set of anchors that hold."""
    license = opened(VENDOR.license(VENDOR.terms(Binding(anchors=ANCHORS, policy=POLICY))))
    now = numeric_date(SOLD_AT)
    for card, other, parts in product((0, 1), repeat=3):
        holds = card + (other or parts) + parts >= 2
        bits = card | other << 1 | parts << 2
        found = lib.hwlock_license_check(license.c, bits, -1, now)
        assert found == (0 if holds else lib.HWLOCK_NOT_HERE)


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
    assert lib.hwlock_license_check(license, 0xFFFF, -1, 1) & lib.HWLOCK_NOT_HERE


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


def test_a_license_with_changes_for_unlock_codes_opens_in_c() -> None:
    """They are left unread: a program in C uses no codes."""
    changes = tuple(Amendment(kind=kind, lock=bytes(32)) for kind in ("clock", "transfer"))
    license = opened(VENDOR.license(replace(VENDOR.terms(), amendments=changes)))
    assert lib.hwlock_license_check(license.c, 1, -1, numeric_date(SOLD_AT)) == lib.HWLOCK_OK
