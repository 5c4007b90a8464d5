"""The anchors of a license: what must be here, and how it shows that it is.

Five forms, told apart by the kind. A `KeyAnchor` names a key that answers a fresh challenge:
of a TPM, or of a dongle that signs. A `SharedAnchor` names a device that answers with a secret
which others could have kept, an `IdentifierAnchor` one that only says who it is. All that a
dongle needs in order to prove itself again stands in its anchor and is public, so that it
works on every machine that has the license. A `HostAnchor` is a machine by its parts.

Each appraises fresh evidence: it answers whether it is satisfied, and all that it found. The
rule of what counts as a proof belongs to the kind and needs no device:

1. a key signs `proof_message(challenge)`; a FIDO2 key signs what
   `hwlock.evidence.fido2.signed_message` makes of it;
2. a YubiKey's secret answers one of the challenges in its record, by
   `hwlock.evidence.yubikey.verify`;
3. a USB device says the same URI as the license.
"""

from __future__ import annotations

from hwlock.codec.fields import Fields
from hwlock.crypto.anchor_key import parse_key
from hwlock.errors import Finding, FormatError, UntrustedError
from hwlock.evidence import host
from hwlock.evidence.claims import DONGLES, Evidence, Proof, proof_message
from hwlock.evidence.dongle import (
    IDENTIFIER,
    MAX_LABEL_BYTES,
    MAX_RECORD_BYTES,
    SHARED,
    device_uri,
)
from hwlock.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from hwlock.codec import cbor
    from hwlock.crypto.anchor_key import AnchorKey

    Anchor: TypeAlias = "KeyAnchor | SharedAnchor | IdentifierAnchor | HostAnchor"
    Appraised: TypeAlias = tuple[bool, tuple[Finding, ...]]

__all__ = [
    "HostAnchor",
    "IdentifierAnchor",
    "KeyAnchor",
    "SharedAnchor",
    "absence",
    "parse_anchor",
]


class KeyAnchor(Record):
    """A key that must answer a fresh challenge: of a TPM, a card, a token.

    `kind` is the scheme of the device's URI; `assurance` what the vendor's desk verified of
    it (key|attested); `maker` what an attestation said of who made it, else empty. `uri`,
    `label` and `record` find and name a dongle, and are empty for a TPM, which a machine
    knows by its own enrollment.
    """

    kind: str
    key: AnchorKey
    assurance: str
    maker: str = ""
    uri: str = ""
    label: str = ""
    record: bytes = b""

    @property
    def identity(self) -> tuple[str, bytes]:
        """What makes two anchors one and the same device."""
        return (self.kind, self.key.raw)

    def encode(self) -> cbor.Value:
        """Return the member map (docs/spec: anchor)."""
        members: dict[int | str, cbor.Value] = {
            1: self.kind,
            2: self.assurance,
            3: self.key.cose_key(),
            4: self.maker,
        }
        return members | _encode_dongle(self.uri, self.label, self.record)

    def appraise(self, evidence: Evidence) -> Appraised:
        """Verify the proof that this key made over the evidence's challenge."""
        return _appraise(self, evidence)

    def verify(self, proof: Proof, challenge: bytes) -> None:
        """Verify a proof of this key over `challenge` (32 bytes); UntrustedError, FormatError."""
        if self.kind == "fido2":
            from hwlock.evidence.fido2 import signed_message

            self.key.verify(proof.signature, signed_message(proof.data, challenge))
        else:
            self.key.verify(proof.signature, proof_message(challenge))


class SharedAnchor(Record):
    """A device that answers with a shared secret; `record` holds the commitments to answers."""

    uri: str
    label: str
    record: bytes
    kind: str = SHARED
    assurance: str = "shared"

    @property
    def identity(self) -> tuple[str, bytes]:
        """What makes two anchors one and the same device, as far as it can be known."""
        return (self.kind, self.uri.encode())

    def encode(self) -> cbor.Value:
        """Return the member map (docs/spec: anchor)."""
        return {1: self.kind} | _encode_dongle(self.uri, self.label, self.record)

    def appraise(self, evidence: Evidence) -> Appraised:
        """Verify an answer to one of the challenges in the record."""
        return _appraise(self, evidence)

    def verify(self, proof: Proof, challenge: bytes) -> None:
        """Verify an answer by the rule of the kind; UntrustedError, FormatError."""
        from hwlock.evidence import yubikey

        yubikey.verify(proof, record=self.record, challenge=challenge)


class IdentifierAnchor(Record):
    """A device that says who it is, and proves nothing."""

    uri: str
    label: str
    kind: str = IDENTIFIER
    assurance: str = "identifier"

    @property
    def record(self) -> bytes:
        """What it needs in order to prove itself: nothing, for it proves nothing."""
        return b""

    @property
    def identity(self) -> tuple[str, bytes]:
        """What makes two anchors one and the same device."""
        return (self.kind, self.uri.encode())

    def encode(self) -> cbor.Value:
        """Return the member map (docs/spec: anchor)."""
        return {1: self.kind} | _encode_dongle(self.uri, self.label, b"")

    def appraise(self, evidence: Evidence) -> Appraised:
        """Look for a device that says the same."""
        return _appraise(self, evidence)

    def verify(self, proof: Proof, challenge: bytes) -> None:
        """Compare what a device says of itself with the license; UntrustedError."""
        del challenge  # it proves nothing, so there is nothing that could be fresh
        if proof.data != self.uri.encode():
            raise UntrustedError("HWL-DONGLE-IDENTITY", label=self.label)


