"""Ways to a virtual key: as a device of python-fido2, and under the framing of CTAPHID."""

from __future__ import annotations

import errno
import os
import struct
import time

from fido2.ctap import CtapDevice, CtapError
from fido2.hid import CAPABILITY, CTAPHID
from fido2.hid.base import CtapHidConnection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from threading import Event

    from fido2.ctap import STATUS

    from .authenticator import Authenticator

__all__ = ["PACKET_BYTES", "DirectDevice", "HidWire"]

PACKET_BYTES = 64
_BROADCAST = 0xFFFFFFFF
_START = 0x80
_WAIT_S = 0.005  # between two packets that say "I wait"


class DirectDevice(CtapDevice):
    """The key as a CtapDevice, with no wire at all."""

    def __init__(self, authenticator: Authenticator) -> None:
        self._authenticator = authenticator

    @property
    def capabilities(self) -> int:
        """It speaks CTAP2 and nothing else."""
        return CAPABILITY.CBOR | CAPABILITY.NMSG

    def call(
        self,
        cmd: int,
        data: bytes = b"",
        event: Event | None = None,
        on_keepalive: Callable[[STATUS], None] | None = None,
    ) -> bytes:
        """Send one command and wait for the answer."""
        if cmd != CTAPHID.CBOR:
            raise CtapError(CtapError.ERR.INVALID_COMMAND)
        steps, last = self._authenticator.run(data), None
        while True:
            try:
                status = next(steps)
            except StopIteration as done:
                answer: bytes = done.value
                return answer
            if on_keepalive and status != last:
                last = status
                on_keepalive(status)  # type: ignore[arg-type]
            self._authenticator.cancelled = bool(event and event.wait(_WAIT_S))

    @classmethod
    def list_devices(cls) -> Iterator[CtapDevice]:
        """Return nothing: a virtual key is made, not found."""
        return iter(())


class HidWire(CtapHidConnection):
    """The key at the end of a HID wire: packets of 64 bytes (CTAP 2.1 §11.2.4).

    A message is worked on when its answer is read, so no thread is needed. `unplug` makes
    every later packet fail as the kernel's do.
    """

    def __init__(self, authenticator: Authenticator) -> None:
        self._authenticator = authenticator
        self._channels = 0
        self._channel = 0
        self._wanted = 0
        self._command = 0
        self._sequence = 0
        self._received = b""
        self._steps: Generator[int, None, bytes] | None = None
        self._out: list[bytes] = []
        self.gone = False
        self.packets = 0

    def unplug(self) -> None:
        """Pull the key out."""
        self.gone = True

    def write_packet(self, data: bytes) -> None:
        """Take one packet from the host."""
        self._check()
        channel, head = struct.unpack_from(">IB", data)
        if head == _START | CTAPHID.CANCEL:
            self._authenticator.cancelled = True
        elif head & _START:
            self._channel, self._command = channel, head & 0x7F
            self._wanted = struct.unpack_from(">H", data, 5)[0]
            self._received, self._sequence = data[7:], 0
            self._complete()
        elif channel != self._channel or head != self._sequence:
            self._answer(CTAPHID.ERROR, bytes((CtapError.ERR.INVALID_SEQ,)))
        else:
            self._received += data[5:]
            self._sequence += 1
            self._complete()

    def read_packet(self) -> bytes:
        """Give the host the next packet; says that it waits as long as it does."""
        self._check()
        self.packets += 1
        if not self._out and self._steps is not None:
            try:
                status = next(self._steps)
                time.sleep(_WAIT_S)
                self._check()
                self._answer(CTAPHID.KEEPALIVE, bytes((status,)))
            except StopIteration as done:
                self._steps = None
                self._answer(CTAPHID.CBOR, done.value)
        if not self._out:
            raise TimeoutError(errno.ETIMEDOUT, "nothing was asked")
        return self._out.pop(0)

    def close(self) -> None:
        """Let go."""

    def _check(self) -> None:
        if self.gone:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))

    def _complete(self) -> None:
        """Act on the message once all of it has come."""
        if len(self._received) < self._wanted:
            return
        message = self._received[: self._wanted]
        if self._command == CTAPHID.INIT:
            self._channels += 1
            head = message[:8] + struct.pack(">I", self._channels)
            features = CAPABILITY.CBOR | CAPABILITY.NMSG
            self._answer(CTAPHID.INIT, head + bytes((2, 1, 0, 0, features)))
        elif self._command == CTAPHID.PING:
            self._answer(CTAPHID.PING, message)
        elif self._command == CTAPHID.CBOR:
            self._out.clear()
            self._steps = self._authenticator.run(message)
        else:
            self._answer(CTAPHID.ERROR, bytes((CtapError.ERR.INVALID_COMMAND,)))

    def _answer(self, command: int, message: bytes) -> None:
        head = struct.pack(">IBH", self._channel, _START | command, len(message))
        first = PACKET_BYTES - len(head)
        self._out.append((head + message[:first]).ljust(PACKET_BYTES, b"\0"))
        rest, size = message[first:], PACKET_BYTES - 5
        for sequence in range(0, (len(rest) + size - 1) // size):
            part = rest[sequence * size : (sequence + 1) * size]
            packet = struct.pack(">IB", self._channel, sequence & 0x7F) + part
            self._out.append(packet.ljust(PACKET_BYTES, b"\0"))
