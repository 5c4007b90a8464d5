"""TPM Base Services (TBS) of Windows, by ctypes.

Written from Microsoft's documentation of tbs.h; its logic is tested with a stand-in for the
library. TBS manages the TPM's slots for all its users. It blocks commands by policy: signing
works for everyone, while the endorsement hierarchy and NV memory may need an elevated
process.
"""

from __future__ import annotations

from hwlock.errors import (
    AccessDenied,
    BadAnswer,
    Busy,
    DeviceError,
    NotFound,
    Removed,
    UnsupportedError,
)

from . import MAX_RESPONSE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["TbsContext", "is_present"]

_VERSION_2 = 2  # of TBS_CONTEXT_PARAMS2
_INCLUDE_TPM20 = 1 << 2
_TPM_VERSION_20 = 2
_LOCALITY_ZERO = 0
_PRIORITY_NORMAL = 200

_TOO_MANY = (0x80284009, 0x8028400A)
_STARTING = 0x8028400B
_NOT_RUNNING = (0x80284008, 0x80284010)
_NOT_FOUND = 0x8028400F
_DENIED = (0x80284012, 0x80280400)  # TBS_E_ACCESS_DENIED, TPM_E_COMMAND_BLOCKED
_DEVICE_LOST = (0x80284004, 0x80284006)  # TBS_E_INVALID_CONTEXT, TBS_E_IOERROR


class TbsContext:
    """A Transport through TBS; `library` is tbs.dll, given by tests."""

    shared = True

    def __init__(self, library: Any = None) -> None:
        import ctypes

        self._ctypes = ctypes
        self._tbs = _load() if library is None else library
        self._context: Any = ctypes.c_void_p()
        # TBS_CONTEXT_PARAMS2: the version, then a UINT32 of flag bits
        parameters = (ctypes.c_uint32 * 2)(_VERSION_2, _INCLUDE_TPM20)
        self._check(
            self._tbs.Tbsi_Context_Create(ctypes.byref(parameters), ctypes.byref(self._context))
        )

    def exchange(self, command: bytes) -> bytes:
        """Submit one command (Tbsip_Submit_Command), return its answer."""
        if self._context is None:
            raise Removed("HWL-TPM-GONE", where="TBS")
        answer = (self._ctypes.c_ubyte * MAX_RESPONSE)()
        size = self._ctypes.c_uint32(MAX_RESPONSE)
        self._check(
            self._tbs.Tbsip_Submit_Command(
                self._context,
                self._ctypes.c_uint32(_LOCALITY_ZERO),
                self._ctypes.c_uint32(_PRIORITY_NORMAL),
                command,
                self._ctypes.c_uint32(len(command)),
                answer,
                self._ctypes.byref(size),
            )
        )
        return bytes(answer[: min(size.value, MAX_RESPONSE)])

    def close(self) -> None:
        """Close the context."""
        context, self._context = self._context, None
        if context is not None:
            self._tbs.Tbsip_Context_Close(context)

    def _check(self, result: int) -> None:
        """Raise our error for a TBS_RESULT that is not TBS_SUCCESS."""
        if result := result & 0xFFFFFFFF:
            raise _error(result)


def is_present(library: Any = None) -> bool:
    """Tell whether Windows knows a TPM 2.0 (Tbsi_GetDeviceInfo opens no context)."""
    import ctypes

    try:
        tbs = _load() if library is None else library
    except UnsupportedError:
        return False
    # TPM_DEVICE_INFO: struct version, TPM version, interface, revision
    info = (ctypes.c_uint32 * 4)()
    found = tbs.Tbsi_GetDeviceInfo(ctypes.sizeof(info), ctypes.byref(info)) & 0xFFFFFFFF == 0
    return bool(found) and info[1] == _TPM_VERSION_20


def _error(result: int) -> DeviceError:
    if result == _NOT_FOUND or result in _NOT_RUNNING:
        return NotFound("HWL-TPM-NONE")
    if result in _DENIED:
        return AccessDenied("HWL-TPM-BLOCKED")
    if result in _TOO_MANY or result == _STARTING:
        return Busy("HWL-TPM-BUSY", where="TBS")
    if result in _DEVICE_LOST:
        return Removed("HWL-TPM-GONE", where="TBS")
    return BadAnswer("HWL-TPM-IO", raw_code=result, where="TBS", detail=f"{result:#010x}")


def _load() -> Any:
    """Load tbs.dll; UnsupportedError where it is not."""
    import ctypes

    try:
        return ctypes.WinDLL("tbs.dll")  # type: ignore[attr-defined,unused-ignore]
    except (AttributeError, OSError) as exc:
        raise UnsupportedError("HWL-TPM-TBS") from exc
