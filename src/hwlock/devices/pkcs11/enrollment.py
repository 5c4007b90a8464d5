"""The record of a token's key: public, and enough to find it again (docs/spec/pkcs11.md)."""

from __future__ import annotations

from hwlock.codec import cbor
from hwlock.codec.fields import Fields
from hwlock.crypto.anchor_key import parse_key
from hwlock.errors import FormatError
from hwlock.evidence.dongle import MAX_RECORD_BYTES
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hwlock.crypto.anchor_key import AnchorKey

__all__ = ["Enrollment"]

_VERSION = 1
_MAX_ID_BYTES = 255
_MAX_LABEL_BYTES = 255


class Enrollment(Record):
    """One key: its CKA_ID (empty where it has none), its CKA_LABEL, its public half."""

    identity: bytes
    label: str
    key: AnchorKey

    def encode(self) -> bytes:
        """Return the record."""
        return cbor.encode({1: _VERSION, 2: self.identity, 3: self.label, 4: self.key.cose_key()})

    @classmethod
    def parse(cls, raw: bytes) -> Enrollment:
        """Read a record; FormatError, BadKey."""
        fields = Fields(cbor.decode(raw, max_bytes=MAX_RECORD_BYTES), "PKCS#11 record")
        version = fields.uint(1, "version")
        if version != _VERSION:
            raise FormatError("HWL-PKCS11-RECORD", stage="field", version=version)
        enrollment = cls(
            identity=fields.bytes(2, "id", max_bytes=_MAX_ID_BYTES),
            label=fields.text(3, "label", max_bytes=_MAX_LABEL_BYTES),
            key=parse_key(fields.map(4, "key")),
        )
        fields.done()
        return enrollment
