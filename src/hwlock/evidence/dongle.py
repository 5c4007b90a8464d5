"""What a request carries of one dongle.

One form for every kind. What a kind adds (a maker's attestation, a rule of what is signed)
is the business of its own module here: `piv`, `fido2`, `yubikey`, `usb`.
"""

from __future__ import annotations

from hwlock.codec import cbor
from hwlock.codec.fields import Fields
from hwlock.crypto.anchor_key import parse_key
from hwlock.errors import FormatError
from hwlock.evidence.claims import DONGLES, Proof
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hwlock.crypto.anchor_key import AnchorKey

__all__ = [
    "IDENTIFIER",
    "MAX_LABEL_BYTES",
    "MAX_RECORD_BYTES",
    "SHARED",
    "DongleClaims",
    "device_uri",
]

# the kinds that have no key of their own: one with a shared secret, one with a number
SHARED, IDENTIFIER = "yubikey", "usb"
MAX_LABEL_BYTES = 100
MAX_RECORD_BYTES = 8192
# What a URI may say where it travels: who a device is. Which library, reader or port reaches it,
# and where its PIN is kept, is decided at the machine; a file that could name a library could
# have any code loaded.
_IDENTIFYING = {
    "piv": ("serial", "slot"),
    "openpgp": ("serial",),
    "pkcs11": ("token", "manufacturer", "model", "serial", "object", "id"),
    "fido2": ("aaguid", "serial", "key"),
    "yubikey": ("serial", "slot"),
    "usb": ("vid", "pid", "serial"),
}
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
    def identity(self) -> tuple[str, bytes]:
        """What makes two dongles one: the key, or where there is none the URI."""
        return (self.kind, self.uri.encode() if self.key is None else self.key.raw)

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
        """Read the member map; a kind has a key or it has none. FormatError, BadKey."""
        kind = fields.choice(1, "kind", DONGLES)
        keyless = kind in (SHARED, IDENTIFIER)  # `done` refuses a key that nobody reads
        claims = cls(
            kind=kind,
            uri=device_uri(fields, 2, kind),
            label=fields.text(3, "label", max_bytes=MAX_LABEL_BYTES),
            key=None if keyless else parse_key(fields.map(4, "key")),
            record=fields.bytes(5, "record", max_bytes=MAX_RECORD_BYTES),
            signature=fields.bytes(6, "signature", max_bytes=_MAX_PROOF_BYTES),
            data=fields.bytes(7, "data", min_bytes=1, max_bytes=_MAX_PROOF_BYTES, default=b""),
            attestation=fields.bytes(
                8, "attestation", min_bytes=1, max_bytes=_MAX_ATTESTATION_BYTES, default=b""
            ),
        )
        fields.done()
        return claims


def device_uri(fields: Fields, member: int, kind: str) -> str:
    """Read the URI that finds a dongle of `kind`, and says nothing but who it is; FormatError."""
    uri = fields.text(member, "device")
    if not uri.startswith(f"{kind}:"):
        raise FormatError(
            "HWL-FIELD-WORD", stage="field", where=fields.where, name="device", words=f"{kind}:…"
        )
    if not _identifies(uri[len(kind) + 1 :], _IDENTIFYING[kind]):
        names = ", ".join(_IDENTIFYING[kind])
        raise FormatError("HWL-FIELD-DEVICE", stage="field", where=fields.where, names=names)
    return uri


def _identifies(said: str, names: tuple[str, ...]) -> bool:
    """Tell whether all that a URI says is `name=value` with these names, and no query."""
    parts = [part.partition("=") for part in said.split(";") if said]
    return "?" not in said and all(equals and name in names for name, equals, _ in parts)
