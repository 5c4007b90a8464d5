"""What every virtual card does (ISO 7816-4): commands in, chains, long answers out."""

from __future__ import annotations

from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Application", "Command", "Status", "VirtualCard"]

# T=1, no promises: any client has to ask what the card can do
_ATR = bytes.fromhex("3b f8 13 00 00 81 31 fe 15 59 75 62 69 6b 65 79 34 d4")
_SELECT, _GET_RESPONSE = 0xA4, 0xC0
_CHAINED = 0x10
_SHORT_ANSWER = 256


class Status(Exception):
    """A status word that is not success, with `data` where the card says more."""

    def __init__(self, sw: int, data: bytes = b"") -> None:
        super().__init__(f"{sw:04x}")
        self.sw = sw
        self.data = data


class Command(Record):
    """One command, its chain put together."""

    ins: int
    p1: int
    p2: int
    data: bytes


class Application:
    """An application on a card, found by `aid`; `commands` by instruction byte."""

    aid = b""

    def __init__(self) -> None:
        self.commands: Mapping[int, Callable[[Command], bytes]] = {}

    def select(self) -> bytes:
        """Return what the card says when it is selected."""
        return b""

    def reset(self) -> None:
        """Forget what a card forgets when it is reset, or another application is selected."""

    def run(self, command: Command) -> bytes:
        """Do what `command` says; Status where that is refused."""
        handler = self.commands.get(command.ins)
        if handler is None:
            raise Status(0x6D00)
        return handler(command)


class VirtualCard:
    """A card with `applications`; `transmit` takes and gives whole APDUs.

    `delay_s` and `log` serve tests: `log` holds every command that came.
    """

    def __init__(self, *applications: Application, atr: bytes = _ATR) -> None:
        self.atr = atr
        self.log: list[bytes] = []
        self._applications = applications
        self._selected: Application | None = None
        self._chain = b""
        self._rest = b""

    def reset(self) -> None:
        """Do what losing power does."""
        self._selected = None
        self._chain = self._rest = b""
        for application in self._applications:
            application.reset()

    def transmit(self, apdu: bytes) -> bytes:
        """Answer one APDU."""
        self.log.append(apdu)
        try:
            data, sw = self._transmit(apdu), 0x9000
        except Status as status:
            data, sw = status.data, status.sw
        return data + sw.to_bytes(2, "big")

    def _transmit(self, apdu: bytes) -> bytes:
        if len(apdu) < 4:
            raise Status(0x6700)
        cla, ins, p1, p2 = apdu[:4]
        data, most = _body(apdu[4:])
        if ins == _GET_RESPONSE:
            return self._piece(self._rest, most)
        self._rest = b""
        if self._chain[:1] != bytes([ins]):  # a chain that is not continued is forgotten
            self._chain = bytes([ins])
        if cla & _CHAINED:
            self._chain += data
            return b""
        data, self._chain = self._chain[1:] + data, b""
        if cla != 0:
            raise Status(0x6E00)
        command = Command(ins=ins, p1=p1, p2=p2, data=data)
        if ins == _SELECT and p1 == 0x04:
            return self._piece(self._select(command), most)
        if self._selected is None:
            raise Status(0x6D00)
        return self._piece(self._selected.run(command), most)

    def _select(self, command: Command) -> bytes:
        for application in self._applications:
            if command.data and application.aid.startswith(command.data):
                if self._selected is not None and self._selected is not application:
                    self._selected.reset()
                self._selected = application
                return application.select()
        raise Status(0x6A82)

    def _piece(self, answer: bytes, most: int) -> bytes:
        """Return as much of an answer as the command takes, and keep the rest."""
        piece, self._rest = answer[:most], answer[most:]
        if self._rest:
            raise Status(0x6100 | min(len(self._rest), 255), piece)
        return piece


def _body(body: bytes) -> tuple[bytes, int]:
    """Return data and the most that may be answered (5.2, cases 1 to 4, short and extended)."""
    if len(body) <= 1:
        return b"", body[0] or _SHORT_ANSWER if body else _SHORT_ANSWER
    if body[0] or len(body) < 3:
        size, at, wide = body[0], 1, 1
    elif len(body) == 3:
        return b"", int.from_bytes(body[1:], "big") or 65536
    else:
        size, at, wide = int.from_bytes(body[1:3], "big"), 3, 2
    data, rest = body[at : at + size], body[at + size :]
    if len(data) != size or len(rest) not in (0, wide):
        raise Status(0x6700)
    limit = _SHORT_ANSWER if wide == 1 else 65536
    return data, int.from_bytes(rest, "big") or limit
