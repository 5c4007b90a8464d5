"""`hwlock inspect`: what is this file, what does it say, and is it genuine?"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

import click

from hwlock.cli.carried import carried_argument, read_carried
from hwlock.cli.files import read_file
from hwlock.cli.options import json_option, pass_world
from hwlock.cli.story import diagnostic_facts
from hwlock.cli.words import columns, label, marked, padded, say
from hwlock.cli.world import World
from hwlock.codec import armor, cbor, cose, cwt
from hwlock.codec.fields import Fields
from hwlock.crypto.anchor_key import key_name
from hwlock.crypto.succession import parse_endorsement, verify_successor
from hwlock.crypto.trust import (
    DELEGATION_TYP,
    PRODUCT_TYP,
    Product,
    verify_delegation,
    verify_issued,
)
from hwlock.enforce.stores import product_file, stores_of
from hwlock.errors import FormatError, HwlockError, spoken
from hwlock.evidence.dongle import DongleClaims
from hwlock.evidence.host import NAMES
from hwlock.exchange import receipt, renewal, request, response
from hwlock.exchange.diagnostic import DIAGNOSTIC_TYP
from hwlock.license import license as license_file
from hwlock.license.anchors import HostAnchor, KeyAnchor
from hwlock.license.binding import Binding, Threshold
from hwlock.license.content_keys import WrappedKeys
from hwlock.license.manifest import MANIFEST_TYP
from hwlock.license.model import ENFORCE, NODE_LOCKED, Model
from hwlock.license.revocation import REVOCATION_TYP, UnverifiedList

__all__ = ["inspect"]

Facts = dict[str, object]
_COLUMN = 18  # where values begin at the least, in columns of a terminal


@click.command(epilog="Example: hwlock inspect my.hwreq")
@carried_argument("file")
@click.option(
    "--product", type=click.Path(), metavar="FILE", help="Verify against this product file."
)
@json_option
@pass_world
def inspect(world: World, *, file: tuple[str, ...], product: str | None) -> None:
    """Explain FILE, of any kind that hwlock writes, and say whether it is genuine.

    Signatures of licenses and responses are verified against --product, or against the
    product file that this machine already knows. Pictures of QR codes will do as FILE.
    """
    raw = armor.decode(read_carried(file, None))[1]
    signed = cose.parse(raw)
    explain = _KINDS.get(signed.header.typ)
    if explain is None:
        raise FormatError("HWL-INSPECT-KIND", stage="cose", typ=signed.header.typ)
    facts: Facts = {
        "kind": spoken("word", signed.header.typ.removeprefix("application/hwlock-")),
        "bytes": len(raw),
        "signed by key": signed.header.kid.hex(),
    }
    given = Product.parse(read_file(product, "PRODUCT")) if product else None
    facts |= explain(_Reader(world, given), raw)
    facts |= _at_desk(world, signed.header.typ, raw)
    world.output.result(facts, _lines(facts))


def _at_desk(world: World, typ: str, raw: bytes) -> Facts:
    """Return what the books say of a machine's file, where this is a vendor's desk."""
    if typ not in (DIAGNOSTIC_TYP, request.REQUEST_TYP) or find_spec("sqlalchemy") is None:
        return {}
    from hwlock.cli.vendor.noticed import noticed

    found = noticed(world, typ, raw)
    return {"at this desk": found} if found else {}


class _Reader:
    """The files of one machine, to verify what another file claims."""

    def __init__(self, world: World, given: Product | None) -> None:
        self._world = world
        self.given = given

    def product(self, product_id: str) -> Product | None:
        """Return the product file to verify with, if there is one."""
        if self.given is not None:
            return self.given
        raw = product_file(stores_of(self._world.machine, product_id))
        return None if raw is None else Product.parse(raw)

    def genuine(self, product_id: str, verify: Callable[[Product], object]) -> str:
        """Say whether `verify` holds under the product's roots."""
        product = self.product(product_id)
        if product is None:
            return say("not verified: no product file is known here; use --product FILE")
        return _outcome(lambda: verify(product))


def _outcome(verify: Callable[[], object]) -> str:
    try:
        verify()
    except HwlockError as exc:
        return _refusal(exc)
    return say("yes")


def _refusal(error: HwlockError) -> str:
    return f"{marked('no')} {error.message} [{error.code}]"


def _product(reader: _Reader, raw: bytes) -> Facts:
    product = Product.parse(raw)
    facts: Facts = {
        "product": product.id,
        "name": product.name,
        "vendor": product.vendor,
        "issued": product.issued_at.isoformat(),
        "root keys": [key.kid.hex() for key in product.roots],
    }
    if product.former:
        facts["former root keys"] = [
            say(
                "{key}, for what is signed by {keys}",
                key=one.key.kid.hex(),
                keys=_kids(one.appointed),
            )
            for one in product.former
        ]
    if product.endorsements:
        facts["endorsements"] = [_endorsement(one) for one in product.endorsements]
    return facts | {"here": _here(reader, product)}


