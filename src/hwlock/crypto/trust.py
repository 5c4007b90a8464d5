"""From a product's root to whoever signed a file.

A vendor's *root* key signs rarely: the product file, and *delegations*. A delegation lets an
*issuer* key sign licenses within limits, and travels in the header of every file that the
issuer signs. Rules, in the order in which `verify_issued` applies them:

1. the delegation is signed by a root of the product, or by a former one that the product file
   says appointed this very key: a root that was replaced appoints nobody new, whoever has it;
2. the file is signed by the key that the delegation names, with that key's algorithm;
3. the file was issued while the delegation was valid: from its issue on, before its expiry
   (RFC 8392: on or after it is too late). The verifier's clock does not enter:
   an issuer that has since expired does not harm what it signed before;
4. the product is one that the delegation names. Further limits (features, term, seats) are
   checked by whoever knows what was granted: `Limits.refuse`.
"""

from __future__ import annotations

from hwlock.codec import cbor, cose, cwt
from hwlock.codec.fields import Fields, numeric_date
from hwlock.crypto.keys import KID_BYTES, Signer, VerificationKey, sign_file
from hwlock.errors import FormatError, UntrustedError
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

__all__ = [
    "Former",
    "Issued",
    "Issuer",
    "Limits",
    "Product",
    "Replaced",
    "delegate",
    "verify_delegation",
    "verify_issued",
]

PRODUCT_TYP = "application/hwlock-product"
DELEGATION_TYP = "application/hwlock-delegation"
_MAX_ROOTS = 4
MAX_FORMER = 4
MAX_APPOINTED = 64
MAX_ENDORSEMENTS = 8
_MAX_ENDORSEMENT_BYTES = 1024
_MAX_TERM_DAYS = 36500


class Former(Record):
    """A root that was replaced, and the keys (kids of 16 bytes) that it had appointed by then."""

    key: VerificationKey
    appointed: tuple[bytes, ...]

    def encode(self) -> cbor.Value:
        """Return the member map (docs/spec: former)."""
        return {1: self.key.cose_key(), 2: self.appointed}

    @classmethod
    def parse(cls, value: cbor.Value) -> Former:
        """Read the member map."""
        fields = Fields(value, "former root")
        key = VerificationKey.parse(fields.map(1, "key"))
        kids = fields.array(2, "appointed", max_items=MAX_APPOINTED)
        _refuse_empty(kids, "appointed")
        each = Fields(dict(enumerate(kids)), "former root")
        former = cls(
            key=key,
            appointed=tuple(each.bytes(n, "appointed", size=KID_BYTES) for n in range(len(kids))),
        )
        fields.done()
        return former


class Replaced(Record):
    """What a product file says of roots that were replaced, as in Product."""

    former: tuple[Former, ...] = ()
    endorsements: tuple[bytes, ...] = ()


