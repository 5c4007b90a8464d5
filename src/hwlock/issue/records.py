"""What the registry holds, as frozen values. Times are aware UTC."""

from __future__ import annotations

from datetime import datetime

from hwlock.exchange.activation_key import ActivationKey
from hwlock.license.model import Model
from hwlock.record import Record

__all__ = [
    "ACTIVE",
    "LOST",
    "RETURNED",
    "REVOKE",
    "SUPERSEDED",
    "SUSPENDED",
    "TELL",
    "Activation",
    "Appointment",
    "Entitlement",
    "Locked",
    "Revoked",
    "SigningKey",
    "Tried",
    "Used",
]

ACTIVE = "active"
SUSPENDED = "suspended"
SUPERSEDED = "superseded"
RETURNED = "returned"
LOST = "lost"
# what follows where a license runs after its return
REVOKE = "revoke"
TELL = "tell"


class Entitlement(Record):
    """A right that was sold. `expires_at` is None for a perpetual one.

    `state` is ACTIVE or SUSPENDED; `taken` is how many of its `seats` are in use now. `model`
    is that of its licenses; `trial_days` is how long a trial lasts on each machine, else 0.
    `opens` names the content keys that its licenses carry.
    `amend` is what its licenses can be changed by with unlock codes (`hwlock.issue.amending`).
    So many `losses` may be booked within a year, `loss_wait_days` apart; so many `transfers` to
    another machine, `transfer_wait_days` apart, need no decision. `on_reuse` (REVOKE or TELL) is
    what follows where a license runs after its return.
    """

    id: str
    product_id: str
    customer: str
    key: ActivationKey
    features: tuple[str, ...]
    seats: int
    bind: str
    expires_at: datetime | None
    state: str
    added_at: datetime
    taken: int = 0
    model: Model = Model()
    trial_days: int = 0
    opens: tuple[str, ...] = ()
    amend: tuple[str, ...] = ()
    losses: int = 3
    loss_wait_days: int = 7
    transfers: int = 3
    transfer_wait_days: int = 7
    on_reuse: str = REVOKE


class Activation(Record):
    """One license that was issued, and what is known of its machine.

    `id` (16 bytes) is the license's; `state` is ACTIVE (it holds a seat), SUPERSEDED (a
    newer license of the same machine holds it), RETURNED (by receipt) or LOST (released
    without one), since `ended_at`. `request_name` is SHA-256 of what the request's signature
    covers, `license` the file in binary form, `key` the machine's raw public key,
    `ek_digest` SHA-256 of the endorsement key of its TPM. `replaced_by` is the
    license of the same machine that took over its seat, `moved_to` is the license of the machine
    that got its seat by a transfer, `receipt_at` when it was returned by its machine's clock.
    """

    id: bytes
    entitlement_id: str
    state: str
    request_name: bytes
    license: bytes
    key: bytes
    ek_digest: bytes | None
    assurance: str
    software: str
    note: str
    issued_at: datetime
    ended_at: datetime | None = None
    audit_sequence: int
    replaced_by: bytes | None = None
    moved_to: bytes | None = None
    receipt_at: datetime | None = None


class Locked(Record):
    """A change that waits in a license (16-byte id) at `index`: its code (13 bytes, secret).

    `said` is the change in words; `given_at` is when the desk gave the code to somebody, `used_at`
    when the machine told that it had been used.
    """

    license_id: bytes
    index: int
    kind: str
    said: str
    code: bytes
    given_at: datetime | None = None
    used_at: datetime | None = None


class SigningKey(Record):
    """A key of the desk: `role` is "root" or "issuer", `name` an agent's or empty.

    `kid` has 16 bytes, `public` is raw (32 bytes), `file` is in the desk's folder. It is in use
    until `replaced_at`.
    """

    kid: bytes
    role: str
    name: str
    public: bytes
    file: str
    made_at: datetime
    replaced_at: datetime | None = None


class Appointment(Record):
    """A delegation by which a root lets an issuer's key sign for one product."""

    product_id: str
    name: str
    kid: bytes
    delegation: bytes
    valid_from: datetime
    valid_until: datetime


class Revoked(Record):
    """What was taken back of a product: `number` is that of the list that it is new on.

    `kind` is license, device, issuer or ek, `subject` what names it.
    """

    product_id: str
    number: int
    kind: str
    subject: bytes
    since: datetime
    reason: str
    added_at: datetime


class Tried(Record):
    """A license of a trial that shares something with a machine: `shared` of its `parts`.

    `key` and `ek_digest` are as in an Activation; `ends_at` is the end of that license.
    """

    entitlement_id: str
    key: bytes
    ek_digest: bytes | None
    began_at: datetime
    ends_at: datetime
    parts: int
    shared: int


class Used(Record):
    """What one machine said of one counter: `total` in all, at `told_at`; `key` is its key."""

    entitlement_id: str
    key: bytes
    counter: str
    total: int
    told_at: datetime
