"""A fingerprint travels salted, and a match says what changed and what may still change."""

from __future__ import annotations

import pytest

from hwlock.codec import cbor
from hwlock.codec.fields import Fields
from hwlock.errors import FormatError, UntrustedError
from hwlock.evidence import host
from hwlock.evidence.claims import Component

SALT = bytes(range(16))
DESKTOP = (
    ("board", b"DELL|3660"),
    ("cpu", b"GENUINEINTEL|6|151|2"),
    ("disk", b"S64DNX0RB07421"),
    ("machine-id", b"5F0C"),
    ("memory", b"32"),
    ("nic", b"B07B251C449A"),
)


def _row(kind: str = "disk", digest: bytes = bytes(16), weight: int = 25) -> cbor.Value:
    return {1: kind, 2: digest, 3: weight}


def _parse(value: cbor.Value) -> host.HostClaims:
    return host.HostClaims.parse(Fields(value, "host"))


def test_what_is_parsed_is_what_was_encoded() -> None:
    """Claims survive the way through CBOR."""
    claims = host.claim(host.weigh(DESKTOP), SALT)
    assert _parse(cbor.decode(cbor.encode(claims.encode()))) == claims


@pytest.mark.parametrize(
    "value",
    [
        {1: SALT, 2: ()},
        {1: SALT[:15], 2: (_row(),)},
        {1: SALT},
        {1: SALT, 2: (_row(),), 3: 0},
        {1: SALT, 2: (_row(), _row("nic"))},
        {1: SALT, 2: tuple(_row(digest=bytes([n]) * 16) for n in range(33))},
        {1: SALT, 2: (_row(digest=bytes(17)),)},
        {1: SALT, 2: (_row(weight=0),)},
        {1: SALT, 2: (_row(weight=101),)},
        {1: SALT, 2: (_row(kind=""),)},
        {1: SALT, 2: (_row(kind="Disk"),)},
        {1: SALT, 2: (_row(kind="disk serial"),)},
        {1: SALT, 2: (_row(kind="d" * 33),)},
        {1: SALT, 2: (7,)},
        {1: SALT, 2: ({1: "disk", 2: bytes(16), 3: 5, 4: 1},)},
    ],
    ids=[
        "empty",
        "short salt",
        "no components",
        "unknown member",
        "same digest twice",
        "33 components",
        "long digest",
        "no weight",
        "heavy",
        "no kind",
        "capital",
        "space",
        "long kind",
        "no map",
        "unknown member of a component",
    ],
)
def test_claims_that_encode_would_not_write_are_refused(value: cbor.Value) -> None:
    """One fault each, all found at the edge."""
    with pytest.raises(FormatError):
        _parse(value)


def test_needed_is_sixty_percent_rounded_up() -> None:
    """80 points need 48."""
    components = host.weigh(DESKTOP)
    assert sum(each.weight for each in components) == 80
    assert host.threshold(components) == 48


@pytest.mark.parametrize(
    "parts",
    [
        (("machine-id", b"1"),),
        (("machine-id", b"1"), ("memory", b"1"), ("cpu", b"1"), ("board", b"1")),
        (("disk", b"1"), ("disk", b"2")),
        (),
    ],
    ids=["machine-id alone", "nothing unique", "one kind", "nothing"],
)
def test_what_cannot_tell_machines_apart_is_never_enough(
    parts: tuple[tuple[str, bytes], ...],
) -> None:
    """The threshold is out of reach, the desk refuses, and no license's number helps."""
    components = host.weigh(parts)
    claims = host.claim(components, SALT)
    assert host.threshold(components) > sum(each.weight for each in components)
    with pytest.raises(UntrustedError) as caught:
        host.appraise(claims)
    assert caught.value.code == "HWL-HOST-WEAK"
    assert not host.match(claims.components, SALT, 1, components).matched


def test_a_low_threshold_is_raised_to_one_that_means_something() -> None:
    """A license that asks for 1 point is not fulfilled by what an image shares."""
    claims = host.claim(host.weigh(DESKTOP), SALT)
    image = host.weigh(part for part in DESKTOP if part[0] not in ("disk", "nic"))
    match = host.match(claims.components, SALT, 1, image)
    assert (match.score, match.needed, match.matched) == (35, 36, False)


def test_weights_of_a_request_do_not_bend_the_rule() -> None:
    """A machine that says its memory weighs 100 still needs a part of its own."""
    components = (
        Component(kind="memory", value=b"1", weight=100),
        Component(kind="disk", value=b"2", weight=1),
    )
    claims = host.claim(components, SALT)
    match = host.match(claims.components, SALT, 1, components[:1])
    assert not match.matched


def test_salts_unlink_machines() -> None:
    """The same machine under two salts shares no digest."""
    components = host.weigh(DESKTOP)
    first, second = (host.claim(components, bytes([n]) * 16) for n in (1, 2))
    shared = {c.digest for c in first.components} & {c.digest for c in second.components}
    assert not shared


def test_a_value_of_one_kind_is_not_one_of_another() -> None:
    """A disk that bears the number of a computer does not stand for it."""
    claims = host.claim(host.weigh([("disk", b"X1"), ("cpu", b"c")]), SALT)
    match = host.match(claims.components, SALT, 1, host.weigh([("nic", b"X1"), ("cpu", b"c")]))
    assert match.missing == ("disk",)


def test_eight_of_a_kind_whatever_the_order() -> None:
    """The same eight are taken however the system lists them."""
    parts = [("disk", f"S{n:03}".encode()) for n in range(20)]
    assert host.weigh(parts) == host.weigh(reversed(parts))
    assert len(host.weigh(parts)) == 8


@pytest.mark.parametrize(
    ("kinds", "text"),
    [
        ((), ""),
        (("disk",), "disk"),
        (("disk", "disk", "nic"), "2 disks and network adapter"),
        (("board", "cpu", "memory"), "mainboard model, processor and memory size"),
        (("radio",), "radio"),
    ],
)
def test_kinds_are_named_as_people_do(kinds: tuple[str, ...], text: str) -> None:
    """An unknown kind, of a newer version, keeps its word."""
    assert host.named(kinds) == text


def test_an_unchanged_machine_has_no_findings() -> None:
    """The best check is invisible."""
    components = host.weigh(DESKTOP)
    claims = host.claim(components, SALT)
    match = host.match(claims.components, SALT, 48, components)
    assert (match.matched, match.spare, match.findings()) == (True, 32, ())


def test_a_license_that_asks_for_more_than_all_says_so() -> None:
    """A threshold over the total is refused with a sentence even where nothing changed."""
    components = host.weigh(DESKTOP)
    claims = host.claim(components, SALT)
    match = host.match(claims.components, SALT, 81, components)
    assert not match.matched
    assert [finding.level for finding in match.findings()] == ["deny"]