class Product(Record):
    """A product and the root keys that speak for its vendor.

    The application ships this file, and trusts it because it ships it: the signature by the
    first root only shows that nobody changed a byte. `former` are roots that were replaced;
    `endorsements`, the oldest first, say by whom (`hwlock.crypto.succession`).
    """

    id: str
    name: str
    vendor: str
    roots: tuple[VerificationKey, ...]
    former: tuple[Former, ...] = ()
    endorsements: tuple[bytes, ...] = ()
    issued_at: datetime
    raw: bytes

    @classmethod
    def parse(cls, raw: bytes) -> Product:
        """Read a product file (docs/spec: product); FormatError, UntrustedError."""
        signed = cose.parse(raw, expected_typ=PRODUCT_TYP)
        claims = Fields(cbor.decode(signed.payload), "product")
        own = claims.map(cwt.HWLOCK, "hwlock")
        keys = own.array(2, "roots", max_items=_MAX_ROOTS)
        roots = tuple(VerificationKey.parse(Fields(key, "root key")) for key in keys)
        product = cls(
            id=claims.text(cwt.SUB, "product", max_bytes=64),
            name=own.text(1, "name"),
            vendor=claims.text(cwt.ISS, "vendor"),
            roots=roots,
            issued_at=claims.time(cwt.IAT, "issued"),
            former=_former(own),
            endorsements=_endorsements(own),
            raw=raw,
        )
        own.done()
        claims.done()
        _refuse_empty(roots, "roots")
        roots[0].open(signed)
        return product

    @classmethod
    def make(
        cls,
        root: Signer,
        *,
        id: str,
        name: str,
        vendor: str,
        issued_at: datetime,
        more_roots: tuple[VerificationKey, ...] = (),
        replaced: Replaced | None = None,
    ) -> Product:
        """Sign a product file with its first root."""
        roots = (root.key, *more_roots)
        own: dict[int | str, cbor.Value] = {1: name, 2: tuple(key.cose_key() for key in roots)}
        if replaced is not None and replaced.former:
            own[3] = tuple(one.encode() for one in replaced.former)
        if replaced is not None and replaced.endorsements:
            own[4] = replaced.endorsements
        payload: cbor.Value = {
            cwt.ISS: vendor,
            cwt.SUB: id,
            cwt.IAT: numeric_date(issued_at),
            cwt.HWLOCK: own,
        }
        return cls.parse(sign_file(root, PRODUCT_TYP, payload))

    def appointing(self, kid: bytes) -> tuple[VerificationKey, tuple[bytes, ...] | None]:
        """Return the root that `kid` names, and whom it may have appointed; None is anybody.

        UntrustedError.
        """
        for key in self.roots:
            if key.kid == kid:
                return key, None
        for one in self.former:
            if one.key.kid == kid:
                return one.key, one.appointed
        raise UntrustedError("HWL-TRUST-ROOT", product=self.id, kid=kid.hex())


def _former(own: Fields) -> tuple[Former, ...]:
    values = own.array(3, "former roots", max_items=MAX_FORMER, default=None)
    if values is None:
        return ()
    _refuse_empty(values, "former roots")
    return tuple(Former.parse(value) for value in values)


def _endorsements(own: Fields) -> tuple[bytes, ...]:
    values = own.array(4, "endorsements", max_items=MAX_ENDORSEMENTS, default=None)
    if values is None:
        return ()
    _refuse_empty(values, "endorsements")
    each = Fields(dict(enumerate(values)), "product")
    return tuple(
        each.bytes(n, "endorsement", min_bytes=1, max_bytes=_MAX_ENDORSEMENT_BYTES)
        for n in range(len(values))
    )


def _refuse_empty(values: tuple[object, ...], name: str) -> None:
    if not values:
        raise FormatError("HWL-FIELD-EMPTY", stage="field", where="product", name=name)


class Limits(Record):
    """What an issuer may grant. None means that there is no such limit."""

    products: tuple[str, ...]
    features: tuple[str, ...] | None = None
    longest_term_days: int | None = None
    most_seats: int | None = None

    def encode(self) -> cbor.Value:
        """Return the member map (docs/spec: limits)."""
        members: dict[int | str, cbor.Value] = {1: self.products}
        if self.features is not None:
            members[2] = self.features
        if self.longest_term_days is not None:
            members[3] = self.longest_term_days
        if self.most_seats is not None:
            members[4] = self.most_seats
        return members

    @classmethod
    def parse(cls, fields: Fields) -> Limits:
        """Read the member map."""
        features = fields.texts(2, "features", default=None)
        limits = cls(
            products=fields.texts(1, "products"),
            features=features,
            longest_term_days=fields.uint(3, "term", max_value=_MAX_TERM_DAYS, default=None),
            most_seats=fields.uint(4, "seats", default=None),
        )
        fields.done()
        return limits

    def refuse(self, *, features: tuple[str, ...], term_days: int | None, seats: int) -> None:
        """Return if a grant stays within these limits; UntrustedError names what does not.

        `term_days` is None for a perpetual grant, which no limit on the term allows.
        """
        beyond = [
            name for name in features if self.features is not None and name not in self.features
        ]
        if beyond:
            raise UntrustedError("HWL-ISSUER-LIMIT", what=f"the feature {beyond[0]!r}")
        if self.longest_term_days is not None and (
            term_days is None or term_days > self.longest_term_days
        ):
            raise UntrustedError(
                "HWL-ISSUER-LIMIT", what=f"a term of more than {self.longest_term_days} days"
            )
        if self.most_seats is not None and seats > self.most_seats:
            raise UntrustedError("HWL-ISSUER-LIMIT", what=f"more than {self.most_seats} seats")


