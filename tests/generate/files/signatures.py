"""One fault in who signed a file, or in what its signer was allowed to (stage trust)."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

from hwlock.codec import cose
from hwlock.crypto.trust import Limits, Product
from hwlock.testing.vendor import SOLD_AT, Vendor, seeded

g = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("genuine.py"))))

vendor = g.VENDOR
STRANGER = seeded("a stranger")
SECOND = timedelta(seconds=1)


def lawful(**limits: object) -> Limits:
    """Return limits for the product, and these."""
    return Limits(**({"products": ("acme-cad",)} | limits))


def sold(delegation: bytes, **terms: object) -> bytes:
    """Return a license by the issuer with this delegation."""
    return vendor.license(vendor.terms(**terms), delegation=delegation)


def flipped(raw: bytes, at: int = -1) -> bytes:
    """Return `raw` with one bit of the byte at `at` flipped."""
    changed = bytearray(raw)
    changed[at] ^= 1
    return bytes(changed)


def by(signer: object, raw: bytes, **header: object) -> bytes:
    """Return what `raw` says, signed by `signer`."""
    return g.signed(signer, raw, g.payload(raw), **header)


def licenses() -> Iterator[tuple[str, str, bytes, str]]:
    """Yield name, comment, license and code."""
    delegate = vendor.delegate
    raw = flipped(g.LICENSE)
    yield "license-signature", "one bit of the signature is flipped", raw, "SIGNATURE-BAD"
    at = g.LICENSE.index(b"Zo\xc3\xab") + 1
    yield "license-changed", "one letter of the customer", flipped(g.LICENSE, at), "SIGNATURE-BAD"
    raw = by(vendor.issuer, g.LICENSE, delegation=None)
    yield "license-undelegated", "signed by the issuer, without a delegation", raw, "TRUST-CHAIN"
    raw = by(vendor.root, g.LICENSE, delegation=None)
    yield "license-by-root", "signed by the root itself", raw, "TRUST-CHAIN"
    raw = by(STRANGER, g.LICENSE)
    yield "license-stranger", "by a key that the delegation does not name", raw, "KEY-OTHER"
    raw = by(g.MACHINE, g.LICENSE)
    yield "license-by-machine", "by the machine's own key", raw, "KEY-OTHER"
    raw = by(STRANGER, g.LICENSE, kid=vendor.issuer.key.kid)
    yield "license-kid-lies", "by a stranger, naming the issuer's key", raw, "SIGNATURE-BAD"
    raw = by(vendor.issuer, g.LICENSE, alg=cose.ES256)
    yield "license-alg-es256", "the header says ES256, the key is Ed25519", raw, "KEY-ALGORITHM"
    card = delegate(key=g.CARD.key)
    raw = g.signed(g.CARD, g.LICENSE, g.payload(g.LICENSE), alg=cose.EDDSA, delegation=card)
    yield "license-alg-eddsa", "the header says EdDSA, the key is P-256", raw, "KEY-ALGORITHM"
    raw = sold(flipped(vendor.delegation))
    yield "delegation-signature", "one bit of its signature is flipped", raw, "SIGNATURE-BAD"
    raw = sold(delegate(root=STRANGER))
    yield "delegation-stranger", "the delegation is by no root of the product", raw, "TRUST-ROOT"
    chained = delegate(key=STRANGER.key, root=vendor.issuer)
    raw = vendor.license(vendor.terms(), signer=STRANGER, delegation=chained)
    yield "delegation-by-issuer", "an issuer appointed another issuer", raw, "TRUST-ROOT"
    raw = g.signed(
        vendor.root, vendor.delegation, g.payload(vendor.delegation), delegation=vendor.delegation
    )
    yield "delegation-delegated", "the delegation holds a delegation", sold(raw), "KEY-DELEGATION"
    raw = sold(delegate(Limits(products=("acme-cam",))))
    yield "delegation-product", "the issuer may sign for another product", raw, "ISSUER-LIMIT"
    raw = sold(delegate(Limits(products=())))
    yield "delegation-no-product", "the issuer may sign for no product", raw, "ISSUER-LIMIT"
    raw = sold(delegate(until=SOLD_AT))
    yield "delegation-ended", "issued in the second in which it ended", raw, "ISSUER-TERM"
    raw = sold(delegate(since=SOLD_AT + SECOND))
    yield "delegation-future", "issued a second before it began", raw, "ISSUER-TERM"
    raw = sold(delegate(lawful(features=("cad",))))
    yield "limit-feature", "one feature that the issuer may not grant", raw, "ISSUER-LIMIT"
    raw = sold(delegate(lawful(most_seats=2)))
    yield "limit-seats", "one seat more than the issuer may grant", raw, "ISSUER-LIMIT"
    raw = sold(delegate(lawful(longest_term_days=364)))
    yield "limit-term", "one day longer than the issuer may grant", raw, "ISSUER-LIMIT"
    raw = sold(delegate(lawful(longest_term_days=36500)), days=None)
    yield "limit-term-perpetual", "without an end, where terms are limited", raw, "ISSUER-LIMIT"


def kept() -> Iterator[tuple[str, str, bytes]]:
    """Yield licenses at the edges of what is allowed."""
    raw = sold(vendor.delegate(since=SOLD_AT))
    yield "delegation-first-second", "issued in the second in which its delegation began", raw
    raw = sold(vendor.delegate(until=SOLD_AT + SECOND))
    yield "delegation-last-second", "issued in the last second of its delegation", raw


def others() -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the faults of the other kinds of file."""
    cam = Vendor("acme-cam").product.raw
    case, made = g.case, g.case("license", "for acme-cad, where acme-cam runs", g.LICENSE)
    yield "license-product", made | {"product": cam.hex(), **caught("PRODUCT-OTHER")}
    made = case("response", "for acme-cad, where acme-cam runs", g.RESPONSE)
    yield "response-product", made | {"product": cam.hex(), **caught("PRODUCT-OTHER")}
    fake = Product.make(STRANGER, id="acme-cad", name="ACME CAD", vendor="ACME", issued_at=SOLD_AT)
    own = Vendor(name="a stranger").license(vendor.terms())
    made = case("license", "a whole chain of one's own making", own)
    yield "license-own-root", made | caught("TRUST-ROOT")
    raw = vendor.license(vendor.terms(), signer=STRANGER, delegation=delegate_late())
    made = case("license", "a former root appointed somebody later", raw)
    yield "license-former-late", made | {"product": g.PRODUCT_NEW.hex(), **caught("TRUST-FORMER")}
    raw = by(vendor.root, g.PRODUCT_NEW)
    yield "product-former-root", one("product", raw, "signed by its former root")
    yield "product-second", one("product", by_second(fake), "signed by its second root only")
    yield (
        "product-delegated",
        one(
            "product",
            by(vendor.root, g.PRODUCT, delegation=vendor.delegation),
            "a delegation in the header",
            "KEY-DELEGATION",
        ),
    )
    yield (
        "product-signature",
        one("product", flipped(g.PRODUCT), "one bit of the signature is flipped", "SIGNATURE-BAD"),
    )
    yield (
        "request-signature",
        one("request", flipped(g.REQUEST), "one bit of the signature is flipped", "SIGNATURE-BAD"),
    )
    raw = by(STRANGER, g.REQUEST)
    yield "request-stranger", one("request", raw, "by another key than the one it names")
    raw = by(g.MACHINE, g.REQUEST, delegation=vendor.delegation)
    yield "request-delegated", one("request", raw, "a delegation in the header", "KEY-DELEGATION")
    raw = by(g.CARD, g.REQUEST_TPM, alg=cose.EDDSA)
    yield (
        "request-alg",
        one("request", raw, "the header says EdDSA, the key is P-256", "KEY-ALGORITHM"),
    )
    raw = by(vendor.issuer, g.RESPONSE, delegation=None)
    yield "response-undelegated", one("response", raw, "without a delegation", "TRUST-CHAIN")
    raw = by(g.MACHINE, g.RESPONSE)
    yield "response-by-machine", one("response", raw, "by the machine that asked")
    swapped = g.RESPONSE.replace(g.LICENSE, g.LICENSE[:-1] + b"\0")
    yield (
        "response-swapped",
        one("response", swapped, "another license inside, of the same size", "SIGNATURE-BAD"),
    )
    raw = by(STRANGER, g.RECEIPT)
    yield "receipt-stranger", one("receipt", raw, "by another key than the license's")
    made = case("receipt", "for another license of this machine", g.RECEIPT)
    other = {"license_digest": bytes(32).hex()}
    yield "receipt-license", made | other | caught("RECEIPT-OTHER")


def delegate_late() -> bytes:
    """Return a delegation of a key that the former root had not appointed when it was replaced."""
    return vendor.delegate(key=STRANGER.key)


def caught(code: str) -> dict[str, str]:
    """Return where it is caught."""
    return {"stage": "trust", "code": f"HWL-{code}"}


def one(kind: str, raw: bytes, comment: str, code: str = "KEY-OTHER") -> dict[str, object]:
    """Return a case that is caught at stage trust."""
    return g.case(kind, comment, raw, code, "trust")


def by_second(product: Product) -> bytes:
    """Return a product file with two roots, signed by the second alone."""
    says = g.payload(product.raw)
    own = says[-70000]
    says[-70000] = own | {2: (vendor.root.key.cose_key(), *own[2])}
    return g.signed(STRANGER, product.raw, says)


def cases() -> Iterator[tuple[str, dict[str, object]]]:
    """Yield one wrong signature, chain or limit a case."""
    for name, comment, raw, code in licenses():
        yield name, one("license", raw, comment, code)
    for name, comment, raw in kept():
        yield name, g.case("license", comment, raw)
    yield from others()
