"""What runs inside the namespace of `CardService`: it starts and stops pcscd, and connects.

Started as a script, with nothing but Python's own library. Commands come over the socket
whose descriptor is the first argument: `start`, `stop`, `connect N`; the answer is `ok` or
what went wrong. When that socket ends, so does this process, the first of its namespace, and
the kernel ends the others.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys
import time

_FIRST_PORT = 35963
_DEADLINE_S = 10.0
_SIOCSIFFLAGS, _UP = 0x8914, 0x41


def main(control: socket.socket, folder: str, pcscd: str) -> None:
    """Serve until the other end closes."""
    subprocess.run(("mount", "-t", "tmpfs", "tmpfs", "/run"), check=True)  # noqa: S607
    os.mkdir("/run/pcscd")
    subprocess.run(("mount", "--bind", folder, "/run/pcscd"), check=True)  # noqa: S603, S607
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", _UP))
    daemon: subprocess.Popen[bytes] | None = None
    while command := control.recv(64):
        descriptors: list[int] = []
        try:
            if command == b"start":
                daemon = daemon or _start(pcscd)
            elif command == b"stop":
                _stop(daemon)
                daemon = None
            else:
                descriptors = [_connect(int(command.split()[1]))]
            answer = b"ok"
        except (OSError, subprocess.TimeoutExpired) as exc:
            answer = str(exc).encode()[:200]
        socket.send_fds(control, [answer], descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _start(pcscd: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen((pcscd, "--foreground"))  # noqa: S603 - the path that our parent found


def _stop(daemon: subprocess.Popen[bytes] | None) -> None:
    if daemon is not None:
        daemon.send_signal(signal.SIGTERM)
        try:
            daemon.wait(_DEADLINE_S)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()


def _connect(reader: int) -> int:
    """Return the descriptor of a connection to a virtual reader, which is insertion."""
    deadline = time.monotonic() + _DEADLINE_S
    while True:
        try:
            return socket.create_connection(("127.0.0.1", _FIRST_PORT + reader)).detach()
        except ConnectionRefusedError:
            # another card was in it a moment ago, or pcscd has only just begun
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), sys.argv[2], sys.argv[3])