class HostAnchor(Record):
    """A machine by its parts: salted digests, and the score that a match needs."""

    salt: bytes
    components: tuple[host.ComponentDigest, ...]
    needed: int
    kind: str = "host"
    assurance: str = "fingerprint"

    @property
    def identity(self) -> tuple[str, bytes]:
        """What makes two anchors one and the same."""
        parts = b"".join(
            one.digest + bytes([one.weight]) + one.kind.encode() + b"\0" for one in self.components
        )
        return (self.kind, self.needed.to_bytes(4, "big") + self.salt + parts)

    def encode(self) -> cbor.Value:
        """Return the member map (docs/spec: anchor)."""
        claims = host.HostClaims(salt=self.salt, components=self.components)
        return {1: self.kind, 5: claims.encode(), 6: self.needed}

    def appraise(self, evidence: Evidence) -> Appraised:
        """Match the parts of this machine with those of the license."""
        if evidence.components is None:
            return False, _absent("host", "", evidence) or (_other("host"),)
        match = host.match(self.components, self.salt, self.needed, evidence.components)
        return match.matched, match.findings()


def absence(anchor: Anchor, why: Finding) -> Finding:
    """Return `why` as the reason for which this dongle did not answer."""
    said = {**why.details, "anchor": anchor.kind, "anchor_uri": getattr(anchor, "uri", "")}
    return Finding(why.code, why.level, **said)


def parse_anchor(fields: Fields) -> Anchor:
    """Read the member map of one anchor; FormatError, BadKey."""
    kind = fields.choice(1, "kind", ("host", "tpm2", *DONGLES))
    anchor: Anchor
    if kind == "host":
        anchor = _parse_host(fields)
    elif kind == SHARED:
        anchor = SharedAnchor(
            uri=device_uri(fields, 7, kind),
            label=_label(fields),
            record=fields.bytes(9, "record", min_bytes=1, max_bytes=MAX_RECORD_BYTES),
        )
    elif kind == IDENTIFIER:
        anchor = IdentifierAnchor(uri=device_uri(fields, 7, kind), label=_label(fields))
    else:
        anchor = _parse_key(fields, kind)
    fields.done()
    return anchor


def _appraise(anchor: KeyAnchor | SharedAnchor | IdentifierAnchor, evidence: Evidence) -> Appraised:
    """Try the proofs that can be this anchor's; one that holds is enough."""
    public = anchor.key.raw if isinstance(anchor, KeyAnchor) else b""
    found = False
    for proof in evidence.proofs:
        if proof.anchor != anchor.kind or proof.public != public:
            continue
        found = True
        try:
            anchor.verify(proof, evidence.challenge)
        except (UntrustedError, FormatError):
            continue
        return True, ()
    # without a key, an answer that is wrong may be that of another device of the kind
    why = () if found and public else _absent(anchor.kind, anchor.uri, evidence)
    return False, why or (_failed(anchor.kind, anchor.label, found=found),)


def _failed(kind: str, label: str, *, found: bool) -> Finding:
    if label:
        return Finding("HWL-DONGLE-PROOF" if found else "HWL-DONGLE-ABSENT", "deny", label=label)
    return Finding("HWL-ANCHOR-PROOF", "deny", anchor=kind) if found else _other(kind)


def _absent(kind: str, uri: str, evidence: Evidence) -> tuple[Finding, ...]:
    return tuple(
        found
        for found in evidence.absent
        if found.details.get("anchor") == kind and found.details.get("anchor_uri", uri) == uri
    )


def _other(kind: str) -> Finding:
    return Finding("HWL-ANCHOR-OTHER", "deny", anchor=kind)


def _encode_dongle(uri: str, label: str, record: bytes) -> dict[int | str, cbor.Value]:
    members: dict[int | str, cbor.Value] = {7: uri, 8: label, 9: record}
    return {key: value for key, value in members.items() if value}


def _label(fields: Fields) -> str:
    label = fields.text(8, "label", max_bytes=MAX_LABEL_BYTES)
    if not label:
        raise FormatError("HWL-FIELD-EMPTY", stage="field", where=fields.where, name="label")
    return label


def _parse_key(fields: Fields, kind: str) -> KeyAnchor:
    anchor = KeyAnchor(
        kind=kind,
        assurance=fields.choice(2, "assurance", ("key", "attested")),
        key=parse_key(fields.map(3, "key")),
        maker=fields.text(4, "maker"),
    )
    if kind not in DONGLES:
        return anchor
    return replace(
        anchor,
        uri=device_uri(fields, 7, kind),
        label=_label(fields),
        record=fields.bytes(9, "record", min_bytes=1, max_bytes=MAX_RECORD_BYTES, default=b""),
    )


def _parse_host(fields: Fields) -> HostAnchor:
    claims = host.HostClaims.parse(fields.map(5, "fingerprint"))
    total = sum(component.weight for component in claims.components)
    needed = fields.uint(6, "needed", max_value=total)
    # neither for nothing nor out of reach: a machine that changed nothing must fit
    if needed < 1 or host.threshold(claims.components) > total:
        raise FormatError("HWL-FIELD-POLICY", stage="field")
    return HostAnchor(salt=claims.salt, components=claims.components, needed=needed)
