"""The revocation list: what a vendor took back, signed by an issuer.

A list has a number, and a newer one of the same product has a larger number. A *full* list says
everything (`base` is 0); a *delta* says what was added since the list `base`. Rules, in the order
in which `Revocations.joined` applies them to a genuine list:

1. a list that is not newer than what is known changes nothing;
2. an issuer that is known as revoked signs no list, whatever the date on it;
3. a delta fits what is known: nothing lies between. What is known is one full list and the
   deltas behind it, few enough to be read at each check;
4. a full list replaces what was known; a delta adds to it.

So what is known is that of the newest list, in whatever order the lists came. What an entry takes
back, from the moment `since` on:

| kind | subject | what it takes back |
|---|---|---|
| license | the id of the activation (16 bytes) | that license |
| device | SHA-256 of its public key, or of its URI where it has none | what it proves |
| issuer | the kid of its key (16 bytes) | what it issued from then on |
"""

from __future__ import annotations

from hwlock.codec import cbor, cose, cwt
from hwlock.codec.fields import Fields, numeric_date
from hwlock.crypto import sha2
from hwlock.crypto.keys import sign_file
from hwlock.crypto.trust import verify_issued
from hwlock.errors import DeniedError, Finding, FormatError, UntrustedError
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from hwlock.crypto.keys import Signer
    from hwlock.crypto.trust import Product
    from hwlock.license.license import License

__all__ = [
    "DEVICE",
    "ISSUER",
    "KINDS",
    "LICENSE",
    "MAX_ENTRIES",
    "REVOCATION_TYP",
    "Entry",
    "Listed",
    "Revocations",
    "UnverifiedList",
    "device_subject",
    "publish",
]

REVOCATION_TYP = "application/hwlock-revocation"
LICENSE, DEVICE, ISSUER = "license", "device", "issuer"
KINDS = (LICENSE, DEVICE, ISSUER)
MAX_ENTRIES = 1000
_MAX_LISTS = 8
_MAX_KEPT_BYTES = 65000
_MAX_SUBJECT_BYTES = 32


def device_subject(identity: bytes) -> bytes:
    """Return what names a device in a list; `identity` is its raw public key, or its URI."""
    return sha2.sha256(identity)


class Entry(Record):
    """One thing that was taken back: `kind` is one of KINDS, `since` a whole second."""

    kind: str
    subject: bytes
    since: datetime

    def encode(self) -> cbor.Value:
        """Return the member map (docs/spec: revoked)."""
        return {1: self.kind, 2: self.subject, 3: numeric_date(self.since)}

    @classmethod
    def parse(cls, value: cbor.Value) -> Entry:
        """Read the member map; FormatError."""
        fields = Fields(value, "revocation")
        kind = fields.choice(1, "kind", KINDS)
        size = _MAX_SUBJECT_BYTES if kind == DEVICE else 16
        entry = cls(
            kind=kind,
            subject=fields.bytes(2, "subject", size=size),
            since=fields.time(3, "since"),
        )
        fields.done()
        return entry


class Listed(Record):
    """What one list says; `base` is 0 for a full one."""

    product_id: str
    number: int
    base: int
    issued_at: datetime
    entries: tuple[Entry, ...]

    def encode(self) -> cbor.Value:
        """Return the claims (docs/spec: revocation)."""
        own: dict[int | str, cbor.Value] = {
            1: self.number,
            3: tuple(entry.encode() for entry in self.entries),
        }
        if self.base:
            own[2] = self.base
        return {cwt.AUD: self.product_id, cwt.IAT: numeric_date(self.issued_at), cwt.HWLOCK: own}

    @classmethod
    def parse(cls, payload: cbor.Value) -> Listed:
        """Read the claims; FormatError."""
        claims = Fields(payload, "revocation list")
        own = claims.map(cwt.HWLOCK, "hwlock")
        listed = cls(
            product_id=claims.text(cwt.AUD, "product", max_bytes=64),
            number=own.uint(1, "number"),
            base=own.uint(2, "base", default=0),
            issued_at=claims.time(cwt.IAT, "issued"),
            entries=tuple(
                Entry.parse(one) for one in own.array(3, "entries", max_items=MAX_ENTRIES)
            ),
        )
        own.done()
        claims.done()
        if listed.base >= listed.number or listed.encode() != payload:
            raise FormatError("HWL-REVOKED-NUMBER", stage="field", number=listed.number)
        return listed


