"""The wire to a card: PC/SC through pyscard, the one place that knows it.

pyscard's low level returns results and raises nothing of its own (but `scard.error`, for
arguments of a wrong type, which would be a fault here). A connection is shared. What a card
remembers (a verified PIN, the selected application) is left as it is when we let go of it.
"""

from __future__ import annotations

from contextlib import contextmanager

from hwlock.errors import BadAnswer, Removed, UnsupportedError

from . import codes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

__all__ = ["Context", "PcscWire", "library"]

_MAX_ANSWER_BYTES = 65536 + 2
_MAX_READERS = 64


def library() -> ModuleType:
    """Return pyscard's low level; UnsupportedError where it is not installed."""
    try:
        from smartcard import scard
    except ImportError as exc:
        raise UnsupportedError(
            "HWL-DEVICE-EXTRA", kind="smartcard", package="pyscard", extra="smartcard"
        ) from exc
    return scard  # type: ignore[no-any-return]


class Context:
    """A talk with the smartcard service; DeviceError where there is none."""

    def __init__(self) -> None:
        self.scard = library()
        result, self.handle = self.scard.SCardEstablishContext(self.scard.SCARD_SCOPE_USER)
        self._open = result == codes.OK
        if not self._open:
            raise codes.refusal(result, "")

    def readers(self) -> tuple[str, ...]:
        """Return the names of the readers, in the order of the system; empty where none is."""
        result, names = self.scard.SCardListReaders(self.handle, [])
        if result & 0xFFFFFFFF == codes.NO_READERS:
            return ()
        if result != codes.OK:
            raise codes.refusal(result, "")
        return tuple(names[:_MAX_READERS])

    def connect(self, reader: str) -> PcscWire:
        """Connect to the card in `reader`, shared; the wire then owns this context."""
        scard = self.scard
        result, card, protocol = scard.SCardConnect(
            self.handle,
            reader,
            scard.SCARD_SHARE_SHARED,
            scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1,
        )
        if result != codes.OK:
            raise codes.refusal(result, reader)
        return PcscWire(self, reader, card, protocol)

    def close(self) -> None:
        """End the talk; a second call does nothing."""
        if self._open:
            self._open = False
            self.scard.SCardReleaseContext(self.handle)


class PcscWire:
    """A Transport to one card; `t0` tells that its protocol is T=0."""

    def __init__(self, context: Context, reader: str, card: int, protocol: int) -> None:
        self.reader = reader
        self._context = context
        self._scard = context.scard
        self._card = card
        self._open = True
        self._set(protocol)

    def exchange(self, command: bytes) -> bytes:
        """Send one APDU, return the answer with its status word; Removed, BadAnswer, Busy."""
        self._check_open()
        result, answer = self._scard.SCardTransmit(self._card, self._pci, list(command))
        if result != codes.OK:
            raise codes.lost(result, self.reader)
        if not answer:  # some drivers say so of a card that left in the middle of a command
            raise Removed("HWL-DEVICE-GONE", device=f"the card in {self.reader}")
        if not 2 <= len(answer) <= _MAX_ANSWER_BYTES:
            raise BadAnswer("HWL-SMARTCARD-ANSWER", fault=f"it has {len(answer)} bytes")
        # pyscard gives numbers that are negative from 128 on with some compilers
        return bytes(byte & 0xFF for byte in answer)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep other programs from the card for a few commands; waits while one of them has it."""
        self._check_open()
        self._begin()
        try:
            yield
        finally:
            # The result says nothing that the last command has not said: if the card is gone
            # now, its answers are still good.
            self._scard.SCardEndTransaction(self._card, self._scard.SCARD_LEAVE_CARD)

    def close(self) -> None:
        """Let go of the card as it is; a second call does nothing."""
        if self._open:
            self._open = False
            self._scard.SCardDisconnect(self._card, self._scard.SCARD_LEAVE_CARD)
            self._context.close()

    def _begin(self) -> None:
        result = self._scard.SCardBeginTransaction(self._card)
        if result & 0xFFFFFFFF == codes.RESET:
            # another program reset it since: every transaction of ours begins anew anyway
            self._reconnect()
            result = self._scard.SCardBeginTransaction(self._card)
        if result != codes.OK:
            raise codes.lost(result, self.reader)

    def _reconnect(self) -> None:
        scard = self._scard
        result, protocol = scard.SCardReconnect(
            self._card,
            scard.SCARD_SHARE_SHARED,
            scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1,
            scard.SCARD_LEAVE_CARD,
        )
        if result != codes.OK:
            raise codes.lost(result, self.reader)
        self._set(protocol)

    def _set(self, protocol: int) -> None:
        self.t0 = protocol == self._scard.SCARD_PROTOCOL_T0
        self._pci = self._scard.SCARD_PCI_T0 if self.t0 else self._scard.SCARD_PCI_T1

    def _check_open(self) -> None:
        if not self._open:
            raise codes.lost(0x80100003, self.reader)
