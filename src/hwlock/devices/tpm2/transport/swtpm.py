"""The software TPM (swtpm) over TCP: its data channel carries plain TPM bytes.

swtpm serves one connection at a time: the next client waits in its queue, so a second
program is kept apart by that. An answer is read by the size in its header.

The interpreter's own `_socket` is used: `socket` around it imports enum and selectors, which
takes longer than a whole signature by this TPM.
"""

from __future__ import annotations

from _socket import IPPROTO_TCP, SOCK_STREAM, TCP_NODELAY, getaddrinfo, socket

from hwlock.errors import BadAnswer, Busy, NotFound, Removed

from . import HEADER_BYTES, MAX_RESPONSE

__all__ = ["SwtpmSocket"]


class SwtpmSocket:
    """A Transport to a swtpm at `host`:`port`.

    An answer takes at most `timeout_s`: RSA keys take seconds to make, and another client
    may have to finish first.
    """

    shared = False

    def __init__(self, host: str, port: int, *, timeout_s: float = 60.0) -> None:
        self.where = f"{host}:{port}"
        try:
            self._socket: socket | None = _connect(host, port, timeout_s)
        except (OSError, UnicodeError) as exc:
            raise NotFound("HWL-TPM-SWTPM", where=self.where) from exc

    def exchange(self, command: bytes) -> bytes:
        """Send one command, read its answer."""
        if self._socket is None:
            raise Removed("HWL-TPM-GONE", where=self.where)
        try:
            self._socket.sendall(command)
            head = self._read(self._socket, HEADER_BYTES)
            size = int.from_bytes(head[2:6], "big")
            if not HEADER_BYTES <= size <= MAX_RESPONSE:
                raise BadAnswer("HWL-TPM-ANSWER", fault=f"it claims {size} bytes")
            return head + self._read(self._socket, size - HEADER_BYTES)
        except TimeoutError as exc:
            raise Busy("HWL-TPM-BUSY", where=self.where) from exc
        except OSError as exc:
            raise Removed("HWL-TPM-GONE", where=self.where) from exc

    def close(self) -> None:
        """Close the connection."""
        connection, self._socket = self._socket, None
        if connection is not None:
            connection.close()

    def _read(self, connection: socket, size: int) -> bytes:
        data = b""
        while len(data) < size:
            piece = connection.recv(size - len(data))
            if not piece:
                raise Removed("HWL-TPM-GONE", where=self.where)
            data += piece
        return data


def _connect(host: str, port: int, timeout_s: float) -> socket:
    """Connect to the first address of `host` that answers; OSError of the last that did not."""
    failure = OSError("no address")
    # as bytes, an ASCII name is not taken through the IDNA codec, which imports re
    name = host.encode() if host.isascii() else host
    for family, kind, protocol, _, address in getaddrinfo(name, port, 0, SOCK_STREAM):
        connection = socket(family, kind, protocol)
        try:
            connection.settimeout(timeout_s)
            connection.connect(address)
            connection.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        except OSError as exc:
            connection.close()
            failure = exc
        else:
            return connection
    raise failure
