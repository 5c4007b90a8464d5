"""What a machine tells support of its licenses: each checked alone, nothing stored.

Serial numbers are masked wherever a particular names one.
"""

from __future__ import annotations

import re
from contextlib import ExitStack
from unicodedata import normalize

from hwlock.check import State, check
from hwlock.enforce.clocks import look
from hwlock.enforce.gather import gather
from hwlock.enforce.memory import Memory
from hwlock.enforce.own_key import DeviceSigner, OwnKey
from hwlock.enforce.revoking import known
from hwlock.enforce.stores import known_products, live_licenses, product_file, stores_of
from hwlock.errors import Finding, HwlockError
from hwlock.exchange.diagnostic import (
    MAX_SAID_BYTES,
    Diagnosed,
    Diagnostic,
    Licensed,
    Remembered,
    diagnose,
)
from hwlock.license.amendment import amended, used_changes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hwlock.check.timeline import Timeline
    from hwlock.crypto.keys import Signer
    from hwlock.crypto.trust import Product
    from hwlock.enforce.machine import Machine
    from hwlock.license.license import UnverifiedLicense

__all__ = ["masked", "write"]

_MARKS = {"deny": "no", "warn": "mind", "note": "ok"}
_SERIAL = re.compile(r"(?i)((?:serial(?: number)?)[ =:]*)[^\s;,)\]]+")


def masked(text: str) -> str:
    """Return a text with every serial number replaced, fit for a file."""
    plain = "".join(char if char.isprintable() else " " for char in normalize("NFC", text))
    kept = _SERIAL.sub(r"\1…", plain).encode()[:MAX_SAID_BYTES]
    return kept.decode("utf-8", "ignore")  # a character that was cut in two


def write(
    machine: Machine,
    lines: Iterable[tuple[str, str, Finding]],
    *,
    software: str,
    system: str,
) -> bytes:
    """Return the signed file (binary form): `lines` of the doctor, and every license here.

    A line is what was looked at, its mark (ok|mind|no) and what was found.
    """
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
            lines=tuple(_line(*one) for one in lines),
            licenses=tuple(licenses),
        )
        return diagnose(says, signer)


def _line(what: str, mark: str, found: Finding) -> Diagnosed:
    details = tuple(
        (name, _particular(name, found.details[name])) for name in sorted(found.details)
    )
    return Diagnosed(what=masked(what), mark=mark, code=found.code, details=details)


def _particular(name: str, value: object) -> str | int:
    """Return what a sentence names, fit for a file: a number, or a text without serial numbers."""
    if isinstance(value, int) and 0 <= value < 2**32:
        return int(value)
    return "…" if name == "serial" else masked(str(value))


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
        findings=tuple(_line(product.id, _MARKS[one.level], one) for one in found),
        waiting=tuple(one.kind for at, one in changes if at not in used),
        used=tuple(one.kind for at, one in changes if at in used),
        memory=None if state is None else _remembered(state.time),
    )


def _remembered(time: Timeline) -> Remembered:
    return Remembered(
        seen_at=time.seen_at, began_at=time.began_at, turns=time.turns, answers=time.epoch
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
