"""One open security key: the commands of CTAP 2.1 that hwlock uses.

1. What goes out and comes in is our own CBOR: a key that does not write it canonically (§8)
   is refused with the place of the fault. Only the PIN protocol is the library's.
2. Every wait ends: the whole command, and what the key does with our request to cancel.
3. A PIN is asked for once and tried once.
4. Every failure becomes one DeviceError; `converted` knows every class that fido2 raises.
"""

from __future__ import annotations

import errno
import struct
import threading
import time
import unicodedata
from contextlib import contextmanager

from fido2.ctap import STATUS, CtapDevice, CtapError
from fido2.ctap2.base import Ctap2
from fido2.ctap2.pin import ClientPin
from fido2.hid import CAPABILITY, CTAPHID, ConnectionFailure

from hwlock.codec import cbor
from hwlock.codec.fields import Fields
from hwlock.crypto import p256
from hwlock.errors import (
    AccessDenied,
    BadAnswer,
    Busy,
    Cancelled,
    DeviceError,
    FormatError,
    NotFound,
    PinRequired,
    Removed,
    UntrustedError,
)
from hwlock.evidence.fido2.authenticator_data import FLAG_AT, RP_ID, AuthenticatorData
from hwlock.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from hwlock.devices.base import Interaction

    from .places import Place

__all__ = ["FOREIGN", "Assertion", "Created", "Info", "Permission", "Token", "converted"]

_MAKE_CREDENTIAL, _GET_ASSERTION, _GET_INFO = 0x01, 0x02, 0x04
_ES256, _EDDSA = -7, -8
_PUBLIC_KEY = "public-key"
_SILENT_S, _TOUCH_S, _GRACE_S = 5.0, 60.0, 2.0
_MAX_ANSWER_BYTES = 16384
_MAX_SIGNATURE_BYTES = 80

_ERR = CtapError.ERR
_GONE = {
    errno.ENODEV, errno.ENXIO, errno.EIO, errno.ENOENT, errno.EPIPE, errno.ESHUTDOWN,
    errno.ENOTCONN, errno.EBADF,
}  # fmt: skip
_NOT_TOUCHED = {
    _ERR.OPERATION_DENIED, _ERR.USER_ACTION_TIMEOUT, _ERR.ACTION_TIMEOUT, _ERR.KEEPALIVE_CANCEL,
    _ERR.UP_REQUIRED, _ERR.UNSUPPORTED_OPTION, _ERR.INVALID_OPTION,
}  # fmt: skip
_PIN_WANTED = {_ERR.PUAT_REQUIRED, _ERR.PIN_NOT_SET, _ERR.PIN_TOKEN_EXPIRED, _ERR.UV_INVALID}
_BUSY = {_ERR.CHANNEL_BUSY, _ERR.LOCK_REQUIRED, _ERR.USER_ACTION_PENDING, _ERR.OPERATION_PENDING}
# What fido2 raises, and what its readers of CBOR let through when a key answers nonsense.
FOREIGN = (CtapError, ConnectionFailure, OSError)
_NONSENSE = (
    ConnectionFailure, ValueError, TypeError, LookupError, AttributeError, ArithmeticError,
    AssertionError, RecursionError, struct.error,
)  # fmt: skip


class Info(Record):
    """What a key says of itself (authenticatorGetInfo, §6.4)."""

    aaguid: bytes
    options: Mapping[int | str, cbor.Value]
    versions: tuple[cbor.Value, ...]

    def can(self, option: str) -> bool:
        """Tell whether `option` is there and true."""
        return self.options.get(option) is True


class Created(Record):
    """A new credential; `attestation` is what the maker says of it, empty for nothing."""

    data: AuthenticatorData
    attestation: bytes


class Assertion(Record):
    """What a key signed: authenticator data, and the raw signature (64 bytes)."""

    data: bytes
    signature: bytes


class Permission(Record):
    """A proof for one command that the PIN was right (pinUvAuthParam), by which protocol."""

    parameter: bytes
    protocol: int


