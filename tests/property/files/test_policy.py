"""Policies decide as a table of all cases does; expressions mean what they are printed as."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hwlock.errors import DeniedError
from hwlock.evidence.claims import ASSURANCE, Evidence, Proof
from hwlock.license.binding import Binding, Threshold, appraise
from hwlock.license.expression import Else, Of, Wanted, parse
from hwlock.license.offers import Offer, bind
from hwlock.record import replace
from hwlock.testing.dongles import RsaSigner, SoftDongle, dongle_anchor
from hwlock.testing.vendor import host_anchor, key_anchor, proof_of, seeded

CHALLENGE = bytes(range(32))
SIGNERS = [seeded(str(number)) for number in range(4)]
DONGLES = [
    SoftDongle("piv", "red"),
    SoftDongle("piv", "blue"),
    SoftDongle("openpgp", "old", signer=RsaSigner()),
    SoftDongle("usb", "stick"),
]
# anchor → what proves it
PROOFS: dict[Any, Proof] = {
    key_anchor(SIGNERS[0], assurance="key"): proof_of(SIGNERS[0], CHALLENGE),
    key_anchor(SIGNERS[1]): proof_of(SIGNERS[1], CHALLENGE),
    **{dongle_anchor(one): one.prove(b"", CHALLENGE) for one in DONGLES},
}


@st.composite
def bindings(draw: Any) -> Binding:
    """Draw a binding of four anchors of any kind under some policy."""
    four = st.lists(st.sampled_from(list(PROOFS)), min_size=4, max_size=4, unique=True)
    return Binding(anchors=tuple(draw(four)), policy=draw(policies(3)))


@st.composite
def policies(draw: Any, depth: int) -> int | Threshold:
    """Draw a policy over four anchors."""
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        return draw(st.integers(0, 3))
    parts = draw(st.lists(policies(depth - 1), min_size=1, max_size=4, unique=True))
    return Threshold(needed=draw(st.integers(1, len(parts))), parts=tuple(parts))


def model(policy: int | Threshold, there: frozenset[int]) -> bool:
    """Decide by trying every choice of `needed` parts."""
    if isinstance(policy, int):
        return policy in there
    return any(
        all(model(part, there) for part in chosen)
        for chosen in combinations(policy.parts, policy.needed)
    )


@given(bindings())
def test_a_policy_decides_as_the_table_of_all_cases(binding):
    """For each set of anchors that answer, the outcome is that of trying all choices."""
    for bits in product((False, True), repeat=4):
        there = frozenset(number for number, bit in enumerate(bits) if bit)
        proofs = tuple(PROOFS[binding.anchors[number]] for number in sorted(there))
        appraisal = appraise(binding, Evidence(challenge=CHALLENGE, proofs=proofs))
        assert appraisal.satisfied == model(binding.policy, there)
        assert {found.level for found in appraisal.findings} <= (
            {"warn"} if appraisal.satisfied else {"deny"}
        )
        assert len(appraisal.findings) == 4 - len(there)


@given(bindings())
def test_assurance_is_that_of_the_cheapest_way_in(binding):
    """Of all sets of anchors that satisfy, the weakest one, by its strongest anchor."""
    worth = [ASSURANCE.index(anchor.assurance) for anchor in binding.anchors]
    ways = [
        max(worth[number] for number in chosen)
        for size in range(1, 5)
        for chosen in combinations(range(4), size)
        if model(binding.policy, frozenset(chosen))
    ]
    assert binding.assurance == ASSURANCE[min(ways)]


WANTED = st.builds(
    Wanted,
    kind=st.just("tpm2"),
    assurance=st.sampled_from(ASSURANCE),
    virtual=st.booleans(),
) | st.builds(
    Wanted,
    kind=st.just("host"),
    assurance=st.sampled_from(ASSURANCE),
    percent=st.none() | st.integers(1, 100),
)


WANTED |= st.builds(
    Wanted,
    kind=st.just("piv"),
    assurance=st.sampled_from(ASSURANCE),
    firmware=st.sampled_from(((), (5, 7), (4, 3, 1))),
    pin=st.booleans(),
    touch=st.booleans(),
) | st.builds(
    Wanted,
    kind=st.sampled_from(("openpgp", "yubikey", "usb")),
    assurance=st.sampled_from(ASSURANCE),
)


@st.composite
def expressions(draw: Any, depth: int = 3) -> Wanted | Else | Of:
    """Draw an expression as the grammar can say it."""
    if depth == 0 or draw(st.booleans()):
        return draw(WANTED)
    parts = tuple(draw(st.lists(expressions(depth - 1), min_size=2, max_size=3)))
    if draw(st.booleans()):
        return Else(choices=parts)
    return Of(needed=draw(st.integers(1, len(parts))), parts=parts)


def printed(expression: Wanted | Else | Of) -> str:
    """Print an expression so that it needs no precedence."""
    if isinstance(expression, Else):
        return "(" + " else ".join(map(printed, expression.choices)) + ")"
    if isinstance(expression, Of):
        return f"{expression.needed} of ({', '.join(map(printed, expression.parts))})"
    options = [name for name in ("virtual", "pin", "touch") if getattr(expression, name)]
    if expression.percent is not None:
        options.append(f"{expression.percent}%")
    if expression.firmware:
        options.append(".".join(map(str, expression.firmware)))
    option = f"({', '.join(options)})" if options else ""
    return f"{expression.kind}{option}@{expression.assurance}"


def count(expression: Wanted | Else | Of) -> int:
    """Count the anchors that an expression names."""
    if isinstance(expression, Wanted):
        return 1
    parts = expression.choices if isinstance(expression, Else) else expression.parts
    return sum(map(count, parts))


SMALL = expressions().filter(lambda one: count(one) <= 16 and len(printed(one)) <= 500)


@given(SMALL)
def test_a_printed_expression_is_read_as_itself(expression):
    """What is printed with all its parentheses is read as the same expression."""
    assert parse(printed(expression)) == expression


ATTESTED = replace(dongle_anchor(SoftDongle("piv", "gold")), assurance="attested")
OFFERS = st.tuples(
    st.lists(
        st.sampled_from(
            (
                Offer(anchor=key_anchor(SIGNERS[0], assurance="key")),
                Offer(anchor=key_anchor(SIGNERS[0], assurance="attested")),
                Offer(anchor=key_anchor(SIGNERS[0], assurance="attested"), virtual=True),
                Offer(anchor=host_anchor()),
            )
        ),
        max_size=2,
        unique_by=lambda offer: offer.anchor.kind,
    ),
    st.lists(
        st.sampled_from(
            (
                *(Offer(anchor=dongle_anchor(one)) for one in DONGLES),
                Offer(anchor=ATTESTED, firmware=(5, 7, 1), pin=True),
            )
        ),
        max_size=4,
        unique=True,
    ),
).map(lambda two: (*two[0], *two[1]))


def can_meet(expression: Wanted | Else | Of, offers: tuple[Offer, ...]) -> bool:
    """Tell whether a machine with all that it offers satisfies `expression`."""
    return bool(ways(expression, frozenset(offers)))


def ways(expression: Wanted | Else | Of, free: frozenset[Offer]) -> set[frozenset[Offer]]:
    """Return what can be left of the devices that are `free`, for each way to satisfy it."""
    if isinstance(expression, Wanted):
        fitting = [offer for offer in free if meets(expression, offer)]
        taken = expression.kind not in ("tpm2", "host")
        return {free - {offer} if taken else free for offer in fitting}
    if isinstance(expression, Else):
        return set().union(*(ways(choice, free) for choice in expression.choices))
    found: set[frozenset[Offer]] = set()
    for chosen in combinations(expression.parts, expression.needed):
        left = {free}
        for part in chosen:
            left = set().union(*(ways(part, one) for one in left))
        found |= left
    return found


def meets(wanted: Wanted, offer: Offer) -> bool:
    """Tell whether `offer` is what is wanted."""
    anchor = offer.anchor
    reached = "key" if offer.virtual and not wanted.virtual else anchor.assurance
    return (
        anchor.kind == wanted.kind
        and ASSURANCE.index(reached) >= ASSURANCE.index(wanted.assurance)
        and offer.firmware >= wanted.firmware
        and offer.pin >= wanted.pin
        and offer.touch >= wanted.touch
    )


@given(SMALL, OFFERS)
def test_a_binding_is_one_that_a_license_can_hold(expression, offers):
    """What comes of an expression is read back from a license, or it is refused with reasons."""
    from hwlock.codec import cbor
    from hwlock.codec.fields import Fields

    try:
        binding = bind(expression, offers)
    except DeniedError as exc:
        assert all(found.level == "deny" and found.message for found in exc.findings)
        assert not can_meet(expression, offers) or counts_twice(expression)
        return
    assert can_meet(expression, offers)
    read = Binding.parse(Fields(cbor.decode(cbor.encode(binding.encode())), "binding"))
    assert read == binding
    assert len({one.identity for one in binding.anchors}) == len(binding.anchors)


def counts_twice(expression: Wanted | Else | Of) -> bool:
    """Tell whether `k of` with k below all, where alternatives may come to one anchor."""
    if isinstance(expression, Wanted):
        return False
    if isinstance(expression, Else):
        return any(map(counts_twice, expression.choices))
    return 1 < expression.needed < len(expression.parts) or any(map(counts_twice, expression.parts))
