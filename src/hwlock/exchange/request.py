"""The request: a machine asks for a license and shows what it can be bound to.

Signed by the machine's own key, which the license will name. Parsing gives an
`UnverifiedRequest`; `verify` proves that its signer holds the key, which is all that a
request can prove by itself. Whether its evidence is true is the desk's to appraise.

It tells besides which licenses are live on the machine, so that the vendor's registry notices one
that was given back, and which unlock codes were used of them: by a digest over the nonce, so that
no code is read on the way.
"""

from __future__ import annotations

from hwlock.codec import cbor, cose, cwt
from hwlock.codec.fields import Fields, numeric_date
from hwlock.crypto import sha2
from hwlock.crypto.keys import Signer, VerificationKey, sign_file
from hwlock.crypto.trust import confirmation
from hwlock.errors import FormatError
from hwlock.evidence.claims import claims_challenge
from hwlock.evidence.dongle import DongleClaims
from hwlock.evidence.host import MAX_COMPONENTS, HostClaims
from hwlock.evidence.tpm2.claims import Tpm2Claims
from hwlock.exchange.activation_key import ActivationKey
from hwlock.license.amendment import CODE_BYTES, MAX_AMENDMENTS
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

__all__ = [
    "MAX_DONGLES",
    "MAX_HELD",
    "MAX_RECEIPTS",
    "REQUEST_TYP",
    "Asking",
    "Held",
    "Request",
    "Total",
    "UnverifiedRequest",
    "ask",
    "use_proof",
]

REQUEST_TYP = "application/hwlock-request"
NONCE_BYTES = 32
MAX_DONGLES = 8
MAX_HELD = 64
MAX_RECEIPTS = 8
_MAX_TOTALS = 256
_MAX_RECEIPT_BYTES = 4096
_SHARING_BYTES = 32
_PROOF_BYTES = 32
_MAX_TOTAL = 2**53


class Total(Record):
    """How much of the counter `name` of an entitlement this machine has used up in all."""

    entitlement_id: str
    name: str
    total: int

    def encode(self) -> cbor.Value:
        """Return the member (docs/spec: total)."""
        return {1: self.entitlement_id, 2: self.name, 3: self.total}

    @classmethod
    def parse(cls, value: cbor.Value) -> Total:
        """Read the member; FormatError."""
        fields = Fields(value, "usage")
        total = cls(
            entitlement_id=fields.text(1, "entitlement", max_bytes=64),
            name=fields.text(2, "counter"),
            total=fields.uint(3, "total", max_value=_MAX_TOTAL),
        )
        fields.done()
        return total


class Held(Record):
    """A license (16-byte id) that is live on the machine that asks.

    `used` are its changes for which an unlock code was used there: index and `use_proof`.
    """

    license_id: bytes
    used: tuple[tuple[int, bytes], ...] = ()

    def encode(self) -> cbor.Value:
        """Return the member (docs/spec: held)."""
        members: dict[int | str, cbor.Value] = {1: self.license_id}
        if self.used:
            members[2] = tuple({1: index, 2: proof} for index, proof in self.used)
        return members

    @classmethod
    def parse(cls, value: cbor.Value) -> Held:
        """Read the member; FormatError."""
        fields = Fields(value, "held")
        listed = fields.array(2, "used", max_items=MAX_AMENDMENTS, default=None)
        if listed == ():
            raise FormatError("HWL-FIELD-EMPTY", stage="field", where="held", name="used")
        held = cls(
            license_id=fields.bytes(1, "license", size=16),
            used=tuple(_use(one) for one in listed or ()),
        )
        fields.done()
        if len(dict(held.used)) != len(held.used):
            raise FormatError("HWL-FIELD-TWICE", stage="field", where="held", name="used")
        return held


def use_proof(nonce: bytes, license_id: bytes, index: int, number: int) -> bytes:
    """Return what shows that the code `number` of a change is known, in the request with `nonce`.

    The vendor, who knows all codes, compares; nobody else learns the code by it.
    """
    said = nonce + license_id + bytes([index]) + number.to_bytes(CODE_BYTES, "big")
    return sha2.sha256(b"hwlock used code v1\0" + said)


