"""A YubiKey without hardware: its two slots and its serial number, on a virtual USB bus.

It answers in feature reports like the real one, so the driver of hwlock and Yubico's own
`yubikit` can both program and ask it. `faults` makes it lie, for tests.
"""

from __future__ import annotations

import hashlib
import hmac
import struct

from hwlock.devices.yubikey.frames import crc16
from hwlock.testing.usb_bus import VirtualUsbDevice

__all__ = ["VirtualYubiKey"]

_KEYBOARD, _FIDO = (3, 1, 1), (3, 0, 0)
_FRAME_BYTES, _PIECE = 70, 7
_SERIAL, _CONFIGURE, _ASK = 0x10, {0x01: 1, 0x03: 2}, {0x30: 1, 0x38: 2}
_LESS_THAN_64, _BUTTON = 0x04, 0x08  # configuration flags
_GET, _SET = (0xA1, 0x01), (0x21, 0x09)


class VirtualYubiKey(VirtualUsbDevice):
    """A YubiKey 5 (OTP+FIDO+CCID by its product number) with firmware 5.4.3.

    `secret` (20 bytes) is programmed into slot 2 unless it is empty. `finger` says whether a
    person touches it when it asks. `busy` is how many polls each answer takes; `faults` is a
    set of: "crc", "length", "busy" (for ever), "pieces" (the same for ever), "broken" (off).
    """

    def __init__(self, serial: int = 1234567, *, secret: bytes = bytes(20)) -> None:
        super().__init__(
            0x1050, 0x0407, interfaces=(_KEYBOARD, _FIDO), has_driver=True
        )  # fmt: skip
        self.serial = serial
        self.slots: dict[int, tuple[bytes, int]] = {}
        self.finger = True
        self.busy = 2
        self.faults: set[str] = set()
        self.asked: list[bytes] = []
        self._sequence = 1
        if secret:
            self.program(2, secret)
        self.plugged()

    def program(self, slot: int, secret: bytes, *, touch: bool = False) -> None:
        """Write a secret (20 bytes) into a slot, for challenges of less than 64 bytes."""
        self.slots[slot] = (secret, _LESS_THAN_64 | (_BUTTON if touch else 0))

    def plugged(self) -> None:
        """Begin anew: nothing was written or asked."""
        self._frame = bytearray(_FRAME_BYTES)
        self._answer: list[bytes] = []
        self._waits = self._wants_touch = 0

    def control(self, kind: int, request: int, value: int, index: int, data: bytes) -> bytes:
        """Answer GET_REPORT and SET_REPORT of the keyboard interface; others stall."""
        if (kind, request) == _GET and index == 0:
            return self._report()
        if (kind, request) == _SET and index == 0 and len(data) == 8:
            self._take(data)
            return b""
        return super().control(kind, request, value, index, data)

    def _report(self) -> bytes:
        if "busy" in self.faults:
            return bytes(7) + b"\x80"
        if self._waits:
            self._waits -= 1
            return bytes(7) + b"\x01"
        if self._wants_touch:
            self._wants_touch -= 1
            if self._wants_touch == 0 and not self.finger:
                self._answer = []
            return bytes(7) + b"\x20"
        if self._answer:
            return self._answer[0] if "pieces" in self.faults else self._answer.pop(0)
        valid = sum(slot for slot in self.slots)  # slot 1 is bit 0, slot 2 bit 1
        return bytes([0, 5, 4, 3, self._sequence, valid, 0, 0])

    def _take(self, report: bytes) -> None:
        flags = report[7]
        if not flags & 0x80 or flags in (0x8F, 0xFF):
            self.plugged()
            return
        number = flags & 0x1F
        if number == 0:
            self._frame = bytearray(_FRAME_BYTES)
        self._frame[number * _PIECE : (number + 1) * _PIECE] = report[:_PIECE]
        if number == 9:
            self._run()

    def _run(self) -> None:
        payload, slot = bytes(self._frame[:64]), self._frame[64]
        (checksum,) = struct.unpack_from("<H", self._frame, 65)
        if checksum != crc16(payload):
            return
        self._waits = self.busy
        if slot == _SERIAL:
            self._say(self.serial.to_bytes(4, "big"))
        elif slot in _CONFIGURE:
            self._configure(_CONFIGURE[slot], payload)
        elif slot in _ASK and _ASK[slot] in self.slots:
            self._respond(_ASK[slot], payload)

    def _configure(self, slot: int, payload: bytes) -> None:
        self.slots[slot] = (payload[22:38] + payload[16:20], payload[47])
        self._sequence += 1

    def _respond(self, slot: int, payload: bytes) -> None:
        secret, flags = self.slots[slot]
        if flags & _LESS_THAN_64:
            payload = payload.rstrip(payload[-1:])
        self.asked.append(payload)
        self._wants_touch = 3 if flags & _BUTTON else 0
        self._say(hmac.new(secret, payload, hashlib.sha1).digest())

    def _say(self, answer: bytes) -> None:
        body = answer[:-1] if "length" in self.faults else answer
        body += struct.pack("<H", ~crc16(body) & 0xFFFF)
        if "crc" in self.faults:
            body = bytes([body[0] ^ 1]) + body[1:]
        pieces = [body[at : at + _PIECE].ljust(_PIECE, b"\0") for at in range(0, len(body), _PIECE)]
        said = [piece + bytes([0x40 | number]) for number, piece in enumerate(pieces)]
        self._answer = said[:2] if "broken" in self.faults else [*said, bytes(7) + b"\x40"]
