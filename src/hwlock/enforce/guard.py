"""The guard inside an application: may it run, and with what?

::

    from hwlock import Guard

    guard = Guard("acme-cad.hwproduct")
    grant = guard.check().require()        # Grant, or DeniedError with all findings
    grant.require("simulation")

    @guard.feature("simulation")
    def simulate(): ...

A guard looks at every license of the product, in the store of this user and in that of the
machine, with evidence made for this one check. One license decides, and add-ons enlarge it
(`hwlock.check.merging`); where none allows, the verdict carries what stands against it.
"""

from __future__ import annotations

from hwlock.check import Verdict, check, merge
from hwlock.codec import armor
from hwlock.crypto.trust import Product
from hwlock.enforce.clocks import look
from hwlock.enforce.gather import gather
from hwlock.enforce.machine import Machine
from hwlock.enforce.memory import Memory
from hwlock.enforce.stores import live_licenses, stores_of
from hwlock.enforce.trusting import newest
from hwlock.errors import Finding, HwlockError, UsageError
from hwlock.license.amendment import amended
from hwlock.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from os import PathLike
    from typing import ParamSpec, TypeVar

    from hwlock.check import Grant
    from hwlock.devices.base import Interaction
    from hwlock.enforce.watch import OnLost, OnVerdict, Watch
    from hwlock.enforce.watch_async import AsyncWatch
    from hwlock.license.license import Terms, UnverifiedLicense
    from hwlock.license.revocation import Revocations
    from hwlock.store.product_store import ProductStore

    P = ParamSpec("P")
    T = TypeVar("T")

__all__ = ["Guard"]

_MAX_PRODUCT_BYTES = 65536