class UnverifiedList(Record):
    """A list as read: nobody has checked its signature."""

    says: Listed
    signed: cose.Sign1

    @classmethod
    def parse(cls, raw: bytes) -> UnverifiedList:
        """Read the binary form of a revocation list; FormatError."""
        signed = cose.parse(raw, expected_typ=REVOCATION_TYP)
        return cls(says=Listed.parse(cbor.decode(signed.payload)), signed=signed)

    def verify(self, product: Product) -> Signed:
        """Return the genuine list of `product`; UntrustedError."""
        if self.says.product_id != product.id:
            raise UntrustedError(
                "HWL-PRODUCT-OTHER",
                file="revocation list",
                theirs=self.says.product_id,
                ours=product.id,
            )
        issuer = verify_issued(self.signed, product, where="revocation list").issuer
        return Signed(
            listed=self.says, signer=issuer.key.kid, name=issuer.name, raw=self.signed.raw
        )


class Signed(Record):
    """A genuine list: the kid and the name of the issuer that signed it."""

    listed: Listed
    signer: bytes
    name: str
    raw: bytes


class Revocations(Record):
    """All that is known to be taken back; `lists` are the files that say so, in their order."""

    number: int = 0
    entries: tuple[Entry, ...] = ()
    lists: tuple[bytes, ...] = ()

    @classmethod
    def read(cls, raws: Iterable[bytes], product: Product) -> Revocations:
        """Return what genuine lists amount to, in whatever order; FormatError, UntrustedError.

        DeniedError where one is missing in between.
        """
        lists = [UnverifiedList.parse(raw).verify(product) for raw in raws]
        known = cls()
        for one in sorted(lists, key=lambda one: (one.listed.number, one.listed.base, one.raw)):
            known = known.joined(one)
        return known

    def joined(self, one: Signed) -> Revocations:
        """Return what is known with a genuine list, by the rules of this module."""
        listed = one.listed
        # 1.
        if listed.number <= self.number:
            return self
        # 2.
        if self._entry(ISSUER, one.signer) is not None:
            raise UntrustedError("HWL-REVOKED-SIGNER", issuer=one.name, number=listed.number)
        # 3.
        kept = (*self.lists, one.raw) if listed.base else (one.raw,)
        large = len(kept) > _MAX_LISTS or sum(map(len, kept)) > _MAX_KEPT_BYTES
        if listed.base > self.number or (listed.base and large):
            raise DeniedError("HWL-REVOKED-GAP", number=listed.number, known=self.number)
        # 4.
        entries = (*self.entries, *listed.entries) if listed.base else listed.entries
        return Revocations(number=listed.number, entries=_ordered(entries), lists=kept)

    def against(self, license: License, now: datetime) -> tuple[Finding, ...]:
        """Say what was taken back of a genuine license, or will be; its devices aside.

        An issuer that lost its right does not harm what it issued before.
        """
        terms, issuer, found = license.terms, license.issuer, []
        entry = self._entry(LICENSE, terms.id)
        if entry is not None:
            day = entry.since.date()
            if now >= entry.since:
                found.append(Finding("HWL-REVOKED-LICENSE", "deny", day=day))
            else:
                found.append(Finding("HWL-REVOKED-SOON", "warn", day=day))
        entry = self._entry(ISSUER, issuer.key.kid)
        if entry is not None and terms.issued_at >= entry.since:
            day = entry.since.date()
            found.append(Finding("HWL-REVOKED-ISSUER", "deny", issuer=issuer.name, day=day))
        return tuple(found)

    def devices(self, now: datetime) -> frozenset[bytes]:
        """Return the subjects of the devices that prove nothing any more."""
        return frozenset(
            one.subject for one in self.entries if one.kind == DEVICE and now >= one.since
        )

    def encode(self) -> bytes:
        """Return the bytes that the store keeps (docs/spec: revocations)."""
        return cbor.encode(self.lists)

    @classmethod
    def parse(cls, data: bytes, product: Product) -> Revocations:
        """Read those bytes, and verify every list; FormatError, UntrustedError, DeniedError."""
        fields = Fields({1: cbor.decode(data)}, "revocations")
        kept = fields.array(1, "lists", max_items=_MAX_LISTS)
        each = Fields(dict(enumerate(kept)), "revocations")
        return cls.read((each.bytes(number, "list") for number in range(len(kept))), product)

    def _entry(self, kind: str, subject: bytes) -> Entry | None:
        found = (one for one in self.entries if one.kind == kind and one.subject == subject)
        return next(found, None)


def publish(listed: Listed, signer: Signer, delegation: bytes) -> bytes:
    """Sign a revocation list (binary form)."""
    return sign_file(signer, REVOCATION_TYP, listed.encode(), delegation)


def _ordered(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Return entries in their one order; what is taken back twice, since the earlier moment."""
    earliest: dict[tuple[str, bytes], Entry] = {}
    for entry in sorted(entries, key=lambda one: (one.kind, one.subject, one.since)):
        earliest.setdefault((entry.kind, entry.subject), entry)
    return tuple(earliest.values())
