"""Make the guest's disk, kernel and initramfs from Debian packages; about 25 seconds.

`python3 tools/vm/image.py` does it as root (mmdebstrap installs packages in a chroot); `ready`
tells whether there is one of today's recipe. Packages come from where this machine's apt gets
its own: of its sources those whose origin is Debian.
"""

from __future__ import annotations

import glob
import gzip
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile

if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from vm import CACHE, HERE, TOP, NotReady
from vm.cpio import archive

__all__ = ["Image", "build", "folder", "ready"]

_PACKAGES = (
    "busybox-static",  # the initramfs, and `date`, `poweroff` without a service manager
    "kmod",
    "libccid",
    "libusb-1.0-0",
    "mount",
    "pcscd",
    "python3",
    "python3-pyscard",
    "tpm-udev",  # the group "tss" and the rule that gives it /dev/tpmrm0
    "udev",
)
_KERNEL = "linux-image-amd64"
_BOOT_MODULES = ("virtio_pci", "virtio_blk", "ext4", "crc32c_generic")
_MODULES = (
    *("virtio_console", "e1000e", "tpm_tis"),
    *("xhci_pci", "uhci_hcd", "usbhid", "hid_generic", "usb_storage", "sd_mod"),
)
_DISK_MIB = 700


class Image:
    """Where the parts of a guest are: `disk`, `kernel`, `initramfs`; its `python` as 3.11."""

    def __init__(self, folder: str) -> None:
        self.disk = os.path.join(folder, "disk")
        self.kernel = os.path.join(folder, "kernel")
        self.initramfs = os.path.join(folder, "initramfs")
        try:
            with open(os.path.join(folder, "about.json"), encoding="utf-8") as file:
                self.python = str(json.load(file)["python"])
        except FileNotFoundError:
            raise NotReady("the guest's disk is not made yet: tools/run vm makes it") from None


def folder() -> str:
    """Return the folder of the image by today's recipe: this file, guest/ and the system's name."""
    digest = hashlib.sha256("\n".join(_system()).encode())
    paths = [os.path.join(HERE, name) for name in ("image.py", "cpio.py")]
    for path in paths + sorted(glob.glob(os.path.join(HERE, "guest", "*"))):
        with open(path, "rb") as file:
            digest.update(hashlib.sha256(file.read()).digest())
    return os.path.join(CACHE, f"image-{digest.hexdigest()[:16]}")


def ready() -> bool:
    """Tell whether the image is there."""
    return os.path.exists(os.path.join(folder(), "about.json"))


def build() -> None:
    """Make the image; its folder appears when it is complete. Root only."""
    target = folder()
    if _system()[::2] != ("debian", "x86_64"):
        raise NotReady("the guest is a Debian for x86-64, made by one: run this on such a machine")
    if os.geteuid() != 0:
        raise NotReady("the guest's disk can only be made by root: sudo python3 tools/vm/image.py")
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="hwlock-vm-", dir="/var/tmp") as place:
        root, made = os.path.join(place, "root"), os.path.join(place, "made")
        os.mkdir(made)
        _bootstrap(root, place)
        version = _install_kernel(root, place, made)
        _install_guest(root)
        _write_initramfs(root, version, os.path.join(made, "initramfs"))
        disk = os.path.join(made, "disk")
        _run(
            *("mke2fs", "-q", "-F", "-t", "ext4", "-O", "^has_journal", "-E", "root_owner=0:0"),
            *("-d", root, disk, f"{_DISK_MIB}M"),
        )
        python = os.path.basename(os.path.realpath(os.path.join(root, "usr/bin/python3")))
        with open(os.path.join(made, "about.json"), "w", encoding="utf-8") as file:
            json.dump({"kernel": version, "python": python.removeprefix("python")}, file)
        _put(made, target)


def _put(made: str, target: str) -> None:
    """Move what was made to `target`, for whom this tree belongs to; remove what it replaces."""
    half = target + ".half"
    shutil.rmtree(half, ignore_errors=True)
    shutil.move(made, half)
    owner = os.stat(TOP)
    for path in (os.path.dirname(CACHE), CACHE, half, *glob.glob(os.path.join(half, "*"))):
        os.chown(path, owner.st_uid, owner.st_gid)
    for old in glob.glob(os.path.join(os.path.dirname(target), "image-*")):
        if old != half:
            shutil.rmtree(old)
    os.rename(half, target)


def _system() -> tuple[str, str, str]:
    """Return the id and the code name of this machine's system, and its processor's family."""
    words = {}
    if os.path.exists("/etc/os-release"):
        with open("/etc/os-release", encoding="utf-8") as file:
            for line in file:
                key, _, value = line.strip().partition("=")
                words[key] = value.strip('"')
    return words.get("ID", ""), words.get("VERSION_CODENAME", ""), os.uname().machine


