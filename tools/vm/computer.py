"""A computer that a test puts together, boots, and takes apart again.

    with Computer(image, payload, home, hardware=Hardware(disk="WD-1"), tpm=folder) as computer:
        computer.agent.run("hwlock", "device", "list")
        computer.save("fresh")

Its home disk lasts: another Computer with the same one is the same user's machine after a
repair. qemu and the TPM end with the computer, and with this process, however that ends.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from datetime import datetime, timezone
from typing import Any, NamedTuple

from vm import NotReady
from vm.agent import Agent
from vm.card import Slot
from vm.dongles import Dongle
from vm.image import Image
from vm.lines import accept, listen
from vm.qmp import Qmp
from vm.usbredir import Redirected

__all__ = ["BOOT_S", "Computer", "Hardware", "make_home"]

BOOT_S = 120.0
_CONNECT_S = 20.0
_KERNEL_WORDS = "console=ttyS0 panic=-1 quiet mitigations=off net.ifnames=0 audit=0"


class Hardware(NamedTuple):
    """The parts of a computer, and what they say of themselves."""

    maker: str = "Contoso"
    model: str = "Workstation 7"
    board: str = "CB-770"
    serial: str = "CW7-000451"
    uuid: str = "5d1c5c2e-8f0a-4c39-9f11-0f1f2e3d4c5b"
    disk: str = "S4EWNX0R812345"
    mac: str = "00:1b:21:5a:40:17"
    machine_id: str = "6f1d2c3b4a5968778695a4b3c2d1e0f9"


class Computer:
    """A running machine: `agent` inside it, `qmp` around it.

    `home` is the disk of its users (`make_home`), changed for good unless `scratch`. `tpm` is
    the state folder of a swtpm, or None. `clock` sets the wall clock at power-on.
    """

    def __init__(
        self,
        image: Image,
        payload: str,
        home: str,
        *,
        hardware: Hardware | None = None,
        tpm: str | None = None,
        clock: datetime | None = None,
        scratch: bool = False,
    ) -> None:
        self.folder = tempfile.mkdtemp(prefix="hwlock-vm-", dir="/tmp")  # a short path for sockets
        self._processes: list[subprocess.Popen[bytes]] = []
        self._plugged: list[str] = []
        self._dongles: dict[str, Redirected] = {}
        self._slots: dict[str, Slot] = {}
        sockets = {name: listen(self.path(name)) for name in ("qmp", "agent")}
        try:
            command = _machine(hardware or Hardware(), clock)
            command += _boot(image, hardware or Hardware())
            command += _disks(image.disk, payload, home, hardware or Hardware(), scratch=scratch)
            command += _channels(self.path)
            if tpm is not None:
                command += self._tpm(tpm)
            self._start("qemu-system-x86_64", *command)
            self.qmp = Qmp(self._accept(sockets["qmp"]))
            self.agent = Agent(self._accept(sockets["agent"]))
            self._wait_ready()
        except BaseException:
            self.close()
            raise

    def path(self, name: str) -> str:
        """Return the path of a socket or file in this computer's folder."""
        return os.path.join(self.folder, name)

    def save(self, name: str) -> None:
        """Take a snapshot of everything, the TPM included. Nothing may be plugged in."""
        self.qmp.monitor(f"savevm {name}")

    def load(self, name: str) -> None:
        """Go back to a snapshot; the wall clock is put right, as a hypervisor's tools do it."""
        self.qmp.monitor(f"loadvm {name}")
        self.qmp.do("cont")  # a snapshot that was taken of a stopped machine comes back stopped
        self.set_clock(datetime.now(timezone.utc))

    def set_clock(self, now: datetime) -> None:
        """Set the guest's clock."""
        done = self.agent.run("busybox", "date", "-u", "-s", f"@{int(now.timestamp())}")
        assert done.status == 0, done

    def plug(self, driver: str, name: str, **properties: Any) -> None:
        """Plug a device in."""
        self.qmp.do("device_add", driver=driver, id=name, **properties)
        self._plugged.append(name)

    def plug_dongle(self, dongle: Dongle, name: str = "dongle") -> None:
        """Plug in a dongle that we play; `unplug_dongle` pulls it out."""
        path = self.path(name)
        self._dongles[name] = Redirected(dongle, path)
        self._connect(name, path)
        self.plug("usb-redir", name, chardev=name, bus="xhci.0")

    def unplug_dongle(self, name: str = "dongle") -> None:
        """Pull a dongle out, and wait until it is gone."""
        self.unplug(name)  # its channel goes with it
        self._dongles.pop(name).close()
        os.unlink(self.path(name))

    def plug_reader(self, name: str = "reader") -> Slot:
        """Plug in a card reader without a card; `unplug_reader` pulls it out.

        It hangs on UHCI: behind xHCI the command after a message of 64 bytes goes wrong.
        """
        path = self.path(name)
        self._slots[name] = Slot(path)
        self._connect(name, path)
        self.plug("usb-ccid", name, bus="uhci.0")
        self.qmp.do("device_add", driver="ccid-card-passthru", chardev=name, bus=f"{name}.0")
        return self._slots[name]

    def unplug_reader(self, name: str = "reader") -> None:
        """Pull a reader out, with the card in it."""
        self.unplug(name)
        self.qmp.do("chardev-remove", id=name)
        self._slots.pop(name).close()
        os.unlink(self.path(name))

    def unplug_all(self) -> None:
        """Pull out whatever a test left in."""
        for name in list(self._dongles):
            self.unplug_dongle(name)
        for name in list(self._slots):
            self.unplug_reader(name)
        for name in list(self._plugged):
            self.unplug(name)

    def unplug(self, name: str) -> None:
        """Pull a device out, and wait until it is gone."""
        self._plugged.remove(name)
        self.qmp.do("device_del", id=name)
        self.qmp.wait("DEVICE_DELETED", lambda data: data.get("device") == name, 20)

    def close(self) -> None:
        """Pull the power plug, and tidy up."""
        for name in ("agent", "qmp"):
            if hasattr(self, name):
                getattr(self, name).close()
        for dongle in self._dongles.values():
            dongle.close()
        for slot in self._slots.values():
            slot.close()
        for process in reversed(self._processes):
            process.kill()
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def shut_down(self) -> None:
        """End it in good order, so that the home disk is whole."""
        done = self.agent.run("sh", "-c", "sync; mount -o remount,ro /home || sync")
        assert done.status == 0, done
        self.close()

    def __enter__(self) -> Computer:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _connect(self, name: str, path: str) -> None:
        """Let qemu connect to a socket of ours."""
        where = {"type": "unix", "data": {"path": path}}
        backend = {"type": "socket", "data": {"addr": where, "server": False}}
        self.qmp.do("chardev-add", id=name, backend=backend)

    def _tpm(self, state: str) -> list[str]:
        self._start(
            *("swtpm", "socket", "--tpm2", "--tpmstate", f"dir={state}", "--terminate"),
            *("--ctrl", f"type=unixio,path={self.path('tpm')}"),
        )
        deadline = time.monotonic() + _CONNECT_S
        while not os.path.exists(self.path("tpm")):
            if time.monotonic() > deadline or self._processes[-1].poll() is not None:
                raise NotReady(f"swtpm does not start\n{self._said()}")
            time.sleep(0.002)
        return [
            *("-chardev", f"socket,id=tpm,path={self.path('tpm')}"),
            *("-tpmdev", "emulator,id=tpm0,chardev=tpm", "-device", "tpm-tis,tpmdev=tpm0"),
        ]

    def _start(self, *command: str) -> None:
        with open(self.path("said"), "ab") as said:
            self._processes.append(
                subprocess.Popen(
                    ("setpriv", "--pdeathsig", "KILL", *command),
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=said,
                )
            )

    def _accept(self, listening: socket.socket) -> socket.socket:
        try:
            return accept(listening, _CONNECT_S)
        except TimeoutError:
            raise NotReady(f"qemu does not start\n{self._said()}") from None

    def _wait_ready(self) -> None:
        try:
            self.agent.wait_ready(BOOT_S)
        except (EOFError, OSError) as exc:
            raise NotReady(f"the guest does not boot: {exc}\n{self._said()}") from exc

    def _said(self) -> str:
        text = ""
        for name in ("said", "console"):
            if os.path.exists(self.path(name)):
                with open(self.path(name), encoding="utf-8", errors="replace") as file:
                    text += file.read()[-3000:]
        return text


