"""A desk, two machines and their clocks, when seats move, backups return and codes are used.

Each machine has a store, a fingerprint and a clock of its own; the desk's clock is right. What must
hold after every step:

- the desk never has more licenses with a seat than were sold;
- more machines than that run only where somebody put a backup of a store back, or has a license
  that was booked as lost, and not after that machine was heard of: a request that was answered;
- at the end each honest machine gets going again: clock right, more time, no seat taken, ask.
"""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hwlock.enforce import renewing as client_renewing
from hwlock.enforce import revoking as client_revoking
from hwlock.enforce.activation import activate
from hwlock.enforce.asking import make_request
from hwlock.enforce.guard import Guard
from hwlock.enforce.machine import Machine
from hwlock.enforce.redeeming import redeem
from hwlock.enforce.returning import give_back
from hwlock.errors import DeniedError, HwlockError, UsageError
from hwlock.issue import pkcs8, renewing, revoking
from hwlock.issue.amending import typed_code_of
from hwlock.issue.desk import Desk
from hwlock.issue.records import ACTIVE
from hwlock.issue.responder import respond
from hwlock.issue.returns import receive
from hwlock.issue.selling import Sale
from hwlock.license.model import Model
from hwlock.testing.host_tree import DESKTOP, LAPTOP, VirtualHost

BEGIN = datetime(2026, 1, 1, tzinfo=timezone.utc)
DAY = timedelta(days=1)
WHO = st.sampled_from((0, 1))
SEATS = 1
CODES = ("extend:10d*2", "clock*2")
# why the desk may refuse a machine that asks
REFUSALS = {
    "HWL-DESK-SEATS",
    "HWL-DESK-ENDED",
    "HWL-DESK-TRANSFERS",
    "HWL-DESK-REUSED",
    "HWL-DESK-REUSED-LOST",
    "HWL-DESK-REUSED-REVOKED",
}


