"""From what a request says of its dongles to the anchors that they can be.

1. A dongle's proof answers the challenge of this request, by the rule of its kind, as it will
   at each check. One that does not refuses the request.
2. That is worth what the kind is worth: `key`, `shared` or `identifier`.
3. A card or security key is `attested` where a maker, whose root the vendor put into the
   desk's folder, certifies its key; what the certificate says of it comes along. An attestation
   that nobody trusted made is left out, and a note says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from hwlock.crypto.keys import VerificationKey
from hwlock.errors import Finding, FormatError, UntrustedError
from hwlock.evidence import fido2, piv
from hwlock.evidence.dongle import IDENTIFIER, SHARED, DongleClaims
from hwlock.exchange.request import Asking
from hwlock.issue.roots import Roots
from hwlock.license.anchors import IdentifierAnchor, KeyAnchor, SharedAnchor
from hwlock.license.offers import ROOTS, Offer
from hwlock.record import Record, replace

__all__ = ["anchor_of", "appraise"]

# what tells keys of one device apart, and not devices
_WITHIN = ("slot=", "object=", "id=", "type=")
_ITS_OWN = ("serial=", "reader=")


def appraise(
    asks: Asking, *, roots: Callable[[str], Roots], now: datetime, notes: list[Finding]
) -> Iterator[Offer]:
    """Yield what the dongles of a request are worth by the rules above; UntrustedError."""
    for claims in asks.dongles:
        # 1.
        anchor = anchor_of(claims)
        try:
            anchor.verify(claims.proof, asks.challenge)
        except (UntrustedError, FormatError) as exc:
            raise UntrustedError("HWL-DESK-DONGLE", label=anchor.label, reason=exc.message) from exc
        # 2. 3.
        offer = Offer(anchor=anchor, device=_device(claims.uri))
        if claims.attestation and claims.kind in ROOTS:
            offer = _attested(claims, offer, roots, now, notes)
        yield offer


def anchor_of(claims: DongleClaims) -> KeyAnchor | SharedAnchor | IdentifierAnchor:
    """Return the anchor that these claims describe, before anybody vouches for it."""
    label = claims.label or claims.uri[:100]
    if claims.kind == SHARED:
        return SharedAnchor(uri=claims.uri, label=label, record=claims.record)
    if claims.kind == IDENTIFIER:
        return IdentifierAnchor(uri=claims.uri, label=label)
    assert claims.key is not None  # `DongleClaims.parse` refuses the others
    return KeyAnchor(
        kind=claims.kind,
        key=claims.key,
        assurance="key",
        uri=claims.uri,
        label=label,
        record=claims.record,
    )


def _device(uri: str) -> str:
    """Return what names the device alone: its URI without what is inside of it.

    Empty where nothing in the URI is of one device only.
    """
    said = uri.partition(":")[2].split(";")
    outside = [part for part in said if not part.startswith(_WITHIN)]
    return ";".join(outside) if any(part.startswith(_ITS_OWN) for part in outside) else ""


def _attested(
    claims: DongleClaims,
    offer: Offer,
    roots: Callable[[str], Roots],
    now: datetime,
    notes: list[Finding],
) -> Offer:
    """Add what a maker says of the key, as far as a trusted one says it."""
    makers = roots(claims.kind)
    label = claims.label or claims.uri
    try:
        vouched = _vouched(claims, makers, now)
    except (UntrustedError, FormatError) as exc:
        folder = makers.folder
        notes.append(
            Finding("HWL-DESK-DONGLE-ROOTS", "note", label=label, reason=exc.message, folder=folder)
        )
        return offer
    notes.append(
        Finding(
            "HWL-DESK-DONGLE-MAKER",
            "note",
            label=label,
            maker=vouched.maker,
            authority=vouched.root_subject,
        )
    )
    if vouched.expired:
        notes.append(Finding("HWL-DESK-DONGLE-EXPIRED", "note", label=label))
    return replace(
        offer,
        anchor=replace(offer.anchor, assurance="attested", maker=vouched.maker),
        device=vouched.device or offer.device,
        firmware=vouched.firmware,
        pin=vouched.pin,
        touch=vouched.touch,
    )


class _Vouched(Record):
    """What a maker says, in one form for all kinds."""

    maker: str
    root_subject: str
    expired: bool
    device: str = ""
    firmware: tuple[int, ...] = ()
    pin: bool = False
    touch: bool = False


def _vouched(claims: DongleClaims, makers: Roots, now: datetime) -> _Vouched:
    """Verify the attestation by the rule of the kind; UntrustedError, FormatError."""
    trusted = makers.certificates
    if claims.kind == "piv":
        assert claims.key is not None  # `DongleClaims.parse` refuses a card without
        card = piv.verify_attestation(claims.attestation, claims.key, trusted=trusted, at=now)
        _refuse_serial(claims, str(card.serial))
        return _Vouched(
            maker=card.maker,
            root_subject=card.root_subject,
            expired=card.expired,
            device=f"serial {card.serial}",
            firmware=card.firmware,
            pin=card.pin_policy != "never",
            touch=card.touch_policy != "never",
        )
    if not isinstance(claims.key, VerificationKey):
        raise UntrustedError("HWL-DESK-DONGLE-KEY", label=claims.label)
    token = fido2.verify_attestation(claims.attestation, claims.key, trusted=trusted, at=now)
    return _Vouched(
        maker=token.maker or token.certificate,
        root_subject=token.root_subject,
        expired=token.expired,
    )


def _refuse_serial(claims: DongleClaims, attested: str) -> None:
    """Refuse a URI that names another device than the one that its maker speaks of."""
    said = [part for part in claims.uri.partition(":")[2].split(";") if part.startswith("serial=")]
    if said not in ([], [f"serial={attested}"]):
        raise UntrustedError("HWL-DESK-DONGLE-SERIAL", uri=claims.uri, serial=attested)
