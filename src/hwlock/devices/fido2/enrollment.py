"""The record of a security key: public, and enough to prove its credential again.

The record that enrolling returns also holds the maker's statement; what travels on in a
license is the `lean` one without it. docs/spec/fido2.md section 3.
"""

from __future__ import annotations

from hwlock.codec import cbor
from hwlock.codec.fields import Fields
from hwlock.crypto.keys import VerificationKey
from hwlock.errors import FormatError
from hwlock.evidence.dongle import MAX_RECORD_BYTES
from hwlock.evidence.fido2.authenticator_data import MAX_CREDENTIAL_BYTES
from hwlock.record import Record, replace

__all__ = ["Enrollment"]

_VERSION = 1
_AAGUID_BYTES = 16


class Enrollment(Record):
    """One credential of one key.

    `touch` tells that this key does not sign without being touched; `attestation` is the
    maker's statement, empty where there is none.
    """

    credential: bytes
    key: VerificationKey
    aaguid: bytes
    touch: bool
    attestation: bytes = b""

    @property
    def lean(self) -> Enrollment:
        """This record without the maker's statement."""
        return replace(self, attestation=b"")

    def encode(self) -> bytes:
        """Return the record; the statement is left out where it would not fit."""
        members: dict[int | str, cbor.Value] = {
            1: _VERSION,
            2: self.credential,
            3: self.key.cose_key(),
            4: self.aaguid,
            5: self.touch,
        }
        if self.attestation:
            members[6] = self.attestation
        encoded = cbor.encode(members)
        if self.attestation and len(encoded) > MAX_RECORD_BYTES:
            return self.lean.encode()
        return encoded

    @classmethod
    def parse(cls, raw: bytes) -> Enrollment:
        """Read a record; FormatError, BadKey."""
        fields = Fields(cbor.decode(raw, max_bytes=MAX_RECORD_BYTES), "FIDO2 record")
        version = fields.uint(1, "version")
        if version != _VERSION:
            raise FormatError("HWL-FIDO2-RECORD", stage="field", version=version)
        enrollment = cls(
            credential=fields.bytes(2, "credential", min_bytes=1, max_bytes=MAX_CREDENTIAL_BYTES),
            key=VerificationKey.parse(fields.map(3, "key")),
            aaguid=fields.bytes(4, "model", size=_AAGUID_BYTES),
            touch=fields.flag(5, "touch"),
            attestation=fields.bytes(
                6, "attestation", min_bytes=1, max_bytes=MAX_RECORD_BYTES, default=b""
            ),
        )
        fields.done()
        return enrollment