class Moves(RuleBasedStateMachine):
    """What can happen to one seat and two machines."""

    @initialize()
    def begin(self):
        """Set up the desk, the sale and the machines."""
        self.folder = Path(tempfile.mkdtemp())
        self.now = BEGIN
        self.off = [timedelta(0), timedelta(0)]
        self.doubted = [False, False]  # runs perhaps what the books do not know
        self.receipts = {}
        self.pushed = []
        self.cost, pkcs8.COST = pkcs8.COST, (2, 8, 1)
        self.desk = Desk.init(
            str(self.folder / "desk"),
            name="ACME",
            passphrase="horse",
            clock=lambda: self.now,
            actor="agent",
        )
        self.product = self.desk.add_product("acme-cad")
        self.sold = self.desk.add_entitlement(
            Sale(
                product_id="acme-cad",
                customer="Globex",
                seats=SEATS,
                expires_at=BEGIN + 30 * DAY,
                bind="host",
                model=Model(kind="subscription", grace_days=5),
                amend=CODES,
                transfer_wait_days=1,
            )
        )
        self.machines = [self._machine(0, LAPTOP), self._machine(1, DESKTOP)]
        self.guards = [Guard(self.product.raw, machine=one) for one in self.machines]
        assert self._asks(0)

    def _machine(self, number, hardware):
        home = self.folder / str(number)
        return Machine(
            user_root=str(home / "store"),
            system_root=str(home / "system"),
            clock=lambda: self.now + self.off[number],
            host_uri=VirtualHost(home / "hardware", hardware).uri,
            key_uri="tpm2:device:/none",
        )

    def teardown(self):
        """A way back for everybody, whatever happened before."""
        if not hasattr(self, "machines"):
            return
        try:
            self.now += 2 * DAY
            self.desk.extend(self.sold.id, days=3650)
            self.off = [timedelta(0), timedelta(0)]
            for who in (0, 1):
                self._free_all()
                assert self._asks(who)
                assert self.guards[who].check().allowed
        finally:
            pkcs8.COST = self.cost
            shutil.rmtree(self.folder)

    def _free_all(self):
        for one in self._living():
            self.desk.release(one.id, reason="the end", force=True)

    def _living(self):
        return [one for one in self.desk.entitlement(self.sold.id)[1] if one.state == ACTIVE]

    # --- time

    @rule(hours=st.integers(1, 24 * 5))
    def time_passes(self, hours):
        """It always goes forward."""
        self.now += timedelta(hours=hours)

    @rule(who=WHO, hours=st.integers(-24 * 400, 24 * 400) | st.integers(-30, 30))
    def clock_is_turned(self, who, hours):
        """One machine's clock is wrong from now on."""
        self.off[who] = timedelta(hours=hours)

    @rule(who=WHO)
    def clock_is_right(self, who):
        """It is set right."""
        self.off[who] = timedelta(0)

    # --- licenses

    @rule(who=WHO)
    def asks(self, who):
        """A machine asks, is answered or not, and uses the answer or cannot."""
        self._asks(who)

    @rule(who=WHO)
    def gives_back(self, who):
        """A machine gives its license back; the receipt is booked."""
        receipt = self._gives_back(who)
        if receipt is not None:
            self._books(receipt)

    @rule(who=WHO)
    def moves(self, who):
        """A machine gives its license back, and the receipt goes along with the other's request."""
        receipt = self._gives_back(who)
        if receipt is not None and not self._asks(1 - who, receipt):
            self.receipts[who] = receipt
            self._books(receipt)

    @rule(who=WHO)
    def is_lost(self, who):
        """The desk books the newest license as lost; its machine may run on."""
        for one in self._living():
            try:
                self.desk.release(one.id, reason="fire")
            except DeniedError as exc:
                assert exc.code == "HWL-DESK-LOSSES"
            else:
                self.doubted = [True, True]

    @rule(days=st.integers(1, 60))
    def is_pushed(self, days):
        """The vendor gives more time, and pushes renewals that may arrive later."""
        self.desk.extend(self.sold.id, days=days)
        try:
            renewed, _ = renewing.push_all(self.desk, self.sold.id)
        except UsageError as exc:
            assert exc.code == "HWL-DESK-RENEW-NONE"
            return
        self.pushed += [one.file for one in renewed]

    @rule(who=WHO)
    def pushes_arrive(self, who):
        """Everything that was ever pushed is shown to a machine."""
        try:
            client_renewing.accept_own(self.machines[who], self.pushed)
        except HwlockError:
            return

    @rule(who=WHO)
    def redeems(self, who):
        """The next extension of what holds the seat is typed at a machine."""
        for one in self._living():
            try:
                code = self.desk.amend(one.id, "extend")
            except UsageError:
                return
            try:
                redeem(self.machines[who], (self.product,), typed_code_of(code))
            except HwlockError:
                return

    @rule()
    def is_taken_back(self):
        """The vendor takes a license back; whoever has it may ask again."""
        for one in self._living():
            try:
                revoking.revoke(self.desk, "license", one.id, reason="by mistake")
            except UsageError:
                return

    @rule(who=WHO)
    def hears(self, who):
        """The list arrives at a machine."""
        try:
            _, raw = revoking.make_list(self.desk, "acme-cad")
        except UsageError:
            return
        try:
            client_revoking.accept(self.machines[who], raw)
        except HwlockError as exc:
            # seen before, or a machine that never asked
            assert exc.code in ("HWL-REVOKED-OLD", "HWL-STORE-PRODUCT")

    # --- what honest people do not do

    @rule(who=WHO)
    def backs_up(self, who):
        """Somebody copies a store."""
        kept = self.folder / f"backup{who}"
        if Path(self.machines[who].user_root).exists():
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(self.machines[who].user_root, kept)

    @rule(who=WHO)
    def puts_back(self, who):
        """Somebody puts the copy in its place."""
        kept = self.folder / f"backup{who}"
        if kept.exists():
            shutil.rmtree(self.machines[who].user_root)
            shutil.copytree(kept, self.machines[who].user_root)
            self.doubted[who] = True

    # --- what must hold

    @invariant()
    def seats_are_kept(self):
        """By the books always; by the machines, save those that are doubted."""
        if not hasattr(self, "machines"):
            return
        assert self.desk.entitlement(self.sold.id)[0].taken <= SEATS
        running = [guard.check().allowed for guard in self.guards]
        sure = [runs for runs, doubt in zip(running, self.doubted, strict=True) if not doubt]
        assert sum(sure) <= SEATS
        if not any(self.doubted):
            living = len(self._living())
            assert sum(running) <= living

    def _asks(self, who, *receipts):
        made = make_request(
            self.machines[who], self.product, self.sold.key, software="test", receipts=receipts
        )
        try:
            answered = respond(self.desk, made.raw)
        except DeniedError as exc:
            codes = {found.code for found in exc.findings}
            if exc.code == "HWL-DESK-RECEIPT-REPLACED":  # a push that it has not taken
                assert receipts
                return False
            assert codes <= REFUSALS
            assert codes & {"HWL-DESK-SEATS", "HWL-DESK-ENDED", "HWL-DESK-TRANSFERS"}
            return False
        try:
            activate(self.machines[who], answered.response)
        except HwlockError:
            # only a clock that is wrong, or a term that is over, keeps it from being used
            assert self.off[who] or self.now >= answered.entitlement.expires_at
            return False
        # heard of: what the machine had besides was named in the answer, and is gone
        self.doubted[who] = False
        return True

    def _gives_back(self, who):
        try:
            return give_back(self.machines[who], "acme-cad")
        except HwlockError:
            return None

    def _books(self, receipt):
        try:
            receive(self.desk, receipt)
        except DeniedError as exc:
            assert exc.code == "HWL-DESK-RECEIPT-REPLACED"


Moves.TestCase.settings = settings(max_examples=12, stateful_step_count=20)
TestMoves = Moves.TestCase
TestMoves.__doc__ = (
    "Seats are kept by the books, doubt ends with the next contact, and all get back."
)
