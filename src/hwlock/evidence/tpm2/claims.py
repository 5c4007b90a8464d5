"""What a request carries of a TPM: public, signed, and not yet believed by anybody."""

from __future__ import annotations

from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hwlock.codec import cbor
    from hwlock.codec.fields import Fields

__all__ = ["Certified", "Tpm2Claims"]

_MAX_CERTIFICATE = 8192
_MAX_PUBLIC = 1024
_MAX_ATTEST = 512


class Certified(Record):
    """Another key of the same TPM: TPMT_PUBLIC, and the AK's signed TPMS_ATTEST of it."""

    public: bytes
    attest: bytes
    signature: bytes

    def encode(self) -> cbor.Value:
        """Return the member map (docs/spec: certified key)."""
        return {1: self.public, 2: self.attest, 3: self.signature}

    @classmethod
    def parse(cls, fields: Fields) -> Certified:
        """Read the member map; FormatError."""
        certified = cls(
            public=fields.bytes(1, "key", max_bytes=_MAX_PUBLIC),
            attest=fields.bytes(2, "attestation", max_bytes=_MAX_ATTEST),
            signature=fields.bytes(3, "attestation signature", size=64),
        )
        fields.done()
        return certified


class Tpm2Claims(Record):
    """The statements of one TPM as they came; `attestation.verify` says what they prove.

    `ek_certificate` is DER, None where the TPM carries none; `ek_public`, `ak_public` and
    `key_public` are TPMT_PUBLIC; `attest` is the TPMS_ATTEST by which the AK certifies the
    device key, `signature` the AK's over it (raw r‖s, 64 bytes). `agreement` says the same of
    the key that agrees on secrets, None where there is none.
    """

    ek_certificate: bytes | None
    ek_public: bytes
    ak_public: bytes
    key_public: bytes
    attest: bytes
    signature: bytes
    agreement: Certified | None = None

    def encode(self) -> cbor.Value:
        """Return the member map (docs/spec: tpm2 claims)."""
        members: dict[int | str, cbor.Value] = {
            2: self.ek_public,
            3: self.ak_public,
            4: self.key_public,
            5: self.attest,
            6: self.signature,
        }
        if self.ek_certificate is not None:
            members[1] = self.ek_certificate
        if self.agreement is not None:
            members[7] = self.agreement.encode()
        return members

    @classmethod
    def parse(cls, fields: Fields) -> Tpm2Claims:
        """Read the member map; FormatError."""
        agreement = fields.map(7, "agreement key", default=None)
        claims = cls(
            ek_certificate=fields.bytes(
                1, "EK certificate", min_bytes=1, max_bytes=_MAX_CERTIFICATE, default=None
            ),
            ek_public=fields.bytes(2, "EK", max_bytes=_MAX_PUBLIC),
            ak_public=fields.bytes(3, "AK", max_bytes=_MAX_PUBLIC),
            key_public=fields.bytes(4, "device key", max_bytes=_MAX_PUBLIC),
            attest=fields.bytes(5, "attestation", max_bytes=_MAX_ATTEST),
            signature=fields.bytes(6, "attestation signature", size=64),
            agreement=None if agreement is None else Certified.parse(agreement),
        )
        fields.done()
        return claims