class Asking(Record):
    """What a request says. `asked_at` is the machine's own clock, which may be wrong.

    `usage` is what the machine says that it has used up of licenses that count; `sharing` are
    X25519 keys (32 bytes), one a component of the host, to which shares can be encrypted.
    `held` are the licenses of the product that are live there; `receipts` (binary form) are of
    licenses that were given back elsewhere and whose seats this machine asks for.
    """

    product_id: str
    asked_at: datetime
    nonce: bytes
    key: VerificationKey
    key_id: bytes
    key_proof: bytes
    host: HostClaims | None
    tpm2: Tpm2Claims | None
    software: str
    note: str = ""
    dongles: tuple[DongleClaims, ...] = ()
    usage: tuple[Total, ...] = ()
    sharing: tuple[bytes, ...] = ()
    held: tuple[Held, ...] = ()
    receipts: tuple[bytes, ...] = ()

    @property
    def challenge(self) -> bytes:
        """What each dongle of this request answers (32 bytes)."""
        return claims_challenge(self.nonce, self.key.kid)

    def encode(self) -> cbor.Value:
        """Return the claims (docs/spec: request)."""
        own: dict[int | str, cbor.Value] = {
            1: self.key_id,
            2: self.key_proof,
            5: self.software,
        }
        if self.host is not None:
            own[3] = self.host.encode()
        if self.tpm2 is not None:
            own[4] = self.tpm2.encode()
        if self.note:
            own[6] = self.note
        if self.dongles:
            own[7] = tuple(dongle.encode() for dongle in self.dongles)
        if self.usage:
            own[8] = tuple(total.encode() for total in self.usage)
        if self.sharing:
            own[9] = self.sharing
        if self.held:
            own[10] = tuple(one.encode() for one in self.held)
        if self.receipts:
            own[11] = self.receipts
        return {
            cwt.AUD: self.product_id,
            cwt.IAT: numeric_date(self.asked_at),
            cwt.CTI: self.nonce,
            cwt.CNF: {cwt.COSE_KEY: self.key.cose_key()},
            cwt.HWLOCK: own,
        }

    @classmethod
    def parse(cls, payload: cbor.Value) -> Asking:
        """Read the claims; FormatError."""
        claims = Fields(payload, "request")
        own = claims.map(cwt.HWLOCK, "hwlock")
        host = own.map(3, "host", default=None)
        tpm2 = own.map(4, "tpm2", default=None)
        asking = cls(
            product_id=claims.text(cwt.AUD, "product", max_bytes=64),
            asked_at=claims.time(cwt.IAT, "asked"),
            nonce=claims.bytes(cwt.CTI, "nonce", size=NONCE_BYTES),
            key=confirmation(claims),
            key_id=own.bytes(1, "key id", size=16),
            key_proof=own.bytes(2, "key proof", size=32),
            host=None if host is None else HostClaims.parse(host),
            tpm2=None if tpm2 is None else Tpm2Claims.parse(tpm2),
            software=own.text(5, "software", max_bytes=100),
            note=_note(own),
            dongles=_dongles(own),
            usage=_usage(own),
            sharing=_sharing(own),
            held=_held(own),
            receipts=_receipts(own),
        )
        own.done()
        claims.done()
        if asking.host is None and asking.tpm2 is None and not asking.dongles:
            raise FormatError("HWL-FIELD-EMPTY", stage="field", where="request", name="evidence")
        if asking.sharing and len(asking.sharing) != _components(asking.host):
            raise FormatError("HWL-FIELD-POLICY", stage="field")
        return asking

    def proves(self, key: ActivationKey) -> bool:
        """Tell whether this request was made by someone who had `key`."""
        from hwlock.crypto import constant

        return constant.equal(self.key_proof, key.proof(self.nonce, self.key.kid))


class UnverifiedRequest(Record):
    """A request as read: nobody has checked its signature."""

    says: Asking
    signed: cose.Sign1

    @classmethod
    def parse(cls, raw: bytes) -> UnverifiedRequest:
        """Read the binary form of a request file; FormatError."""
        signed = cose.parse(raw, expected_typ=REQUEST_TYP)
        return cls(says=Asking.parse(cbor.decode(signed.payload)), signed=signed)

    def verify(self) -> Request:
        """Return the request if its own key signed it; UntrustedError."""
        self.says.key.open(self.signed)
        return Request(asks=self.says, digest=digest(self.signed.raw))


