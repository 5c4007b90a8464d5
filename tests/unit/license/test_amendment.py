"""Changes that wait in a license for their unlock codes."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from hwlock.check import check
from hwlock.check.state import State
from hwlock.codec import cbor
from hwlock.crypto import sha2
from hwlock.crypto.trust import Limits
from hwlock.errors import FormatError, UntrustedError
from hwlock.evidence import host
from hwlock.evidence.claims import Evidence
from hwlock.license.amendment import (
    CODES,
    Amendment,
    Redeemed,
    amended,
    lock,
    read_code,
    typed,
    used_changes,
)
from hwlock.license.license import Terms, UnverifiedLicense
from hwlock.license.model import Counter, Model
from hwlock.record import replace
from hwlock.testing.customer import parts_of
from hwlock.testing.vendor import SOLD_AT, Vendor, host_anchor

DAY = timedelta(days=1)
VENDOR = Vendor()
PLAIN = replace(
    VENDOR.terms(days=30),
    model=Model(counters=(Counter(name="exports", limit=5),)),
)
CHANGES = (
    Amendment(kind="clock"),
    Amendment(kind="extend", days=30),
    Amendment(kind="extend", days=10, after=1),
    Amendment(kind="counter", counter="exports", amount=7),
    Amendment(kind="transfer"),
)
NUMBERS = (0, 1, CODES - 1, 12345, 10**29)


def holding(changes: tuple[Amendment, ...], terms: Terms = PLAIN) -> Terms:
    """Return terms that hold `changes`, locked for NUMBERS."""
    return replace(
        terms,
        amendments=tuple(
            replace(one, lock=lock(terms.id, at, NUMBERS[at % len(NUMBERS)]))
            for at, one in enumerate(changes)
        ),
    )


TERMS = holding(CHANGES)


def used(index: int, number: int | None = None) -> Redeemed:
    """Return what is remembered of the change `index`."""
    anchor = host_anchor("beta") if CHANGES[index].kind == "transfer" else None
    number = NUMBERS[index] if number is None else number
    return Redeemed(license_id=TERMS.id, index=index, number=number, anchor=anchor)


def evidence(name: str) -> Evidence:
    """Return what the machine `name` shows."""
    return Evidence(challenge=bytes(32), components=host.weigh(parts_of(name)))


def test_a_license_with_changes_is_read_as_it_was_written():
    """Member 6; absent where there is none."""
    raw = VENDOR.license(TERMS)
    assert UnverifiedLicense.parse(raw).verify(VENDOR.product).terms == TERMS
    assert 6 not in PLAIN.encode()[-70000]


def test_the_lock_is_the_one_of_the_page():
    """SHA-256 over the tag, the license, the index and the code."""
    said = b"hwlock amendment v1\0" + bytes(range(16)) + b"\x07" + (10**30 - 1).to_bytes(13, "big")
    assert lock(bytes(range(16)), 7, 10**30 - 1) == sha2.sha256(said)


def test_what_was_used_changes_the_terms():
    """Each kind its own member; the clock is no member of the terms."""
    after = amended(TERMS, tuple(map(used, range(5))))
    assert after.expires_at == SOLD_AT + 70 * DAY
    assert after.model.counters == (Counter(name="exports", limit=12),)
    assert after.binding.anchors == (host_anchor("beta"),)
    assert amended(TERMS, (used(0),)) == TERMS


@pytest.mark.parametrize(
    "false",
    [
        used(1, NUMBERS[0]),
        replace(used(1), index=2),
        replace(used(1), index=31),
        replace(used(1, 10**29), license_id=bytes(16)),
    ],
)
def test_a_memory_without_the_code_changes_nothing(false):
    """Who writes the memory still needs the code, of this change."""
    assert amended(TERMS, (false,)) is TERMS


def test_a_code_of_the_license_before_counts():
    """Where this one has a lock for it, at whatever index; used twice it counts once."""
    before = replace(used(1), license_id=bytes(16), index=7)
    assert used_changes(TERMS, (before,)) == {1: before}
    assert amended(TERMS, (before,)) == amended(TERMS, (used(1),)) != TERMS
    assert amended(TERMS, (before, used(1))) == amended(TERMS, (used(1),))


def test_a_check_applies_what_was_used():
    """The end moves, and a transferred license runs on the other machine alone."""
    license = UnverifiedLicense.parse(VENDOR.license(TERMS))
    late = SOLD_AT + 35 * DAY
    begun = State.begin(SOLD_AT)
    state = replace(begun, codes=begun.codes.added(used(1)))
    for remembered, name, allowed in (
        (begun, "alpha", False),
        (state, "alpha", True),
        (replace(state, codes=state.codes.added(used(4))), "alpha", False),
        (replace(state, codes=state.codes.added(used(4))), "beta", True),
    ):
        verdict, after = check(license, evidence(name), remembered, VENDOR.product, late)
        assert verdict.allowed == allowed
        assert after.codes == remembered.codes


def test_an_issuer_cannot_sign_extensions_beyond_its_limit():
    """The longest term counts the term with all that could be added to it."""
    for term, good in ((69, False), (70, True)):
        limits = Limits(products=(VENDOR.product.id,), longest_term_days=term)
        raw = VENDOR.license(TERMS, delegation=VENDOR.delegate(limits))
        if good:
            UnverifiedLicense.parse(raw).verify(VENDOR.product)
            continue
        with pytest.raises(UntrustedError) as caught:
            UnverifiedLicense.parse(raw).verify(VENDOR.product)
        assert caught.value.code == "HWL-ISSUER-LIMIT"


@pytest.mark.parametrize(
    "changes",
    [
        (Amendment(kind="extend", days=0),),
        (Amendment(kind="counter", counter="exports", amount=0),),
        (Amendment(kind="counter", counter="others", amount=1),),
        (Amendment(kind="counter", counter="exports", amount=2**32 - 1),),
        (Amendment(kind="clock", after=0),),
        (Amendment(kind="clock", after=1), Amendment(kind="clock")),
    ],
)
def test_a_change_that_cannot_be_is_refused(changes):
    """Nothing, too much, of no counter, waiting for itself."""
    with pytest.raises(FormatError) as caught:
        UnverifiedLicense.parse(VENDOR.license(holding(changes)))
    assert caught.value.code == "HWL-FIELD-AMENDMENT"


def test_an_extension_needs_an_end_within_the_calendar():
    """A license for good has none, and no end lies beyond what a date can say."""
    change = (Amendment(kind="extend", days=3650),)
    far = replace(PLAIN, expires_at=datetime(9998, 1, 1, tzinfo=timezone.utc))
    for terms in (replace(PLAIN, expires_at=None), far):
        with pytest.raises(FormatError) as caught:
            UnverifiedLicense.parse(VENDOR.license(holding(change, terms)))
        assert caught.value.code == "HWL-FIELD-AMENDMENT"


def test_a_grace_stays_within_the_calendar():
    """What a check computes with is a date, whatever a license says."""
    last = datetime(9999, 1, 1, tzinfo=timezone.utc)
    model = Model(kind="subscription", grace_days=3650)
    for late, good in ((0, True), (1, False)):
        end = last - timedelta(days=3650, seconds=-late)
        raw = VENDOR.license(replace(VENDOR.terms(), model=model, expires_at=end))
        if good:
            assert UnverifiedLicense.parse(raw).says.expires_at == end
            continue
        with pytest.raises(FormatError) as caught:
            UnverifiedLicense.parse(raw)
        assert caught.value.code == "HWL-FIELD-AMENDMENT"


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ((), "HWL-FIELD-EMPTY"),
        (({1: "clock", 2: bytes(32)},) * 33, "HWL-FIELD-MANY"),
        (({1: "free", 2: bytes(32)},), "HWL-FIELD-WORD"),
        (({1: "clock", 2: bytes(31)},), "HWL-FIELD-SIZE"),
        (({1: "clock", 2: bytes(32), 3: 5},), "HWL-FIELD-UNKNOWN"),
        (({1: "extend", 2: bytes(32)},), "HWL-FIELD-MISSING"),
        (({1: "extend", 2: bytes(32), 3: 3651},), "HWL-FIELD-RANGE"),
        ((5,), "HWL-FIELD-MAP"),
    ],
)
def test_other_members_are_refused(members, code):
    """Each fault has its own code."""
    claims = PLAIN.encode()
    claims[-70000][6] = members
    with pytest.raises(FormatError) as caught:
        Terms.parse(cbor.decode(cbor.encode(claims)))
    assert caught.value.code == code


@pytest.mark.parametrize("number", NUMBERS)
def test_a_code_is_read_in_both_forms(number):
    """Letters and digits, with and without what stands between them."""
    for digits, chars in ((False, 25), (True, 36)):
        text = typed(number, digits=digits)
        assert len(text.replace("-", "")) == chars
        for said in (text, text.replace("-", ""), text.lower().replace("-", " . ")):
            assert read_code(said) == number


def test_the_largest_code_fits_both_forms():
    """100 bits hold a little more than 30 digits."""
    assert CODES <= 2**100
    assert typed(CODES - 1, digits=True).replace("-", "")[:5] == "99999"
