"""Which hardware may use a license: anchors, and a policy over them.

A *binding* is a list of anchors and a policy. A policy is the number of an anchor, or "k of
these policies"; any-of is 1 of n, all-of is n of n. Both are public to whoever holds the
license.

`appraise` compares a binding with fresh evidence and says everything that it finds.
"""

from __future__ import annotations

from hwlock.codec.fields import Fields
from hwlock.crypto import sha2
from hwlock.errors import Finding, FormatError
from hwlock.evidence.claims import ASSURANCE, Evidence
from hwlock.license.anchors import parse_anchor
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from hwlock.codec import cbor
    from hwlock.license.anchors import Anchor

__all__ = ["MAX_ANCHORS", "MAX_DEPTH", "Appraisal", "Binding", "Threshold", "appraise", "holds"]

MAX_ANCHORS = 16
MAX_DEPTH = 4


class Threshold(Record):
    """A policy: at least `needed` of `parts`, each an anchor's number or a policy.

    All parts differ: one that stood there twice would count twice.
    """

    needed: int
    parts: tuple[int | Threshold, ...]


class Binding(Record):
    """The anchors of a license and the policy over them."""

    anchors: tuple[Anchor, ...]
    policy: int | Threshold

    def encode(self) -> cbor.Value:
        """Return the member map (docs/spec: binding)."""
        return {1: tuple(a.encode() for a in self.anchors), 2: _encode_policy(self.policy)}

    @classmethod
    def parse(cls, fields: Fields) -> Binding:
        """Read the member map: all devices differ, and the policy names every one of them."""
        listed = fields.array(1, "anchors", max_items=MAX_ANCHORS)
        anchors = tuple(parse_anchor(Fields(anchor, "anchor")) for anchor in listed)
        named: set[int] = set()
        policy = _parse_policy(fields.raw(2, "policy"), len(anchors), named, depth=0)
        fields.done()
        devices = {anchor.identity for anchor in anchors}
        if len(named) != len(anchors) or len(devices) != len(anchors) or not anchors:
            raise FormatError("HWL-FIELD-POLICY", stage="field")
        return cls(anchors=anchors, policy=policy)

    @property
    def assurance(self) -> str:
        """The weakest assurance by which this binding can be satisfied."""
        return ASSURANCE[_weakest(self.policy, self.anchors)]


class Appraisal(Record):
    """What comparing a binding with evidence gave."""

    satisfied: bool
    findings: tuple[Finding, ...]


def holds(policy: int | Threshold, good: Sequence[bool]) -> bool:
    """Tell whether `policy` holds where the anchors that are `good` are satisfied."""
    if isinstance(policy, int):
        return good[policy]
    return sum(holds(part, good) for part in policy.parts) >= policy.needed


def appraise(
    binding: Binding, evidence: Evidence, *, revoked: frozenset[bytes] = frozenset()
) -> Appraisal:
    """Compare `binding` with `evidence`; devices that are `revoked` (by subject) prove nothing.

    Where the policy is satisfied in spite of an anchor that failed, what that anchor found
    becomes a warning: the person should know that the margin has shrunk.
    """
    results = [_appraise(anchor, evidence, revoked) for anchor in binding.anchors]
    satisfied = holds(binding.policy, [good for good, _ in results])
    found = tuple(finding for _, findings in results for finding in findings)
    if satisfied:
        found = tuple(_soften(finding) for finding in found)
    return Appraisal(satisfied=satisfied, findings=found)


def _appraise(
    anchor: Anchor, evidence: Evidence, revoked: frozenset[bytes]
) -> tuple[bool, tuple[Finding, ...]]:
    if revoked and sha2.sha256(anchor.identity[1]) in revoked:
        name = getattr(anchor, "label", "") or anchor.kind
        return False, (Finding("HWL-REVOKED-DEVICE", "deny", device=name),)
    return anchor.appraise(evidence)


def _soften(finding: Finding) -> Finding:
    if finding.level != "deny":
        return finding
    return Finding(finding.code, "warn", **finding.details)


def _weakest(policy: int | Threshold, anchors: tuple[Anchor, ...]) -> int:
    # The cheapest way to reach k of n uses the k weakest parts; it is worth its strongest.
    if isinstance(policy, int):
        return ASSURANCE.index(anchors[policy].assurance)
    return sorted(_weakest(part, anchors) for part in policy.parts)[policy.needed - 1]


def _encode_policy(policy: int | Threshold) -> cbor.Value:
    if isinstance(policy, int):
        return policy
    return (policy.needed, *(_encode_policy(part) for part in policy.parts))


def _parse_policy(
    value: cbor.Value, anchors: int, named: set[int], *, depth: int
) -> int | Threshold:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < anchors:
        named.add(value)
        return value
    if isinstance(value, tuple) and 2 <= len(value) <= MAX_ANCHORS + 1 and depth < MAX_DEPTH:
        needed, parts = value[0], value[1:]
        if isinstance(needed, int) and not isinstance(needed, bool) and 1 <= needed <= len(parts):
            read = tuple(_parse_policy(part, anchors, named, depth=depth + 1) for part in parts)
            if len(set(read)) == len(read):
                return Threshold(needed=needed, parts=read)
    raise FormatError("HWL-FIELD-POLICY", stage="field")
