"""Events of Windows: CM_Register_Notification (cfgmgr32, from Windows 8), by ctypes.

Written from Microsoft's documentation; its logic is tested with a stand-in for the library.
Windows calls back on a thread of its own, so all that happens there is setting an event.
"""

from __future__ import annotations

import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Self

__all__ = ["NotifiedChanges"]

_BY_INTERFACE = 0  # CM_NOTIFY_FILTER_TYPE_DEVICEINTERFACE
_FILTER_BYTES = 416  # four DWORDs and a union, the largest of it 200 WCHARs
_CLASSES = {
    # subsystem → GUID as it lies in memory: GUID_DEVINTERFACE_USB_DEVICE, …_HID
    "usb": bytes.fromhex("10bfdca53065d211901f00c04fb951ed"),
    "hidraw": bytes.fromhex("b2551e4d6ff1cf1188cb001111000030"),
}
_ARRIVED, _REMOVED = 0, 1  # CM_NOTIFY_ACTION_DEVICEINTERFACE…


class NotifiedChanges:
    """Changes that Windows announces; `library` is cfgmgr32."""

    def __init__(self, library: Any, subsystems: tuple[str, ...]) -> None:
        self._library = library
        self._changed = threading.Event()
        self._done = False
        self._callback = _callback_type()(self._called)  # kept: Windows calls it until the end
        self._handles: list[Any] = []
        for name in subsystems:
            self._register(_CLASSES[name])

    @classmethod
    def listening(cls, subsystems: tuple[str, ...], library: Any = None) -> NotifiedChanges | None:
        """Return changes of `subsystems`; None where Windows is too old or refuses."""
        try:
            return cls(_load() if library is None else library, subsystems)
        except (AttributeError, OSError):
            return None

    def wait(self, timeout_s: float) -> bool:
        """Return True as soon as a device came or went, False after `timeout_s` or `wake`."""
        if self._done or not self._changed.wait(timeout_s) or self._done:
            return False
        self._changed.clear()
        return True

    def wake(self) -> None:
        """End every wait, now and later."""
        self._done = True
        self._changed.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.wake()
        handles, self._handles = self._handles, []
        for handle in handles:
            self._library.CM_Unregister_Notification(handle)

    def _register(self, guid: bytes) -> None:
        import ctypes

        asked = ctypes.create_string_buffer(_FILTER_BYTES)
        head = (ctypes.c_uint32 * 4)(_FILTER_BYTES, 0, _BY_INTERFACE, 0)
        ctypes.memmove(asked, bytes(head) + guid, 16 + len(guid))
        handle = ctypes.c_void_p()
        refused = self._library.CM_Register_Notification(
            asked, None, self._callback, ctypes.byref(handle)
        )
        if refused:
            self.__exit__()
            raise OSError(f"CM_Register_Notification: {refused}")
        self._handles.append(handle)

    def _called(self, _handle: int, _context: int, action: int, _data: int, _size: int) -> int:
        if action in (_ARRIVED, _REMOVED):
            self._changed.set()
        return 0


def _callback_type() -> Any:
    import ctypes

    make = getattr(ctypes, "WINFUNCTYPE", ctypes.CFUNCTYPE)
    return make(
        ctypes.c_uint32,
        ctypes.c_void_p,
        ctypes.c_void_p,
        ctypes.c_int,
        ctypes.c_void_p,
        ctypes.c_uint32,
    )


def _load() -> Any:
    import ctypes

    return ctypes.WinDLL("cfgmgr32.dll")  # type: ignore[attr-defined,unused-ignore]