class Request(Record):
    """A request whose signer holds the key that it names; `digest` names these bytes."""

    asks: Asking
    digest: bytes


def ask(asking: Asking, signer: Signer) -> bytes:
    """Sign a request file (binary form) with the machine's key."""
    return sign_file(signer, REQUEST_TYP, asking.encode())


def digest(raw: bytes) -> bytes:
    """Return what names a request in its response: SHA-256 of the file's binary form."""
    return sha2.sha256(raw)


def _note(own: Fields) -> str:
    """Read the note, which is absent where there is none: one statement has one form."""
    note = own.text(6, "note", default=None)
    if note == "":
        raise FormatError("HWL-FIELD-EMPTY", stage="field", where="request", name="note")
    return note or ""


def _dongles(own: Fields) -> tuple[DongleClaims, ...]:
    """Read the dongles: absent where there are none, and none of them twice."""
    listed = own.array(7, "dongles", max_items=MAX_DONGLES, default=None)
    if listed is None:
        return ()
    dongles = tuple(DongleClaims.parse(Fields(one, "dongle")) for one in listed)
    if not dongles:
        raise FormatError("HWL-FIELD-EMPTY", stage="field", where="request", name="dongles")
    if len({one.identity for one in dongles}) != len(dongles):
        raise FormatError("HWL-FIELD-TWICE", stage="field", where="request", name="dongles")
    return dongles


def _usage(own: Fields) -> tuple[Total, ...]:
    """Read what was used up, which is absent where it is nothing."""
    listed = own.array(8, "usage", max_items=_MAX_TOTALS, default=None)
    if listed is None:
        return ()
    if not listed:
        raise FormatError("HWL-FIELD-EMPTY", stage="field", where="request", name="usage")
    return tuple(Total.parse(value) for value in listed)


def _components(host: HostClaims | None) -> int:
    return 0 if host is None else len(host.components)


def _sharing(own: Fields) -> tuple[bytes, ...]:
    """Read the keys of the host's components, absent where there are none."""
    listed = own.array(9, "sharing", max_items=MAX_COMPONENTS, default=None)
    if listed is None:
        return ()
    keys = tuple(key for key in listed if isinstance(key, bytes) and len(key) == _SHARING_BYTES)
    if not keys or len(keys) != len(listed):
        raise FormatError("HWL-FIELD-EMPTY", stage="field", where="request", name="sharing")
    return keys


def _held(own: Fields) -> tuple[Held, ...]:
    """Read the licenses that are live there: absent where there are none, and none twice."""
    listed = own.array(10, "held", max_items=MAX_HELD, default=None)
    if listed is None:
        return ()
    held = tuple(Held.parse(value) for value in listed)
    if not held:
        raise FormatError("HWL-FIELD-EMPTY", stage="field", where="request", name="held")
    if len({one.license_id for one in held}) != len(held):
        raise FormatError("HWL-FIELD-TWICE", stage="field", where="request", name="held")
    return held


def _use(value: cbor.Value) -> tuple[int, bytes]:
    """Read the index of a change, and the proof that its code was used."""
    fields = Fields(value, "used")
    index = fields.uint(1, "index", max_value=MAX_AMENDMENTS - 1)
    proof = fields.bytes(2, "proof", size=_PROOF_BYTES)
    fields.done()
    return index, proof


def _receipts(own: Fields) -> tuple[bytes, ...]:
    """Read receipt files, absent where there are none; what they say is the desk's to verify."""
    listed = own.array(11, "receipts", max_items=MAX_RECEIPTS, default=None)
    if listed is None:
        return ()
    if not listed:
        raise FormatError("HWL-FIELD-EMPTY", stage="field", where="request", name="receipts")
    fields = Fields(dict(enumerate(listed)), "receipts")
    return tuple(
        fields.bytes(at, "receipt", min_bytes=1, max_bytes=_MAX_RECEIPT_BYTES)
        for at in range(len(listed))
    )
