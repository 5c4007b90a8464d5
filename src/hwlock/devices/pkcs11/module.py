"""A module (a maker's library): found, loaded once, and every failure one DeviceError.

1. A module is loaded once in a process and stays: C_Initialize may be called once only.
2. It is initialized without locks of its own, so one thread at a time is in any module.
3. After a failure that leaves it in an unknown state it is initialized anew before the next
   use; that is what a restarted card service needs.
4. Every class that python-pkcs11 raises stands in `MEANINGS`; a new one is found by a test.
"""

from __future__ import annotations

import glob
import os
import sys
import threading
from contextlib import contextmanager

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
    UnsupportedError,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkcs11 import Session, Token
    from pkcs11._pkcs11 import lib

__all__ = ["ENVIRONMENT", "MEANINGS", "Module", "converted", "look", "require_extra", "session"]

ENVIRONMENT = "HWLOCK_PKCS11_MODULE"
# Where the first of these is, it is the default; the module of p11-kit shows those of all others.
_USUAL = {
    "linux": (
        "/usr/lib/*/p11-kit-proxy.so",
        "/usr/lib64/p11-kit-proxy.so",
        "/usr/lib/p11-kit-proxy.so",
        "/usr/lib/*/opensc-pkcs11.so",
        "/usr/lib64/opensc-pkcs11.so",
        "/usr/lib/opensc-pkcs11.so",
    ),
    "darwin": (
        "/opt/homebrew/lib/p11-kit-proxy.dylib",
        "/usr/local/lib/p11-kit-proxy.dylib",
        "/Library/OpenSC/lib/opensc-pkcs11.so",
    ),
    "win32": (r"C:\Program Files\OpenSC Project\OpenSC\pkcs11\opensc-pkcs11.dll",),
}
_P11_KIT = ("libp11-kit", "p11-kit-proxy")  # what it is called where the usual name leads
# The certificates that an operating system trusts are shown as a token by p11-kit.
_NO_TOKEN = "p11-kit-trust"  # noqa: S105 - the name of a model
_ELF = ("wrong ELF class", "invalid ELF header", "%1 is not a valid", "193", "incompatible arch")

_LOCK = threading.RLock()
_MODULES: dict[str, Module] = {}

# name of an exception → what it means: gone, busy, cancelled, pin…, fault (its own words),
# stale (a fault after which the module is initialized anew), no-token, no-key
MEANINGS = {
    **dict.fromkeys(
        ("DeviceRemoved", "TokenNotPresent", "SessionHandleInvalid", "SessionClosed",
         "SlotIDInvalid", "ObjectHandleInvalid", "KeyHandleInvalid"),
        "gone",
    ),
    **dict.fromkeys(
        ("AnotherUserAlreadyLoggedIn", "OperationActive", "SessionCount", "SessionExists",
         "SessionReadOnlyExists", "SessionReadWriteSOExists", "UserTooManyTypes",
         "UserAlreadyLoggedIn", "DeviceMemory", "HostMemory"),
        "busy",
    ),
    **dict.fromkeys(("FunctionCancelled", "FunctionRejected"), "cancelled"),
    **dict.fromkeys(("PinIncorrect", "PinInvalid", "PinLenRange"), "pin-wrong"),
    **dict.fromkeys(("PinExpired", "PinTooWeak", "UserPinNotInitialized"), "pin-unusable"),
    **dict.fromkeys(("GeneralError", "DeviceError", "FunctionFailed"), "stale"),
    "PinLocked": "pin-locked",
    "UserNotLoggedIn": "pin",
    "NoSuchToken": "no-token",
    "NoSuchKey": "no-key",
    **dict.fromkeys(
        ("PKCS11Error", "ArgumentsBad", "AttributeReadOnly", "AttributeSensitive",
         "AttributeTypeInvalid", "AttributeValueInvalid", "DataInvalid", "DataLenRange",
         "DomainParamsInvalid", "EncryptedDataInvalid", "EncryptedDataLenRange",
         "ExceededMaxIterations", "FunctionNotSupported", "KeyIndigestible", "KeyNeeded",
         "KeyNotNeeded", "KeyNotWrappable", "KeySizeRange", "KeyTypeInconsistent",
         "KeyUnextractable", "MechanismInvalid", "MechanismParamInvalid",
         "MultipleObjectsReturned", "MultipleTokensReturned", "NoEvent",
         "OperationNotInitialized", "PublicKeyInvalid", "RandomNoRNG", "RandomSeedNotSupported",
         "SessionReadOnly", "SignatureInvalid", "SignatureLenRange", "TemplateIncomplete",
         "TemplateInconsistent", "TokenNotRecognised", "TokenWriteProtected",
         "UnwrappingKeyHandleInvalid", "UnwrappingKeySizeRange",
         "UnwrappingKeyTypeInconsistent", "WrappedKeyInvalid", "WrappedKeyLenRange",
         "WrappingKeyHandleInvalid", "WrappingKeySizeRange", "WrappingKeyTypeInconsistent"),
        "fault",
    ),
}  # fmt: skip


