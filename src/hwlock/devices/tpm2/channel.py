"""One command to a TPM: framed, retried where the specification says so, answers checked.

TPM 2.0 Library, Part 1, 18 (command and response structure). A command is a header (tag,
size, code), handles, an authorization area where there is one, and parameters. Rules:

1. Warnings that mean "again" are retried a bounded number of times (codes.RC_RETRY at once,
   codes.RC_SLOW after a growing pause).
2. Where the TPM is ours alone and its slots are taken, what others left in it is flushed
   once, and the command is sent again.
3. Whatever else is not success becomes a DeviceError whose sentence explains the code.
4. Whatever a TPM holds for us is given back when the `with` that took it ends, whether it
   ends well or not.
"""

from __future__ import annotations

import time

from hwlock.errors import AccessDenied, BadAnswer, Busy, DeviceError, FormatError
from hwlock.evidence.tpm2.constants import RS_PW, ST_NO_SESSIONS, ST_SESSIONS
from hwlock.evidence.tpm2.wire import Reader, sized, u16, u32

from . import codes
from .transport import HEADER_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .transport import Wire

__all__ = ["Channel", "Held", "password", "refusal", "session"]

CC_FLUSH_CONTEXT = 0x165
CC_GET_CAPABILITY = 0x17A
_CAP_HANDLES = 1
_TRANSIENT_FIRST = 0x80000000
_LOADED_SESSION_FIRST = 0x02000000

_TRIES = 8
_FIRST_PAUSE_S = 0.02
_FIRST_SLOW_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 4.0


class Channel:
    """Sends commands over `wire`; `pause` waits between tries (seconds)."""

    def __init__(self, wire: Wire, *, pause: Callable[[float], None] = time.sleep) -> None:
        self.wire = wire
        self._pause = pause
        self._held: set[int] = set()
        self._lost = False

    def run(
        self,
        command: int,
        handles: tuple[int, ...] = (),
        parameters: bytes = b"",
        *,
        auths: tuple[bytes, ...] = (),
        returns_handle: bool = False,
    ) -> tuple[int, Reader]:
        """Send one command; return the handle that it returns (else 0) and its parameters.

        `auths` are TPMS_AUTH_COMMAND structures, one for each handle that needs one.
        DeviceError, with the code's sentence, for everything that is not success.
        """
        frame = _frame(command, handles, auths, parameters)
        code, reader = self._persist(frame)
        if code in codes.RC_NO_SLOT and not self.wire.shared:
            self._reclaim()
            code, reader = self._persist(frame)
        if code != codes.RC_SUCCESS:
            raise refusal(code)
        try:
            handle = reader.u32() if returns_handle else 0
            return handle, _parameters(reader, bool(auths))
        except FormatError as exc:
            raise BadAnswer("HWL-TPM-ANSWER", fault=exc.message) from exc

    def run_in_session(
        self, command: int, handles: tuple[int, ...], parameters: bytes, auth: bytes
    ) -> tuple[bytes, bytes]:
        """Send one command in an HMAC session; return parameters and authorization as they came.

        It is sent once: an HMAC is good for one try, and a session that failed has ended.
        """
        code, reader = self._once(_frame(command, handles, (auth,), parameters))
        if code != codes.RC_SUCCESS:
            raise refusal(code)
        try:
            return reader.take(reader.u32()), reader.rest()
        except FormatError as exc:
            raise BadAnswer("HWL-TPM-ANSWER", fault=exc.message) from exc

    def hold(self, handle: int) -> None:
        """Remember that `handle` is ours to flush."""
        self._held.add(handle)

    def flush(self, handle: int) -> None:
        """Give one slot back (TPM2_FlushContext), unless the TPM is gone."""
        self._held.discard(handle)
        if not self._lost:
            self.run(CC_FLUSH_CONTEXT, parameters=u32(handle))

    def close(self) -> None:
        """Let go of the wire."""
        self.wire.close()

    def _persist(self, frame: bytes) -> tuple[int, Reader]:
        """Rule 1: send until the answer is not "again"."""
        quick, slow = _FIRST_PAUSE_S, _FIRST_SLOW_PAUSE_S
        code, reader = self._once(frame)
        for _ in range(_TRIES):
            if code in codes.RC_RETRY:
                self._pause(quick)
                quick *= 2
            elif code in codes.RC_SLOW:
                self._pause(slow)
                slow = min(slow * 2, _LONGEST_PAUSE_S)
            else:
                break
            code, reader = self._once(frame)
        return code, reader

    def _once(self, frame: bytes) -> tuple[int, Reader]:
        """Exchange one frame; return the response code and a reader of what follows."""
        try:
            answer = self.wire.exchange(frame)
        except BaseException:
            # An answer that comes late must not be taken for the next one, and giving slots
            # back must not wait for a dead TPM: this wire has ended, whatever ended it.
            self._lost = True
            self.wire.close()
            raise
        reader = Reader(answer, "TPM answer")
        try:
            tag, size, code = reader.u16(), reader.u32(), reader.u32()
            reader.expect(size, len(answer), "the size")
            if code == codes.RC_SUCCESS:
                wanted = int.from_bytes(frame[:2], "big")
                reader.expect(tag, wanted, "the tag")
        except FormatError as exc:
            raise BadAnswer("HWL-TPM-ANSWER", fault=exc.message) from exc
        return code, reader

    def _reclaim(self) -> None:
        """Rule 2: flush every object and session that is not ours."""
        for first in (_TRANSIENT_FIRST, _LOADED_SESSION_FIRST):
            _, reader = self.run_plain(CC_GET_CAPABILITY, u32(_CAP_HANDLES) + u32(first) + u32(64))
            try:
                reader.take(5)  # more data, capability
                found = [reader.u32() for _ in range(min(reader.u32(), 64))]
            except FormatError as exc:
                raise BadAnswer("HWL-TPM-ANSWER", fault=exc.message) from exc
            for handle in found:
                if handle not in self._held:
                    self.run_plain(CC_FLUSH_CONTEXT, u32(handle))

    def run_plain(self, command: int, parameters: bytes) -> tuple[int, Reader]:
        """Send a command without handles and authorizations; return its code and reader."""
        return self._once(_frame(command, (), (), parameters))


