"""The questions that `windows` asks, by winreg and ctypes: bytes out, nothing judged.

A part that does not answer is as absent as one that is not there. None of these calls needs
more rights than an ordinary user has: disks are opened with no access rights at all, which
is enough to ask what they are.
"""

from __future__ import annotations

import sys

__all__ = [
    "PROCESSOR_KEY",
    "query_buses",
    "query_disks",
    "query_firmware",
    "query_interfaces",
    "query_memory",
    "query_value",
]

PROCESSOR_KEY = r"HARDWARE\DESCRIPTION\System\CentralProcessor\0"
_ADAPTERS_KEY = r"SYSTEM\CurrentControlSet\Control\Class\{4d36e972-e325-11ce-bfc1-08002be10318}"
_MAX_DISKS = 32
_RSMB = 0x52534D42  # 'RSMB'
_IOCTL_STORAGE_QUERY_PROPERTY = 0x002D1400
_SHARE_READ_WRITE = 3
_OPEN_EXISTING = 3
_ROW_BYTES = 1352

if sys.platform == "win32":
    import ctypes
    import winreg
    from ctypes import wintypes

    def query_value(key: str, name: str) -> str:
        """Return a text of HKEY_LOCAL_MACHINE, of the 64-bit view; empty where there is none."""
        access = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, key, 0, access) as handle:
                value, _ = winreg.QueryValueEx(handle, name)
        except OSError:
            return ""
        return value if isinstance(value, str) else ""

    def query_buses() -> tuple[tuple[str, str], ...]:
        r"""Return (interface GUID, device instance) pairs, the latter like "PCI\VEN_8086…"."""
        access = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
        names = []
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, _ADAPTERS_KEY, 0, access) as handle:
                count = winreg.QueryInfoKey(handle)[0]
                names = [winreg.EnumKey(handle, index) for index in range(count)]
        except OSError:
            return ()
        keys = [f"{_ADAPTERS_KEY}\\{name}" for name in names if name.isdigit()]
        return tuple(
            (query_value(key, "NetCfgInstanceId").upper(), query_value(key, "DeviceInstanceID"))
            for key in keys
        )

    def query_firmware() -> bytes:
        """Return the raw SMBIOS data (sysinfoapi.h, GetSystemFirmwareTable)."""
        ask = ctypes.WinDLL("kernel32").GetSystemFirmwareTable
        ask.argtypes = [wintypes.DWORD, wintypes.DWORD, ctypes.c_void_p, wintypes.DWORD]
        ask.restype = wintypes.UINT
        size = ask(_RSMB, 0, None, 0)
        buffer = ctypes.create_string_buffer(size)
        written = ask(_RSMB, 0, buffer, size)
        return buffer.raw[:written] if 0 < written <= size else b""

    class _MemoryStatus(ctypes.Structure):
        _fields_ = (
            ("length", wintypes.DWORD),
            ("load", wintypes.DWORD),
            ("total", ctypes.c_ulonglong),
            ("rest", ctypes.c_ulonglong * 6),
        )

    def query_memory() -> int:
        """Return the physical memory in bytes; 0 where the system does not tell."""
        status = _MemoryStatus(length=ctypes.sizeof(_MemoryStatus))
        done = ctypes.WinDLL("kernel32").GlobalMemoryStatusEx(ctypes.byref(status))
        return int(status.total) if done else 0

    def query_disks() -> tuple[tuple[str, bytes], ...]:
        r"""Return (name, STORAGE_DEVICE_DESCRIPTOR) of each \\.\PhysicalDriveN."""
        found = ((f"PhysicalDrive{number}", _descriptor(number)) for number in range(_MAX_DISKS))
        return tuple((name, raw) for name, raw in found if raw)

    def _descriptor(number: int) -> bytes:
        kernel = ctypes.WinDLL("kernel32")
        kernel.CreateFileW.restype = wintypes.HANDLE
        kernel.CreateFileW.argtypes = [
            wintypes.LPCWSTR,
            wintypes.DWORD,
            wintypes.DWORD,
            ctypes.c_void_p,
            wintypes.DWORD,
            wintypes.DWORD,
            wintypes.HANDLE,
        ]
        kernel.CloseHandle.argtypes = [wintypes.HANDLE]
        path = rf"\\.\PhysicalDrive{number}"
        handle = kernel.CreateFileW(path, 0, _SHARE_READ_WRITE, None, _OPEN_EXISTING, 0, None)
        if handle in (None, wintypes.HANDLE(-1).value):
            return b""
        try:
            return _ask(kernel, handle)
        finally:
            kernel.CloseHandle(handle)

    def _ask(kernel: ctypes.WinDLL, handle: int) -> bytes:
        control = kernel.DeviceIoControl
        control.argtypes = [
            wintypes.HANDLE,
            wintypes.DWORD,
            ctypes.c_void_p,
            wintypes.DWORD,
            ctypes.c_void_p,
            wintypes.DWORD,
            ctypes.POINTER(wintypes.DWORD),
            ctypes.c_void_p,
        ]
        query = ctypes.create_string_buffer(12)  # StorageDeviceProperty, PropertyStandardQuery
        answer = ctypes.create_string_buffer(4096)
        size = wintypes.DWORD()
        done = control(
            handle,
            _IOCTL_STORAGE_QUERY_PROPERTY,
            query,
            len(query),
            answer,
            len(answer),
            ctypes.byref(size),
            None,
        )
        return answer.raw[: size.value] if done else b""

    def query_interfaces() -> bytes:
        """Return a MIB_IF_TABLE2 (netioapi.h, GetIfTable2); empty where it is refused."""
        library = ctypes.WinDLL("iphlpapi")
        library.FreeMibTable.argtypes = [ctypes.c_void_p]
        library.FreeMibTable.restype = None
        table = ctypes.c_void_p()
        if library.GetIfTable2(ctypes.byref(table)) or not table.value:
            return b""
        try:
            count = ctypes.c_uint32.from_address(table.value).value
            return ctypes.string_at(table.value, 8 + count * _ROW_BYTES)
        finally:
            library.FreeMibTable(table)