def _kids(kids: tuple[bytes, ...]) -> str:
    return ", ".join(kid.hex() for kid in kids)


def _endorsement(raw: bytes) -> str:
    try:
        one = parse_endorsement(raw)
    except HwlockError as exc:
        return _refusal(exc)
    successor = one.successor.kid.hex()
    return say(
        "{key} handed over to {successor} on {day}",
        key=one.by.hex(),
        successor=successor,
        day=one.endorsed_at.date(),
    )


def _here(reader: _Reader, product: Product) -> str:
    """Say what this file is to the one that is known, where there is a store at all."""
    try:
        known = reader.product(product.id)
    except HwlockError as exc:
        return say("not known: {reason}", reason=f"{exc.message} [{exc.code}]")
    if known is None:
        return say("no product file is known here; use --product FILE to compare")
    if known.raw == product.raw:
        return say("this is the file that is known")
    try:
        verify_successor(known, product)
    except HwlockError as exc:
        return say("not taken: {reason}", reason=f"{exc.message} [{exc.code}]")
    return say("newer, and vouched for: hwlock import takes it")


def _request(_: _Reader, raw: bytes) -> Facts:
    unverified = request.UnverifiedRequest.parse(raw)
    says = unverified.says
    facts: Facts = {
        "product": says.product_id,
        "asked": say("{at} (by the machine's own clock)", at=says.asked_at.isoformat()),
        "software": says.software,
        "machine key": says.key.kid.hex(),
        "digest": request.digest(raw).hex(),
    }
    if says.note:
        facts["note"] = says.note
    if says.host is not None:
        facts["fingerprint"] = [
            say("{part} (weight {weight})", part=NAMES.get(c.kind, c.kind), weight=c.weight)
            for c in says.host.components
        ]
    if says.tpm2 is not None:
        facts["tpm2"] = (
            say("with an EK certificate") if says.tpm2.ek_certificate else say("no EK certificate")
        )
    if says.held:
        facts["licenses"] = [one.license_id.hex() for one in says.held]
    if says.receipts:
        facts["receipts"] = [
            receipt.UnverifiedReceipt.parse(one).says.license_id.hex() for one in says.receipts
        ]
    if says.dongles:
        facts["dongles"] = [_dongle(one) for one in says.dongles]
    facts["genuine"] = _outcome(unverified.verify)
    return facts


def _dongle(one: DongleClaims) -> str:
    told = [f"{one.uri} = {one.label or one.kind}"]
    if one.key is not None:
        told.append(say("key {key}", key=key_name(one.key)))
    if one.attestation:
        told.append(say("with its maker's attestation"))
    return ", ".join(told)


def _response(reader: _Reader, raw: bytes) -> Facts:
    unverified = response.UnverifiedResponse.parse(raw)
    says = unverified.says
    inside = say("sealed: only the TPM that asked can open it") if says.sealed else say("inside")
    facts: Facts = {
        "product": says.product_id,
        "issued": says.issued_at.isoformat(),
        "use until": says.expires_at.isoformat(),
        "answers request": says.request.hex(),
        "license": inside,
    }
    facts["genuine"] = reader.genuine(
        says.product_id,
        lambda product: unverified.verify(
            product, nonce=says.nonce, request=says.request, now=says.issued_at
        ),
    )
    if says.ended:
        facts["replaces"] = [one.hex() for one in says.ended]
    if says.revocations is not None:
        facts["revocation list"] = _revocation(reader, says.revocations)
    if says.license is not None:
        facts["license inside"] = _license(reader, says.license)
    return facts


def _renewal(reader: _Reader, raw: bytes) -> Facts:
    unverified = renewal.UnverifiedRenewal.parse(raw)
    says = unverified.says
    facts: Facts = {
        "product": says.product_id,
        "issued": says.issued_at.isoformat(),
        "renews license": says.renews.hex(),
        "genuine": reader.genuine(says.product_id, unverified.verify),
    }
    if says.revocations is not None:
        facts["revocation list"] = _revocation(reader, says.revocations)
    return facts | {"license inside": _license(reader, says.license)}


def _license(reader: _Reader, raw: bytes) -> Facts:
    unverified = license_file.UnverifiedLicense.parse(raw)
    says = unverified.says
    return {
        "product": says.product_id,
        "license": says.id.hex(),
        "customer": says.customer,
        "entitlement": says.entitlement_id,
        "features": list(says.features),
        "issued": says.issued_at.isoformat(),
        "expires": says.expires_at.isoformat() if says.expires_at else say("never"),
        **_model(says.model),
        **({"unlock codes": [one.told for one in says.amendments]} if says.amendments else {}),
        "bound to": _policy(says.binding, says.binding.policy),
        **_opens(says.content_keys),
        "assurance": says.binding.assurance,
        "machine key": says.key.kid.hex(),
        "genuine": reader.genuine(says.product_id, unverified.verify),
    }


