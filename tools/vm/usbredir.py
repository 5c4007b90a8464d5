"""A USB device that qemu plugs into the guest, with us as the hardware (usbredir protocol 0.7).

Source: usbredir's docs/usb-redirection-protocol.md. A packet is type, length (uint32,
little-endian), id (uint64, but in the greetings uint32) and a header of its type, then data; this
and the sizes of endpoints are what xHCI asks for. qemu answers SET_ADDRESS itself and asks for
configurations and alternate settings by packets of their own; every other control request, the
descriptors among them, comes to us.

    with Redirected(dongle, path) as plug:  # qemu connects to the socket at `path`
        ...

A dongle (see `vm.dongles`) answers in the thread that serves it.
"""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress

from vm.dongles import Dongle, Stall
from vm.lines import listen

__all__ = ["Redirected"]

_HELLO, _CONNECT, _RESET, _INTERFACES, _ENDPOINTS = 0, 1, 3, 4, 5
_SET_CONFIGURATION, _GET_CONFIGURATION, _CONFIGURATION = 6, 7, 8
_SET_ALTERNATE, _GET_ALTERNATE, _ALTERNATE = 9, 10, 11
_START_INTERRUPT, _STOP_INTERRUPT, _INTERRUPT_STATUS = 15, 16, 17
_CANCEL = 21
_CONTROL, _BULK, _INTERRUPT = 100, 101, 103

_OK, _CANCELLED, _STALL = 0, 1, 4
_FULL_SPEED = 1
_IN = 0x80
# Sizes of endpoints are told, ids have 64 bits, lengths of bulk transfers 32.
_CAPABILITIES = 1 << 4 | 1 << 5 | 1 << 6
_BULK_HEAD = struct.Struct("<BBHIH")  # endpoint, status, length, stream, length >> 16
_INTERRUPT_HEAD = struct.Struct("<BBH")
_KINDS = 32  # endpoints 0 to 15 out, then 0 to 15 in
_NO_ENDPOINT = 255


