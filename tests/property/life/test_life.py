"""A desk, two machines and their clocks, in any order: seats are never more than were sold.

Each machine has a store, a fingerprint and a clock of its own, which may be wrong; the desk's
clock is right. Whatever happens, no more machines are licensed than there are seats, and a
machine whose person sets the clock right and asks again gets going, if there is a seat.
"""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hwlock.codec import armor
from hwlock.enforce.activation import activate
from hwlock.enforce.asking import make_request
from hwlock.enforce.guard import Guard
from hwlock.enforce.machine import Machine
from hwlock.enforce.returning import give_back
from hwlock.errors import DeniedError, HwlockError
from hwlock.issue import pkcs8
from hwlock.issue.desk import Desk
from hwlock.issue.responder import respond
from hwlock.issue.returns import receive
from hwlock.issue.selling import Sale
from hwlock.license.model import Counter, Model
from hwlock.testing.host_tree import DESKTOP, LAPTOP, VirtualHost

BEGIN = datetime(2026, 1, 1, tzinfo=timezone.utc)
DAY = timedelta(days=1)
WHO = st.sampled_from((0, 1))
SEATS = 1
LIMIT = 5
MODEL = Model(kind="subscription", grace_days=5, counters=(Counter(name="exports", limit=LIMIT),))


class Life(RuleBasedStateMachine):
    """What can happen to a license with one seat and two machines."""

    @initialize()
    def begin(self):
        """Set up the desk, the sale and the machines."""
        self.folder = Path(tempfile.mkdtemp())
        self.now = BEGIN
        self.off = [timedelta(0), timedelta(0)]
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
                model=MODEL,
            )
        )
        self.machines = [self._machine(0, LAPTOP), self._machine(1, DESKTOP)]
        self.guards = [Guard(self.product.raw, machine=one) for one in self.machines]
        self.used = [0, 0]
        assert self._activate(0)

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
        """A way back for everybody: renewed, set right, asked again, and it runs."""
        if not hasattr(self, "machines"):
            return
        try:
            self.desk.extend(self.sold.id, days=3650)
            self.off = [timedelta(0), timedelta(0)]
            back = [who for who in (0, 1) if self._runs_again(who)]
            assert back, "the one that holds the seat must run again"
        finally:
            pkcs8.COST = self.cost
            shutil.rmtree(self.folder)

    def _runs_again(self, who):
        if not self._activate(who):
            return False
        assert self.guards[who].check().allowed
        self._give_back(who)
        return True

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

    @rule(who=WHO)
    def asks(self, who):
        """A machine asks, is answered or not, and uses the answer or cannot."""
        self._activate(who)

    @rule(who=WHO)
    def gives_back(self, who):
        """A machine gives its license back, if it has one."""
        self._give_back(who)

    @rule(days=st.integers(1, 60))
    def is_renewed(self, days):
        """The vendor gives more time."""
        self.desk.extend(self.sold.id, days=days)

    @rule(who=WHO)
    def forgets(self, who):
        """Somebody deletes what a machine remembers."""
        (Path(self.machines[who].user_root) / "acme-cad" / "state.cbor").unlink(missing_ok=True)
        self.used[who] = 0  # without a TPM what was used up is forgotten as well

    @rule(who=WHO)
    def is_used(self, who):
        """A program runs and uses something up."""
        verdict = self.guards[who].check()
        if verdict.allowed:
            try:
                verdict.require().use("exports")
            except DeniedError:
                return
            self.used[who] += 1
            assert self.used[who] <= LIMIT

    @invariant()
    def seats_are_kept(self):
        """No more machines are licensed than seats were sold, whatever their clocks say."""
        if not hasattr(self, "machines"):
            return
        assert self.desk.entitlement(self.sold.id)[0].taken <= SEATS
        assert sum(guard.check().allowed for guard in self.guards) <= SEATS

    def _activate(self, who):
        made = make_request(self.machines[who], self.product, self.sold.key, software="test")
        try:
            answered = respond(self.desk, armor.encode(made.raw, "REQUEST").encode())
        except DeniedError as exc:
            codes = {found.code for found in exc.findings}
            assert codes <= {"HWL-DESK-SEATS", "HWL-DESK-ENDED"}
            return False
        try:
            activate(self.machines[who], answered.response)
        except HwlockError:
            # only a clock that is wrong, or a term that is over, keeps it from being used
            assert self.off[who] or self.now >= self.desk.entitlement(self.sold.id)[0].expires_at
            return False
        return True

    def _give_back(self, who):
        try:
            receipt = give_back(self.machines[who], "acme-cad")
        except HwlockError:
            return
        try:
            receive(self.desk, receipt)
        except HwlockError as exc:
            assert exc.code == "HWL-DESK-RECEIPT-REPLACED"


Life.TestCase.settings = settings(max_examples=12, stateful_step_count=20)
TestLife = Life.TestCase
TestLife.__doc__ = "Whatever happens, seats are kept and there is a way back."
