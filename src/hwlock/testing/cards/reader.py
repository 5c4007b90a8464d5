"""A virtual card in a reader of vpcd: two bytes of length, then bytes, both ways.

A message of one byte is control: 0 power off, 1 power on, 2 reset, 4 ask for the ATR, the
only one that is answered. Everything else is a command to the card.
"""

from __future__ import annotations

import socket
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .iso import VirtualCard

__all__ = ["Inserted"]

_OFF, _ON, _RESET, _ATR = 0, 1, 2, 4
_END_S = 10.0


class Inserted:
    """`card` in a reader, served by a thread until `remove`."""

    def __init__(self, card: VirtualCard, connection: socket.socket) -> None:
        self.card = card
        self._connection = connection
        connection.settimeout(None)
        self._quick()
        self._thread = threading.Thread(target=self._serve, name="virtual card", daemon=True)
        self._thread.start()

    def remove(self) -> None:
        """Pull the card, also in the middle of a command; a second call does nothing."""
        try:
            self._connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the reader has gone already
        if threading.current_thread() is not self._thread:
            self._thread.join(_END_S)
        self._connection.close()

    def _serve(self) -> None:
        try:
            while (message := self._receive()) is not None:
                answer = self._answer(message)
                if answer is not None:
                    self._connection.sendall(len(answer).to_bytes(2, "big") + answer)
        except OSError:
            pass  # the card was pulled, or the reader ended

    def _answer(self, message: bytes) -> bytes | None:
        if len(message) > 1:
            return self.card.transmit(message)
        if message[0] == _ATR:
            return self.card.atr
        if message[0] in (_OFF, _ON, _RESET):
            self.card.reset()
        return None

    def _receive(self) -> bytes | None:
        head = self._exactly(2)
        return None if head is None else self._exactly(int.from_bytes(head, "big"))

    def _exactly(self, count: int) -> bytes | None:
        found = b""
        while len(found) < count:
            piece = self._connection.recv(count - len(found))
            self._quick()
            if not piece:
                return None
            found += piece
        return found

    def _quick(self) -> None:
        """Acknowledge at once: otherwise each command waits 40 ms for that. It does not last."""
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
