"""The kind `piv`: an existing key in a slot of a PIV card answers challenges.

    piv:serial=1234567;slot=9e        the number of a YubiKey, or the GUID of another card
    piv:slot=9a;reader=…              a card that has no serial, by its reader

Slot 9e (card authentication) needs no PIN and suits a workstation; 9a, 9c, 9d and 82 to 95
do. Without a slot the first of 9e, 9a, 9c, 9d that has a key is taken. For each answer:

1. find the card, and see that the slot holds the key of the record: another card never
   gets to see the PIN;
2. see whether a PIN is wanted (the policy of the key, or what the slot is for) and whether
   the card has it already; if not, end the transaction, ask, and see that it is still there;
3. sign; tell the person where a touch is wanted;
4. verify the signature before it is handed out.
"""

from __future__ import annotations

from hwlock.devices import uri as uris
from hwlock.devices.base import Description
from hwlock.errors import (
    BadAnswer,
    BadKey,
    BadSignature,
    Cancelled,
    DeviceError,
    HwlockError,
    NotFound,
    Removed,
    UsageError,
)
from hwlock.evidence.claims import Proof, proof_message

from .changes import CardChanges
from .link import Found, Link, look
from .pins import Pins, blocked, wrong
from .piv_card import ATTESTER, MAIN_SLOTS, SLOTS, PivCard
from .record import CardRecord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from hwlock.crypto.anchor_key import AnchorKey
    from hwlock.devices.base import Interaction
    from hwlock.evidence.dongle import DongleClaims

    from .apdu import Channel

    Find = Callable[[Callable[[Channel], PivCard], str], Iterator[Found[PivCard]]]

__all__ = ["PivAttester", "changes", "open", "scan"]

_PARTS = ("serial", "slot", "reader")
_SECURITY = 0x6982
_PIN_BYTES = 8


def scan() -> Iterator[Description]:
    """Yield the PIV cards that are here; what keeps from looking is one with its problem."""
    try:
        for found in look(PivCard.select):
            yield _described(found)
    except HwlockError as exc:
        yield Description(uri="piv:", kind="piv", name="PIV cards", problem=exc)


def open(uri: str, person: Interaction | None = None) -> PivAttester:
    """Open the card that `uri` names; DeviceError, UsageError, UnsupportedError."""
    attester = PivAttester(uri, person)
    attester.describe()
    return attester


def changes() -> CardChanges:
    """Return what tells that a card or a reader came or went."""
    return CardChanges()


