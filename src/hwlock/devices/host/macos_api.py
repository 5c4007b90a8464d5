"""The questions that `macos` asks, by IOKit and CoreFoundation through ctypes."""

from __future__ import annotations

import sys

__all__ = ["query", "sysctl"]

if sys.platform == "darwin":
    import ctypes
    import plistlib

    _FRAMEWORK = "/System/Library/Frameworks/{0}.framework/{0}"
    _UTF8 = 0x08000100
    _XML = 100  # kCFPropertyListXMLFormat_v1_0
    _UP_THE_TREE = 3  # kIORegistryIterateRecursively | kIORegistryIterateParents
    _MAX_OBJECTS = 256

    _iokit = ctypes.CDLL(_FRAMEWORK.format("IOKit"))
    _cf = ctypes.CDLL(_FRAMEWORK.format("CoreFoundation"))
    _pointer, _uint = ctypes.c_void_p, ctypes.c_uint32
    _iokit.IOServiceMatching.argtypes = [ctypes.c_char_p]
    _iokit.IOServiceMatching.restype = _pointer
    _iokit.IOServiceGetMatchingServices.argtypes = [_uint, _pointer, ctypes.POINTER(_uint)]
    _iokit.IOIteratorNext.argtypes = [_uint]
    _iokit.IOIteratorNext.restype = _uint
    _iokit.IOObjectRelease.argtypes = [_uint]
    _iokit.IORegistryEntrySearchCFProperty.argtypes = [
        _uint,
        ctypes.c_char_p,
        _pointer,
        _pointer,
        _uint,
    ]
    _iokit.IORegistryEntrySearchCFProperty.restype = _pointer
    _cf.CFStringCreateWithCString.argtypes = [_pointer, ctypes.c_char_p, _uint]
    _cf.CFStringCreateWithCString.restype = _pointer
    _cf.CFPropertyListCreateData.argtypes = [
        _pointer,
        _pointer,
        ctypes.c_long,
        ctypes.c_ulong,
        _pointer,
    ]
    _cf.CFPropertyListCreateData.restype = _pointer
    _cf.CFDataGetBytePtr.argtypes = [_pointer]
    _cf.CFDataGetBytePtr.restype = _pointer
    _cf.CFDataGetLength.argtypes = [_pointer]
    _cf.CFDataGetLength.restype = ctypes.c_long
    _cf.CFRelease.argtypes = [_pointer]
    _cf.CFRelease.restype = None

    def query(kind: str, keys: tuple[str, ...]) -> list[dict[str, object]]:
        """Return, for each object of a class, those of `keys` that it or a parent has."""
        iterator = _uint()
        matching = _iokit.IOServiceMatching(kind.encode())
        if _iokit.IOServiceGetMatchingServices(0, matching, ctypes.byref(iterator)):
            return []
        found = []
        for _ in range(_MAX_OBJECTS):
            entry = _iokit.IOIteratorNext(iterator)
            if not entry:
                break
            values = {key: _property(entry, key) for key in keys}
            found.append({key: value for key, value in values.items() if value is not None})
            _iokit.IOObjectRelease(entry)
        _iokit.IOObjectRelease(iterator)
        return found

    def _property(entry: int, key: str) -> object:
        name = _cf.CFStringCreateWithCString(None, key.encode(), _UTF8)
        value = _iokit.IORegistryEntrySearchCFProperty(
            entry, b"IOService", name, None, _UP_THE_TREE
        )
        _cf.CFRelease(name)
        if not value:
            return None
        data = _cf.CFPropertyListCreateData(None, value, _XML, 0, None)
        _cf.CFRelease(value)
        if not data:
            return None
        raw = ctypes.string_at(_cf.CFDataGetBytePtr(data), _cf.CFDataGetLength(data))
        _cf.CFRelease(data)
        result: object = plistlib.loads(raw)
        return result

    def sysctl(name: str) -> bytes:
        """Return a value of the kernel as bytes; empty where it has no such name."""
        ask = ctypes.CDLL(None).sysctlbyname
        size = ctypes.c_size_t(256)
        buffer = ctypes.create_string_buffer(size.value)
        if ask(name.encode(), buffer, ctypes.byref(size), None, 0):
            return b""
        return buffer.raw[: size.value]
