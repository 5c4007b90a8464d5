"""A smartcard service for tests: the real pcscd with two virtual readers, away from all others.

    with CardService() as service:
        card = service.insert(virtual_card)      # in reader 0; reader=1 for the other
        ...                                      # any program here or in service.environment
        card.remove()

Needs Linux, pcscd and vsmartcard-vpcd. pcscd runs in namespaces of its own, so that the
network ports of its virtual readers are seen by nobody and several test runs do not meet;
what is shared is the folder with its socket. The PC/SC library is told of that socket by
`PCSCLITE_CSOCK_NAME`, and remembers it: so there is one folder for each process, made at the
first use, and one service at a time. Where something else in the process may use PC/SC before
a service is started, as tests in any order do, call `reserve()` first of all.

Everything that was started ends with the object, or with its process, however that ends.
"""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from hwlock.errors import NotFound, UnsupportedError, UsageError

from .cards.reader import Inserted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .cards.iso import VirtualCard

__all__ = ["SOCKET_VARIABLE", "CardService", "reserve"]

SOCKET_VARIABLE = "PCSCLITE_CSOCK_NAME"
READERS = ("Virtual PCD 00 00", "Virtual PCD 00 01")
_DRIVER = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
_START_S = 20.0
_STEP_S = 0.01

_folder: Path | None = None
_running: CardService | None = None


class CardService:
    """pcscd and two readers; started by entering it. UnsupportedError, NotFound."""

    def __init__(self) -> None:
        self._supervisor: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._cards: list[Inserted] = []

    @property
    def environment(self) -> dict[str, str]:
        """What other programs need in their environment in order to see these readers."""
        return {**os.environ, SOCKET_VARIABLE: str(_socket())}

    def start(self) -> None:
        """Start pcscd where it does not run, and wait until it answers."""
        global _running
        if _running not in (None, self):
            raise UsageError("HWL-TESTING-SERVICE")
        self._supervise()
        _running = self
        reserve()
        self._say(b"start")
        self._await()

    def stop(self) -> None:
        """Stop pcscd, as an update of the system does; cards fall out of their readers."""
        self._say(b"stop")
        for card in self._cards:
            card.remove()
        self._cards.clear()

    def eject(self) -> None:
        """Remove every card, and return when the service has noticed."""
        for card in self._cards:
            card.remove()
        self._cards.clear()
        for reader in range(len(READERS)):
            self._await_card(reader, present=False)

    def insert(self, card: VirtualCard, *, reader: int = 0) -> Inserted:
        """Put `card` into reader 0 or 1 and serve it from a thread of this process.

        Returns when the service has noticed it. The card that was in this reader before
        must have been removed; that the service noticed that is waited for too.
        """
        self._await_card(reader, present=False)
        inserted = Inserted(card, self._connection(reader))
        self._cards.append(inserted)
        self._await_card(reader, present=True)
        return inserted

    def is_present(self, reader: int = 0) -> bool:
        """Tell whether the service sees a card in a reader."""
        from hwlock.devices.smartcard.pcsc import Context

        context = Context()
        try:
            name, unaware = READERS[reader], context.scard.SCARD_STATE_UNAWARE
            _, states = context.scard.SCardGetStatusChange(context.handle, 0, [(name, unaware)])
            return any(event & context.scard.SCARD_STATE_PRESENT for _, event, _ in states)
        finally:
            context.close()

    def close(self) -> None:
        """Remove the cards and end pcscd."""
        global _running
        for card in self._cards:
            card.remove()
        self._cards.clear()
        control, self._control = self._control, None
        if control is not None:
            control.close()  # the supervisor ends, and with it everything in its namespace
        supervisor, self._supervisor = self._supervisor, None
        if supervisor is not None:
            supervisor.wait(_START_S)
        if _running is self:
            _running = None

    def __enter__(self) -> CardService:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _supervise(self) -> None:
        if self._supervisor is not None:
            return
        unshare, pcscd = _program("unshare"), _program("pcscd")
        if not os.path.exists(_DRIVER):
            raise UnsupportedError("HWL-TESTING-INSTALL", program=_DRIVER)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._supervisor = subprocess.Popen(  # noqa: S603 - fixed programs, arguments of ours
                (
                    unshare,
                    *("--mount", "--net", "--pid", "--fork", "--kill-child"),
                    *(() if os.geteuid() == 0 else ("--map-root-user",)),
                    *(sys.executable, "-I", str(Path(__file__).with_name("pcsc_room.py"))),
                    *(str(theirs.fileno()), str(_socket().parent), pcscd),
                ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        ours.settimeout(_START_S)
        self._control = ours

    def _say(self, word: bytes) -> list[int]:
        """Send a command to the supervisor; return the descriptors that it answers with."""
        if self._control is None:
            raise NotFound("HWL-TESTING-START", detail="it does not run")
        try:
            self._control.sendall(word)
            answer, descriptors, _, _ = socket.recv_fds(self._control, 16, 1)
        except OSError as exc:
            raise NotFound("HWL-TESTING-START", detail=str(exc)) from exc
        if answer != b"ok":
            raise NotFound("HWL-TESTING-START", detail=f"{word.decode()}: {answer.decode()}")
        return descriptors

    def _connection(self, reader: int) -> socket.socket:
        """Return a connection to a reader, made where its port is: inside the namespace."""
        (descriptor,) = self._say(b"connect %d" % reader)
        return socket.socket(fileno=descriptor)

    def _await_card(self, reader: int, *, present: bool) -> None:
        deadline = time.monotonic() + _START_S
        while self.is_present(reader) != present:
            if time.monotonic() > deadline:
                detail = f"{READERS[reader]} does not notice"
                raise NotFound("HWL-TESTING-START", detail=detail)
            time.sleep(_STEP_S)

    def _await(self) -> None:
        """Ask until the service lists both readers."""
        from hwlock.devices.smartcard.pcsc import Context

        deadline = time.monotonic() + _START_S
        while True:
            try:
                context = Context()
                try:
                    if context.readers() == READERS:
                        return
                finally:
                    context.close()
            except NotFound:
                pass  # it does not listen yet
            if time.monotonic() > deadline:
                raise NotFound("HWL-TESTING-START", detail="pcscd does not list its readers")
            time.sleep(_STEP_S)


def reserve() -> None:
    """Let this process look for PC/SC where a CardService will be, and nowhere else.

    Until one is started there is no service. Nothing in the process may have used PC/SC yet.
    """
    os.environ[SOCKET_VARIABLE] = str(_socket())


def _socket() -> Path:
    """Return the path of this process's socket; its folder is made once, and deleted at exit."""
    global _folder
    if _folder is None:
        _folder = Path(tempfile.mkdtemp(prefix="hwlock-pcsc-"))
        atexit.register(shutil.rmtree, _folder, ignore_errors=True)
    return _folder / "pcscd.comm"


def _program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
    if found is None:
        raise UnsupportedError("HWL-TESTING-INSTALL", program=name)
    return found
