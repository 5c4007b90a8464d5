"""Security keys on card readers (CTAP 2.1 §11.3): the FIDO applet, by ISO 7816-4.

A reader does not tell whether its card is a security key before the applet is selected, and
selecting takes another program's applet away from it. So only cards that came by radio are
asked on their own account (their ATR begins as PC/SC part 3 says), and those only after no
key on USB could answer; any other card is asked where the URI names its reader.

A transaction lasts as long as one command of ours. What the PC/SC library returns becomes an
OSError here, which `token.converted` knows.
"""

from __future__ import annotations

import errno
from threading import Event

from fido2.ctap import STATUS, CtapDevice, CtapError
from fido2.hid import CAPABILITY, CTAPHID

from hwlock.errors import NotFound

from .places import Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

__all__ = ["CardDevice", "places"]

_AID = bytes.fromhex("a0000006472f0001")
_OK, _WAITS, _MORE = b"\x90\x00", b"\x91\x00", 0x61
_RADIO = (0x3B, 0x80, 0x80, 0x01)  # the second byte holds the number of historical bytes
_CHUNK = 250
_MAX_ANSWER_BYTES = 16384
_POLL_S = 0.1
# results of PC/SC → what they are among the errors of an operating system
_ERRORS = {
    0x8010000B: errno.EBUSY,  # SHARING_VIOLATION
    0x80100016: errno.EBUSY,  # NOT_TRANSACTED
}


def places() -> tuple[Place, ...]:
    """Return the readers with a card in them; none where PC/SC is not installed or running."""
    try:
        from smartcard import scard
    except ImportError:
        return ()
    result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    if result:
        return ()
    try:
        result, readers = scard.SCardListReaders(context, [])
        if result:
            return ()
        states = [(name, scard.SCARD_STATE_UNAWARE) for name in readers]
        result, seen = scard.SCardGetStatusChange(context, 0, states)
        return () if result else tuple(_occupied(scard, seen))
    finally:
        scard.SCardReleaseContext(context)


def _occupied(scard: ModuleType, seen: list[tuple[str, int, list[int]]]) -> Iterator[Place]:
    for name, state, atr in seen:
        if state & scard.SCARD_STATE_PRESENT and not state & scard.SCARD_STATE_MUTE:
            radio = len(atr) > 3 and (atr[0], atr[1] & 0xF0, *atr[2:4]) == _RADIO
            yield Place(
                path=name,
                name=f"the card in {name}",
                serial="",
                connect=lambda name=name: CardDevice(scard, name),  # type: ignore[misc]
                shy=not radio,
            )


class CardDevice(CtapDevice):
    """The FIDO applet of the card in a reader; OSError, NotFound where it has none."""

    def __init__(self, scard: ModuleType, reader: str) -> None:
        self._scard = scard
        result, self._context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        _check(result)
        self._card: int | None = None
        try:
            result, card, self._protocol = scard.SCardConnect(
                self._context,
                reader,
                scard.SCARD_SHARE_SHARED,
                scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1,
            )
            _check(result)
            self._card = card
            _check(scard.SCardBeginTransaction(card))
            self._select(reader)
        except BaseException:
            self.close()
            raise

    @property
    def capabilities(self) -> int:
        """It speaks CTAP2; a card that does not says so when it is asked what it is."""
        return CAPABILITY.CBOR

    def call(
        self,
        cmd: int,
        data: bytes = b"",
        event: Event | None = None,
        on_keepalive: Callable[[STATUS], None] | None = None,
    ) -> bytes:
        """Send one command and wait for the answer (NFCCTAP_MSG, NFCCTAP_GETRESPONSE)."""
        if cmd != CTAPHID.CBOR:
            raise CtapError(CtapError.ERR.INVALID_COMMAND)
        event = event or Event()
        answer, status = self._exchange(0x80, 0x10, 0x80, data)
        last = None
        while status == _WAITS and answer:
            if on_keepalive and answer[0] != last:
                last = answer[0]
                on_keepalive(STATUS(last))
            cancel = 0x11 if event.wait(_POLL_S) else 0x00
            answer, status = self._exchange(0x80, 0x11, cancel, b"")
        if status != _OK:
            raise CtapError(CtapError.ERR.OTHER)
        return answer

    def close(self) -> None:
        """End the transaction and let go; the card stays as it is."""
        card, self._card = self._card, None
        if card is not None:
            self._scard.SCardEndTransaction(card, self._scard.SCARD_LEAVE_CARD)
            self._scard.SCardDisconnect(card, self._scard.SCARD_LEAVE_CARD)
        context, self._context = self._context, None
        if context is not None:
            self._scard.SCardReleaseContext(context)

    @classmethod
    def list_devices(cls) -> Iterator[CtapDevice]:
        """Return nothing: `places` finds them."""
        return iter(())

    def _select(self, reader: str) -> None:
        _, status = self._exchange(0x00, 0xA4, 0x04, _AID)
        if status != _OK:
            raise NotFound("HWL-FIDO2-NO-APPLET", reader=reader)

    def _exchange(self, cla: int, ins: int, p1: int, data: bytes) -> tuple[bytes, bytes]:
        """Send a command, in a chain where it is long; return the whole answer and its status."""
        while len(data) > _CHUNK:
            piece, data = data[:_CHUNK], data[_CHUNK:]
            head = bytes((cla | 0x10, ins, p1, 0, len(piece)))
            answer, status = self._transmit(head + piece)
            if status != _OK:
                return answer, status
        body = bytes((len(data),)) + data if data else b""
        answer, status = self._transmit(bytes((cla, ins, p1, 0)) + body + b"\0")
        while status[0] == _MORE:
            if len(answer) > _MAX_ANSWER_BYTES:
                raise ValueError("the card's answer does not end")
            more, status = self._transmit(bytes((0, 0xC0, 0, 0, status[1])))
            if not more and status[0] == _MORE:
                raise ValueError("the card's answer does not go on")
            answer += more
        return answer, status

    def _transmit(self, apdu: bytes) -> tuple[bytes, bytes]:
        scard = self._scard
        kind = (
            scard.SCARD_PCI_T0 if self._protocol == scard.SCARD_PROTOCOL_T0 else scard.SCARD_PCI_T1
        )
        result, answer = scard.SCardTransmit(self._card, kind, list(apdu))
        _check(result)
        if len(answer) < 2:
            raise ValueError("the card's answer has no status")
        raw = bytes(byte & 0xFF for byte in answer)
        return raw[:-2], raw[-2:]


def _check(result: int) -> None:
    """Raise OSError for a result of PC/SC that is not success: ENODEV where nothing is better."""
    if result:
        number = _ERRORS.get(result & 0xFFFFFFFF, errno.ENODEV)
        raise OSError(number, f"PC/SC {result & 0xFFFFFFFF:#x}")