class PivAttester:
    """One PIV card, found again each time that it is needed."""

    kind = "piv"

    def __init__(self, uri: str, person: Interaction | None = None, find: Find = look) -> None:
        self.uri = uri
        said = uris.parts(uri, _PARTS)
        self._slot = _slot(uri, said.get("slot", ""))
        self._said = said
        self._link: Link[PivCard] = Link("PIV card", PivCard.select, said, find)
        self._pins = Pins(person, _PIN_BYTES)
        self._seen: tuple[int, CardRecord, tuple[str, str]] | None = None

    def describe(self) -> Description:
        """Say what this card is and which of its slots have a key."""
        with self._link.card() as card:
            return _described_card(card, self._link.reader, self._slots())

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
        if not serial:
            named["reader"] = self._said.get("reader", "")
        return DongleClaims(
            kind=self.kind,
            uri=uris.make(self.kind, named),
            label=label,
            key=known.key,
            record=record,
            signature=signature,
            attestation=attestation,
        )

    def prove(self, record: bytes, challenge: bytes) -> Proof:
        """Answer `challenge` with the key of the record; DeviceError."""
        known = CardRecord.parse(record)
        signature = self._sign(known, proof_message(challenge))
        return Proof(anchor=self.kind, public=known.key.raw, signature=signature)

    def close(self) -> None:
        """Let go of the card and forget the PIN."""
        self._pins.forget()
        self._link.close()

    def __enter__(self) -> PivAttester:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

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

    def _sign(self, known: CardRecord, message: bytes) -> bytes:
        # 1. the card and its key
        with self._link.card() as card:
            connection = self._link.connections
            policy = self._policy(card, known)
            wanted, left = _pin_wanted(card, known.slot, policy[0])
            pin = self._pins.known(connection) if wanted else ""
            if not wanted or pin:
                return self._signed(card, known, message, pin, policy[1])
        # 2. the person, while others may use the card
        self._pins.forget()
        if left == 0:
            raise blocked(self._link.name)
        pin = self._pins.ask(self._link.name, left)
        with self._link.card(connection) as card:
            return self._signed(card, known, message, pin, policy[1])

    def _policy(self, card: PivCard, known: CardRecord) -> tuple[str, str]:
        """Return PIN and touch policy of the slot, which must hold the key of the record.

        Looked at once for each connection, which ends when the card is pulled.
        """
        if self._seen is None or self._seen[:2] != (self._link.connections, known):
            if not self._holds(card, known):
                raise NotFound("HWL-SMARTCARD-OTHER", device=self._link.name)
            said = card.metadata(known.slot)
            policy = (said.pin_policy, said.touch_policy) if said else ("default", "never")
            self._seen = self._link.connections, known, policy
        return self._seen[2]

    def _holds(self, card: PivCard, known: CardRecord) -> bool:
        try:
            return card.key(known.slot) == known.key
        except (NotFound, BadKey):
            return False

    def _signed(
        self, card: PivCard, known: CardRecord, message: bytes, pin: str, touch: str
    ) -> bytes:
        device = self._link.name
        if pin:
            left = card.verify(pin)
            if left is not None:
                self._pins.forget()
                raise wrong(device, left) if left else blocked(device)
            self._pins.right(pin, self._link.connections)
        # 3. the signature
        if touch != "never":
            self._pins.touch(device)
        try:
            signature = card.sign(known.slot, known.key, message)
        except BadAnswer as exc:
            if touch != "never" and exc.raw_code == _SECURITY:
                raise Cancelled("HWL-DEVICE-CANCELLED", device=device) from exc
            raise
        # 4. what a card says is believed when it is proven
        try:
            known.key.verify(signature, message)
        except BadSignature as exc:
            raise BadAnswer("HWL-SMARTCARD-SIGNATURE", device=device) from exc
        return signature


def _pin_wanted(card: PivCard, slot: int, policy: str) -> tuple[bool, int | None]:
    """Return whether a PIN must be sent now, and how many tries are left."""
    if policy == "default":
        policy = {0x9E: "never", 0x9C: "always"}.get(slot, "once")
    if policy == "never":
        return False, None
    verified, left = card.pin_state()
    return policy == "always" or not verified, left


def _slot(uri: str, said: str) -> int:
    """Read the slot of a URI; 0 where it names none."""
    if not said:
        return 0
    for slot in SLOTS:
        if said.lower() == f"{slot:02x}":
            return slot
    raise UsageError("HWL-SMARTCARD-SLOT", uri=uri, slot=said)


def _described(found: Found[PivCard]) -> Description:
    if found.application is None or found.wire is None:
        uri = uris.make("piv", {"reader": found.reader})
        return Description(uri=uri, kind="piv", name=found.reader, problem=found.problem)
    try:
        with found.wire.transaction():
            return _described_card(found.application, found.reader, MAIN_SLOTS)
    except DeviceError as exc:
        uri = uris.make("piv", {"serial": found.application.serial, "reader": found.reader})
        return Description(uri=uri, kind="piv", name=found.reader, problem=exc)
    finally:
        found.wire.close()


def _described_card(card: PivCard, reader: str, slots: tuple[int, ...]) -> Description:
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
        attested = attested or card.attestation(slot) is not None
    named: Mapping[str, str] = {"serial": card.serial, "reader": "" if card.serial else reader}
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
