"""Bindings: anchors, policies over them, and what comparing them with evidence says."""

from __future__ import annotations

from itertools import product

import pytest

from hwlock.codec.fields import Fields
from hwlock.errors import Finding, FormatError
from hwlock.evidence import host
from hwlock.evidence.claims import Evidence
from hwlock.license.anchors import HostAnchor
from hwlock.license.binding import MAX_ANCHORS, Binding, Threshold, appraise
from hwlock.testing.customer import parts_of
from hwlock.testing.vendor import CardSigner, host_anchor, key_anchor, proof_of, seeded

CHALLENGE = bytes(range(32))
A, B, C = (seeded(name) for name in "ABC")
KEYS = tuple(key_anchor(signer) for signer in (A, B, C))


def any_of(*parts):
    """Return the policy that one of `parts` satisfies."""
    return Threshold(needed=1, parts=parts)


def all_of(*parts):
    """Return the policy that needs every one of `parts`."""
    return Threshold(needed=len(parts), parts=parts)


def shown(*signers, components=None, absent=()):
    """Return the evidence of these signers."""
    return Evidence(
        challenge=CHALLENGE,
        components=components,
        proofs=tuple(proof_of(signer, CHALLENGE) for signer in signers),
        absent=absent,
    )


POLICIES = [
    (0, lambda a, b, c: a, (0,)),
    (any_of(0, 1, 2), lambda a, b, c: a or b or c, (0, 1, 2)),
    (all_of(0, 1, 2), lambda a, b, c: a and b and c, (0, 1, 2)),
    (Threshold(needed=2, parts=(0, 1, 2)), lambda a, b, c: a + b + c >= 2, (0, 1, 2)),
    (any_of(0, all_of(1, 2)), lambda a, b, c: a or (b and c), (0, 1, 2)),
    (all_of(any_of(0, 1), any_of(1, 2)), lambda a, b, c: (a or b) and (b or c), (0, 1, 2)),
]


@pytest.mark.parametrize(("policy", "rule", "named"), POLICIES)
def test_truth_tables(policy, rule, named):
    """Any, all, two of three, and rules inside rules decide as their table says."""
    binding = Binding(anchors=KEYS[: len(named)], policy=policy)
    for there in product((False, True), repeat=3):
        signers = [signer for signer, here in zip((A, B, C), there, strict=True) if here]
        assert appraise(binding, shown(*signers)).satisfied == bool(rule(*there))


def test_what_failed_is_a_warning_where_the_policy_holds():
    """The person hears that the margin has shrunk, and is not denied for it."""
    binding = Binding(anchors=KEYS[:2], policy=any_of(0, 1))
    appraisal = appraise(binding, shown(A))
    assert appraisal.satisfied
    assert [(found.code, found.level) for found in appraisal.findings] == [
        ("HWL-ANCHOR-OTHER", "warn")
    ]


def test_everything_that_failed_is_said():
    """Two anchors that fail are two findings."""
    appraisal = appraise(Binding(anchors=KEYS[:2], policy=all_of(0, 1)), shown())
    assert not appraisal.satisfied
    assert [found.level for found in appraisal.findings] == ["deny", "deny"]


def test_why_a_device_did_not_answer_is_said_instead():
    """Where the device itself gave a reason, that is the finding, with its own level."""
    reason = Finding("HWL-TPM-NONE", "deny", anchor="tpm2")
    appraisal = appraise(Binding(anchors=KEYS[:1], policy=0), shown(absent=(reason,)))
    assert appraisal.findings == (reason,)
    other = Finding("HWL-TPM-NONE", "deny", anchor="piv")
    appraisal = appraise(Binding(anchors=KEYS[:1], policy=0), shown(absent=(other,)))
    assert [found.code for found in appraisal.findings] == ["HWL-ANCHOR-OTHER"]


def test_a_proof_counts_for_its_kind_only():
    """A key that answers as another kind of device is not this anchor."""
    proof = proof_of(A, CHALLENGE, kind="piv")
    evidence = Evidence(challenge=CHALLENGE, proofs=(proof,))
    assert not appraise(Binding(anchors=KEYS[:1], policy=0), evidence).satisfied


def test_a_card_proves_with_p256():
    """An anchor's algorithm is that of its key."""
    card = CardSigner("card")
    binding = Binding(anchors=(key_anchor(card, kind="piv"),), policy=0)
    proof = proof_of(card, CHALLENGE, kind="piv")
    assert appraise(binding, Evidence(challenge=CHALLENGE, proofs=(proof,))).satisfied


def test_the_same_machine_fits_and_another_does_not():
    """A fingerprint matches its own machine; what changed is a warning, another is denied."""
    binding = Binding(anchors=(host_anchor("alpha"),), policy=0)
    own = parts_of("alpha")
    assert appraise(binding, shown(components=host.weigh(own))) == appraise(
        binding, shown(components=host.weigh(tuple(reversed(own))))
    )
    assert appraise(binding, shown(components=host.weigh(own))).findings == ()
    changed = [(kind, b"new" if kind == "machine-id" else value) for kind, value in own]
    appraisal = appraise(binding, shown(components=host.weigh(changed)))
    assert (appraisal.satisfied, appraisal.findings[0].code) == (True, "HWL-HOST-CHANGED")
    appraisal = appraise(binding, shown(components=host.weigh(parts_of("beta"))))
    assert (appraisal.satisfied, appraisal.findings[0].code) == (False, "HWL-HOST-OTHER")


