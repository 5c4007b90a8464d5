"""USB without hardware: a bus of virtual devices as a backend of pyusb.

::

    with VirtualUsbBus() as bus:
        dongle = bus.plug(VirtualUsbDevice(0x1234, 0xABCD, serial="A1"))
        ...                      # the drivers of hwlock find it like any other
        bus.unplug(dongle)       # and every watch hears of it

`usb.core.find(backend=bus.backend)` gives the same devices to any other program of pyusb. The
bus behaves as Linux does: an interface with a driver of the kernel must be detached and claimed
before it is used, and a device that was pulled answers with errno 19 from then on.
"""

from __future__ import annotations

import errno
import os
import threading
from types import SimpleNamespace

from usb.backend import IBackend
from usb.core import USBError

from hwlock.devices import libusb
from hwlock.testing.changes import Plugs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from typing import Any

    from typing_extensions import Self

    from hwlock.testing.changes import VirtualChanges

__all__ = ["VirtualUsbBus", "VirtualUsbDevice", "failure"]

_GET_DESCRIPTOR, _STRING = 0x06, 3
_ENGLISH = 0x0409
_TO_INTERFACE = 1  # recipient, the lowest bits of bmRequestType
_BUS = 250  # a number that no machine's own bus has


def failure(number: int) -> USBError:
    """Return what a backend raises for an error of the system (errno)."""
    return USBError(os.strerror(number), -1, number)


class VirtualUsbDevice:
    """A device that says who it is and can do nothing else.

    `interfaces` are (class, subclass, protocol), numbered from 0; `has_driver` says whether the
    kernel took them. `readable` is False for a user whom the system does not let open it.
    """

    def __init__(
        self,
        vendor: int,
        product: int,
        *,
        serial: str = "",
        device_class: int = 0,
        interfaces: tuple[tuple[int, int, int], ...] = ((0xFF, 0, 0),),
        has_driver: bool = False,
        readable: bool = True,
    ) -> None:
        self.vendor = vendor
        self.product = product
        self.device_class = device_class
        self.interfaces = interfaces
        self.has_driver = has_driver
        self.readable = readable
        self.strings = {3: serial} if serial else {}

    def control(self, kind: int, request: int, value: int, index: int, data: bytes) -> bytes:
        """Answer a control transfer; a device that has none stalls (EPIPE)."""
        raise failure(errno.EPIPE)

    def plugged(self) -> None:
        """Begin anew: power came on."""

    def descriptor(self, address: int) -> SimpleNamespace:
        """Return the device descriptor, and what libusb knows beside it."""
        return SimpleNamespace(
            bLength=18,
            bDescriptorType=1,
            bcdUSB=0x0200,
            bDeviceClass=self.device_class,
            bDeviceSubClass=0,
            bDeviceProtocol=0,
            bMaxPacketSize0=64,
            idVendor=self.vendor,
            idProduct=self.product,
            bcdDevice=0x0100,
            iManufacturer=0,
            iProduct=0,
            iSerialNumber=3 if 3 in self.strings else 0,
            bNumConfigurations=1,
            address=address,
            bus=_BUS,
            port_number=address,
            port_numbers=(address,),
            speed=2,
        )

    def string(self, number: int) -> bytes:
        """Return a string descriptor; number 0 is the list of languages."""
        if number and number not in self.strings:
            raise failure(errno.EPIPE)
        body = self.strings[number].encode("utf-16-le") if number else b"\x09\x04"
        return bytes([len(body) + 2, _STRING]) + body


class _Opened:
    """A handle: one program that has opened a device."""

    def __init__(self, device: VirtualUsbDevice, address: int) -> None:
        self.device = device
        self.address = address


