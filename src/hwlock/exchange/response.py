"""The response: the vendor's answer to one request, holding the license.

Signed by an issuer. It names the request by nonce and digest and has an expiry of its own.
The license inside is plain, or, for a machine whose TPM was attested, *sealed*: encrypted
under a key inside a credential that only that TPM opens (TPM2_ActivateCredential).
"""

from __future__ import annotations

from hwlock.codec import cbor, cose, cwt
from hwlock.codec.fields import Fields, numeric_date
from hwlock.crypto.keys import Signer, sign_file
from hwlock.crypto.trust import Issuer, Product, verify_issued
from hwlock.errors import DeniedError, FormatError, UntrustedError
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

__all__ = [
    "MAX_ENDED",
    "RESPONSE_TYP",
    "Answer",
    "Response",
    "Sealed",
    "UnverifiedResponse",
    "answer",
]

RESPONSE_TYP = "application/hwlock-response"
CONTENT_KEY_BYTES = 32
_IV_BYTES = 12
MAX_ENDED = 64
_ID_BYTES = 16


class Sealed(Record):
    """A license encrypted with AES-256-GCM under the key inside `credential`."""

    credential: bytes
    iv: bytes
    ciphertext: bytes

    def encode(self) -> cbor.Value:
        """Return the member map (docs/spec: sealed)."""
        return {1: self.credential, 2: self.iv, 3: self.ciphertext}

    @classmethod
    def parse(cls, fields: Fields) -> Sealed:
        """Read the member map."""
        sealed = cls(
            credential=fields.bytes(1, "credential", max_bytes=1024),
            iv=fields.bytes(2, "iv", size=_IV_BYTES),
            ciphertext=fields.bytes(3, "ciphertext", min_bytes=16),
        )
        fields.done()
        return sealed

    @classmethod
    def close(
        cls, license: bytes, *, key: bytes, iv: bytes, credential: bytes, request: bytes
    ) -> Sealed:
        """Encrypt `license` for the request with digest `request`; `iv` is fresh, 12 bytes."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return cls(
            credential=credential, iv=iv, ciphertext=AESGCM(key).encrypt(iv, license, request)
        )

    def open(self, key: bytes, request: bytes) -> bytes:
        """Decrypt with the key that the device took out of the credential; UntrustedError."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if len(key) != CONTENT_KEY_BYTES:
            raise UntrustedError("HWL-RESPONSE-SEAL")
        try:
            return AESGCM(key).decrypt(self.iv, self.ciphertext, request)
        except InvalidTag as exc:
            raise UntrustedError("HWL-RESPONSE-SEAL") from exc


class Answer(Record):
    """What a response says: exactly one of `license` and `sealed` is there.

    `revocations` is the vendor's revocation list (binary form), where there is one. `ended` are
    licenses (ids) of this machine that hold no seat any more: it removes them.
    """

    product_id: str
    nonce: bytes
    request: bytes
    issued_at: datetime
    expires_at: datetime
    license: bytes | None = None
    sealed: Sealed | None = None
    revocations: bytes | None = None
    ended: tuple[bytes, ...] = ()

    def encode(self) -> cbor.Value:
        """Return the claims (docs/spec: response)."""
        own: dict[int | str, cbor.Value] = {1: self.request}
        if self.license is not None:
            own[2] = self.license
        if self.sealed is not None:
            own[3] = self.sealed.encode()
        if self.revocations is not None:
            own[4] = self.revocations
        if self.ended:
            own[5] = self.ended
        return {
            cwt.AUD: self.product_id,
            cwt.EXP: numeric_date(self.expires_at),
            cwt.IAT: numeric_date(self.issued_at),
            cwt.CTI: self.nonce,
            cwt.HWLOCK: own,
        }

    @classmethod
    def parse(cls, payload: cbor.Value) -> Answer:
        """Read the claims; FormatError."""
        claims = Fields(payload, "response")
        own = claims.map(cwt.HWLOCK, "hwlock")
        sealed = own.map(3, "sealed", default=None)
        answer = cls(
            product_id=claims.text(cwt.AUD, "product", max_bytes=64),
            nonce=claims.bytes(cwt.CTI, "nonce", size=32),
            request=own.bytes(1, "request", size=32),
            issued_at=claims.time(cwt.IAT, "issued"),
            expires_at=claims.time(cwt.EXP, "expires"),
            license=own.bytes(2, "license", default=None),
            sealed=None if sealed is None else Sealed.parse(sealed),
            revocations=own.bytes(4, "revocation list", min_bytes=1, default=None),
            ended=_ended(own),
        )
        own.done()
        claims.done()
        if (answer.license is None) == (answer.sealed is None):
            raise FormatError("HWL-FIELD-EMPTY", stage="field", where="response", name="license")
        return answer


def _ended(own: Fields) -> tuple[bytes, ...]:
    """Read ids of licenses, absent where there are none."""
    listed = own.array(5, "ended", max_items=MAX_ENDED, default=None)
    if listed is None:
        return ()
    if not listed:
        raise FormatError("HWL-FIELD-EMPTY", stage="field", where="response", name="ended")
    ids = Fields(dict(enumerate(listed)), "ended")
    return tuple(ids.bytes(at, "license", size=_ID_BYTES) for at in range(len(listed)))


class UnverifiedResponse(Record):
    """A response as read: nobody has checked its signature."""

    says: Answer
    signed: cose.Sign1

    @classmethod
    def parse(cls, raw: bytes) -> UnverifiedResponse:
        """Read the binary form of a response file; FormatError."""
        signed = cose.parse(raw, expected_typ=RESPONSE_TYP)
        return cls(says=Answer.parse(cbor.decode(signed.payload)), signed=signed)

    def verify(self, product: Product, *, nonce: bytes, request: bytes, now: datetime) -> Response:
        """Return the genuine answer to one request of this machine.

        UntrustedError where it is not genuine (1, 2); DeniedError where it is, and is no
        answer here and now (3, 4).

        1. it is for this product;
        2. an issuer of the product signed it;
        3. it answers the request with this `nonce` and digest `request`;
        4. `now` is before its expiry (RFC 8392: on or after it is too late).
        """
        # 1.
        if self.says.product_id != product.id:
            raise UntrustedError(
                "HWL-PRODUCT-OTHER", file="response", theirs=self.says.product_id, ours=product.id
            )
        # 2.
        issued = verify_issued(self.signed, product, where="response")
        # 3.
        if self.says.nonce != nonce or self.says.request != request:
            raise DeniedError("HWL-RESPONSE-OTHER")
        # 4.
        if now >= self.says.expires_at:
            raise DeniedError("HWL-RESPONSE-EXPIRED", when=self.says.expires_at.date())
        return Response(answers=self.says, issuer=issued.issuer)


class Response(Record):
    """A genuine answer to a request of this machine."""

    answers: Answer
    issuer: Issuer


def answer(says: Answer, signer: Signer, delegation: bytes) -> bytes:
    """Sign a response file (binary form)."""
    return sign_file(signer, RESPONSE_TYP, says.encode(), delegation)
