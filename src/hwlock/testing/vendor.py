"""A vendor in memory: every key comes from a seed and every time is given.

For tests of an application, which want a license that is genuine and the same each time.
Nothing here is secret: whoever ships a product file of this module ships an open door::

    vendor = Vendor()
    license = vendor.license(vendor.terms(features=("cad",)))
    Guard(vendor.product.raw).check()
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from hwlock.crypto import p256, sha2
from hwlock.crypto.keys import Signer, SoftwareSigner, VerificationKey
from hwlock.crypto.trust import Limits, Product, delegate
from hwlock.evidence import host
from hwlock.evidence.claims import DONGLES, Proof, proof_message
from hwlock.exchange import response
from hwlock.license.anchors import HostAnchor, KeyAnchor
from hwlock.license.binding import Binding
from hwlock.license.license import Terms, issue
from hwlock.record import replace
from hwlock.testing.customer import parts_of

__all__ = ["SOLD_AT", "CardSigner", "Vendor", "host_anchor", "key_anchor", "proof_of"]

# when everything of this vendor was issued, unless a test says otherwise
SOLD_AT = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
_DELEGATED_FOR = timedelta(days=365)
_ANSWERED_FOR = timedelta(days=30)
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def seeded(name: str) -> SoftwareSigner:
    """Return the Ed25519 key that belongs to `name`."""
    return SoftwareSigner.from_seed(sha2.sha256(b"hwlock testing " + name.encode()))


class CardSigner:
    """A P-256 key as a TPM or a card holds one, here in memory; it signs by RFC 6979."""

    def __init__(self, name: str) -> None:
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        secret = int.from_bytes(sha2.sha256(b"hwlock testing card " + name.encode()), "big")
        self._private = ec.derive_private_key(secret % (_P256_ORDER - 1) + 1, ec.SECP256R1())
        point = self._private.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )
        self.key = VerificationKey(p256.point_from_sec1(point))

    def sign(self, message: bytes) -> bytes:
        """Return the signature (64 bytes, raw r‖s) over `message`; always the same."""
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.hashes import SHA256

        algorithm = ec.ECDSA(SHA256(), deterministic_signing=True)
        return p256.signature_from_der(self._private.sign(message, algorithm))


def key_anchor(signer: Signer, *, kind: str = "tpm2", assurance: str = "attested") -> KeyAnchor:
    """Return an anchor that `signer` can answer for; of a dongle, one with a serial number."""
    maker = "id:ACME0000" if assurance == "attested" else ""
    anchor = KeyAnchor(kind=kind, key=signer.key, assurance=assurance, maker=maker)
    if kind not in DONGLES:
        return anchor
    serial = signer.key.kid[:4].hex()
    return replace(anchor, uri=f"{kind}:serial={serial}", label=f"{kind} (serial {serial})")


def host_anchor(name: str = "alpha", *, needed: int | None = None) -> HostAnchor:
    """Return the fingerprint of the machine that `hwlock.testing.customer` knows by `name`."""
    salt = sha2.sha256(b"salt")[: host.SALT_BYTES]
    claims = host.claim(host.weigh(parts_of(name)), salt)
    return HostAnchor(
        salt=claims.salt,
        components=claims.components,
        needed=host.appraise(claims) if needed is None else needed,
    )


def proof_of(signer: Signer, challenge: bytes, *, kind: str = "tpm2") -> Proof:
    """Return the answer of `signer` to `challenge` (32 bytes)."""
    return Proof(
        anchor=kind, public=signer.key.raw, signature=signer.sign(proof_message(challenge))
    )


class Vendor:
    """Somebody who sells `product_id`: a root, an issuer, and the files that they sign."""

    def __init__(self, product_id: str = "acme-cad", *, name: str = "ACME") -> None:
        self.root = seeded(f"root of {name}")
        self.issuer = seeded(f"issuer of {name}")
        self.product = Product.make(
            self.root, id=product_id, name="ACME CAD", vendor=name, issued_at=SOLD_AT
        )
        self.delegation = self.delegate()

    def delegate(
        self,
        limits: Limits | None = None,
        *,
        key: VerificationKey | None = None,
        since: datetime = SOLD_AT - timedelta(days=1),
        until: datetime = SOLD_AT + _DELEGATED_FOR,
        root: Signer | None = None,
    ) -> bytes:
        """Return a delegation, by default of the issuer for this product without limits."""
        return delegate(
            root or self.root,
            key or self.issuer.key,
            name="desk",
            limits=limits or Limits(products=(self.product.id,)),
            since=since,
            until=until,
        )

    def terms(
        self,
        binding: Binding | None = None,
        *,
        key: VerificationKey | None = None,
        features: tuple[str, ...] = ("cad", "sim"),
        seats: int = 3,
        issued_at: datetime = SOLD_AT,
        days: int | None = 365,
        number: int = 1,
    ) -> Terms:
        """Return what is sold, by default for a year and bound to the machine "alpha"."""
        return Terms(
            id=number.to_bytes(16, "big"),
            product_id=self.product.id,
            entitlement_id="E-1",
            customer="Zoë Müller GmbH",
            features=features,
            seats=seats,
            issued_at=issued_at,
            expires_at=None if days is None else issued_at + timedelta(days=days),
            binding=binding or Binding(anchors=(host_anchor(),), policy=0),
            key=key or seeded("machine alpha").key,
        )

    def license(
        self, terms: Terms, *, signer: Signer | None = None, delegation: bytes | None = None
    ) -> bytes:
        """Return the license file (binary form) of `terms`."""
        return issue(terms, signer or self.issuer, delegation or self.delegation)

    def answer(
        self,
        license: bytes | None = None,
        *,
        sealed: response.Sealed | None = None,
        nonce: bytes,
        request: bytes,
        issued_at: datetime = SOLD_AT,
    ) -> bytes:
        """Return the response file (binary form) to the request with this nonce and digest.

        Exactly one of `license` (binary form) and `sealed` is given.
        """
        says = response.Answer(
            product_id=self.product.id,
            nonce=nonce,
            request=request,
            issued_at=issued_at,
            expires_at=issued_at + _ANSWERED_FOR,
            license=license,
            sealed=sealed,
        )
        return response.answer(says, self.issuer, self.delegation)