class _Backend(IBackend):  # type: ignore[misc]  # pyusb has no types
    """The bus as pyusb sees it."""

    def __init__(self, bus: VirtualUsbBus) -> None:
        self._bus = bus

    def enumerate_devices(self) -> Iterator[_Opened]:
        """Yield what is plugged in."""
        for address, device in self._bus.plugged():
            yield _Opened(device, address)

    def get_device_descriptor(self, dev: _Opened) -> Any:
        """Return the device descriptor."""
        return dev.device.descriptor(dev.address)

    def get_configuration_descriptor(self, dev: _Opened, config: int) -> Any:
        """Return the only configuration."""
        if config:
            raise IndexError(config)
        return SimpleNamespace(
            bLength=9,
            bDescriptorType=2,
            wTotalLength=9 + 9 * len(dev.device.interfaces),
            bNumInterfaces=len(dev.device.interfaces),
            bConfigurationValue=1,
            iConfiguration=0,
            bmAttributes=0x80,
            bMaxPower=15,
            extra_descriptors=[],
        )

    def get_interface_descriptor(self, dev: _Opened, intf: int, alt: int, config: int) -> Any:
        """Return an interface; each has one setting."""
        if alt or config or intf >= len(dev.device.interfaces):
            raise IndexError(intf)
        kind, subclass, protocol = dev.device.interfaces[intf]
        return SimpleNamespace(
            bLength=9,
            bDescriptorType=4,
            bInterfaceNumber=intf,
            bAlternateSetting=0,
            bNumEndpoints=0,
            bInterfaceClass=kind,
            bInterfaceSubClass=subclass,
            bInterfaceProtocol=protocol,
            iInterface=0,
            extra_descriptors=[],
        )

    def open_device(self, dev: _Opened) -> _Opened:
        """Return a new handle; EACCES, ENODEV."""
        self._bus.require(dev)
        if not dev.device.readable:
            raise failure(errno.EACCES)
        return _Opened(dev.device, dev.address)

    def close_device(self, dev_handle: _Opened) -> None:
        """Forget a handle and what it claimed."""
        self._bus.release(dev_handle, None)

    def get_configuration(self, dev_handle: _Opened) -> int:
        """Return 1, the only configuration."""
        return 1

    def claim_interface(self, dev_handle: _Opened, intf: int) -> None:
        """Claim; EBUSY where the kernel or another handle has it."""
        self._bus.claim(dev_handle, intf)

    def release_interface(self, dev_handle: _Opened, intf: int) -> None:
        """Release."""
        self._bus.require(dev_handle)
        self._bus.release(dev_handle, intf)

    def is_kernel_driver_active(self, dev_handle: _Opened, intf: int) -> bool:
        """Tell whether the kernel has the interface."""
        self._bus.require(dev_handle)
        return self._bus.has_driver(dev_handle, intf)

    def detach_kernel_driver(self, dev_handle: _Opened, intf: int) -> None:
        """Take the interface from the kernel; ENOENT where it has not got it."""
        self._bus.detach(dev_handle, intf)

    def attach_kernel_driver(self, dev_handle: _Opened, intf: int) -> None:
        """Give it back; EBUSY where somebody claims it."""
        self._bus.attach(dev_handle, intf)

    def ctrl_transfer(
        self,
        dev_handle: _Opened,
        bmRequestType: int,
        bRequest: int,
        wValue: int,
        wIndex: int,
        data: Any,
        timeout: int,
    ) -> int:
        """Transfer; returns how many bytes were moved."""
        return self._bus.transfer(dev_handle, bmRequestType, bRequest, wValue, wIndex, data)


