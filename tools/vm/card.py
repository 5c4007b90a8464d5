"""A smartcard in a reader of qemu's (usb-ccid with ccid-card-passthru), with us as the card.

Source: libcacard's vscard_common.h. A message is type, reader, length (uint32, big-endian), then
data. qemu connects to our socket; we greet, say that there is a reader, and then a card by its
ATR; an APDU comes as one message and is answered by one.
"""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress

from vm.lines import listen

__all__ = ["Slot"]

_INIT, _ERROR, _READER_ADD, _INSERTED, _REMOVED, _APDU = 1, 2, 3, 5, 6, 7
_ATR = b"\x3b\x06hwlock"  # ISO 7816-3: T=0, the one protocol of this reader, and six bytes of text
_HEAD = struct.Struct(">III")
_GREETING = b"VSCD" + struct.pack(">II", 2, 0)  # version 0.0.2, no capabilities
_READY_S = 20.0


class Slot:
    """The slot of a reader: cards go in and out. qemu connects to the socket at `path`."""

    def __init__(self, path: str) -> None:
        self._listening = listen(path)
        self._connection: socket.socket | None = None
        self._card: Callable[[bytes], bytes] | None = None
        self._sending = threading.Lock()
        self._answering = threading.Lock()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def insert(self, transmit: Callable[[bytes], bytes]) -> None:
        """Put a card in; `transmit` maps an APDU to data and status word."""
        assert self._ready.wait(_READY_S), "qemu did not take the reader"
        self._card = transmit
        self._send(_INSERTED, _ATR)

    def take_out(self) -> None:
        """Take the card out, between two commands; whoever waits for an answer gets it first."""
        with self._answering:
            self._card = None
            self._send(_REMOVED, b"")

    def close(self) -> None:
        """End it."""
        for each in (self._listening, self._connection):
            if each is not None:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()
        self._thread.join(10)

    def _serve(self) -> None:
        with suppress(OSError, EOFError):  # either side may end at any moment
            self._connection = self._listening.accept()[0]
            self._send(_INIT, _GREETING)
            self._send(_READER_ADD, b"hwlock tests\0")
            while True:
                kind, _, length = _HEAD.unpack(self._read(_HEAD.size))
                data = self._read(length)
                if kind == _APDU:
                    self._answer(data)
                elif kind == _ERROR and data == bytes(4):  # which is its word for success
                    self._ready.set()

    def _answer(self, apdu: bytes) -> None:
        with self._answering:
            if self._card is not None:
                self._send(_APDU, self._card(apdu))

    def _send(self, kind: int, data: bytes) -> None:
        assert self._connection is not None
        with self._sending:
            self._connection.sendall(_HEAD.pack(kind, 0, len(data)) + data)

    def _read(self, size: int) -> bytes:
        assert self._connection is not None
        data = b""
        while len(data) < size:
            more = self._connection.recv(size - len(data))
            if not more:
                raise EOFError
            data += more
        return data