def test_a_fingerprint_that_was_not_read_is_not_a_match():
    """No components are not the same as none that changed."""
    binding = Binding(anchors=(host_anchor(),), policy=0)
    assert not appraise(binding, shown(components=None)).satisfied
    assert not appraise(binding, shown(components=())).satisfied
    reason = Finding("HWL-HOST-WEAK", "deny", anchor="host", found="nothing")
    assert appraise(binding, shown(absent=(reason,))).findings == (reason,)


@pytest.mark.parametrize(
    ("policy", "assurance"),
    [
        (0, "fingerprint"),
        (1, "key"),
        (2, "attested"),
        (any_of(0, 1), "fingerprint"),
        (any_of(1, 2), "key"),
        (all_of(0, 1), "key"),
        (all_of(0, 1, 2), "attested"),
        (Threshold(needed=2, parts=(0, 1, 2)), "key"),
        (any_of(2, all_of(0, 1)), "key"),
        (all_of(any_of(0, 2), 1), "key"),
    ],
)
def test_assurance_is_that_of_the_weakest_way_in(policy, assurance):
    """A chain of ways is as strong as its weakest, a way as its strongest anchor."""
    anchors = (host_anchor(), key_anchor(A, assurance="key"), key_anchor(B))
    assert Binding(anchors=anchors, policy=policy).assurance == assurance


def read(anchors, policy):
    """Return what a license says that was written with these."""
    written = {1: tuple(anchor.encode() for anchor in anchors), 2: policy}
    return Binding.parse(Fields(written, "binding"))


def test_a_binding_is_read_as_it_was_written():
    """The nested form is an array: how many, then the parts."""
    binding = read((host_anchor(), *KEYS[:2]), (2, 0, (1, 1, 2)))
    assert binding.policy == all_of(0, any_of(1, 2))
    assert read(binding.anchors, binding.encode()[2]) == binding


@pytest.mark.parametrize(
    "policy",
    [
        pytest.param((1, 0), id="one of three named"),
        pytest.param((2, 0, 1), id="two of three named"),
        pytest.param((1, 0, 1, 3), id="beyond the last"),
        pytest.param((1, 0, 1, -1), id="before the first"),
        pytest.param((0, 0, 1, 2), id="none needed"),
        pytest.param((4, 0, 1, 2), id="four of three"),
        pytest.param((2, 0, 0, 1, 2), id="one counts twice"),
        pytest.param((1, (1, 0, 1), (1, 0, 1), 2), id="a rule counts twice"),
        pytest.param((True, 0, 1, 2), id="true of three"),
        pytest.param((1, 0, 1, False, 2), id="the anchor false"),
        pytest.param((1, 0, 1, "2"), id="an anchor in words"),
        pytest.param((1,), id="of nothing"),
        pytest.param((), id="empty"),
        pytest.param(None, id="null"),
        pytest.param({1: 0}, id="map"),
        pytest.param((1, 0, 1, (1, 2, (1, 0, (1, 1, (1, 2))))), id="five deep"),
        pytest.param((1, *range(3), *[(1, 0)] * 14), id="seventeen parts"),
    ],
)
def test_a_policy_that_is_none_is_refused(policy):
    """Every anchor is named, every part is there once, numbers are numbers, depth is bounded."""
    with pytest.raises(FormatError) as caught:
        read(KEYS, policy)
    assert (caught.value.code, caught.value.stage) == ("HWL-FIELD-POLICY", "field")


def test_four_rules_inside_one_another_are_read():
    """The deepest policy that a license may have."""
    read(KEYS, (1, 0, (1, 1, (2, 0, (1, 1, 2)))))


def test_anchors_are_bounded_and_different():
    """Sixteen anchors are read, seventeen are not, and none of them twice."""
    anchors = tuple(key_anchor(seeded(str(number))) for number in range(MAX_ANCHORS + 1))
    read(anchors[:-1], (1, *range(MAX_ANCHORS)))
    with pytest.raises(FormatError) as caught:
        read(anchors, (1, *range(MAX_ANCHORS + 1)))
    assert caught.value.code == "HWL-FIELD-MANY"
    with pytest.raises(FormatError):
        read((KEYS[0], KEYS[0]), (2, 0, 1))


def test_a_fingerprint_that_nothing_could_meet_is_refused():
    """What no machine fits, not even its own, is no binding."""
    parts = (host.ComponentDigest(kind="machine-id", digest=bytes(16), weight=5),)
    with pytest.raises(FormatError) as caught:
        read((HostAnchor(salt=bytes(16), components=parts, needed=5),), 0)
    assert caught.value.code == "HWL-FIELD-POLICY"