class VirtualUsbBus:
    """A machine's USB sockets; a context manager that puts them in place of the real ones.

    `before_transfer`, where a test sets it, is called with the device before each transfer: to
    pull it at the worst moment, for example.
    """

    def __init__(self) -> None:
        self.backend = _Backend(self)
        self.before_transfer: Callable[[VirtualUsbDevice], None] | None = None
        self._lock = threading.RLock()
        self._plugs = Plugs()
        self._addresses: dict[VirtualUsbDevice, int] = {}
        self._drivers: set[tuple[VirtualUsbDevice, int]] = set()
        self._claims: dict[tuple[VirtualUsbDevice, int], _Opened] = {}
        self._next = 1
        self._use: AbstractContextManager[None] | None = None

    def plug(self, device: VirtualUsbDevice) -> VirtualUsbDevice:
        """Plug a device in; it gets a new address."""
        with self._lock:
            self._addresses[device] = self._next
            self._next += 1
            if device.has_driver:
                self._drivers |= {(device, number) for number in range(len(device.interfaces))}
            device.plugged()
        self._plugs.happen()
        return device

    def unplug(self, device: VirtualUsbDevice) -> None:
        """Pull a device; one that is not plugged in is nothing."""
        with self._lock:
            self._addresses.pop(device, None)
            self._drivers = {each for each in self._drivers if each[0] is not device}
            self._claims = {
                each: handle for each, handle in self._claims.items() if each[0] is not device
            }
        self._plugs.happen()

    def changes(self) -> VirtualChanges:
        """Return what hears of `plug` and `unplug`."""
        return self._plugs.changes()

    @property
    def listeners(self) -> int:
        """How many listen to plugs and pulls at the moment."""
        return self._plugs.listeners

    def plugged(self) -> list[tuple[int, VirtualUsbDevice]]:
        """Return addresses and devices."""
        with self._lock:
            return [(address, device) for device, address in self._addresses.items()]

    def driven(self, device: VirtualUsbDevice) -> bool:
        """Tell whether the kernel has all interfaces of a device: all was given back."""
        with self._lock:
            return all(
                (device, number) in self._drivers for number in range(len(device.interfaces))
            )

    def require(self, opened: _Opened) -> None:
        """Return where this device is still the one that was opened; ENODEV."""
        with self._lock:
            if self._addresses.get(opened.device) != opened.address:
                raise failure(errno.ENODEV)

    def has_driver(self, opened: _Opened, interface: int) -> bool:
        """Tell whether the kernel has an interface."""
        with self._lock:
            return (opened.device, interface) in self._drivers

    def claim(self, opened: _Opened, interface: int) -> None:
        """Give an interface to a handle."""
        with self._lock:
            self.require(opened)
            key = (opened.device, interface)
            if key in self._drivers or self._claims.get(key, opened) is not opened:
                raise failure(errno.EBUSY)
            self._claims[key] = opened

    def release(self, opened: _Opened, interface: int | None) -> None:
        """Take an interface, or all, from a handle."""
        with self._lock:
            self._claims = {
                (device, number): handle
                for (device, number), handle in self._claims.items()
                if handle is not opened or interface not in (None, number)
            }

    def detach(self, opened: _Opened, interface: int) -> None:
        """Take an interface from the kernel."""
        with self._lock:
            self.require(opened)
            if (opened.device, interface) not in self._drivers:
                raise failure(errno.ENOENT)
            self._drivers.remove((opened.device, interface))

    def attach(self, opened: _Opened, interface: int) -> None:
        """Give an interface to the kernel."""
        with self._lock:
            self.require(opened)
            key = (opened.device, interface)
            if key in self._drivers or key in self._claims:
                raise failure(errno.EBUSY)
            self._drivers.add(key)

    def transfer(
        self, opened: _Opened, kind: int, request: int, value: int, index: int, data: Any
    ) -> int:
        """Move bytes on endpoint 0, as a device and the kernel let it."""
        if self.before_transfer is not None:
            self.before_transfer(opened.device)
        with self._lock:
            self.require(opened)
            if (
                kind & 0x1F == _TO_INTERFACE
                and self._claims.get((opened.device, index & 0xFF)) is not opened
            ):
                raise failure(errno.EBUSY)
            if (kind, request, value >> 8) == (0x80, _GET_DESCRIPTOR, _STRING):
                answer = opened.device.string(value & 0xFF)
            else:
                answer = opened.device.control(kind, request, value, index, bytes(data))
        if not kind & 0x80:
            return len(data)
        size = min(len(answer), len(data))
        for at in range(size):
            data[at] = answer[at]
        return size

    def __enter__(self) -> Self:
        self._use = libusb.use(self)
        self._use.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        assert self._use is not None
        self._use.__exit__(None, None, None)
