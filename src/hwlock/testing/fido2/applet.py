"""A virtual key as a card: the FIDO applet behind ISO 7816 (CTAP 2.1 §11.3), for a reader.

`transmit` takes one command APDU, short or extended, and returns data and status word; what a
reader between a program and this object does is none of its business.
"""

from __future__ import annotations

from functools import reduce
from operator import xor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator

    from .authenticator import Authenticator

__all__ = ["AID", "ATR", "Applet"]

AID = bytes.fromhex("a0000006472f0001")
# What a reader makes up for a card that came by radio (PC/SC part 3, 3.1.3.2.3.1): T=0 and
# T=1, four historical bytes ("FIDO"), and the XOR of all that
_HEAD = bytes.fromhex("848001") + b"FIDO"
ATR = b"\x3b" + _HEAD + bytes((reduce(xor, _HEAD),))
_OK, _WAITS = b"\x90\x00", b"\x91\x00"
_NOT_FOUND, _NO_INS, _CONDITIONS = b"\x6a\x82", b"\x6d\x00", b"\x69\x85"
_CHAINS = 0x10
_MAX_SHORT = 256


class Applet:
    """The card: holds half-sent commands and half-read answers between two APDUs."""

    def __init__(self, authenticator: Authenticator, *, atr: bytes = ATR) -> None:
        self.atr = atr
        self._authenticator = authenticator
        self._selected = False
        self._gathered = b""
        self._rest = b""
        self._steps: Generator[int, None, bytes] | None = None

    def reset(self) -> None:
        """Reset, as the reader does before a program connects."""
        self._selected, self._gathered, self._rest, self._steps = False, b"", b"", None

    def transmit(self, apdu: bytes) -> bytes:
        """Answer one command."""
        cla, ins, p1 = apdu[0], apdu[1], apdu[2]
        data, extended = _body(apdu)
        if ins == 0xC0:
            return self._send(b"", extended=False)
        if ins == 0xA4:
            return self._select(data)
        if not self._selected:
            return _NOT_FOUND
        if cla & _CHAINS:
            self._gathered += data
            return _OK
        message, self._gathered = self._gathered + data, b""
        if ins == 0x10:
            self._steps = self._authenticator.run(message)
        elif ins != 0x11:
            return _NO_INS
        elif p1 == 0x11:
            self._authenticator.cancelled = True
        return self._step(extended)

    def _select(self, data: bytes) -> bytes:
        self._selected = data == AID
        return b"FIDO_2_0" + _OK if self._selected else _NOT_FOUND

    def _step(self, extended: bool) -> bytes:
        if self._steps is None:
            return _CONDITIONS
        try:
            return bytes((next(self._steps),)) + _WAITS
        except StopIteration as done:
            self._steps = None
            return self._send(done.value, extended=extended)

    def _send(self, answer: bytes, *, extended: bool) -> bytes:
        """Give as much as fits; the rest waits for GET RESPONSE."""
        pending = self._rest + answer
        most = len(pending) if extended else _MAX_SHORT
        now, self._rest = pending[:most], pending[most:]
        if not self._rest:
            return now + _OK
        return now + bytes((0x61, min(len(self._rest), 255)))


def _body(apdu: bytes) -> tuple[bytes, bool]:
    """Return the data of a command, and whether it is of the extended form."""
    rest = apdu[4:]
    if len(rest) > 3 and rest[0] == 0:
        return rest[3 : 3 + int.from_bytes(rest[1:3], "big")], True
    return (rest[1 : 1 + rest[0]] if len(rest) > 1 else b""), False
