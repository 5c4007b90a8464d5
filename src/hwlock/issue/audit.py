"""The audit: what was decided at this desk, one record each, chained and partly signed.

A record's hash covers everything in it and the hash before it. What the desk decides with
its issuer key open (every answer to a request) is also signed by that key. A new key is told by
a record that the root in use signs, so the keys that may sign follow from the two that the desk
was made with. `verify` finds:

1. a record that was changed: its hash is another;
2. a record that was removed, added in between or moved: numbers and hashes no longer join;
3. a chain that somebody computed anew: without the issuer key, the signatures are missing
   or wrong;
4. an end that was cut off: licenses in the registry name the record of their issue;
5. anything that happened before an export was made: the audit must begin with what the
   export holds.

What it cannot find: records since the last signed one, written by somebody who may write
the file; and a registry that was put back as a whole to an earlier day, unless an export
from after that day was kept elsewhere. So export often, to another machine.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from itertools import zip_longest

from hwlock.codec import cbor
from hwlock.crypto import sha2
from hwlock.crypto.keys import Signer, VerificationKey
from hwlock.errors import BadSignature, UntrustedError, UsageError
from hwlock.record import Record, replace

__all__ = [
    "APPOINTING",
    "SIGNED",
    "AuditRecord",
    "Audited",
    "Decision",
    "append",
    "details_text",
    "export_line",
    "refuse_other",
    "verify",
]

_DOMAIN = b"hwlock audit v1\0"
_BEGINNING = bytes(32)
# actions that bring a new key, signed by the root
APPOINTING = frozenset(("key rotate", "key add"))
# actions whose records are signed, because a key is open when they happen
SIGNED = frozenset(("respond", *APPOINTING))


class Decision(Record):
    """Who (`actor`, an OS user) did what (`action`) to which `subject`, and when.

    `outcome` is "ok" or the code of the refusal; `details` is a JSON object as text.
    """

    time: datetime
    actor: str
    action: str
    subject: str
    outcome: str
    details: str


class AuditRecord(Decision):
    """A decision in its place: `sequence` counts from 1, `previous` and `hash` have 32 bytes."""

    sequence: int
    previous: bytes
    hash: bytes
    signature: bytes | None = None

    def digest(self) -> bytes:
        """Return what `hash` must be: SHA-256 over the deterministic CBOR of the rest."""
        moment = self.time.astimezone(timezone.utc).isoformat(timespec="microseconds")
        return sha2.sha256(
            _DOMAIN
            + cbor.encode(
                (
                    self.sequence,
                    moment,
                    self.actor,
                    self.action,
                    self.subject,
                    self.outcome,
                    self.details,
                    self.previous,
                )
            )
        )


class Audited(Record):
    """An audit that holds: how many records, the newest hash, and the last signed number."""

    records: int
    head: bytes
    signed_until: int


def details_text(details: Mapping[str, object]) -> str:
    """Return the particulars of a decision as the text that is kept and hashed."""
    return json.dumps(details, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def append(tail: AuditRecord | None, decision: Decision, signer: Signer | None) -> AuditRecord:
    """Return the record of `decision` that follows `tail`; signed where `signer` is given."""
    unsigned = AuditRecord(
        time=decision.time,
        actor=decision.actor,
        action=decision.action,
        subject=decision.subject,
        outcome=decision.outcome,
        details=decision.details,
        sequence=1 if tail is None else tail.sequence + 1,
        previous=_BEGINNING if tail is None else tail.hash,
        hash=b"",
    )
    digest = unsigned.digest()
    signature = None if signer is None else signer.sign(_DOMAIN + digest)
    return replace(unsigned, hash=digest, signature=signature)


def verify(
    records: Iterable[AuditRecord],
    *,
    root: VerificationKey,
    issuer: VerificationKey,
    references: Mapping[int, bytes],
) -> Audited:
    """Return what the audit amounts to, or raise UntrustedError at the first broken record.

    `root` and `issuer` are the keys that the desk was made with. `references` are the numbers of
    records that licenses name, with the license's id.
    """
    count, head, signed_until = 0, _BEGINNING, 0
    signers = _Signers(root, issuer)
    for record in records:
        if record.sequence != count + 1:
            raise UntrustedError("HWL-AUDIT-MISSING", sequence=count + 1)
        if record.hash != record.digest():
            raise UntrustedError("HWL-AUDIT-CHANGED", sequence=record.sequence)
        if record.previous != head:
            raise UntrustedError("HWL-AUDIT-JOIN", sequence=record.sequence)
        if signers.have_signed(record):
            signed_until = record.sequence
        signers.follow(record)
        count, head = record.sequence, record.hash
    for sequence in sorted(references):
        if sequence > count:
            license_id = references[sequence].hex()
            raise UntrustedError(
                "HWL-AUDIT-CUT", sequence=sequence, count=count, license=license_id
            )
    return Audited(records=count, head=head, signed_until=signed_until)


def export_line(record: AuditRecord) -> str:
    """Return a record as one line of JSON; the shape stands in docs/json.md."""
    shape = {
        "sequence": record.sequence,
        "time": record.time.astimezone(timezone.utc).isoformat(timespec="microseconds"),
        "actor": record.actor,
        "action": record.action,
        "subject": record.subject,
        "outcome": record.outcome,
        "details": json.loads(record.details),
        "previous": record.previous.hex(),
        "hash": record.hash.hex(),
        "signature": None if record.signature is None else record.signature.hex(),
    }
    return json.dumps(shape, ensure_ascii=False)


def refuse_other(records: Iterable[AuditRecord], exported: Iterable[str]) -> int:
    """Return how many records an earlier export has, if `records` begin with just these.

    UntrustedError names the first that differs, UsageError a line that no export has.
    """
    count = 0
    for record, line in zip_longest(records, exported):
        if line is None:
            break
        kept = _hash_in(line, count + 1)
        if record is None or record.hash != kept:
            raise UntrustedError("HWL-AUDIT-EXPORT", sequence=count + 1)
        count += 1
    return count


class _Signers:
    """Whose signature counts, record after record."""

    def __init__(self, root: VerificationKey, issuer: VerificationKey) -> None:
        self._root = root
        self._issuers = {"": issuer}

    def have_signed(self, record: AuditRecord) -> bool:
        """Return whether a record is signed; UntrustedError where it should be and is not."""
        if record.signature is None:
            if record.action in SIGNED:
                raise UntrustedError("HWL-AUDIT-SIGNATURE", sequence=record.sequence)
            return False
        keys = (self._root,) if record.action in APPOINTING else tuple(self._issuers.values())
        refusal: BadSignature | None = None
        for key in keys:
            try:
                key.verify(record.signature, _DOMAIN + record.hash)
            except BadSignature as exc:
                refusal = exc
                continue
            return True
        raise UntrustedError("HWL-AUDIT-SIGNATURE", sequence=record.sequence) from refusal

    def follow(self, record: AuditRecord) -> None:
        """Heed a record that changes the keys."""
        if record.action in APPOINTING:
            says = json.loads(record.details)
            key = VerificationKey(bytes.fromhex(says["public"]))
            if says["role"] == "root":
                self._root = key
            else:
                self._issuers[says["name"]] = key
        elif record.action == "revoke":
            kept = {name: key for name, key in self._issuers.items() if not _is_of(record, key)}
            self._issuers = kept


def _is_of(record: AuditRecord, key: VerificationKey) -> bool:
    return record.subject == key.kid.hex() and json.loads(record.details)["kind"] == "issuer"


def _hash_in(line: str, number: int) -> bytes:
    try:
        return bytes.fromhex(json.loads(line)["hash"])
    except (ValueError, KeyError, TypeError) as exc:
        raise UsageError("HWL-AUDIT-LINE", number=number) from exc