def _bootstrap(root: str, place: str) -> None:
    sources = os.path.join(place, "sources.list")
    with open(sources, "w", encoding="utf-8") as file:
        file.write(_sources())
    shrink = [f"--dpkgopt=path-exclude=/usr/share/{each}/*" for each in ("doc", "man", "locale")]
    _run(
        *("mmdebstrap", "--mode=root", "--variant=essential", "--format=directory", *shrink),
        *(f"--aptopt={line}" for line in _ways()),
        f"--include={','.join(_PACKAGES)}",
        *(_system()[1], root, sources),
    )


def _sources() -> str:
    """Return the lines of a sources.list for those of apt's sources that are Debian's."""
    pattern = "deb $(REPO_URI) $(RELEASE) $(COMPONENT)"
    ask = ("apt-get", "indextargets", "--format", pattern, "Created-By: Packages", "Origin: Debian")
    lines = _run(*ask)
    if not lines:
        _run("apt-get", "update")
        lines = _run(*ask)
    if not lines:
        raise NotReady("apt on this machine has no source of Debian's; add one and try again")
    return "\n".join(dict.fromkeys(lines.splitlines())) + "\n"


def _ways() -> list[str]:
    """Return this machine's settings of how apt reaches its sources, proxies above all."""
    lines = _run("apt-config", "dump", "--no-empty").splitlines()
    return [line for line in lines if line.startswith(("Acquire::http", "Acquire::https"))]


def _install_kernel(root: str, place: str, made: str) -> str:
    """Unpack kernel and modules beside the packages: no hooks, no boot loader; its version."""
    words = _run("apt-cache", "depends", "--important", _KERNEL).split()
    package = next(word for word in words if word.startswith("linux-image-") and word != _KERNEL)
    _run("apt-get", "-o", "APT::Sandbox::User=root", "download", package, cwd=place)
    unpacked = os.path.join(place, "kernel")
    _run("dpkg-deb", "-x", *glob.glob(os.path.join(place, f"{package}_*.deb")), unpacked)
    version = package.removeprefix("linux-image-")
    shutil.copy(os.path.join(unpacked, "boot", f"vmlinuz-{version}"), os.path.join(made, "kernel"))
    modules = os.path.join(root, "lib", "modules", version)
    os.makedirs(os.path.dirname(modules), exist_ok=True)
    shutil.move(os.path.join(unpacked, "lib", "modules", version), modules)
    _run("chroot", root, "depmod", version)
    kept = set(_closure(root, version, (*_BOOT_MODULES, *_MODULES)))
    for path in glob.glob(os.path.join(modules, "**", "*.ko*"), recursive=True):
        if os.path.relpath(path, root) not in kept:
            os.unlink(path)
    _run("chroot", root, "depmod", version)
    return version


def _closure(root: str, version: str, names: tuple[str, ...]) -> list[str]:
    """Return the files of modules, relative to `root`, in the order in which they load."""
    lines = _run("chroot", root, "modprobe", "--show-depends", "-S", version, "-a", *names)
    words = [line.split() for line in lines.splitlines()]
    return list(dict.fromkeys(each[1].lstrip("/") for each in words if each[0] == "insmod"))


def _install_guest(root: str) -> None:
    """Add the first process, the agent, the command, and two users without rights."""
    for name, path in (
        ("init", "sbin/hwlock-init"),
        ("agent.py", "sbin/hwlock-agent"),
        ("hwlock", "usr/local/bin/hwlock"),
    ):
        shutil.copy(os.path.join(HERE, "guest", name), os.path.join(root, path))
        os.chmod(os.path.join(root, path), 0o755)
    os.mkdir(os.path.join(root, "opt", "hwlock"))
    for number, name in ((1000, "ada"), (1001, "bob")):
        with open(os.path.join(root, "etc/passwd"), "a", encoding="ascii") as file:
            file.write(f"{name}:x:{number}:{number}::/home/{name}:/bin/sh\n")
        with open(os.path.join(root, "etc/group"), "a", encoding="ascii") as file:
            file.write(f"{name}:x:{number}:\n")
    with open(os.path.join(root, "etc/hwlock-modules"), "w", encoding="ascii") as file:
        file.write("\n".join(_MODULES) + "\n")


def _write_initramfs(root: str, version: str, path: str) -> None:
    busybox = _read(os.path.join(root, "bin/busybox"))
    files = {
        "init": (stat.S_IFREG | 0o755, _read(os.path.join(HERE, "guest", "initrd"))),
        "bin/busybox": (stat.S_IFREG | 0o755, busybox),
    }
    needed = _closure(root, version, _BOOT_MODULES)
    for module in needed:
        files[module] = (stat.S_IFREG | 0o644, _read(os.path.join(root, module)))
    files["modules"] = (stat.S_IFREG | 0o644, "\n".join(needed).encode())
    with open(path, "wb") as file:
        file.write(gzip.compress(archive(files), 1))


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _run(*command: str, cwd: str | None = None) -> str:
    """Run a command to its end; return its output. NotReady with its words where it fails."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr).strip()[-4000:]
        raise NotReady(f"the guest's disk could not be made\n$ {' '.join(command)}\n{said}")
    return done.stdout


def main() -> int:
    """Build; return the exit status."""
    try:
        build()
    except NotReady as exc:
        print(exc, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