class Issuer(Record):
    """A key that a root allowed to sign, by name, for a time, within limits."""

    name: str
    key: VerificationKey
    limits: Limits
    valid_from: datetime
    valid_until: datetime


class Issued(Record):
    """A file whose signature and chain were verified: who signed it, and its payload."""

    issuer: Issuer
    payload: cbor.Value


def delegate(
    root: Signer,
    key: VerificationKey,
    *,
    name: str,
    limits: Limits,
    since: datetime,
    until: datetime,
) -> bytes:
    """Return the delegation (docs/spec: delegation) by which `root` lets `key` sign."""
    payload: cbor.Value = {
        cwt.SUB: name,
        cwt.EXP: numeric_date(until),
        cwt.IAT: numeric_date(since),
        cwt.CNF: {cwt.COSE_KEY: key.cose_key()},
        cwt.HWLOCK: {1: limits.encode()},
    }
    return sign_file(root, DELEGATION_TYP, payload)


def verify_delegation(raw: bytes, product: Product) -> Issuer:
    """Return the issuer that a root of `product` appointed; FormatError, UntrustedError."""
    signed = cose.parse(raw, expected_typ=DELEGATION_TYP)
    root, appointed = product.appointing(signed.header.kid)
    claims = Fields(root.open(signed), "delegation")
    own = claims.map(cwt.HWLOCK, "hwlock")
    issuer = Issuer(
        name=claims.text(cwt.SUB, "issuer"),
        key=confirmation(claims),
        limits=Limits.parse(own.map(1, "limits")),
        valid_from=claims.time(cwt.IAT, "issued"),
        valid_until=claims.time(cwt.EXP, "expires"),
    )
    own.done()
    claims.done()
    if appointed is not None and issuer.key.kid not in appointed:
        raise UntrustedError("HWL-TRUST-FORMER", issuer=issuer.name, kid=root.kid.hex())
    return issuer


def verify_issued(signed: cose.Sign1, product: Product, *, where: str) -> Issued:
    """Verify a file that an issuer of `product` signed, by the rules of this module.

    `where` names the file in errors. The issue time is the file's own claim IAT.
    """
    # 1. a root appointed the issuer
    if signed.header.delegation is None:
        raise UntrustedError("HWL-TRUST-CHAIN", where=where)
    issuer = verify_delegation(signed.header.delegation, product)
    # 2. the issuer signed the file
    payload = issuer.key.open(signed, delegated=True)
    # 3. at a time when it was allowed to
    issued_at = Fields(payload, where).time(cwt.IAT, "issued")
    if not issuer.valid_from <= issued_at < issuer.valid_until:
        raise UntrustedError("HWL-ISSUER-TERM", issuer=issuer.name, where=where)
    # 4. for this product
    if product.id not in issuer.limits.products:
        raise UntrustedError("HWL-ISSUER-LIMIT", what=f"the product {product.id!r}")
    return Issued(issuer=issuer, payload=payload)


def confirmation(claims: Fields) -> VerificationKey:
    """Read the `cnf` claim (RFC 8747 §3.2): one COSE_Key."""
    method = claims.map(cwt.CNF, "cnf")
    key = VerificationKey.parse(method.map(cwt.COSE_KEY, "key"))
    method.done()
    return key