class Token:
    """An open key in a `place`; `name` is what a person calls it."""

    def __init__(self, device: CtapDevice, place: Place, person: Interaction | None) -> None:
        self.name = name = place.name
        self.path = place.path
        self._device = device
        self._person = person
        if not device.capabilities & CAPABILITY.CBOR:
            raise DeviceError("HWL-FIDO2-OLD", device=name)
        self.info = self._info()

    @classmethod
    @contextmanager
    def opened(cls, place: Place, person: Interaction | None) -> Iterator[Token]:
        """Open the key in `place` until the `with` ends; DeviceError."""
        with converted(place.name):
            device = place.connect()
        try:
            with converted(place.name):
                token = cls(device, place, person)
            yield token
        finally:
            try:
                device.close()
            except OSError:
                pass  # it was pulled: what was open is gone with it

    def make_credential(self, digest: bytes, permission: Permission | None) -> Created:
        """Make a credential that stays in the key's hands, over `digest`; DeviceError."""
        request: dict[int | str, cbor.Encodable] = {
            1: digest,
            2: {"id": RP_ID, "name": "hwlock"},
            3: {"id": b"hwlock", "name": "hwlock"},
            4: [{"alg": alg, "type": _PUBLIC_KEY} for alg in (_ES256, _EDDSA)],
        }
        if permission is not None:
            request |= {8: permission.parameter, 9: permission.protocol}
        elif self.info.can("uv"):
            request[7] = {"uv": True}
        with converted(self.name):
            fields = self._command(_MAKE_CREDENTIAL, request, _TOUCH_S)
            form = fields.text(1, "format")
            raw = fields.bytes(2, "data", max_bytes=2048)
            statement = fields.raw(3, "statement")
            data = AuthenticatorData.parse(raw)
            data.check()
            if not data.flags & FLAG_AT:
                raise UntrustedError("HWL-FIDO2-FLAGS", flags=f"{data.flags:#04x}")
        vouched = type(statement) is dict and "x5c" in statement
        members = {"fmt": form, "attStmt": statement, "authData": raw}
        return Created(data=data, attestation=cbor.encode(members) if vouched else b"")

    def get_assertion(
        self, credential: bytes, digest: bytes, permission: Permission | None, *, up: bool
    ) -> Assertion:
        """Let `credential` sign over `digest`, with a touch where `up`; DeviceError.

        NotFound where this key does not know it, Cancelled where it was not touched or
        does not sign without, PinRequired where it wants a PIN.
        """
        request: dict[int | str, cbor.Encodable] = {
            1: RP_ID,
            2: digest,
            3: [{"id": credential, "type": _PUBLIC_KEY}],
            5: {"up": up},
        }
        if permission is not None:
            request |= {6: permission.parameter, 7: permission.protocol}
        with converted(self.name):
            fields = self._command(_GET_ASSERTION, request, _TOUCH_S if up else _SILENT_S)
            used = fields.map(1, "credential", default=None)
            raw = fields.bytes(2, "data", max_bytes=1024)
            signature = fields.bytes(3, "signature", max_bytes=_MAX_SIGNATURE_BYTES)
            AuthenticatorData.parse(raw).check_assertion()
            if used is not None and used.bytes("id", "id") != credential:
                raise BadAnswer(
                    "HWL-FIDO2-ANSWER", device=self.name, fault="it used another credential"
                )
            if len(signature) != 64:
                signature = p256.signature_from_der(signature)
        return Assertion(data=raw, signature=signature)

    def permission(self, digest: bytes) -> Permission:
        """Ask the person for the PIN, once, for one command over `digest`; PinRequired."""
        with converted(self.name):
            pin = ClientPin(Ctap2(_Limited(self._device)))
            left, _ = pin.get_pin_retries()
            if left == 0:
                raise AccessDenied("HWL-FIDO2-PIN-BLOCKED", device=self.name)
            typed = self._ask(left)
            try:
                granted = pin.get_pin_token(
                    typed,
                    ClientPin.PERMISSION.MAKE_CREDENTIAL | ClientPin.PERMISSION.GET_ASSERTION,
                    RP_ID,
                )
            except CtapError as exc:
                if exc.code != _ERR.PIN_INVALID:
                    raise
                left, _ = pin.get_pin_retries()
                raise PinRequired(
                    "HWL-DEVICE-PIN-WRONG", attempts_left=left, device=self.name
                ) from exc
            parameter = pin.protocol.authenticate(granted, digest)
            return Permission(parameter=parameter, protocol=pin.protocol.VERSION)

    def _ask(self, left: int) -> str:
        if self._person is None:
            raise PinRequired("HWL-DEVICE-PIN", attempts_left=left, device=self.name)
        return unicodedata.normalize("NFC", self._person.pin(self.name, left))

    def _info(self) -> Info:
        fields = self._command(_GET_INFO, None, _SILENT_S)
        options = fields.raw(4, "options", default=None)
        return Info(
            versions=fields.array(1, "versions"),
            aaguid=fields.bytes(3, "model", size=16),
            options=options if type(options) is dict else {},
        )

    def _command(
        self, command: int, request: Mapping[int | str, cbor.Encodable] | None, wait_s: float
    ) -> Fields:
        """Send one command; return its answer. Raises what `converted` knows."""
        until = _Until(wait_s)
        declined: list[BaseException] = []

        def kept_waiting(status: STATUS) -> None:
            if status == STATUS.UPNEEDED:
                try:
                    self._tell()
                except BaseException as exc:  # raised again once the key has let go
                    declined.append(exc)
                    until.set()

        body = b"" if request is None else cbor.encode(request)
        try:
            answer = self._device.call(CTAPHID.CBOR, bytes((command,)) + body, until, kept_waiting)
        except CtapError as exc:
            if declined:
                raise declined[0] from exc
            raise
        if declined:
            raise declined[0]
        if not answer:
            raise BadAnswer("HWL-FIDO2-ANSWER", device=self.name, fault="it is empty")
        if answer[0]:
            raise CtapError(answer[0])
        return Fields(cbor.decode(answer[1:], max_bytes=_MAX_ANSWER_BYTES), "security key")

    def _tell(self) -> None:
        """Tell the person that the key waits; Cancelled where nobody can be told."""
        if self._person is None:
            raise Cancelled("HWL-DEVICE-CANCELLED", device=self.name)
        self._person.touch(self.name)