class Redirected:
    """Serves one dongle to one qemu, from the moment it connects until either side ends."""

    def __init__(self, dongle: Dongle, path: str) -> None:
        self.dongle = dongle
        self._listening = listen(path)
        self._connection: socket.socket | None = None
        self._sending = threading.Lock()
        self._waiting: dict[int, int] = {}  # a read that has no data yet: id → endpoint
        self._listened: set[int] = set()  # interrupt endpoints that the guest listens to
        self._sent = 0
        dongle.ready = self._flush
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End it: to qemu the device is gone."""
        for each in (self._listening, self._connection):
            if each is not None:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()
        self._thread.join(10)

    def __enter__(self) -> Redirected:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _serve(self) -> None:
        with suppress(OSError, EOFError):  # either side may end at any moment
            self._connection = self._listening.accept()[0]
            greeting = b"hwlock tests".ljust(64, b"\0") + struct.pack("<I", _CAPABILITIES)
            head = struct.pack("<III", _HELLO, len(greeting), 0)
            self._connection.sendall(head + greeting)
            _, length, _ = struct.unpack("<III", self._read(12))
            self._read(length)  # the greeting of a qemu, all of which can what we need
            self._introduce()
            while True:
                kind, length, number = struct.unpack("<IIQ", self._read(16))
                self._answer(kind, number, self._read(length))

    def _introduce(self) -> None:
        """Say what is plugged in: endpoints and interfaces first, as the protocol asks."""
        dongle = self.dongle
        kinds, intervals, owners = [_NO_ENDPOINT] * _KINDS, [0] * _KINDS, [0] * _KINDS
        sizes = [0] * _KINDS
        kinds[0] = kinds[16] = 0
        sizes[0] = sizes[16] = 64
        for number, interface in enumerate(dongle.interfaces):
            for endpoint in interface.endpoints:
                slot = (endpoint.address & 15) + (16 if endpoint.address & _IN else 0)
                kinds[slot], intervals[slot] = endpoint.kind, endpoint.interval
                owners[slot], sizes[slot] = number, endpoint.size
        packed = struct.pack(f"<{_KINDS}H", *sizes)
        self._send(_ENDPOINTS, 0, bytes(kinds + intervals + owners) + packed)
        rows = [(number, *each.triple) for number, each in enumerate(dongle.interfaces)]
        columns = [bytes(column).ljust(32, b"\0") for column in zip(*rows, strict=True)]
        self._send(_INTERFACES, 0, struct.pack("<I", len(rows)) + b"".join(columns))
        identity = (_FULL_SPEED, 0, 0, 0, dongle.vid, dongle.pid)
        self._send(_CONNECT, 0, struct.pack("<BBBBHH", *identity))

    def _answer(self, kind: int, number: int, packet: bytes) -> None:
        if kind == _CONTROL:
            self._control(number, packet)
        elif kind in (_BULK, _INTERRUPT):
            self._transfer(kind, number, packet)
        elif kind == _CANCEL:
            self._cancel(number)
        elif kind in (_SET_CONFIGURATION, _GET_CONFIGURATION):
            self._send(_CONFIGURATION, number, bytes((_OK, 1)))
        elif kind in (_SET_ALTERNATE, _GET_ALTERNATE):
            self._send(_ALTERNATE, number, bytes((_OK, packet[0], 0)))
        elif kind == _START_INTERRUPT:
            self._listened.add(packet[0])
            self._send(_INTERRUPT_STATUS, number, bytes((_OK, packet[0])))
            self._flush()
        elif kind == _STOP_INTERRUPT:
            self._listened.discard(packet[0])
            self._send(_INTERRUPT_STATUS, number, bytes((_OK, packet[0])))
        elif kind == _RESET:
            self._listened.clear()

    def _control(self, number: int, packet: bytes) -> None:
        head = struct.Struct("<BBBBHHH")
        endpoint, request, way, _, value, index, length = head.unpack_from(packet)
        status, data = _OK, b""
        try:
            data = self.dongle.control(way, request, value, index, packet[head.size :], length)
        except Stall:
            status = _STALL
        taken = len(data) if way & _IN else length
        answer = head.pack(endpoint, request, way, status, value, index, taken)
        self._send(_CONTROL, number, answer + data)

    def _transfer(self, kind: int, number: int, packet: bytes) -> None:
        head = _BULK_HEAD if kind == _BULK else _INTERRUPT_HEAD
        endpoint, _, length, *more = head.unpack_from(packet)
        if endpoint & _IN:
            self._waiting[number] = endpoint
        else:
            self.dongle.written(endpoint, packet[head.size :])
            self._send(kind, number, head.pack(endpoint, _OK, length, *more))
        self._flush()

    def _cancel(self, number: int) -> None:
        endpoint = self._waiting.pop(number, None)
        if endpoint is not None:
            self._send(_BULK, number, _BULK_HEAD.pack(endpoint, _CANCELLED, 0, 0, 0))

    def _flush(self) -> None:
        """Give what the dongle has to whoever waits for it."""
        for number, endpoint in list(self._waiting.items()):
            data = self.dongle.take(endpoint)
            if data is not None:
                del self._waiting[number]
                head = _BULK_HEAD.pack(endpoint, _OK, len(data), 0, 0)
                self._send(_BULK, number, head + data)
        for endpoint in sorted(self._listened):
            while (data := self.dongle.take(endpoint)) is not None:
                self._sent += 1
                head = _INTERRUPT_HEAD.pack(endpoint, _OK, len(data))
                self._send(_INTERRUPT, self._sent, head + data)

    def _send(self, kind: int, number: int, packet: bytes) -> None:
        assert self._connection is not None
        with self._sending:
            self._connection.sendall(struct.pack("<IIQ", kind, len(packet), number) + packet)

    def _read(self, size: int) -> bytes:
        assert self._connection is not None
        data = b""
        while len(data) < size:
            more = self._connection.recv(size - len(data))
            if not more:
                raise EOFError
            data += more
        return data
