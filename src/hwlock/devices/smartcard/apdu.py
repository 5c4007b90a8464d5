"""One command to a card and its answer (ISO 7816-4, sections 5.1 to 5.3).

Long data goes out as a chain of short commands (5.3.3), or as one extended command where
the card says that it takes those. Long answers come by GET RESPONSE (7.6.1): bounded in
bytes and rounds, and a round that brings nothing ends it, so that no card keeps us forever.
On T=0 a command that has data and wants an answer leaves Le out: the card says 61xx.
"""

from __future__ import annotations

from hwlock.crypto import sha2
from hwlock.errors import BadAnswer
from hwlock.record import Record

from . import codes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from typing import Protocol

    from hwlock.devices.base import Transport

    class Wire(Transport, Protocol):
        """A Transport whose card other programs can be kept from for a moment."""

        @property
        def reader(self) -> str:
            """The name of the reader, for a person."""

        @property
        def t0(self) -> bool:
            """True where the protocol is T=0."""

        def transaction(self) -> AbstractContextManager[None]:
            """Keep other programs from the card."""

else:
    Wire = object

__all__ = ["SUCCESS", "Answer", "Channel", "Wire", "digest_info", "refused", "tries_left"]

SUCCESS = 0x9000
_SHORT = 255
_CHAINED = 0x10
_GET_RESPONSE = 0xC0
_MAX_ANSWER_BYTES = 32768
_MAX_ROUNDS = 256
_SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


class Answer(Record):
    """What a card said: data, and the status word."""

    data: bytes
    sw: int


class Channel:
    """Sends commands over `wire`; set `extended` where the card takes extended lengths."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.extended = False

    def ask(self, ins: int, p1: int, p2: int, data: bytes = b"", *, le: bool = True) -> bytes:
        """Send a command that must succeed; return its data. BadAnswer with the status word."""
        answer = self.send(ins, p1, p2, data, le=le)
        if answer.sw != SUCCESS:
            raise refused(answer.sw)
        return answer.data

    def send(self, ins: int, p1: int, p2: int, data: bytes = b"", *, le: bool = True) -> Answer:
        """Send a command of class 00; return what the card says, whatever it is.

        `le` says that data is expected back, as much as there is.
        """
        if self.extended and len(data) > _SHORT:
            answer = self._once(_extended(0, ins, p1, p2, data, le))
        else:
            answer = self._chain(ins, p1, p2, data, le)
        return self._collected(answer)

    def _chain(self, ins: int, p1: int, p2: int, data: bytes, le: bool) -> Answer:
        while len(data) > _SHORT:
            piece, data = data[:_SHORT], data[_SHORT:]
            answer = self._once(_short(_CHAINED, ins, p1, p2, piece, None))
            if answer.sw != SUCCESS or answer.data:
                return Answer(data=b"", sw=answer.sw if answer.sw != SUCCESS else 0x6883)
        wanted = 0 if le and not (self.wire.t0 and data) else None
        answer = self._once(_short(0, ins, p1, p2, data, wanted))
        if answer.sw >> 8 == 0x6C:  # the same again, with the length that the card wants
            answer = self._once(_short(0, ins, p1, p2, data, answer.sw & 0xFF))
        return answer

    def _collected(self, answer: Answer) -> Answer:
        """Fetch the rest of a long answer."""
        found = bytearray(answer.data)
        for _ in range(_MAX_ROUNDS):
            if answer.sw >> 8 != 0x61:
                return Answer(data=bytes(found), sw=answer.sw)
            answer = self._once(_short(0, _GET_RESPONSE, 0, 0, b"", answer.sw & 0xFF))
            found += answer.data
            if not answer.data and answer.sw >> 8 == 0x61:
                break
            if len(found) > _MAX_ANSWER_BYTES:
                break
        raise BadAnswer("HWL-SMARTCARD-ANSWER", fault="it does not end")

    def _once(self, command: bytes) -> Answer:
        answer = self.wire.exchange(command)
        if len(answer) < 2:
            raise BadAnswer("HWL-SMARTCARD-ANSWER", fault=f"it has {len(answer)} bytes")
        return Answer(data=answer[:-2], sw=int.from_bytes(answer[-2:], "big"))


def tries_left(answer: Answer) -> int | None:
    """Return how many tries of a PIN are left; None where a status word says nothing of it."""
    if answer.sw == 0x6983:
        return 0
    return answer.sw & 0x0F if answer.sw & 0xFFF0 == 0x63C0 else None


def digest_info(message: bytes) -> bytes:
    """Return the DigestInfo of `message` under SHA-256, which RSA pads (RFC 8017 §9.2)."""
    return _SHA256_INFO + sha2.sha256(message)


def refused(sw: int) -> BadAnswer:
    """Return our error for a status word that is not success."""
    return BadAnswer("HWL-SMARTCARD-REFUSED", raw_code=sw, meaning=codes.explain_sw(sw))


def _short(cla: int, ins: int, p1: int, p2: int, data: bytes, le: int | None) -> bytes:
    """Write a short command: at most 255 bytes of data; `le` 0 means 256."""
    body = bytes([len(data)]) + data if data else b""
    return bytes([cla, ins, p1, p2]) + body + (b"" if le is None else bytes([le]))


def _extended(cla: int, ins: int, p1: int, p2: int, data: bytes, le: bool) -> bytes:
    """Write an extended command with data; Le 0000 means 65536."""
    size = len(data).to_bytes(3, "big")
    return bytes([cla, ins, p1, p2]) + size + data + (b"\0\0" if le else b"")
