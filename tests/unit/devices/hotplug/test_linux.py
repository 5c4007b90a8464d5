"""Events of Linux: the strict parser, and a real netlink socket where root may send to it."""

from __future__ import annotations

import ctypes
import socket
import struct
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwlock.devices.hotplug.linux import KERNEL, UDEV, Uevent, UeventChanges, parse

PLUGGED = {"ACTION": "add", "DEVPATH": "/devices/usb1/1-1", "SUBSYSTEM": "usb"}
DONGLE = {**PLUGGED, "DEVTYPE": "usb_device"}

Send = Callable[[bytes, int], None]


def of_kernel(said: dict[str, str]) -> bytes:
    """Return the message of the kernel that says `said`."""
    lines = [f"{said['ACTION']}@{said['DEVPATH']}", *(f"{k}={v}" for k, v in said.items())]
    return "".join(f"{line}\0" for line in lines).encode()


def of_udev(said: dict[str, str]) -> bytes:
    """Return the message of udev that says `said`."""
    body = "".join(f"{name}={value}\0" for name, value in said.items()).encode()
    magic = struct.pack(">I", 0xFEEDCAFE)
    return b"libudev\0" + magic + struct.pack("=III16x", 40, 40, len(body)) + body


@pytest.mark.parametrize(("make", "group"), [(of_kernel, KERNEL), (of_udev, UDEV)])
def test_both_forms_say_the_same(make: Callable[[dict[str, str]], bytes], group: int) -> None:
    """The kernel's message and udev's are read alike, each in its group alone."""
    expected = Uevent(action="add", subsystem="usb", devtype="usb_device")
    assert parse(make(DONGLE), group) == expected
    assert parse(make(DONGLE), KERNEL + UDEV - group) is None


def test_what_is_cut_is_nothing() -> None:
    """No beginning of a message is one, except where whole lines at the end are missing."""
    for group, whole in ((KERNEL, of_kernel(DONGLE)), (UDEV, of_udev(DONGLE))):
        for size in range(len(whole)):
            said = parse(whole[:size], group)
            assert said is None or (group == KERNEL and whole[size - 1] == 0)


@given(st.binary(max_size=200), st.sampled_from((KERNEL, UDEV)))
def test_any_bytes_are_read_or_not(data: bytes, group: int) -> None:
    """Whatever arrives, the parser returns."""
    parse(data, group)
    parse(of_udev(DONGLE)[:40] + data, group)


@pytest.mark.parametrize(
    "body", [b"", b"ACTION=add\0", b"SUBSYSTEM=usb\0", b"ACTION\0SUBSYSTEM=usb\0", b"\xff=\0"]
)
def test_what_lacks_a_word_is_nothing(body: bytes) -> None:
    """Without action, subsystem or form there is no event."""
    assert parse(b"add@/x\0" + body, KERNEL) is None


T = TypeVar("T")
_CLONE_NEWNET = 0x40000000


def apart(make: Callable[[], T]) -> T:
    """Return what `make` returns, made in a network of its own: nobody else hears its events.

    A network namespace belongs to a thread, and lives as long as sockets in it.
    """

    def run() -> T:
        if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNET):
            pytest.skip("a network of one's own needs root")
        return make()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(run).result()


@pytest.fixture
def pair() -> Iterator[tuple[UeventChanges, socket.socket]]:
    """Return a socket that listens for USB devices and HID nodes, and one that sends."""
    changes, sender = apart(
        lambda: (
            UeventChanges(("usb", "hidraw")),
            socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 15),
        )
    )
    with changes, sender:
        yield changes, sender


@pytest.fixture
def changes(pair: tuple[UeventChanges, socket.socket]) -> UeventChanges:
    """Return the socket that listens."""
    return pair[0]


@pytest.fixture
def send(pair: tuple[UeventChanges, socket.socket]) -> Send:
    """Return what sends a message to a group, as udevd would."""
    return lambda data, group: pair[1].sendto(data, (0, group)) and None


@pytest.mark.parametrize("action", ["add", "remove"])
def test_a_device_is_heard(changes: UeventChanges, send: Send, action: str) -> None:
    """udev's word that a USB device came or went ends the wait."""
    send(of_udev({**DONGLE, "ACTION": action}), UDEV)
    assert changes.wait(60)


def test_a_hid_node_is_heard(changes: UeventChanges, send: Send) -> None:
    """A HID node has no device type."""
    send(of_udev({**PLUGGED, "SUBSYSTEM": "hidraw"}), UDEV)
    assert changes.wait(60)


def test_one_plug_is_one_change(changes: UeventChanges, send: Send) -> None:
    """What came together is drained together."""
    for _ in range(5):
        send(of_udev(DONGLE), UDEV)
    assert changes.wait(60)
    assert not changes.wait(0.001)


@pytest.mark.parametrize(
    "said",
    [
        {**DONGLE, "ACTION": "bind"},
        {**DONGLE, "DEVTYPE": "usb_interface"},
        {**DONGLE, "SUBSYSTEM": "net"},
    ],
)
def test_others_are_not(changes: UeventChanges, send: Send, said: dict[str, str]) -> None:
    """Interfaces, bindings and other subsystems end no wait."""
    send(of_udev(said), UDEV)
    assert not changes.wait(0.001)


def test_only_the_kernel_speaks_for_the_kernel(changes: UeventChanges, send: Send) -> None:
    """A process that sends to the kernel's group is not the kernel: its port is not 0."""
    send(of_kernel(DONGLE), KERNEL)
    assert not changes.wait(0.001)


def test_a_letter_to_us_alone_is_dropped(pair: tuple[UeventChanges, socket.socket]) -> None:
    """Anybody may address our socket; that is no event."""
    changes, stranger = pair
    stranger.sendto(of_udev(DONGLE), (changes._socket.getsockname()[0], 0))
    assert not changes.wait(0.001)


def test_a_flood_is_a_change(changes: UeventChanges, send: Send) -> None:
    """Where the kernel dropped messages, something may have changed."""
    changes._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    for _ in range(2000):
        try:
            send(of_udev({**DONGLE, "SUBSYSTEM": "net"}), UDEV)
        except OSError:
            break
    assert changes.wait(60)


def test_wake_ends_this_wait_and_all_later(changes: UeventChanges) -> None:
    """Whoever stops a watch does not wait for the next plug."""
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(changes.wait, 60)
        changes.wake()
        assert waiting.result(30) is False
    assert not changes.wait(60)


def test_wake_after_the_end_is_nothing() -> None:
    """Waking what was closed meanwhile is no error."""
    with UeventChanges(("usb",)) as changes:
        pass
    changes.wake()
