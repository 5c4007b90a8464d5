"""From the evidence in a request to the anchors that its machine offers.

1. A fingerprint must be salted with the activation key of this entitlement, else digests of
   two licenses could be compared, and tell enough machines apart to bind to.
2. A TPM's statement must be about this request (its nonce), and about the key that signed it.
3. What the TPM says is worth `key`; it is `attested` where a maker, whose root the vendor
   put into the desk's folder, vouches for its endorsement key.
4. Each dongle answers the challenge of this request (`hwlock.issue.dongles`).

A part of the evidence that is wrong refuses the request; one that is merely weak is left
out, and a note says why.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from hwlock.crypto.keys import VerificationKey
from hwlock.errors import Finding, FormatError, HwlockError, UntrustedError
from hwlock.evidence import host
from hwlock.evidence.tpm2 import attestation, ek_chain
from hwlock.evidence.tpm2.attestation import Attestation
from hwlock.evidence.tpm2.claims import Tpm2Claims
from hwlock.exchange.request import Asking
from hwlock.issue import dongles
from hwlock.issue.roots import Roots
from hwlock.issue.seats import Newcomer
from hwlock.license.anchors import HostAnchor, KeyAnchor
from hwlock.license.offers import Offer
from hwlock.record import Record

__all__ = ["Appraised", "appraise"]


class Appraised(Record):
    """What a request proves: anchors to bind to, whose machine it is, and what to mind.

    `ak_name` is the Name of the attestation key that a credential must be made for, None
    without a TPM; `agreement` the TPM's key (x‖y) to which secrets can be encrypted.
    """

    offers: tuple[Offer, ...]
    newcomer: Newcomer
    ak_name: bytes | None
    notes: tuple[Finding, ...]
    agreement: bytes | None = None


def appraise(
    asks: Asking, *, expected_salt: bytes, roots: Callable[[str], Roots], now: datetime
) -> Appraised:
    """Appraise the evidence of a request by the rules above; UntrustedError, FormatError.

    `roots` returns the makers of a kind that the vendor trusts.
    """
    offers: list[Offer] = []
    notes: list[Finding] = []
    statement: Attestation | None = None
    attested = False
    if asks.tpm2 is not None:
        # 2. 3.
        statement = attestation.verify(asks.tpm2, asks.nonce)
        if statement.key != asks.key.raw:
            raise UntrustedError("HWL-DESK-TPM-KEY")
        offer = _tpm(asks.tpm2, asks.key, roots("tpm2"), now, notes)
        attested = offer.anchor.assurance == "attested"
        offers.append(offer)
    if asks.host is not None:
        # 1.
        if asks.host.salt != expected_salt:
            raise UntrustedError("HWL-DESK-SALT")
        offers += _host(asks.host, notes)
    # 4.
    carried = tuple(dongles.appraise(asks, roots=roots, now=now, notes=notes))
    offers += carried
    newcomer = Newcomer(
        tpm_key=None if statement is None else statement.key,
        ek_digest=None if statement is None else statement.ek_digest,
        attested=attested,
        host=asks.host,
        dongles=tuple(offer.anchor for offer in carried),
    )
    return Appraised(
        offers=tuple(offers),
        newcomer=newcomer,
        ak_name=None if statement is None else statement.ak_name,
        notes=tuple(notes),
        agreement=None if statement is None else statement.agreement,
    )


def _tpm(
    claims: Tpm2Claims, key: VerificationKey, roots: Roots, now: datetime, notes: list[Finding]
) -> Offer:
    """Offer the device key: `attested` where a maker vouches for its TPM, else `key`."""
    weak = Offer(anchor=KeyAnchor(kind="tpm2", key=key, assurance="key"))
    if claims.ek_certificate is None:
        notes.append(Finding("HWL-DESK-TPM-BARE", "note"))
        return weak
    try:
        endorsed = ek_chain.verify(
            claims.ek_certificate, claims.ek_public, trusted=roots.certificates, at=now
        )
    except (UntrustedError, FormatError) as exc:
        notes.append(_unvouched(exc, roots))
        return weak
    maker = f"{endorsed.maker} {endorsed.model}".strip()
    notes.append(
        Finding("HWL-DESK-TPM-MAKER", "note", maker=maker, authority=endorsed.root_subject)
    )
    if endorsed.expired:
        notes.append(Finding("HWL-DESK-TPM-EXPIRED", "note"))
    anchor = KeyAnchor(kind="tpm2", key=key, assurance="attested", maker=maker)
    return Offer(anchor=anchor, virtual=endorsed.virtual)


def _unvouched(exc: HwlockError, roots: Roots) -> Finding:
    return Finding("HWL-DESK-TPM-ROOTS", "note", reason=exc.message, folder=roots.folder)


def _host(claims: host.HostClaims, notes: list[Finding]) -> tuple[Offer, ...]:
    try:
        needed = host.appraise(claims)
    except UntrustedError as exc:
        notes.append(Finding.of(exc, "note"))
        return ()
    anchor = HostAnchor(salt=claims.salt, components=claims.components, needed=needed)
    return (Offer(anchor=anchor),)