def _model(model: Model) -> Facts:
    """Return what a license says of its kind, under the names of a person."""
    until = model.maintained_until
    features = [
        f"{one.name} "
        + ", ".join(f"{name}={value}" for name, value in one.parameters)
        + (" " + say("until {day}", day=one.expires_at.date()) if one.expires_at else "")
        for one in model.features
    ]
    counters = [f"{one.name} {one.limit}/{one.period or 'all'}" for one in model.counters]
    facts: Facts = {
        "license kind": "" if model.kind == NODE_LOCKED else model.kind,
        "edition": model.edition,
        "renew days": model.renew_days,
        "grace days": model.grace_days,
        "maintenance": until.isoformat() if until else "",
        "details": features,
        "counters": counters,
        "level": "" if model.level == ENFORCE else model.level,
        "adds to": model.addon_to,
    }
    return {name: value for name, value in facts.items() if value}


def _opens(keys: WrappedKeys | None) -> Facts:
    return {} if keys is None else {"opens": [name for _, name, _ in keys.keys]}


def _receipt(_: _Reader, raw: bytes) -> Facts:
    says = receipt.UnverifiedReceipt.parse(raw).says
    return {
        "product": says.product_id,
        "license": says.license_id.hex(),
        "returned": says.returned_at.isoformat(),
        "genuine": say("only the vendor can tell: hwlock vendor receive"),
    }


def _delegation(reader: _Reader, raw: bytes) -> Facts:
    if reader.given is None:
        return {"genuine": say("not verified: use --product FILE")}
    try:
        issuer = verify_delegation(raw, reader.given)
    except HwlockError as exc:
        return {"genuine": _refusal(exc)}
    return {
        "issuer": issuer.name,
        "issuer key": issuer.key.kid.hex(),
        "may sign for": list(issuer.limits.products),
        "from": issuer.valid_from.isoformat(),
        "until": issuer.valid_until.isoformat(),
        "genuine": say("yes"),
    }


def _manifest(reader: _Reader, raw: bytes) -> Facts:
    signed = cose.parse(raw)
    claims = Fields(cbor.decode(signed.payload), "manifest")
    product_id = claims.text(cwt.AUD, "product")
    return {
        "product": product_id,
        "issued": claims.time(cwt.IAT, "issued").isoformat(),
        "genuine": reader.genuine(
            product_id, lambda product: verify_issued(signed, product, where="manifest")
        ),
        "files": say("compare them with: hwlock files MANIFEST FOLDER"),
    }


def _revocation(reader: _Reader, raw: bytes) -> Facts:
    unverified = UnverifiedList.parse(raw)
    says = unverified.says
    return {
        "product": says.product_id,
        "number": says.number,
        "form": (
            say("what was added since {number}", number=says.base) if says.base else say("full")
        ),
        "issued": says.issued_at.isoformat(),
        "takes back": [
            say(
                "{kind} {id} since {day}",
                kind=one.kind,
                id=one.subject.hex(),
                day=one.since.date(),
            )
            for one in says.entries
        ],
        "genuine": reader.genuine(says.product_id, unverified.verify),
    }


def _policy(binding: Binding, policy: int | Threshold) -> str:
    if isinstance(policy, Threshold):
        parts = ", ".join(_policy(binding, part) for part in policy.parts)
        return say("{n} of ({parts})", n=policy.needed, parts=parts)
    anchor = binding.anchors[policy]
    if isinstance(anchor, HostAnchor):
        total = sum(component.weight for component in anchor.components)
        return say("host ({n} of {total} points)", n=anchor.needed, total=total)
    if isinstance(anchor, KeyAnchor) and not anchor.uri:
        return f"{anchor.kind} {key_name(anchor.key)} ({anchor.maker or anchor.assurance})"
    said = anchor.assurance
    if isinstance(anchor, KeyAnchor):
        said = say("key {key}", key=key_name(anchor.key)) + f", {anchor.maker or anchor.assurance}"
    return f"{anchor.uri} = {anchor.label} ({said})"


def _lines(facts: Facts) -> list[str]:
    """Return a line for each fact, the values below each other."""
    names = [label(name) + ":" for name in facts]
    width = max(_COLUMN, 1 + max(map(columns, names), default=0))
    return [
        padded(name, width) + _shown(value)
        for name, value in zip(names, facts.values(), strict=True)
    ]


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or say("none")
    if isinstance(value, dict):
        return "".join(f"\n  {line}" for line in _lines(value))
    return str(value)


_KINDS: dict[str, Callable[[_Reader, bytes], Facts]] = {
    PRODUCT_TYP: _product,
    DELEGATION_TYP: _delegation,
    request.REQUEST_TYP: _request,
    response.RESPONSE_TYP: _response,
    renewal.RENEWAL_TYP: _renewal,
    license_file.LICENSE_TYP: _license,
    receipt.RECEIPT_TYP: _receipt,
    MANIFEST_TYP: _manifest,
    DIAGNOSTIC_TYP: lambda _, raw: diagnostic_facts(raw),
    REVOCATION_TYP: _revocation,
}
