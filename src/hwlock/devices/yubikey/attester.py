"""A YubiKey's HMAC-SHA1 slot as a DongleAttester."""

from __future__ import annotations

import os
import threading

from hwlock.devices import uri as uris
from hwlock.devices.base import Description
from hwlock.errors import BadKey, Cancelled
from hwlock.evidence.claims import Proof
from hwlock.evidence.dongle import DongleClaims
from hwlock.evidence.yubikey import (
    ANSWER_BYTES,
    SEED_BYTES,
    YubikeyRecord,
    commitment,
    indices,
)

from .finding import SLOTS, chosen, parse
from .frames import PAYLOAD_BYTES, exchange
from .wire import opened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hwlock.devices.base import Interaction

    from .wire import Reports

__all__ = ["TOUCHED_PAIRS", "YubikeyAttester"]

TOUCHED_PAIRS = 4

# Which answer each slot gave last in this process: (serial, slot) → index. Never the same twice
# in a row; another process may repeat it, by chance once in as many times as there are pairs.
_latest: dict[tuple[int, int], int] = {}
_latest_lock = threading.Lock()


class YubikeyAttester:
    """One slot of one YubiKey; the device is held only during an exchange."""

    kind = "yubikey"

    def __init__(
        self, device: Any, interface: int, *, serial: int, slot: int, person: Interaction | None
    ) -> None:
        self.uri = uris.make("yubikey", {"serial": str(serial), "slot": str(slot)})
        self.serial = serial
        self.slot = slot
        self._device = device
        self._interface = interface
        self._person = person
        self._touched = False

    @classmethod
    def open(cls, uri: str, person: Interaction | None = None) -> YubikeyAttester:
        """Find the key that `uri` names; DeviceError, UsageError."""
        _, slot = parse(uri)
        device, interface, serial = chosen(uri)
        return cls(device, interface, serial=serial, slot=slot, person=person)

    @property
    def name(self) -> str:
        """What a person calls it."""
        return f"YubiKey {self.serial}"

    def describe(self) -> Description:
        """Say which key this is; whether its slot is programmed, only an exchange tells."""
        return Description(
            uri=self.uri,
            kind=self.kind,
            name=self.name,
            assurance="shared",
            details=(("slot", str(self.slot)),),
        )

    def enroll(self) -> bytes:
        """Ask for an answer to each of some random challenges; return the commitments.

        A slot that wants to be touched is asked for TOUCHED_PAIRS only, one touch for each.
        BadKey where two answers are the same: that is no HMAC.
        """
        seed = os.urandom(SEED_BYTES)
        challenges = YubikeyRecord.challenges(seed)
        answers: list[bytes] = []
        self._touched = False
        with opened(self._device, self._interface) as reports:
            for challenge in challenges:
                answers.append(self._ask(reports, challenge))
                if self._touched and len(answers) == TOUCHED_PAIRS:
                    break
        if len(set(answers)) != len(answers):
            raise BadKey("HWL-YUBIKEY-CONSTANT", device=self.name)
        pairs = zip(challenges, answers, strict=False)
        return YubikeyRecord(
            seed=seed, commitments=tuple(commitment(asked, answer) for asked, answer in pairs)
        ).encode()

    def claims(self, record: bytes, challenge: bytes) -> DongleClaims:
        """Return what a request carries of this slot, over `challenge` (32 bytes)."""
        proof = self.prove(record, challenge)
        return DongleClaims(
            kind=self.kind,
            uri=self.uri,
            label=self.name,
            key=None,
            record=record,
            signature=proof.signature,
            data=proof.data,
        )

    def prove(self, record: bytes, challenge: bytes) -> Proof:
        """Answer with the response that `challenge` (32 bytes) selects; DeviceError."""
        known = YubikeyRecord.parse(record)
        first, second = indices(challenge, len(known.commitments))
        with _latest_lock:
            index = second if _latest.get((self.serial, self.slot)) == first else first
            _latest[self.serial, self.slot] = index
        with opened(self._device, self._interface) as reports:
            answer = self._ask(reports, known.challenge(index))
        return Proof(anchor=self.kind, public=b"", signature=answer, data=bytes([index]))

    def __enter__(self) -> YubikeyAttester:
        return self

    def __exit__(self, *exc: object) -> None:
        """Nothing was kept open."""

    def _ask(self, reports: Reports, challenge: bytes) -> bytes:
        # A slot set to short challenges strips the end that repeats the last byte, so the
        # filling is another byte than the challenge's last (as Yubico's own programs do).
        filling = b"\1" if challenge.endswith(b"\0") else b"\0"
        payload = challenge.ljust(PAYLOAD_BYTES, filling)
        return exchange(reports, SLOTS[self.slot], payload, ANSWER_BYTES, touch=self._touch)

    def _touch(self) -> None:
        if self._person is None:
            raise Cancelled("HWL-DEVICE-CANCELLED", device=self.name)
        self._touched = True
        self._person.touch(self.name)
