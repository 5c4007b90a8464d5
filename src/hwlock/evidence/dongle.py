"""What a request carries of one dongle.

One form for every kind. What a kind adds (a maker's attestation, a rule of what is signed)
is the business of its own module here: `piv`, `fido2`, `yubikey`, `usb`.
"""

from __future__ import annotations

from hwlock.codec import cbor
from hwlock.codec.fields import Fields
from hwlock.crypto.anchor_key import parse_key
from hwlock.evidence.claims import DONGLES, Proof
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hwlock.crypto.anchor_key import AnchorKey

__all__ = ["MAX_RECORD_BYTES", "DongleClaims"]

MAX_RECORD_BYTES = 8192
_MAX_PROOF_BYTES = 1024
_MAX_ATTESTATION_BYTES = 16384


class DongleClaims(Record):
    """What one dongle states for one request.

    `uri` finds it on any machine ("piv:serial=1234567;slot=9e"); `label` is what a person
    calls it; `key` is its public key, None for a kind that has none; `record` what the
    device needs to prove itself again; `signature` and `data` the proof over the request's
    challenge (`claims_challenge`); `attestation` the maker's statement in the kind's own
    form, or empty.
    """

    kind: str
    uri: str
    label: str
    key: AnchorKey | None
    record: bytes
    signature: bytes
    data: bytes = b""
    attestation: bytes = b""

    @property
    def proof(self) -> Proof:
        """The proof that these claims hold."""
        public = b"" if self.key is None else self.key.raw
        return Proof(anchor=self.kind, public=public, signature=self.signature, data=self.data)

    def encode(self) -> cbor.Value:
        """Return the member map (docs/spec: dongle)."""
        members: dict[int | str, cbor.Value] = {
            1: self.kind,
            2: self.uri,
            3: self.label,
            5: self.record,
            6: self.signature,
        }
        if self.key is not None:
            members[4] = self.key.cose_key()
        if self.data:
            members[7] = self.data
        if self.attestation:
            members[8] = self.attestation
        return members

    @classmethod
    def parse(cls, fields: Fields) -> DongleClaims:
        """Read the member map; FormatError, BadKey."""
        key = fields.map(4, "key", default=None)
        claims = cls(
            kind=fields.choice(1, "kind", DONGLES),
            uri=fields.text(2, "uri"),
            label=fields.text(3, "label", max_bytes=100),
            key=None if key is None else parse_key(key),
            record=fields.bytes(5, "record", max_bytes=MAX_RECORD_BYTES),
            signature=fields.bytes(6, "signature", max_bytes=_MAX_PROOF_BYTES),
            data=fields.bytes(7, "data", min_bytes=1, max_bytes=_MAX_PROOF_BYTES, default=b""),
            attestation=fields.bytes(
                8, "attestation", min_bytes=1, max_bytes=_MAX_ATTESTATION_BYTES, default=b""
            ),
        )
        fields.done()
        return claims
