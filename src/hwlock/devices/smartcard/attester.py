"""What every kind of card does as a dongle: enroll an existing key, and use it.

For each use:

1. find the card, and see that it holds the key of the record: another card never gets to
   see the PIN;
2. see whether a PIN is wanted and whether the card has it already; if not, end the
   transaction, ask, and see that the card was not away meanwhile;
3. use the key; tell the person where a touch is wanted;
4. verify a signature before it is handed out.
"""

from __future__ import annotations

from hwlock.devices.base import Description
from hwlock.errors import (
    BadAnswer,
    BadKey,
    BadSignature,
    Cancelled,
    DeviceError,
    HwlockError,
    NotFound,
)
from hwlock.evidence.card import CardRecord
from hwlock.evidence.claims import Proof, proof_message
from hwlock.record import Record

from .link import Link, look
from .pins import Pins, blocked, wrong

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Generic, Protocol, TypeVar

    from typing_extensions import Self

    from hwlock.crypto.agreement_key import AgreementKey
    from hwlock.crypto.anchor_key import AnchorKey
    from hwlock.devices.base import Interaction
    from hwlock.evidence.dongle import DongleClaims

    from .apdu import Channel
    from .link import Application, Found

    class KeyCard(Application, Protocol):
        """An application that has keys; slot 0 where it has one for this use."""

        @property
        def pin_bytes(self) -> int:
            """How long a PIN may be."""

        def key(self, slot: int) -> AnchorKey:
            """Return a public key; NotFound, BadKey, BadAnswer."""

        def demands(self, slot: int) -> Demands:
            """Return what is wanted before the key is used."""

        def pin_state(self) -> tuple[bool, int | None]:
            """Return whether the PIN was verified, and how many tries are left."""

        def verify(self, pin: str) -> int | None:
            """Verify the PIN; None where it was right, else how many tries are left."""

        def sign(self, slot: int, key: AnchorKey, message: bytes) -> bytes:
            """Sign `message`: raw r‖s, Ed25519 or RSA; BadAnswer."""

    K = TypeVar("K", bound=KeyCard)
else:
    from .link import Generic

    K = object

__all__ = ["CardAttester", "Demands", "Use", "scan"]

# What cards say when nobody touched them in time: as without a PIN, or "conditions of use"
_UNTOUCHED = (0x6982, 0x6985, 0x6600)


class Use(Record):
    """A key of a card that is to be used: where it is, and its public half."""

    slot: int
    key: AnchorKey | AgreementKey


class Demands(Record):
    """What a key wants before it is used: `pin` is never, once or always."""

    pin: str
    touch: bool


class CardAttester(Generic[K]):
    """One card, found again each time that it is needed."""

    kind = ""
    noun = ""

    def __init__(
        self,
        uri: str,
        said: dict[str, str],
        select: Callable[[Channel], K],
        person: Interaction | None = None,
        find: Callable[[Callable[[Channel], K], str], Iterator[Found[K]]] = look,
    ) -> None:
        self.uri = uri
        self._said = said
        self._person = person
        self._link: Link[K] = Link(self.noun, select, said, find)
        self._pins = Pins(person)
        self._seen: tuple[int, Use, Demands] | None = None

    def find(self) -> None:
        """See that the card is here; DeviceError, UsageError."""
        self._link.look()

    def describe(self) -> Description:
        """Say what this card is and which of its keys can be used."""
        raise NotImplementedError

    def enroll(self) -> bytes:
        """Return the record of the key that is there; NotFound, BadKey."""
        raise NotImplementedError

    def claims(self, record: bytes, challenge: bytes) -> DongleClaims:
        """Return what a request carries of this card."""
        raise NotImplementedError

    def prove(self, record: bytes, challenge: bytes) -> Proof:
        """Answer `challenge` with the key of the record; DeviceError."""
        known = CardRecord.parse(record)
        signature = self._sign(known, proof_message(challenge))
        return Proof(anchor=self.kind, public=known.key.raw, signature=signature)

    def close(self) -> None:
        """Let go of the card and forget the PIN."""
        self._pins.forget()
        self._link.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _sign(self, known: CardRecord, message: bytes) -> bytes:
        def signed(card: K) -> bytes:
            signature = card.sign(known.slot, known.key, message)
            # 4. what a card says is believed when it is proven
            try:
                known.key.verify(signature, message)
            except BadSignature as exc:
                raise BadAnswer("HWL-SMARTCARD-SIGNATURE", device=self._link.name) from exc
            return signature

        return self._use(Use(slot=known.slot, key=known.key), signed)

    def _use(self, wanted: Use, act: Callable[[K], bytes]) -> bytes:
        """Let `act` use a key, once all that the card wants was done."""
        # 1. the card and its key; of several that are alike, the one that holds it
        with self._link.card(fits=lambda card: self._holds(card, wanted)) as card:
            connection = self._link.connections
            demands = self._demands(card, wanted)
            verified, left = (True, None) if demands.pin == "never" else card.pin_state()
            asks = demands.pin == "always" or not verified
            pin = self._pins.known(connection) if asks else ""
            if not asks or pin:
                return self._used(card, act, pin, demands)
            most = card.pin_bytes
        # 2. the person, while others may use the card
        self._pins.forget()
        if left == 0:
            raise blocked(self._link.name)
        pin = self._pins.ask(self._link.name, left, most)
        with self._link.card(connection) as card:
            return self._used(card, act, pin, demands)

    def _demands(self, card: K, wanted: Use) -> Demands:
        """Return what the key wants, having seen that the card holds it.

        Looked at once for each connection, which ends when the card is pulled.
        """
        if self._seen is None or self._seen[:2] != (self._link.connections, wanted):
            if not self._holds(card, wanted):
                raise NotFound("HWL-SMARTCARD-OTHER", device=self._link.name)
            self._seen = self._link.connections, wanted, card.demands(wanted.slot)
        return self._seen[2]

    def _holds(self, card: K, wanted: Use) -> bool:
        try:
            return card.key(wanted.slot) == wanted.key
        except (NotFound, BadKey):
            return False

    def _used(self, card: K, act: Callable[[K], bytes], pin: str, demands: Demands) -> bytes:
        device = self._link.name
        if pin:
            left = card.verify(pin)
            if left is not None:
                self._pins.forget()
                raise wrong(device, left) if left else blocked(device)
            self._pins.right(pin, self._link.connections)
        # 3. the key
        if demands.touch and self._person is not None:
            self._person.touch(device)
        try:
            return act(card)
        except BadAnswer as exc:
            if demands.touch and exc.raw_code in _UNTOUCHED:
                raise Cancelled("HWL-DEVICE-CANCELLED", device=device) from exc
            raise


def scan(
    kind: str, noun: str, select: Callable[[Channel], K], describe: Callable[[K, str], Description]
) -> Iterator[Description]:
    """Yield the cards of a kind; what keeps from looking is one, with its problem."""
    try:
        for found in look(select):
            yield _described(kind, found, describe)
    except HwlockError as exc:
        yield Description(uri=f"{kind}:", kind=kind, name=f"{noun}s", problem=exc)


def _described(
    kind: str, found: Found[K], describe: Callable[[K, str], Description]
) -> Description:
    from hwlock.devices import uri as uris

    uri = uris.make(kind, {"reader": found.reader})
    if found.application is None or found.wire is None:
        return Description(uri=uri, kind=kind, name=found.reader, problem=found.problem)
    try:
        with found.wire.transaction():
            found.application.select_again()
            return describe(found.application, found.reader)
    except DeviceError as exc:
        return Description(uri=uri, kind=kind, name=found.application.name, problem=exc)
    finally:
        found.wire.close()
