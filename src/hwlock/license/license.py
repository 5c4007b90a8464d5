"""The license: a statement, signed by an issuer, that one machine may use what was sold.

It is a COSE_Sign1 over CWT claims (docs/spec: license). Bytes become an `UnverifiedLicense`
by `parse`, which knows who says it but not whether it is true, and a `License` by `verify`,
which applies the rules of `hwlock.crypto.trust` and the issuer's limits. Nothing but a
`License` is ever asked what it grants.
"""

from __future__ import annotations

from hwlock.codec import cbor, cose, cwt
from hwlock.codec.fields import Fields, numeric_date
from hwlock.crypto.keys import Signer, VerificationKey, sign_file
from hwlock.crypto.trust import Issuer, Product, confirmation, verify_issued
from hwlock.errors import FormatError, UntrustedError
from hwlock.license.amendment import MAX_AMENDMENTS, parse_amendments, refuse_amendments
from hwlock.license.binding import Binding
from hwlock.license.content_keys import WrappedKeys
from hwlock.license.model import Model
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from hwlock.license.amendment import Amendment

__all__ = ["LICENSE_TYP", "License", "Terms", "UnverifiedLicense", "issue"]

LICENSE_TYP = "application/hwlock-license"
ID_BYTES = 16
_MAX_FEATURES = 64
_SECONDS_PER_DAY = 86400
_NOTHING: cbor.Value = ("absent",)  # known by identity: null is a value, and no model


class Terms(Record):
    """What a license grants, to whom, until when.

    `id` names the activation (16 bytes); `expires_at` is None for a perpetual license;
    `seats` is how many the entitlement has, of which this license is one; `key` is the
    machine's own key, which signs its receipts (RFC 8747 `cnf`); `model` is the kind of
    license (`hwlock.license.model`); `content_keys` open sealed files, None where it opens none;
    `amendments` are changes that wait for their unlock codes.
    """

    id: bytes
    product_id: str
    entitlement_id: str
    customer: str
    features: tuple[str, ...]
    seats: int
    issued_at: datetime
    expires_at: datetime | None
    binding: Binding
    key: VerificationKey
    model: Model = Model()
    content_keys: WrappedKeys | None = None
    amendments: tuple[Amendment, ...] = ()

    @property
    def term_days(self) -> int | None:
        """Whole days from issue to expiry, rounded up, and the grace; None without an end.

        All that its amendments could add counts: whoever may sign for a month cannot sign a
        month and its extensions.
        """
        if self.expires_at is None:
            return None
        seconds = (self.expires_at - self.issued_at).total_seconds()
        more = sum(one.days for one in self.amendments)
        return -int(-seconds // _SECONDS_PER_DAY) + self.model.grace_days + more

    def encode(self) -> cbor.Value:
        """Return the claims (docs/spec: license)."""
        own: dict[int | str, cbor.Value] = {
            1: self.entitlement_id,
            2: self.features,
            3: self.seats,
            4: self.binding.encode(),
        }
        if model := self.model.encode():
            own[5] = model
        if self.content_keys is not None:
            own[7] = self.content_keys.encode()
        if self.amendments:
            own[6] = tuple(one.encode() for one in self.amendments)
        claims: dict[int | str, cbor.Value] = {
            cwt.SUB: self.customer,
            cwt.AUD: self.product_id,
            cwt.IAT: numeric_date(self.issued_at),
            cwt.CTI: self.id,
            cwt.CNF: {cwt.COSE_KEY: self.key.cose_key()},
            cwt.HWLOCK: own,
        }
        if self.expires_at is not None:
            claims[cwt.EXP] = numeric_date(self.expires_at)
        return claims

    @classmethod
    def parse(cls, payload: cbor.Value) -> Terms:
        """Read the claims; FormatError."""
        claims = Fields(payload, "license")
        own = claims.map(cwt.HWLOCK, "hwlock")
        content_keys = own.map(7, "content keys", default=None)
        terms = cls(
            id=claims.bytes(cwt.CTI, "id", size=ID_BYTES),
            product_id=claims.text(cwt.AUD, "product", max_bytes=64),
            entitlement_id=own.text(1, "entitlement", max_bytes=64),
            customer=claims.text(cwt.SUB, "customer"),
            features=own.texts(2, "features", max_items=_MAX_FEATURES),
            seats=own.uint(3, "seats"),
            issued_at=claims.time(cwt.IAT, "issued"),
            expires_at=claims.time(cwt.EXP, "expires", default=None),
            binding=Binding.parse(own.map(4, "binding")),
            key=confirmation(claims),
            model=_model(own),
            content_keys=None if content_keys is None else WrappedKeys.parse(content_keys),
            amendments=_amendments(own),
        )
        own.done()
        claims.done()
        terms.model.refuse_contradiction(terms.features, terms.expires_at)
        refuse_amendments(terms)
        return terms


def _model(own: Fields) -> Model:
    """Read the model, which is absent where there is nothing to say."""
    said = own.raw(5, "model", default=_NOTHING)
    return Model() if said is _NOTHING else Model.parse(said)


def _amendments(own: Fields) -> tuple[Amendment, ...]:
    """Read the amendments, which are absent where there are none."""
    said = own.array(6, "amendments", max_items=MAX_AMENDMENTS, default=None)
    if said is not None and not said:
        raise FormatError("HWL-FIELD-EMPTY", stage="field", where="license", name="amendments")
    return parse_amendments(said or ())


class UnverifiedLicense(Record):
    """A license file as read: what it says, and no knowledge of whether that is true."""

    says: Terms
    signed: cose.Sign1

    @classmethod
    def parse(cls, raw: bytes) -> UnverifiedLicense:
        """Read the binary form of a license file; FormatError."""
        signed = cose.parse(raw, expected_typ=LICENSE_TYP)
        return cls(says=Terms.parse(cbor.decode(signed.payload)), signed=signed)

    def verify(self, product: Product) -> License:
        """Return the genuine license for `product`; UntrustedError.

        A license of another product is refused as such before anything is said about its
        signature: that is what the person needs to hear.
        """
        terms = self.says
        if terms.product_id != product.id:
            raise UntrustedError(
                "HWL-PRODUCT-OTHER", file="license", theirs=terms.product_id, ours=product.id
            )
        issued = verify_issued(self.signed, product, where="license")
        issued.issuer.limits.refuse(
            features=terms.features, term_days=terms.term_days, seats=terms.seats
        )
        return License(terms=terms, issuer=issued.issuer, raw=self.signed.raw)


class License(Record):
    """A genuine license: signature, chain and the issuer's limits hold."""

    terms: Terms
    issuer: Issuer
    raw: bytes


def issue(terms: Terms, signer: Signer, delegation: bytes) -> bytes:
    """Sign a license file (binary form)."""
    return sign_file(signer, LICENSE_TYP, terms.encode(), delegation)
