"""One command to a YubiKey's slots and its answer, as feature reports.

A command is a frame of 70 bytes: 64 of payload, slot, CRC-16 of the payload (little endian),
three zeros. It goes in ten pieces of seven bytes, each followed by 0x80 | its number; pieces of
zeros in the middle are left out. The eighth byte of a report that is read says:

====  =============================================================================
0x80  the piece that was written is not taken yet
0x40  seven bytes of the answer, piece 0x1f; piece 0 again: that was all
0x20  it waits to be touched
0x00  nothing: the command was refused, or nobody touched it
====  =============================================================================

Whatever else stands there means: busy. An answer ends with a CRC of its own, over both of which
the residual is 0xf0b8. (Format: Yubico, yubikey-manager, yubikit/core/otp.py.)

Every loop here is bounded, by time and by pieces: a device that says anything at any time ends
in one DeviceError.
"""

from __future__ import annotations

import time

from hwlock.errors import BadAnswer, Cancelled, DeviceError, HwlockError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .wire import Reports

__all__ = ["PAYLOAD_BYTES", "crc16", "exchange", "frame"]

PAYLOAD_BYTES = 64
_PIECE = 7
_MAX_PIECES = 10
_WRITTEN, _ANSWER, _TOUCH, _NUMBER = 0x80, 0x40, 0x20, 0x1F
_RESIDUAL = 0xF0B8
_RESET = b"\xff".rjust(8, b"\0")
_POLL_S = 0.02
_READY_S = 1.0
_BUSY_S = 3.0  # an answer takes some 15 ms
_TOUCH_S = 20.0  # the key itself gives up after 15 s


def crc16(data: bytes) -> int:
    """Return the CRC-16 of ISO 13239 (reflected, 0x8408, from 0xffff), not complemented."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x8408 if crc & 1 else 0)
    return crc


def frame(slot: int, payload: bytes) -> bytes:
    """Return the frame (70 bytes) of a command; the payload is filled up with zeros."""
    assert len(payload) <= PAYLOAD_BYTES
    filled = payload.ljust(PAYLOAD_BYTES, b"\0")
    return filled + bytes([slot]) + crc16(filled).to_bytes(2, "little") + bytes(3)


def exchange(
    reports: Reports,
    slot: int,
    payload: bytes,
    answer_bytes: int,
    *,
    touch: Callable[[], None],
    pause: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> bytes:
    """Send a command and return its answer, `answer_bytes` long; DeviceError.

    `touch` is called once where the key waits to be touched; it may raise Cancelled.
    """
    try:
        _send(reports, frame(slot, payload), pause, clock)
        answer = _receive(reports, touch, pause, clock)
    except HwlockError:
        _forget(reports)
        raise
    reports.send(_RESET)
    whole = answer[: answer_bytes + 2]
    if len(whole) < answer_bytes + 2 or crc16(whole) != _RESIDUAL:
        raise BadAnswer("HWL-YUBIKEY-BAD", fault="an answer with a wrong length or checksum")
    return whole[:answer_bytes]


def _send(
    reports: Reports, data: bytes, pause: Callable[[float], None], clock: Callable[[], float]
) -> None:
    last = len(data) // _PIECE - 1
    for number in range(last + 1):
        piece = data[number * _PIECE : (number + 1) * _PIECE]
        if number in (0, last) or any(piece):
            end = clock() + _READY_S
            while reports.receive()[-1] & _WRITTEN:
                if clock() >= end:
                    raise BadAnswer("HWL-YUBIKEY-BAD", fault="no end of being busy")
                pause(_POLL_S)
            reports.send(piece + bytes([_WRITTEN | number]))


def _receive(
    reports: Reports,
    touch: Callable[[], None],
    pause: Callable[[float], None],
    clock: Callable[[], float],
) -> bytes:
    answer, pieces, waiting = b"", 0, False
    end = clock() + _BUSY_S
    while clock() < end and pieces <= _MAX_PIECES:
        report = reports.receive()
        status = report[-1]
        if status & _ANSWER:
            if status & _NUMBER == pieces:
                answer += report[:_PIECE]
                pieces += 1
                continue
            if status & _NUMBER == 0:
                return answer
        elif status == 0:
            raise _nothing(answer, waiting)
        elif status & _TOUCH and not waiting:
            touch()
            waiting, end = True, clock() + _TOUCH_S
        pause(_POLL_S)
    raise BadAnswer("HWL-YUBIKEY-BAD", fault="no end of being busy")


def _nothing(answer: bytes, waiting: bool) -> DeviceError:
    if answer:
        return BadAnswer("HWL-YUBIKEY-BAD", fault="an answer that was broken off")
    if waiting:
        return Cancelled("HWL-DEVICE-CANCELLED", device="YubiKey")
    return BadAnswer("HWL-YUBIKEY-REFUSED")


def _forget(reports: Reports) -> None:
    """Let the key forget a command that went wrong, so that the next one finds it ready."""
    try:
        reports.send(_RESET)
    except DeviceError:
        pass  # it is gone; the first error says so
