"""The kind `openpgp`: the authentication key of an OpenPGP card answers challenges.

The key for decryption, where the card has one of P-256 or X25519, agrees on secrets: so sealed
files can be opened.

    openpgp:serial=0006:12345678      maker and serial number, as GnuPG shows them

The key always wants the user PIN (PW1), once in a session. GnuPG's daemon takes a card for
itself unless it is told to share; the error of a busy card says how.
"""

from __future__ import annotations

from hwlock.devices import uri as uris
from hwlock.devices.base import Description
from hwlock.errors import BadKey, NotFound, UnsupportedError
from hwlock.evidence.card import CardRecord
from hwlock.evidence.claims import proof_message

from . import attester
from .attester import Use
from .changes import CardChanges
from .link import look
from .openpgp_card import DECRYPTION, OpenPgpCard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from hwlock.crypto.agreement_key import AgreementKey
    from hwlock.devices.base import Interaction
    from hwlock.errors import HwlockError
    from hwlock.evidence.dongle import DongleClaims

    from .apdu import Channel
    from .link import Found

    Find: TypeAlias = Callable[
        [Callable[[Channel], OpenPgpCard], str], Iterator[Found[OpenPgpCard]]
    ]
    Base: TypeAlias = attester.CardAttester[OpenPgpCard]
else:
    Base = attester.CardAttester

__all__ = ["OpenPgpAttester", "changes", "open", "scan"]

_PARTS = ("serial", "reader")


def scan() -> Iterator[Description]:
    """Yield the OpenPGP cards that are here; what keeps from looking is one with its problem."""
    return attester.scan("openpgp", "OpenPGP card", OpenPgpCard.select, _describe)


def open(uri: str, person: Interaction | None = None) -> OpenPgpAttester:
    """Open the card that `uri` names; DeviceError, UsageError, UnsupportedError."""
    device = OpenPgpAttester(uri, person)
    device.find()
    return device


def changes() -> CardChanges:
    """Return what tells that a card or a reader came or went."""
    return CardChanges()


class OpenPgpAttester(Base):
    """One OpenPGP card; `find` is where cards are looked for, the readers by default."""

    kind = "openpgp"
    noun = "OpenPGP card"

    def __init__(self, uri: str, person: Interaction | None = None, find: Find = look) -> None:
        super().__init__(uri, uris.parts(uri, _PARTS), OpenPgpCard.select, person, find)

    def describe(self) -> Description:
        """Say what this card is and whether its key can be used."""
        with self._link.card() as card:
            return _describe(card, self._link.reader)

    def enroll(self) -> bytes:
        """Return the record of the key that is there; NotFound, BadKey."""
        with self._link.card() as card:
            return CardRecord(slot=0, key=card.key(0), agreement=_agreement(card)).encode()

    def claims(self, record: bytes, challenge: bytes) -> DongleClaims:
        """Return what a request carries of this card; no maker attests such keys."""
        from hwlock.evidence.dongle import DongleClaims

        known = CardRecord.parse(record)
        signature = self._sign(known, proof_message(challenge))
        with self._link.card() as card:
            serial, label = card.serial, card.name
        return DongleClaims(
            kind=self.kind,
            uri=uris.make(self.kind, {"serial": serial}),
            label=label,
            key=known.key,
            record=record,
            signature=signature,
        )

    def agree(self, record: bytes, point: bytes) -> bytes:
        """Return what the ECDH of the key for decryption with `point` gives (32 bytes).

        `point` is of P-256 (x‖y) or X25519, as that key is. DeviceError; UnsupportedError where
        the license was made while the card had no such key.
        """
        key = CardRecord.parse(record).agreement
        if key is None or len(key.raw) != len(point):
            raise UnsupportedError("HWL-DEVICE-AGREE", kind="openpgp (no key to decrypt with)")
        return self._use(Use(slot=DECRYPTION, key=key), lambda card: card.agree(point))

    def _holds(self, card: OpenPgpCard, wanted: Use) -> bool:
        if wanted.slot == DECRYPTION:
            return _agreement(card) == wanted.key
        return super()._holds(card, wanted)


def _agreement(card: OpenPgpCard) -> AgreementKey | None:
    """Return the key for decryption; None where there is none, or one that does not agree."""
    try:
        return card.agreement_key()
    except (NotFound, BadKey):
        return None


def _describe(card: OpenPgpCard, reader: str) -> Description:
    problem: HwlockError | None = None
    try:
        card.key(0)
    except (NotFound, BadKey) as exc:
        problem = exc
    return Description(
        uri=uris.make("openpgp", {"serial": card.serial}),
        kind="openpgp",
        name=card.name,
        assurance="" if problem else "key",
        problem=problem,
        details=(
            ("reader", reader),
            ("version", ".".join(map(str, card.data.version))),
            ("key for authentication", card.data.algorithm),
            ("key for decryption", card.data.agreement),
        ),
    )