def make_home(path: str) -> str:
    """Make an empty disk for the users' files; return its path."""
    command = ("mke2fs", "-q", "-F", "-t", "ext4", "-E", "root_owner=0:0", path, "32M")
    subprocess.run(command, check=True, capture_output=True)
    return path


def _machine(hardware: Hardware, clock: datetime | None) -> list[str]:
    base = "utc" if clock is None else clock.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    system = f"manufacturer={hardware.maker},product={hardware.model},serial={hardware.serial}"
    return [
        *("-machine", "q35", "-accel", "tcg,thread=multi,tb-size=512", "-cpu", "max"),
        *("-smp", "2", "-m", "640", "-nodefaults", "-no-user-config", "-display", "none"),
        *("-no-reboot", "-rtc", f"base={base}"),
        *("-smbios", f"type=1,{system},uuid={hardware.uuid}"),
        *("-smbios", f"type=2,manufacturer={hardware.maker},product={hardware.board}"),
        *("-device", f"e1000e,mac={hardware.mac}"),
        *("-device", "qemu-xhci,id=xhci", "-device", "piix3-usb-uhci,id=uhci"),
    ]


def _boot(image: Image, hardware: Hardware) -> list[str]:
    words = f"{_KERNEL_WORDS} hwlock.machine_id={hardware.machine_id}"
    return ["-kernel", image.kernel, "-initrd", image.initramfs, "-append", words]


def _disks(system: str, payload: str, home: str, hardware: Hardware, *, scratch: bool) -> list[str]:
    """The order is that of guest/init: system, hwlock, home."""
    last = "on" if scratch else "off"
    return [
        *("-drive", f"if=none,id=system,file={system},format=raw,snapshot=on"),
        *("-device", f"virtio-blk-pci,drive=system,serial={hardware.disk}"),
        *("-drive", f"if=none,id=payload,file={payload},format=raw,readonly=on"),
        *("-device", "virtio-blk-pci,drive=payload"),
        *("-drive", f"if=none,id=home,file={home},format=raw,snapshot={last}"),
        *("-device", "virtio-blk-pci,drive=home"),
    ]


def _channels(path: Any) -> list[str]:
    return [
        *("-chardev", f"file,id=console,path={path('console')}", "-serial", "chardev:console"),
        *("-chardev", f"socket,id=qmp,path={path('qmp')}"),
        *("-mon", "chardev=qmp,mode=control"),
        *("-chardev", f"socket,id=agent,path={path('agent')}"),
        *("-device", "virtio-serial-pci", "-device", "virtserialport,chardev=agent,name=hwlock"),
    ]