class Module:
    """One loaded module; `path` is its file."""

    def __init__(self, path: str, library: lib) -> None:
        self.path = path
        self._library = library
        self._stale = False

    @classmethod
    def find(cls, path: str) -> Module:
        """Return the module at `path`, or the default one; NotFound, UnsupportedError."""
        require_extra()
        path = path or os.environ.get(ENVIRONMENT, "") or _usual()
        if not os.path.isfile(path):
            raise NotFound("HWL-PKCS11-MODULE", path=path)
        real = os.path.realpath(path)  # one library, by whatever name
        with _LOCK:
            if real not in _MODULES:
                _MODULES[real] = cls._loaded(path)
            return _MODULES[real]

    @classmethod
    def _loaded(cls, path: str) -> Module:
        """Load a library, or reach it through p11-kit where that has loaded it for us."""
        try:
            return cls(path, _load(path))
        except Busy:
            for real, module in _MODULES.items():
                if os.path.basename(real).startswith(_P11_KIT):
                    return module
            raise

    def tokens(self) -> tuple[Token, ...]:
        """Return the initialized tokens that are in a slot now; DeviceError."""
        from pkcs11 import TokenFlag
        from pkcs11.exceptions import PKCS11Error

        found = []
        with self.used("the PKCS#11 module"):
            for slot in self._library.get_slots(token_present=True):
                try:
                    token = slot.get_token()
                except PKCS11Error as exc:
                    if MEANINGS.get(type(exc).__name__) in ("gone", "fault"):
                        continue  # pulled a moment ago, or one that the module does not know
                    raise
                if token.flags & TokenFlag.TOKEN_INITIALIZED and token.model != _NO_TOKEN:
                    found.append(token)
        return tuple(found)

    @contextmanager
    def used(self, name: str) -> Iterator[None]:
        """Be alone in the module; what fails about `name` becomes one DeviceError."""
        from pkcs11.exceptions import PKCS11Error

        with _LOCK, converted(name):
            if self._stale:
                self._library.reinitialize()
                self._stale = False
            try:
                yield
            except PKCS11Error as exc:
                self._stale = MEANINGS.get(type(exc).__name__) == "stale"
                raise


@contextmanager
def session(token: Token, pin: str | object | None) -> Iterator[Session]:
    """Open a session, logged in where `pin` is given, and close it; inside `Module.used`."""
    from pkcs11.exceptions import PKCS11Error, UserAlreadyLoggedIn

    try:
        opened = token.open(user_pin=pin)
    except UserAlreadyLoggedIn:  # by another part of this program: logins are the process's
        opened = token.open()
    try:
        yield opened
    finally:
        try:
            opened.close()
        except PKCS11Error:
            pass  # it went with its token


def look() -> object:
    """Return which tokens the default module shows, as a value that compares."""
    try:
        found = Module.find("").tokens()
    except (DeviceError, UnsupportedError):
        return ()
    return tuple((token.slot.slot_id, token.label, token.serial) for token in found)


@contextmanager
def converted(name: str) -> Iterator[None]:
    """Turn whatever python-pkcs11 raises about the token `name` into one DeviceError."""
    from pkcs11.exceptions import PKCS11Error

    try:
        yield
    except PKCS11Error as exc:
        raise refusal(exc, name) from exc
    except FormatError as exc:
        raise BadAnswer("HWL-PKCS11-ANSWER", device=name, fault=exc.message) from exc
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as exc:
        fault = str(exc)[:80] or type(exc).__name__
        raise BadAnswer("HWL-PKCS11-ANSWER", device=name, fault=fault) from exc
    except NotImplementedError as exc:
        raise BadAnswer("HWL-PKCS11-REFUSED", device=name, meaning="not implemented") from exc


def refusal(exc: Exception, name: str) -> DeviceError:
    """Return our error for one of python-pkcs11."""
    meaning = MEANINGS.get(type(exc).__name__, "fault")
    made: dict[str, DeviceError] = {
        "gone": Removed("HWL-DEVICE-GONE", device=name),
        "busy": Busy("HWL-PKCS11-BUSY", device=name),
        "cancelled": Cancelled("HWL-DEVICE-CANCELLED", device=name),
        "pin": PinRequired("HWL-DEVICE-PIN", device=name),
        "pin-wrong": PinRequired("HWL-PKCS11-PIN-WRONG", device=name, left="how many is not said"),
        "pin-locked": AccessDenied("HWL-DEVICE-PIN-BLOCKED", device=name),
        "pin-unusable": AccessDenied("HWL-PKCS11-PIN-UNUSABLE", device=name),
        "no-token": NotFound("HWL-DEVICE-NONE", device=name),
        "no-key": NotFound("HWL-PKCS11-KEY", device=name),
    }
    words = str(exc) or "".join(
        f" {char.lower()}" if char.isupper() else char for char in type(exc).__name__
    )
    said = words.strip()[:120]
    return made.get(meaning) or BadAnswer("HWL-PKCS11-REFUSED", device=name, meaning=said)


def require_extra() -> None:
    """Raise UnsupportedError where python-pkcs11 is not installed."""
    try:
        import pkcs11  # noqa: F401 - whether it is there
    except ImportError as exc:
        raise UnsupportedError(
            "HWL-DEVICE-EXTRA", kind="PKCS#11", package="python-pkcs11", extra="pkcs11"
        ) from exc


def _usual() -> str:
    for pattern in _USUAL.get(sys.platform, ()):
        for path in sorted(glob.glob(pattern)):
            return path
    raise NotFound("HWL-PKCS11-NO-MODULE", variable=ENVIRONMENT)


def _load(path: str) -> lib:
    """Load a library; python-pkcs11 says only in words why it could not."""
    import pkcs11
    from pkcs11.exceptions import PKCS11Error

    try:
        return pkcs11.lib(path)
    except PKCS11Error as exc:
        words = str(exc)
        if "already initialized" in words:
            raise Busy("HWL-PKCS11-SHARED", path=path) from exc
        if any(sign in words for sign in _ELF):
            raise UnsupportedError("HWL-PKCS11-ARCHITECTURE", path=path) from exc
        detail = words.rpartition(": ")[2][:120] or type(exc).__name__
        raise BadAnswer("HWL-PKCS11-LOAD", path=path, detail=detail) from exc
