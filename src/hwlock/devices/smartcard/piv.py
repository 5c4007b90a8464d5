"""The kind `piv`: an existing key in a slot of a PIV card answers challenges.

    piv:serial=1234567;slot=9e        the number of a YubiKey, or the GUID of another card
    piv:slot=9a;reader=…              a card that has no serial, by its reader

Slot 9e (card authentication) needs no PIN and suits a workstation; 9a, 9c, 9d and 82 to 95
do. Without a slot the first of 9e, 9a, 9c, 9d that has a key is taken.
"""

from __future__ import annotations

from hwlock.crypto.keys import VerificationKey
from hwlock.devices import uri as uris
from hwlock.devices.base import Description
from hwlock.errors import (
    BadKey,
    DeviceError,
    NotFound,
    Removed,
    UnsupportedError,
    UsageError,
)
from hwlock.evidence.card import CardRecord
from hwlock.evidence.claims import proof_message

from . import attester
from .attester import Use
from .changes import CardChanges
from .link import look
from .piv_card import ATTESTER, MAIN_SLOTS, SLOTS, PivCard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from hwlock.crypto.anchor_key import AnchorKey
    from hwlock.devices.base import Interaction
    from hwlock.evidence.dongle import DongleClaims

    from .apdu import Channel
    from .link import Found

    Find: TypeAlias = Callable[[Callable[[Channel], PivCard], str], Iterator[Found[PivCard]]]
    Base: TypeAlias = attester.CardAttester[PivCard]
else:
    Base = attester.CardAttester

__all__ = ["PivAttester", "changes", "open", "scan"]

_PARTS = ("serial", "slot", "reader")


def scan() -> Iterator[Description]:
    """Yield the PIV cards that are here; what keeps from looking is one with its problem."""
    return attester.scan("piv", "PIV card", PivCard.select, _describe)


def open(uri: str, person: Interaction | None = None) -> PivAttester:
    """Open the card that `uri` names; DeviceError, UsageError, UnsupportedError."""
    device = PivAttester(uri, person)
    device.find()
    return device


def changes() -> CardChanges:
    """Return what tells that a card or a reader came or went."""
    return CardChanges()


class PivAttester(Base):
    """One PIV card; `find` is where cards are looked for, the readers by default."""

    kind = "piv"
    noun = "PIV card"

    def __init__(self, uri: str, person: Interaction | None = None, find: Find = look) -> None:
        said = uris.parts(uri, _PARTS)
        self._slot = _slot(uri, said.get("slot", ""))
        super().__init__(uri, said, PivCard.select, person, find)

    def describe(self) -> Description:
        """Say what this card is and which of its slots have a key."""
        with self._link.card() as card:
            return _describe(card, self._link.reader, self._slots())

    def enroll(self) -> bytes:
        """Return the record of the key that is there; NotFound, BadKey."""
        with self._link.card() as card:
            slot, key = self._choose(card)
        return CardRecord(slot=slot, key=key).encode()

    def claims(self, record: bytes, challenge: bytes) -> DongleClaims:
        """Return what a request carries, with the maker's attestation where there is one."""
        from hwlock.codec import cbor
        from hwlock.evidence.dongle import DongleClaims

        known = CardRecord.parse(record)
        signature = self._sign(known, proof_message(challenge))
        with self._link.card() as card:
            serial, label = card.serial, card.name
            leaf = card.attestation(known.slot)
            issuer = card.certificate(ATTESTER) if leaf else None
        attestation = cbor.encode((leaf, issuer)) if leaf and issuer else b""
        named = {"serial": serial, "slot": f"{known.slot:02x}"}
        return DongleClaims(
            kind=self.kind,
            uri=uris.make(self.kind, named),
            label=label,
            key=known.key,
            record=record,
            signature=signature,
            attestation=attestation,
        )

    def agree(self, record: bytes, point: bytes) -> bytes:
        """Return x (32 bytes) of the key's ECDH with `point` (P-256, x‖y); DeviceError.

        UnsupportedError where the key is of another algorithm. Cards that keep to
        SP 800-73-4 agree in 9d and 82 to 95 only; YubiKeys do in every slot.
        """
        known = CardRecord.parse(record)
        if not isinstance(known.key, VerificationKey) or len(known.key.raw) != len(point):
            raise UnsupportedError("HWL-DEVICE-AGREE", kind="piv (a key that is not P-256)")
        wanted = Use(slot=known.slot, key=known.key)
        return self._use(wanted, lambda card: card.agree(known.slot, point))

    def _slots(self) -> tuple[int, ...]:
        return (self._slot,) if self._slot else MAIN_SLOTS

    def _choose(self, card: PivCard) -> tuple[int, AnchorKey]:
        """Return the first slot with a key, and that key."""
        for slot in self._slots():
            try:
                return slot, card.key(slot)
            except NotFound:
                if slot == self._slots()[-1]:
                    raise
        raise AssertionError("a card has slots")


def _slot(uri: str, said: str) -> int:
    """Read the slot of a URI; 0 where it names none."""
    if not said:
        return 0
    for slot in SLOTS:
        if said.lower() == f"{slot:02x}":
            return slot
    raise UsageError("HWL-SMARTCARD-SLOT", uri=uri, slot=said)


def _describe(card: PivCard, reader: str, slots: tuple[int, ...] = MAIN_SLOTS) -> Description:
    usable, problem, attested = [], None, False
    for slot in slots:
        try:
            card.key(slot)
        except Removed:
            raise
        except (DeviceError, BadKey) as exc:
            problem = problem if isinstance(problem, BadKey) else exc
            continue
        usable.append(f"{slot:02x}")
        attested = attested or card.is_attested(slot)
    named = {"serial": card.serial, "reader": "" if card.serial else reader}
    firmware = ".".join(map(str, card.firmware))
    return Description(
        uri=uris.make("piv", named),
        kind="piv",
        name=card.name,
        assurance=("attested" if attested else "key") if usable else "",
        problem=None if usable else problem,
        details=(
            ("reader", reader),
            ("slots with a key", " ".join(usable)),
            *((("firmware", firmware),) if firmware else ()),
        ),
    )