class Held:
    """Something that takes a slot of the TPM until the `with` ends."""

    __slots__ = ("_channel", "_flushed", "handle")

    def __init__(self, channel: Channel, handle: int) -> None:
        self._channel = channel
        self._flushed = False
        self.handle = handle
        channel.hold(handle)

    def flush(self) -> None:
        """Give the slot back now; a second call does nothing."""
        if not self._flushed:
            self._flushed = True
            self._channel.flush(self.handle)

    def __enter__(self) -> Held:
        return self

    def __exit__(self, *exc: object) -> None:
        self.flush()


def refusal(code: int) -> DeviceError:
    """Return our error for a response code."""
    if code == codes.RC_BLOCKED:
        return AccessDenied("HWL-TPM-BLOCKED")
    kind, sentence = codes.base(code), codes.explain(code)
    if kind == codes.RC_LOCKED_OUT:
        return Busy("HWL-TPM-LOCKOUT", meaning=sentence)
    if kind in codes.RC_RETRY or kind in codes.RC_SLOW or kind in codes.RC_NO_SLOT:
        return Busy("HWL-TPM-NOT-NOW", meaning=sentence)
    if kind in codes.RC_AUTH:
        return AccessDenied("HWL-TPM-AUTH", meaning=sentence)
    return BadAnswer("HWL-TPM-REFUSED", raw_code=code, meaning=sentence)


def _frame(
    command: int, handles: tuple[int, ...], auths: tuple[bytes, ...], parameters: bytes
) -> bytes:
    body = b"".join(u32(handle) for handle in handles)
    if auths:
        area = b"".join(auths)
        body += u32(len(area)) + area
    body += parameters
    tag = ST_SESSIONS if auths else ST_NO_SESSIONS
    return u16(tag) + u32(HEADER_BYTES + len(body)) + u32(command) + body


def _parameters(reader: Reader, authorized: bool) -> Reader:
    """Return a reader of the response parameters alone.

    The response's authorization area says nothing here: a password session has no HMAC.
    """
    if not authorized:
        return Reader(reader.rest(), "TPM answer")
    size = reader.u32()
    return Reader(reader.take(size), "TPM answer")


def password(value: bytes = b"") -> bytes:
    """Return the TPMS_AUTH_COMMAND of a password, mostly the empty one."""
    return u32(RS_PW) + sized(b"") + b"\0" + sized(value)


def session(handle: int) -> bytes:
    """Return the TPMS_AUTH_COMMAND of a policy session without an HMAC, which stays open."""
    return u32(handle) + sized(b"") + b"\1" + sized(b"")