class _Limited(CtapDevice):
    """A device whose commands end, for the library's own use."""

    def __init__(self, device: CtapDevice) -> None:
        self._device = device

    @property
    def capabilities(self) -> int:
        """As the device says."""
        return self._device.capabilities

    def call(
        self,
        cmd: int,
        data: bytes = b"",
        event: threading.Event | None = None,
        on_keepalive: Callable[[STATUS], None] | None = None,
    ) -> bytes:
        """Send one command that asks for no touch."""
        return self._device.call(cmd, data, event or _Until(_SILENT_S), on_keepalive)

    @classmethod
    def list_devices(cls) -> Iterator[CtapDevice]:
        """Return nothing: it was found already."""
        return iter(())


class _Until(threading.Event):
    """An event that is set by itself after `wait_s`; who ignores it is cut off."""

    def __init__(self, wait_s: float) -> None:
        super().__init__()
        self._end = time.monotonic() + wait_s

    def set(self) -> None:
        """Ask the key to stop now."""
        self._end = min(self._end, time.monotonic())
        super().set()

    def is_set(self) -> bool:
        """Tell whether the key must stop; TimeoutError where it was told and did not."""
        late = time.monotonic() - self._end
        if late > _GRACE_S:
            raise TimeoutError(errno.ETIMEDOUT, "the key does not come to an end")
        return late >= 0 or super().is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait as long as fido2 wants to; then `is_set`."""
        super().wait(timeout)
        return self.is_set()


@contextmanager
def converted(name: str) -> Iterator[None]:
    """Turn whatever fido2 raises about the key `name` into one DeviceError."""
    try:
        yield
    except CtapError as exc:
        raise refusal(exc.code, name) from exc
    except TimeoutError as exc:
        raise BadAnswer("HWL-FIDO2-SILENT", device=name) from exc
    except PermissionError as exc:
        raise AccessDenied("HWL-FIDO2-DENIED", path=exc.filename or name) from exc
    except OSError as exc:
        if exc.errno in _GONE:
            raise Removed("HWL-DEVICE-GONE", device=name) from exc
        if exc.errno == errno.EBUSY:
            raise Busy("HWL-FIDO2-BUSY", device=name) from exc
        raise BadAnswer("HWL-FIDO2-ANSWER", device=name, fault=str(exc)) from exc
    except (FormatError, UntrustedError) as exc:
        raise BadAnswer("HWL-FIDO2-ANSWER", device=name, fault=exc.message) from exc
    except _NONSENSE as exc:
        fault = str(exc)[:80] or type(exc).__name__
        raise BadAnswer("HWL-FIDO2-ANSWER", device=name, fault=fault) from exc


def refusal(code: int, name: str) -> DeviceError:
    """Return our error for a status of CTAP (§6.3) that is not success."""
    if code in _NOT_TOUCHED:
        return Cancelled("HWL-DEVICE-CANCELLED", device=name)
    if code in _PIN_WANTED:
        return PinRequired("HWL-DEVICE-PIN", device=name)
    if code in _BUSY:
        return Busy("HWL-FIDO2-BUSY", device=name)
    if code == _ERR.NO_CREDENTIALS:
        return NotFound("HWL-FIDO2-OTHER")
    if code in (_ERR.PIN_BLOCKED, _ERR.UV_BLOCKED):
        return AccessDenied("HWL-FIDO2-PIN-BLOCKED", device=name)
    if code == _ERR.PIN_AUTH_BLOCKED:
        return AccessDenied("HWL-FIDO2-PIN-PAUSE", device=name)
    meaning = getattr(code, "name", "unknown").lower().replace("_", " ")
    return BadAnswer("HWL-FIDO2-REFUSED", raw_code=int(code), device=name, meaning=meaning)
