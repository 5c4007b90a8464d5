"""The USB devices of macOS, by IOKit through ctypes; written from Apple's documentation.

An entry of the I/O registry has a number that is never used again, so one look tells of a
device that was pulled and plugged in between.
"""

from __future__ import annotations

import sys

__all__ = ["usb_devices"]

if sys.platform == "darwin":
    import ctypes

    _MAX_DEVICES = 256
    _iokit = ctypes.CDLL("/System/Library/Frameworks/IOKit.framework/IOKit")
    _pointer, _uint = ctypes.c_void_p, ctypes.c_uint32
    _iokit.IOServiceMatching.argtypes = [ctypes.c_char_p]
    _iokit.IOServiceMatching.restype = _pointer
    _iokit.IOServiceGetMatchingServices.argtypes = [_uint, _pointer, ctypes.POINTER(_uint)]
    _iokit.IOIteratorNext.argtypes = [_uint]
    _iokit.IOIteratorNext.restype = _uint
    _iokit.IORegistryEntryGetRegistryEntryID.argtypes = [_uint, ctypes.POINTER(ctypes.c_uint64)]
    _iokit.IOObjectRelease.argtypes = [_uint]

    def usb_devices() -> object:
        """Return the numbers of all USB devices in the I/O registry."""
        iterator = _uint()
        matching = _iokit.IOServiceMatching(b"IOUSBHostDevice")
        if _iokit.IOServiceGetMatchingServices(0, matching, ctypes.byref(iterator)):
            return ()
        found = []
        for _ in range(_MAX_DEVICES):
            entry = _iokit.IOIteratorNext(iterator)
            if not entry:
                break
            number = ctypes.c_uint64()
            _iokit.IORegistryEntryGetRegistryEntryID(entry, ctypes.byref(number))
            found.append(number.value)
            _iokit.IOObjectRelease(entry)
        _iokit.IOObjectRelease(iterator)
        return tuple(sorted(found))

else:

    def usb_devices() -> object:
        """Return nothing: this is another system."""
        return ()
