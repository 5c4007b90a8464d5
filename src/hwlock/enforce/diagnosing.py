"""What a machine tells support of its licenses: each checked alone, nothing stored.

Serial numbers are masked wherever a sentence names one.
"""

from __future__ import annotations

import re
from contextlib import ExitStack

from hwlock.check import State, check
from hwlock.enforce.clocks import look
from hwlock.enforce.gather import gather
from hwlock.enforce.memory import Memory
from hwlock.enforce.own_key import DeviceSigner, OwnKey
from hwlock.enforce.revoking import known
from hwlock.enforce.stores import known_products, live_licenses, product_file, stores_of
from hwlock.errors import Finding, HwlockError
from hwlock.exchange.diagnostic import Diagnosed, Diagnostic, Licensed, diagnose
from hwlock.license.amendment import amended, used_changes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hwlock.crypto.keys import Signer
    from hwlock.crypto.trust import Product
    from hwlock.enforce.machine import Machine
    from hwlock.license.license import UnverifiedLicense

__all__ = ["masked", "write"]

_MARKS = {"deny": "no", "warn": "mind", "note": "ok"}
_SERIAL = re.compile(
    r"(?i)((?:serial(?: number)?|seriennummer|シリアル(?:番号)?)[ =:]*)[^\s;,)\]]+"
)


def masked(text: str) -> str:
    """Return a sentence with every serial number replaced, fit for a file."""
    plain = "".join(char if char.isprintable() else " " for char in text)
    return _SERIAL.sub(r"\1…", plain)


def write(machine: Machine, lines: Iterable[Diagnosed], *, software: str, system: str) -> bytes:
    """Return the signed file (binary form): `lines` of the doctor, and every license here."""
    licenses = []
    for product_id in known_products(machine):
        try:
            licenses += _licenses(machine, product_id)
        except HwlockError:
            continue  # the doctor's lines say what keeps a product from being looked at
    with ExitStack() as opened:
        signer = _signer(machine, opened)
        says = Diagnostic(
            made_at=machine.now().replace(microsecond=0),
            key=signer.key,
            software=software,
            system=masked(system),
            lines=tuple(_safe(one) for one in lines),
            licenses=tuple(licenses),
        )
        return diagnose(says, signer)


def _safe(one: Diagnosed) -> Diagnosed:
    return Diagnosed(what=masked(one.what), mark=one.mark, said=masked(one.said), code=one.code)


def _licenses(machine: Machine, product_id: str) -> list[Licensed]:
    from hwlock.crypto.trust import Product

    stores = stores_of(machine, product_id)
    raw = product_file(stores)
    if raw is None:
        return []
    product = Product.parse(raw)
    state = Memory(stores[0], machine.entropy).load()
    return [_licensed(machine, product, one.license, state) for one in live_licenses(stores, [])]


def _licensed(
    machine: Machine, product: Product, license: UnverifiedLicense, state: State | None
) -> Licensed:
    codes = () if state is None else state.codes.redeemed
    says = amended(license.says, codes)
    stores = stores_of(machine, product.id)
    allowed, standing = False, ""
    try:
        verdict, _ = check(
            license,
            gather(machine, stores, [says]),
            state,
            product,
            machine.now(),
            clocks=look(machine, stores, [says]),
            revoked=known(stores, product),
        )
        allowed, standing, found = verdict.allowed, verdict.standing, verdict.findings
    except HwlockError as exc:
        found = (Finding.of(exc),)
    used = used_changes(license.says, codes)
    changes = tuple(enumerate(license.says.amendments))
    return Licensed(
        product_id=product.id,
        license_id=says.id,
        entitlement_id=says.entitlement_id,
        allowed=allowed,
        standing=standing,
        bound=tuple(sorted({anchor.kind for anchor in says.binding.anchors})),
        findings=tuple(
            Diagnosed(
                what=product.id, mark=_MARKS[one.level], said=masked(one.message), code=one.code
            )
            for one in found
        ),
        waiting=tuple(one.kind for at, one in changes if at not in used),
        used=tuple(one.kind for at, one in changes if at in used),
        memory=_memory(state),
    )


def _memory(state: State | None) -> str:
    if state is None:
        return "nothing is remembered"
    time = state.time
    return (
        f"latest time seen {time.seen_at:%Y-%m-%d %H:%M} UTC; the clock was set back "
        f"{time.turns} times since {time.began_at:%Y-%m-%d}; {time.epoch} answers set it"
    )


def _signer(machine: Machine, opened: ExitStack) -> Signer:
    """Return the key of an enrolled device, else that of a store, else one of this moment."""
    stores = [store for id in known_products(machine) for store in stores_of(machine, id)]
    for store in stores:
        try:
            enrolled = store.enrollment("tpm2")
            if enrolled is not None:
                device = opened.enter_context(machine.open_key(enrolled.uri))
                return DeviceSigner(device, enrolled.record)
        except HwlockError:
            continue  # a device that does not answer is what the file is about
    for store in stores:
        try:
            return OwnKey.kept(store).signer()
        except HwlockError:
            continue
    return OwnKey(machine.entropy(32), "").signer()