class Guard:
    """Checks one product on this machine.

    `product` is the path of the product file that the application ships, or its bytes. A newer
    one in the store counts instead, where the shipped one leads to it.
    `released` is the day on which this version of the application was released; licenses with
    maintenance ask for it. Nothing is read before the first check. `person` is asked for the
    PIN of a dongle, once for each; without one a dongle that wants a PIN is not usable.
    `machine` stands in for this computer in tests.
    """

    def __init__(
        self,
        product: str | PathLike[str] | bytes,
        *,
        released: date | None = None,
        machine: Machine | None = None,
        person: Interaction | None = None,
    ) -> None:
        self._source = product
        self._released = released
        self._machine = machine
        self._person = person
        self._product: Product | None = None

    @property
    def product(self) -> Product:
        """The product and its trusted roots; FormatError, UntrustedError, UsageError."""
        if self._product is None:
            self._product = Product.parse(_read(self._source))
        return self._product

    @property
    def machine(self) -> Machine:
        """The computer that is checked."""
        if self._machine is None:
            self._machine = Machine.here()
        if self._person is not None:
            from hwlock.enforce.person import RememberedPins  # nobody, where no dongle asks

            self._machine = replace(self._machine, person=RememberedPins(self._person))
            self._person = None
        return self._machine

    def check(self) -> Verdict:
        """Return the verdict of this moment; the new state is stored before it allows.

        Raises only where the product file itself is at fault. Whatever is wrong with a
        license, a device or the store is a finding of the verdict.
        """
        product = self.product
        findings: list[Finding] = []
        try:
            return self._decide(product, findings)
        except HwlockError as exc:
            return _with(None, [*findings, Finding.of(exc)], product.id)

    def require(self, feature: str | None = None) -> Grant:
        """Check, and return the Grant or raise DeniedError with all findings."""
        return self.check().require(feature)

    def feature(self, name: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
        """Decorate a function that may run only where the license has feature `name`."""
        from functools import wraps  # not on the way from import to verdict

        def decorate(function: Callable[P, T]) -> Callable[P, T]:
            @wraps(function)
            def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
                self.require(name)
                return function(*args, **kwargs)

            return guarded

        return decorate

    def watch(
        self,
        *,
        on_lost: OnLost = None,
        on_back: OnVerdict = None,
        on_lock: OnVerdict = None,
        grace_s: float = 300.0,
        interval_s: float = 30.0,
        debounce_s: float = 0.5,
    ) -> Watch:
        """Return a context manager that goes on checking in the background.

        `on_lost(verdict, deadline)` when the answer turns to no: until `deadline` (aware UTC,
        `grace_s` away) work can be saved. `on_lock(verdict)` when that time is over, or at the
        start where nothing allows. `on_back(verdict)` when the answer is yes again. See
        `hwlock.enforce.watch`; `interval_s` is between checks where nothing happens,
        `debounce_s` how long a no must last.
        """
        from hwlock.enforce.watch import Watch  # threads only for those who ask

        return Watch(
            self,
            on_lost=on_lost,
            on_back=on_back,
            on_lock=on_lock,
            grace_s=grace_s,
            interval_s=interval_s,
            debounce_s=debounce_s,
        )

    def watch_async(
        self, *, grace_s: float = 300.0, interval_s: float = 30.0, debounce_s: float = 0.5
    ) -> AsyncWatch:
        """Return the same for asyncio: `async with` it, and `async for` its events."""
        from hwlock.enforce.watch_async import AsyncWatch

        return AsyncWatch(self, grace_s=grace_s, interval_s=interval_s, debounce_s=debounce_s)

    def _decide(self, product: Product, findings: list[Finding]) -> Verdict:
        stores = stores_of(self.machine, product.id)
        unread: list[Finding] = []
        product = newest(product, stores, unread)
        licenses = _licenses(stores, product, findings)
        findings += unread
        memory = Memory(stores[0], self.machine.entropy)
        state = memory.hear(stores[1], product) if licenses else None
        codes = () if state is None else state.codes.redeemed
        says = [amended(license.says, codes) for license in licenses]
        evidence = gather(self.machine, stores, says)
        clocks = look(self.machine, stores, says)
        revoked = _revoked(stores, product) if licenses else None
        now = self.machine.now()
        verdicts = []
        for license in licenses:
            try:
                verdict, after = check(
                    license,
                    evidence,
                    state,
                    product,
                    now,
                    clocks=clocks,
                    released=self._released,
                    revoked=revoked,
                )
            except HwlockError as exc:
                findings.append(Finding.of(exc))
                continue
            memory.advance(after)
            verdicts.append(verdict)
        best = merge(verdicts)
        if best is not None and best.allowances:
            from hwlock.enforce.metering import Meter  # few licenses count anything

            best = replace(best, meter=Meter(self.machine, product))
        opening = _opening(best, says)
        if best is not None and opening:
            from hwlock.enforce.opener import Opener  # few licenses open anything

            opener = Opener(self.machine, product.id, stores, opening)
            best = replace(best, opener=opener)
        return _with(best, findings, product.id)


def _licenses(
    stores: tuple[ProductStore, ...], product: Product, findings: list[Finding]
) -> list[UnverifiedLicense]:
    """Return what the stores hold; where that is nothing, `findings` say what is waited for."""
    licenses = [live.license for live in live_licenses(stores, findings)]
    if licenses or findings:
        return licenses
    waiting = any(store.pending() for store in stores)
    # an activation may have ended between the two looks
    licenses = [live.license for live in live_licenses(stores, findings)]
    if not licenses and not findings:
        code = "HWL-LICENSE-WAITING" if waiting else "HWL-LICENSE-NONE"
        findings.append(Finding(code, "deny", product=product.id))
    return licenses


def _opening(best: Verdict | None, says: list[Terms]) -> tuple[Terms, ...]:
    """Return what those licenses say that the verdict rests on and that open sealed files."""
    if best is None or not best.allowed:
        return ()
    ids = {one.license_id for one in (best, *best.addons)}
    return tuple(one for one in says if one.content_keys is not None and one.id.hex() in ids)


def _read(source: str | PathLike[str] | bytes) -> bytes:
    data = source
    if not isinstance(data, bytes):
        try:
            with open(data, "rb") as file:
                data = file.read(_MAX_PRODUCT_BYTES + 1)
        except (OSError, ValueError) as exc:  # the latter for a path with a zero byte
            detail = getattr(exc, "strerror", None) or str(exc)
            raise UsageError("HWL-FILE-READ", path=str(source), detail=detail) from exc
    return armor.decode(data, expected_label="PRODUCT")[1]


def _revoked(stores: tuple[ProductStore, ...], product: Product) -> Revocations | None:
    if all(store.revocations() is None for store in stores):
        return None
    from hwlock.enforce.revoking import known  # most vendors never take anything back

    return known(stores, product)


def _with(best: Verdict | None, findings: list[Finding], product_id: str) -> Verdict:
    """Add what was found of other files: as reasons, or where the answer is yes as notes."""
    if best is None:
        return Verdict(allowed=False, product_id=product_id, findings=tuple(findings))
    if best.allowed:
        findings = [Finding(found.code, "note", **found.details) for found in findings]
    return replace(best, findings=(*best.findings, *findings))
