"""Which hardware may use a license: anchors, and a policy over them.

A *binding* is a list of anchors and a policy. A policy is the number of an anchor, or "k of
these policies"; any-of is 1 of n, all-of is n of n. Both are public to whoever holds the
license: an anchor of the host holds salted digests, an anchor of a key only its public half.

`appraise` compares a binding with fresh evidence and says everything that it finds.
"""

from __future__ import annotations

from hwlock.codec.fields import Fields
from hwlock.crypto.keys import VerificationKey
from hwlock.errors import BadSignature, Finding, FormatError
from hwlock.evidence import host
from hwlock.evidence.claims import ASSURANCE, Evidence, Proof, proof_message
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hwlock.codec import cbor

__all__ = [
    "MAX_ANCHORS",
    "MAX_DEPTH",
    "Appraisal",
    "Binding",
    "HostAnchor",
    "KeyAnchor",
    "Threshold",
    "appraise",
]

MAX_ANCHORS = 16
MAX_DEPTH = 4


class KeyAnchor(Record):
    """A key that must answer a fresh challenge: of a TPM now, of a card or token later.

    `kind` is the scheme of the device's URI; `assurance` what the vendor's desk verified of
    it (key|attested); `maker` what an attestation said of who made it, else empty.
    """

    kind: str
    key: VerificationKey
    assurance: str
    maker: str = ""

    def encode(self) -> cbor.Value:
        """Return the member map (docs/spec: anchor)."""
        return {1: self.kind, 2: self.assurance, 3: self.key.cose_key(), 4: self.maker}

    def appraise(self, evidence: Evidence) -> tuple[bool, tuple[Finding, ...]]:
        """Verify the proof that this key made over the evidence's challenge."""
        proof = _proof_by(self, evidence)
        if proof is None:
            absent = tuple(
                found for found in evidence.absent if found.details.get("anchor") == self.kind
            )
            return False, absent or (Finding("HWL-ANCHOR-OTHER", "deny", anchor=self.kind),)
        try:
            self.key.verify(proof.signature, proof_message(evidence.challenge))
        except BadSignature:
            return False, (Finding("HWL-ANCHOR-PROOF", "deny", anchor=self.kind),)
        return True, ()


class HostAnchor(Record):
    """A machine by its parts: salted digests, and the score that a match needs."""

    salt: bytes
    components: tuple[host.ComponentDigest, ...]
    needed: int
    kind: str = "host"
    assurance: str = "fingerprint"

    def encode(self) -> cbor.Value:
        """Return the member map (docs/spec: anchor)."""
        claims = host.HostClaims(salt=self.salt, components=self.components)
        return {1: self.kind, 5: claims.encode(), 6: self.needed}

    def appraise(self, evidence: Evidence) -> tuple[bool, tuple[Finding, ...]]:
        """Match the parts of this machine with those of the license."""
        if evidence.components is None:
            absent = tuple(
                found for found in evidence.absent if found.details.get("anchor") == "host"
            )
            return False, absent or (Finding("HWL-ANCHOR-OTHER", "deny", anchor="host"),)
        match = host.match(self.components, self.salt, self.needed, evidence.components)
        return match.matched, match.findings()


class Threshold(Record):
    """A policy: at least `needed` of `parts`, each an anchor's number or a policy.

    All parts differ: one that stood there twice would count twice.
    """

    needed: int
    parts: tuple[int | Threshold, ...]


class Binding(Record):
    """The anchors of a license and the policy over them."""

    anchors: tuple[KeyAnchor | HostAnchor, ...]
    policy: int | Threshold

    def encode(self) -> cbor.Value:
        """Return the member map (docs/spec: binding)."""
        return {1: tuple(a.encode() for a in self.anchors), 2: _encode_policy(self.policy)}

    @classmethod
    def parse(cls, fields: Fields) -> Binding:
        """Read the member map; anchors differ, and the policy names every one of them."""
        listed = fields.array(1, "anchors", max_items=MAX_ANCHORS)
        anchors = tuple(_parse_anchor(Fields(anchor, "anchor")) for anchor in listed)
        named: set[int] = set()
        policy = _parse_policy(fields.raw(2, "policy"), len(anchors), named, depth=0)
        fields.done()
        if len(named) != len(anchors) or len(set(anchors)) != len(anchors) or not anchors:
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


def appraise(binding: Binding, evidence: Evidence) -> Appraisal:
    """Compare `binding` with `evidence`.

    Where the policy is satisfied in spite of an anchor that failed, what that anchor found
    becomes a warning: the person should know that the margin has shrunk.
    """
    results = [anchor.appraise(evidence) for anchor in binding.anchors]
    satisfied = _satisfied(binding.policy, [good for good, _ in results])
    found = tuple(finding for _, findings in results for finding in findings)
    if satisfied:
        found = tuple(_soften(finding) for finding in found)
    return Appraisal(satisfied=satisfied, findings=found)


def _proof_by(anchor: KeyAnchor, evidence: Evidence) -> Proof | None:
    for proof in evidence.proofs:
        if proof.anchor == anchor.kind and proof.public == anchor.key.raw:
            return proof
    return None


def _soften(finding: Finding) -> Finding:
    if finding.level != "deny":
        return finding
    return Finding(finding.code, "warn", **finding.details)


def _satisfied(policy: int | Threshold, good: list[bool]) -> bool:
    if isinstance(policy, int):
        return good[policy]
    return sum(_satisfied(part, good) for part in policy.parts) >= policy.needed


def _weakest(policy: int | Threshold, anchors: tuple[KeyAnchor | HostAnchor, ...]) -> int:
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


def _parse_anchor(fields: Fields) -> KeyAnchor | HostAnchor:
    kind = fields.text(1, "kind", max_bytes=32)
    anchor: KeyAnchor | HostAnchor
    if kind == "host":
        claims = host.HostClaims.parse(fields.map(5, "fingerprint"))
        total = sum(component.weight for component in claims.components)
        needed = fields.uint(6, "needed", max_value=total)
        # neither for nothing nor out of reach: a machine that changed nothing must fit
        if needed < 1 or host.threshold(claims.components) > total:
            raise FormatError("HWL-FIELD-POLICY", stage="field")
        anchor = HostAnchor(salt=claims.salt, components=claims.components, needed=needed)
    else:
        anchor = KeyAnchor(
            kind=kind,
            assurance=fields.choice(2, "assurance", ("key", "attested")),
            key=VerificationKey.parse(fields.map(3, "key")),
            maker=fields.text(4, "maker"),
        )
    fields.done()
    return anchor
