"""Matching fingerprints: what holds for all machines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hwlock.codec import cbor
from hwlock.codec.fields import Fields
from hwlock.evidence import host
from hwlock.evidence.claims import Component

SALT = bytes(16)
PARTS = st.lists(
    st.tuples(st.sampled_from(sorted(host.WEIGHTS)), st.binary(min_size=1, max_size=12)),
    min_size=1,
    max_size=14,
)


def _without(components: tuple[Component, ...], gone: set[int]) -> tuple[Component, ...]:
    return tuple(each for at, each in enumerate(components) if at not in gone)


@given(PARTS, st.sets(st.integers(0, 13)), st.integers(0, 13), st.integers(1, 120))
def test_losing_a_part_never_helps(
    parts: list[tuple[str, bytes]], gone: set[int], more: int, needed: int
) -> None:
    """The score falls or stays, and what did not match does not match later."""
    all_parts = host.weigh(parts)
    anchor = host.claim(all_parts, SALT).components
    before = host.match(anchor, SALT, needed, _without(all_parts, gone))
    after = host.match(anchor, SALT, needed, _without(all_parts, gone | {more}))
    assert after.score <= before.score
    assert after.matched <= before.matched
    assert after.spare <= before.spare


@given(PARTS, PARTS, st.integers(1, 120))
def test_new_parts_never_count_against_a_machine(
    parts: list[tuple[str, bytes]], new: list[tuple[str, bytes]], needed: int
) -> None:
    """A machine with more in it scores what it scored."""
    mine = host.weigh(parts)
    anchor = host.claim(mine, SALT).components
    more = tuple(Component(kind=kind, value=value, weight=1) for kind, value in new)
    assert host.match(anchor, SALT, needed, mine + more) == host.match(anchor, SALT, needed, mine)


@given(PARTS, st.sets(st.integers(0, 13)), st.integers(0, 13))
def test_spare_is_what_may_still_be_lost(
    parts: list[tuple[str, bytes]], gone: set[int], next_one: int
) -> None:
    """A machine that fits still fits after the loss of a part if, and only if, spare covers it."""
    all_parts = host.weigh(parts)
    anchor = host.claim(all_parts, SALT).components
    needed = host.threshold(all_parts)
    now = host.match(anchor, SALT, needed, _without(all_parts, gone))
    lost = 0
    if next_one < len(all_parts) and next_one not in gone:
        lost = all_parts[next_one].weight
    later = host.match(anchor, SALT, needed, _without(all_parts, gone | {next_one}))
    assert later.matched == (now.matched and lost <= now.spare)


@given(PARTS, st.sets(st.integers(0, 13)), st.integers(1, 120))
def test_a_match_has_two_kinds_and_one_of_its_own(
    parts: list[tuple[str, bytes]], gone: set[int], needed: int
) -> None:
    """Whatever a license asks for, no match rests on one kind or on what images share."""
    all_parts = host.weigh(parts)
    anchor = host.claim(all_parts, SALT).components
    match = host.match(anchor, SALT, needed, _without(all_parts, gone))
    if match.matched:
        assert len(set(match.same)) >= 2
        assert not host.UNIQUE.isdisjoint(match.same)
    assert len(match.same) + len(match.missing) == len(anchor)


@given(PARTS, st.binary(min_size=16, max_size=16))
def test_claims_survive_their_encoding(parts: list[tuple[str, bytes]], salt: bytes) -> None:
    """Parse after encode is the identity, through CBOR."""
    claims = host.claim(host.weigh(parts), salt)
    value = cbor.decode(cbor.encode(claims.encode()))
    assert host.HostClaims.parse(Fields(value, "host")) == claims
    assert len(claims.components) <= host.MAX_COMPONENTS
