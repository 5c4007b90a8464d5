"""JSON objects, one a line, over a socket: what qemu's control channel and our agent speak."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

__all__ = ["Lines", "accept", "listen"]


def listen(path: str) -> socket.socket:
    """Return a socket on which qemu will connect; its path must have less than 108 bytes."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(path)
    listening.listen(1)
    return listening


def accept(listening: socket.socket, within_s: float) -> socket.socket:
    """Return the connection of the one who was expected; TimeoutError."""
    with listening:
        listening.settimeout(within_s)
        return listening.accept()[0]


class Lines:
    """Objects out and in; what is no JSON (a guest that dies) is an error of the test."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._rest = b""

    def send(self, value: dict[str, Any]) -> None:
        """Send one object."""
        self._connection.settimeout(60)
        self._connection.sendall(json.dumps(value).encode() + b"\n")

    def receive(self, within_s: float) -> dict[str, Any]:
        """Return the next object; TimeoutError, EOFError where the other side has ended."""
        deadline = time.monotonic() + within_s
        while b"\n" not in self._rest:
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                raise TimeoutError(f"no answer in {within_s:.0f} s")
            self._connection.settimeout(left_s)
            data = self._connection.recv(65536)
            if not data:
                raise EOFError("the machine has ended")
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\n")
        value = json.loads(line)
        assert isinstance(value, dict)
        return value

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
