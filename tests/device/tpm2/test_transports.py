"""What every wire to a TPM does alike: one suite, three wires, the same TPM behind them.

The Linux node is a pseudo-terminal (a character device, as the real one is), TBS a stand-in
for tbs.dll; both pass the bytes on to swtpm.
"""

from __future__ import annotations

import ctypes
import os
import threading
import tty
from collections.abc import Callable, Iterator

import pytest

from hwlock.crypto import p256
from hwlock.devices.tpm2.attester import Tpm2Attester
from hwlock.devices.tpm2.channel import Channel
from hwlock.devices.tpm2.transport import Wire
from hwlock.devices.tpm2.transport.linux import DeviceNode
from hwlock.devices.tpm2.transport.swtpm import SwtpmSocket
from hwlock.devices.tpm2.transport.windows import TbsContext
from hwlock.errors import Removed
from hwlock.testing.swtpm import SoftwareTpm

pytestmark = pytest.mark.device

GET_RANDOM = bytes.fromhex("80010000000c0000017b0008")
UNKNOWN = bytes.fromhex("80010000000a0000ffff")


class Node:
    """A pseudo-terminal that answers as /dev/tpmrm0 does; `path` is the node."""

    def __init__(self, tpm: SwtpmSocket) -> None:
        self._tpm = tpm
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.path = os.ttyname(self._slave)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        pending = b""
        while True:
            pending += os.read(self._master, 4096)
            if pending == b"end":
                return
            if len(pending) >= 10 and len(pending) == int.from_bytes(pending[2:6], "big"):
                os.write(self._master, self._tpm.exchange(pending))
                pending = b""

    def close(self) -> None:
        """Let the thread end and close the terminal."""
        os.write(self._slave, b"end")
        self._thread.join()
        os.close(self._master)
        os.close(self._slave)
        self._tpm.close()


class Tbs:
    """tbs.dll, as far as it is used: hands commands to swtpm."""

    def __init__(self, tpm: SwtpmSocket) -> None:
        self._tpm = tpm
        self.closed = 0

    def Tbsi_Context_Create(self, parameters, context) -> int:  # type: ignore[no-untyped-def] # noqa: D102
        assert list(parameters._obj) == [2, 4]  # version 2, includeTpm20
        context._obj.value = 77
        return 0

    def Tbsip_Submit_Command(  # type: ignore[no-untyped-def] # noqa: D102
        self, context, locality, priority, command, size, answer, answer_size
    ) -> int:
        assert (context.value, locality.value, priority.value) == (77, 0, 200)
        assert len(command) == size.value
        data = self._tpm.exchange(command)
        assert len(data) <= answer_size._obj.value
        ctypes.memmove(answer, data, len(data))
        answer_size._obj.value = len(data)
        return 0

    def Tbsip_Context_Close(self, context) -> int:  # type: ignore[no-untyped-def] # noqa: D102
        assert context.value == 77
        self.closed += 1
        return 0


@pytest.fixture(params=["swtpm", "linux", "windows"])
def wire(request: pytest.FixtureRequest, swtpm: SoftwareTpm) -> Iterator[Wire]:
    """Each of the wires, open."""
    socket = SwtpmSocket("127.0.0.1", swtpm.port)
    opened: Wire
    clean: Callable[[], None] = socket.close
    if request.param == "swtpm":
        opened = socket
    elif request.param == "linux":
        node = Node(socket)
        opened, clean = DeviceNode(node.path), node.close
    else:
        opened = TbsContext(Tbs(socket))
    yield opened
    opened.close()
    clean()


def test_answers(wire: Wire) -> None:
    """A command gets its whole answer, whose header holds its size."""
    answer = wire.exchange(GET_RANDOM)
    assert len(answer) == int.from_bytes(answer[2:6], "big") == 20


def test_a_refusal_is_an_answer(wire: Wire) -> None:
    """What the TPM refuses is an answer, not an error of the wire; the next command works."""
    assert wire.exchange(UNKNOWN)[6:] == bytes.fromhex("00000143")
    assert len(wire.exchange(GET_RANDOM)) == 20


def test_closed(wire: Wire) -> None:
    """After close, an exchange is Removed; closing again does nothing."""
    wire.close()
    wire.close()
    with pytest.raises(Removed):
        wire.exchange(GET_RANDOM)


def test_says_whether_it_is_shared(wire: Wire) -> None:
    """Only TBS and the kernel's resource manager share; a terminal has neither's name."""
    assert wire.shared is isinstance(wire, TbsContext)


def test_whole_driver(wire: Wire) -> None:
    """The driver enrolls, signs and attests over every wire."""
    device = Tpm2Attester("tpm2:", Channel(wire))
    enrollment = device.enroll()
    signature = device.sign(enrollment, b"x")
    p256.PublicKey(device.public(enrollment)).verify(signature, b"x")
    assert device.claims(enrollment, bytes(32)).ek_certificate
