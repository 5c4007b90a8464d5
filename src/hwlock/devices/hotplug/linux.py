"""Events of Linux: netlink messages of the kernel (group 1) and of udev (group 2).

Both groups are listened to. udev's event comes after it has set the permissions of a node;
the kernel's is the only one in a container or where no udev runs. Each is a multicast that
needs CAP_NET_ADMIN to send; what anybody else addresses to our socket alone is dropped unread.

Kernel: `ACTION@DEVPATH` NUL, then `NAME=VALUE` NUL … (Linux, lib/kobject_uevent.c).
udev: "libudev" NUL, 0xfeedcafe, the sizes of header and properties and where these begin, then
`NAME=VALUE` NUL … (systemd, libsystemd/sd-device/device-monitor.c).
"""

from __future__ import annotations

import errno
import os
import select
import socket
import struct
import threading
import time

from hwlock.errors import DeviceError
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["KERNEL", "UDEV", "Uevent", "UeventChanges", "parse", "usb_tree"]

KERNEL, UDEV = 1, 2  # multicast groups
_NETLINK_KOBJECT_UEVENT = 15
_MAX_BYTES = 65536
_MAX_DRAINED = 512  # messages of one plug are dozens; what is left wakes the next wait
_UDEV_HEADER = struct.Struct("=8s4xIII")  # prefix, (magic), sizes in the machine's byte order
_MAGIC = struct.pack(">I", 0xFEEDCAFE)
_UCRED = struct.Struct("3i")
# "bind" and "change" follow "add" and tell nothing that we act on
_ACTIONS = ("add", "remove")
_SYS_USB = "/sys/bus/usb/devices"


class Uevent(Record):
    """What one message says: "add" or "remove" or else, of which subsystem and type."""

    action: str
    subsystem: str
    devtype: str


def parse(data: bytes, group: int) -> Uevent | None:
    """Return what a message to `group` says; None where it is not in the format."""
    body = _of_kernel(data) if group == KERNEL else _of_udev(data)
    if body is None or not body.endswith(b"\0"):
        return None
    said: dict[str, str] = {}
    for line in body[:-1].split(b"\0"):
        name, equals, value = line.partition(b"=")
        if not equals or not name.isascii():
            return None
        said[name.decode()] = value.decode("utf-8", "replace")
    if "ACTION" not in said or "SUBSYSTEM" not in said:
        return None
    return Uevent(
        action=said["ACTION"], subsystem=said["SUBSYSTEM"], devtype=said.get("DEVTYPE", "")
    )


def _of_kernel(data: bytes) -> bytes | None:
    title, nul, body = data.partition(b"\0")
    return body if nul and b"@/" in title else None


def _of_udev(data: bytes) -> bytes | None:
    if len(data) < _UDEV_HEADER.size or data[8:12] != _MAGIC:
        return None
    prefix, header, start, size = _UDEV_HEADER.unpack_from(data)
    if prefix != b"libudev\0" or start < header or start + size != len(data):
        return None
    return data[start:]


def usb_tree() -> object:
    """Return which USB devices /sys shows, with their numbers: a new one each time it comes."""
    found = []
    try:
        names = os.listdir(_SYS_USB)
    except OSError:
        return ()
    for name in names:
        try:
            with open(f"{_SYS_USB}/{name}/devnum", "rb") as file:
                found.append((name, file.read(16)))
        except OSError:  # an interface has no number, and a device may go meanwhile
            continue
    return tuple(sorted(found))


class UeventChanges:
    """Changes from netlink; OSError where this process may not listen."""

    def __init__(self, subsystems: tuple[str, ...]) -> None:
        self._subsystems = subsystems
        self._lock = threading.Lock()
        self._socket = socket.socket(
            socket.AF_NETLINK,
            socket.SOCK_RAW | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK,
            _NETLINK_KOBJECT_UEVENT,
        )
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            self._socket.bind((0, KERNEL | UDEV))
            self._waking, self._woken = socket.socketpair()
        except OSError:
            self._socket.close()
            raise
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN)
        self._poll.register(self._woken, select.POLLIN)

    def wait(self, timeout_s: float) -> bool:
        """Return True as soon as a device came or went, False after `timeout_s` or `wake`."""
        end = time.monotonic() + timeout_s
        while (left := end - time.monotonic()) > 0:
            ready = dict(self._poll.poll(left * 1000))
            if self._woken.fileno() in ready or self._woken.fileno() < 0:
                return False
            if ready and self._drained():
                return True
        return False

    def wake(self) -> None:
        """End every wait, now and later: the byte stays unread."""
        with self._lock:
            if self._waking.fileno() >= 0:
                self._waking.send(b"\0")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        with self._lock:
            for each in (self._socket, self._waking, self._woken):
                each.close()

    def _drained(self) -> bool:
        """Read what has come; tell whether any of it is ours."""
        ours = False
        for _ in range(_MAX_DRAINED):
            try:
                ours |= self._ours()
            except BlockingIOError:
                break
            except OSError as exc:
                if exc.errno != errno.ENOBUFS:
                    detail = exc.strerror or str(exc)
                    raise DeviceError("HWL-DEVICE-EVENTS", kind="USB", detail=detail) from exc
                ours = True  # so many came that the kernel dropped some: look again
        return ours

    def _ours(self) -> bool:
        data, extra, _, sender = self._socket.recvmsg(_MAX_BYTES, socket.CMSG_SPACE(_UCRED.size))
        port, group = sender
        # port 0 is the kernel's own; in a user namespace its uid need not be 0
        genuine = port == 0 if group == KERNEL else group == UDEV and _by_root(extra)
        if not genuine:
            return False
        said = parse(data, group)
        if said is None or said.action not in _ACTIONS or said.subsystem not in self._subsystems:
            return False
        return said.subsystem != "usb" or said.devtype == "usb_device"


def _by_root(extra: list[tuple[int, int, bytes]]) -> bool:
    """Tell whether the credentials that the kernel attached are those of root."""
    return any(
        level == socket.SOL_SOCKET
        and kind == socket.SCM_CREDENTIALS
        and len(data) == _UCRED.size
        and _UCRED.unpack(data)[1] == 0
        for level, kind, data in extra
    )
