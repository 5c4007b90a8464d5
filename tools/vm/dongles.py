"""What a dongle is to the wire: descriptors, control requests, endpoints (USB 2.0, HID 1.11).

`Dongle` answers the standard requests from its `interfaces`. A kind of dongle adds its own:
`asked` for class and vendor requests, `written` for what the guest sends to an endpoint; what
the guest shall read is put into an endpoint by `give`.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

__all__ = ["CtapHid", "Dongle", "Echo", "Endpoint", "Interface", "Stall"]

BULK, INTERRUPT = 2, 3
_HID = 3
_GET_DESCRIPTOR, _GET_STATUS = 6, 0
_DEVICE, _CONFIGURATION, _STRING, _HID_DESCRIPTOR, _REPORT = 1, 2, 3, 0x21, 0x22
_TO_HOST = 0x80

# HID report descriptors: a keyboard with a feature report of 8 bytes; 64 bytes both ways (F1D0)
KEYBOARD_REPORT = bytes.fromhex(
    "05010906a101050719e029e71500250175019508810295017508810105071900"
    "296515002565750895068100090375089508b102c0"
)
FIDO_REPORT = bytes.fromhex("06d0f10901a1010920150026ff007508954081020921150026ff00750895409102c0")


class Stall(Exception):
    """The dongle does not know this request."""


class Endpoint(NamedTuple):
    """`address` with 0x80 set where the guest reads; `kind` BULK or INTERRUPT."""

    address: int
    kind: int
    size: int = 64
    interval: int = 0


class Interface(NamedTuple):
    """`triple` is class, subclass, protocol; `report` a HID report descriptor."""

    triple: tuple[int, int, int]
    endpoints: tuple[Endpoint, ...]
    report: bytes = b""


class Dongle:
    """A full-speed device with one configuration."""

    def __init__(
        self, vid: int, pid: int, serial: str, interfaces: tuple[Interface, ...], name: str
    ) -> None:
        self.vid = vid
        self.pid = pid
        self.interfaces = interfaces
        self.ready: Callable[[], None] = lambda: None  # told when there is something to read
        self._strings = ("", "hwlock tests", name, serial)
        self._queues: dict[int, deque[bytes]] = {}

    def control(
        self, way: int, request: int, value: int, index: int, data: bytes, length: int
    ) -> bytes:
        """Answer a control request with at most `length` bytes; Stall."""
        if way & 0x60 == 0 and request == _GET_DESCRIPTOR:
            return self._descriptor(value >> 8, value & 0xFF, index)[:length]
        if way & 0x60 == 0 and request == _GET_STATUS:
            return bytes(2)
        if way & 0x60 == 0 and not way & _TO_HOST:
            return b""  # features are set and cleared without effect
        return self.asked(way, request, value, index, data, length)[:length]

    def asked(
        self, way: int, request: int, value: int, index: int, data: bytes, length: int
    ) -> bytes:
        """Answer a class or vendor request; Stall."""
        raise Stall

    def written(self, endpoint: int, data: bytes) -> None:
        """Take what the guest wrote to an endpoint."""

    def give(self, endpoint: int, data: bytes) -> None:
        """Let the guest read `data` from an endpoint."""
        self._queues.setdefault(endpoint, deque()).append(data)
        self.ready()

    def take(self, endpoint: int) -> bytes | None:
        """Return what is to be read next, or None."""
        queue = self._queues.get(endpoint)
        return queue.popleft() if queue else None

    def _descriptor(self, kind: int, number: int, index: int) -> bytes:
        if kind == _DEVICE:
            version = (0x0200, 0, 0, 0, 64, self.vid, self.pid, 0x0100)
            return struct.pack("<BBHBBBBHHHBBBB", 18, _DEVICE, *version, 1, 2, 3, 1)
        if kind == _CONFIGURATION:
            body = b"".join(self._interface(number) for number in range(len(self.interfaces)))
            head = (9, _CONFIGURATION, 9 + len(body), len(self.interfaces), 1, 0, 0x80, 50)
            return struct.pack("<BBHBBBBB", *head) + body
        if kind == _STRING and number == 0:
            return bytes((4, _STRING, 0x09, 0x04))
        if kind == _STRING and number < len(self._strings):
            text = self._strings[number].encode("utf-16-le")
            return bytes((2 + len(text), _STRING)) + text
        if kind == _REPORT and index < len(self.interfaces) and self.interfaces[index].report:
            return self.interfaces[index].report
        raise Stall

    def _interface(self, number: int) -> bytes:
        interface = self.interfaces[number]
        shape = (number, 0, len(interface.endpoints), *interface.triple, 0)
        out = bytes((9, 4, *shape))
        if interface.report:
            out += struct.pack(
                "<BBHBBBH", 9, _HID_DESCRIPTOR, 0x0111, 0, 1, _REPORT, len(interface.report)
            )
        for each in interface.endpoints:
            row = (each.address, each.kind, each.size, each.interval)
            out += struct.pack("<BBBBHB", 7, 5, *row)
        return out


class Echo(Dongle):
    """A vendor's own device: it sends back what it gets, by bulk transfers."""

    def __init__(self, vid: int, pid: int, serial: str) -> None:
        endpoints = (Endpoint(0x01, BULK), Endpoint(0x81, BULK))
        super().__init__(vid, pid, serial, (Interface((0xFF, 0, 0), endpoints),), "Echo")

    def written(self, endpoint: int, data: bytes) -> None:
        """Send it back."""
        self.give(endpoint | _TO_HOST, data)


class CtapHid(Dongle):
    """The HID side of a FIDO2 authenticator: reports of 64 bytes both ways, on usage page F1D0.

    `answer` gets each report and returns those that follow from it.
    """

    _REPORT = bytes.fromhex("06d0f10901a1010920150026ff007508954081020921150026ff00750895409102c0")

    def __init__(
        self, vid: int, pid: int, serial: str, answer: Callable[[bytes], list[bytes]]
    ) -> None:
        endpoints = (Endpoint(0x81, INTERRUPT, 64, 5), Endpoint(0x01, INTERRUPT, 64, 5))
        super().__init__(
            vid, pid, serial, (Interface((_HID, 0, 0), endpoints, FIDO_REPORT),), "Key"
        )
        self._answer = answer

    def asked(
        self, way: int, request: int, value: int, index: int, data: bytes, length: int
    ) -> bytes:
        """Take SET_IDLE."""
        if way == 0x21 and request == 0x0A:
            return b""
        raise Stall

    def written(self, endpoint: int, data: bytes) -> None:
        """Let the authenticator answer."""
        for report in self._answer(data):
            self.give(0x81, report)
