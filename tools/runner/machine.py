"""What the system must have, and how it comes there.

One table: a Debian package, what it is for, how to see that its content is there already
(from whatever source), and the verbs that need it. Nothing is installed that is not missing.
"""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable
from importlib.util import find_spec

from . import environment
from .steps import fail, say, step

__all__ = ["NEEDS", "Need", "ensure", "missing", "root_prefix"]


class Need:
    """One row: a Debian package, why, a probe, and the groups of work that need it."""

    def __init__(self, package: str, why: str, probe: Callable[[], bool], groups: str) -> None:
        self.package = package
        self.why = why
        self.probe = probe
        self.groups = groups.split()


def _command(name: str) -> Callable[[], bool]:
    return lambda: shutil.which(name, path=environment()["PATH"]) is not None


def _file(*patterns: str) -> Callable[[], bool]:
    return lambda: any(glob.glob(pattern) for pattern in patterns)


def _module(name: str) -> Callable[[], bool]:
    return lambda: find_spec(name) is not None


_VPCD = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
_P11_KIT = "/usr/lib/*/p11-kit-proxy.so"
_PCSC_H = "/usr/include/PCSC/winscard.h"
_PYTHON_H = os.path.join(str(sysconfig.get_config_var("INCLUDEPY")), "Python.h")
_QEMU = "qemu-system-x86_64"
_ARM64, _ARM, _MINGW = "aarch64-linux-gnu", "arm-linux-gnueabihf", "x86_64-w64-mingw32-gcc"
_MULTILIB = ("/usr/lib/gcc/x86_64-linux-gnu/*/32/crtbegin.o", "/usr/lib32/gcc/*/*/crtbegin.o")
_RUNTIMES = "/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.asan*"

_UMOCKDEV = "/usr/lib/*/girepository-1.0/UMockdev-1.0.typelib"
_LIBUSB = ("/lib/*/libusb-1.0.so.0", "/usr/lib/*/libusb-1.0.so.0")

# Groups: "build" what every verb needs; "tpm" a software TPM; "cards" virtual card readers;
# "test" all that CI compares with; "vm" a machine of its own with a kernel of its own.
NEEDS = (
    Need("python3-venv", "to make a virtual environment", _module("ensurepip"), "build"),
    Need("python3-dev", "to compile the native core", _file(_PYTHON_H), "build"),
    Need("gcc", "to compile the native core", _command("gcc"), "build"),
    Need("libc6-dev", "to compile the native core", _file("/usr/include/stdlib.h"), "build"),
    Need("swtpm", "a software TPM", _command("swtpm"), "tpm"),
    Need("swtpm-tools", "to set a software TPM up", _command("swtpm_setup"), "tpm"),
    Need("make", "to run the tests of the core", _command("make"), "test"),
    Need("clang", "the second compiler of the core", _command("clang"), "test"),
    Need("g++", "to show that the header is one for C++", _command("g++"), "test"),
    Need("cmake", "to build and install libhwlock", _command("cmake"), "test"),
    Need("libclang-rt-dev", "sanitizers and fuzzing with clang", _file(_RUNTIMES), "test"),
    Need("valgrind", "to prove constant time", _command("valgrind"), "test"),
    Need("gcc-multilib", "to test the core as 32-bit code", _file(*_MULTILIB), "test"),
    Need("gcc-aarch64-linux-gnu", "to test the core on ARM64", _command(f"{_ARM64}-gcc"), "test"),
    Need("libc6-dev-arm64-cross", "the same", _file(f"/usr/{_ARM64}/include/stdlib.h"), "test"),
    Need("gcc-arm-linux-gnueabihf", "to test it on 32-bit ARM", _command(f"{_ARM}-gcc"), "test"),
    Need("libc6-dev-armhf-cross", "the same", _file(f"/usr/{_ARM}/include/stdlib.h"), "test"),
    Need("qemu-user", "to run what was compiled for ARM", _command("qemu-aarch64"), "test"),
    Need("gcc-mingw-w64-x86-64-win32", "to compile it for Windows", _command(_MINGW), "test"),
    Need("tpm2-tools", "an independent TPM client to compare with", _command("tpm2"), "test"),
    Need(
        "libtss2-dev",
        "an independent TPM library to compare with",
        _file("/usr/include/tss2/tss2_esys.h", "/usr/local/include/tss2/tss2_esys.h"),
        "test",
    ),
    Need("umockdev", "to show a process other hardware", _command("umockdev-run"), "test"),
    Need("gir1.2-umockdev-1.0", "to change that hardware", _file(_UMOCKDEV), "test"),
    Need("python3-gi", "the same, from Python", _file("/usr/lib/python3/dist-packages/gi"), "test"),
    Need("libusb-1.0-0", "to reach USB dongles", _file(*_LIBUSB), "test"),
    Need("openssl", "to read the vendor's keys with another program", _command("openssl"), "test"),
    Need("pcscd", "the smartcard service", _command("pcscd"), "test cards"),
    Need("vsmartcard-vpcd", "virtual smartcard readers", _file(_VPCD), "test cards"),
    Need("libpcsclite-dev", "to compile what reaches that service", _file(_PCSC_H), "test cards"),
    Need("opensc", "an independent client of smartcards", _command("pkcs11-tool"), "test"),
    Need("softhsm2", "a token of software", _command("softhsm2-util"), "test"),
    Need("p11-kit-modules", "all PKCS#11 modules at once", _file(_P11_KIT), "test"),
    Need("yubico-piv-tool", "another one", _command("yubico-piv-tool"), "test"),
    Need("pkg-config", "to find that library", _command("pkg-config"), "test"),
    Need("qemu-system-x86", "a machine to boot and pull apart", _command(_QEMU), "vm"),
    Need("mmdebstrap", "to make the disk of that machine", _command("mmdebstrap"), "vm"),
    Need("e2fsprogs", "to make the disk of that machine", _command("mke2fs"), "vm"),
)


def missing(groups: Iterable[str]) -> list[Need]:
    """Return the rows of `groups` whose content is not on this machine."""
    wanted = set(groups)
    return [need for need in NEEDS if wanted.intersection(need.groups) and not need.probe()]


def ensure(groups: Iterable[str]) -> None:
    """Bring what `groups` need onto this machine; Failed says what a person must do."""
    lacking = missing(groups)
    if not lacking:
        return
    say("Missing on this machine:")
    for need in lacking:
        say(f"  {need.package:18} {need.why}")
    _install([need.package for need in lacking])
    still = [need.package for need in lacking if not need.probe()]
    if still:
        raise fail(f"installed, but still not usable here: {' '.join(still)}")


def _install(packages: list[str]) -> None:
    apt = shutil.which("apt-get", path=environment()["PATH"])
    if apt is None:
        raise fail(
            "this is not a Debian-like system; install the equivalents of these Debian "
            f"packages by your own means: {' '.join(packages)}"
        )
    prefix = root_prefix()
    if prefix is None:
        raise fail(
            "installing needs root, and sudo is not usable here. An administrator can run:\n"
            f"  apt-get update && apt-get install --no-install-recommends {' '.join(packages)}"
        )
    _apt([*prefix, apt], packages)


def root_prefix() -> list[str] | None:
    """Return what to put before a command to run it as root; None where we may not."""
    if os.geteuid() == 0:
        return ["env", "DEBIAN_FRONTEND=noninteractive"]
    sudo = shutil.which("sudo", path=environment()["PATH"])
    if sudo is None:
        return None
    silent = [sudo, "-n"]
    may = subprocess.run([*silent, "true"], env=environment(), capture_output=True, check=False)
    if may.returncode == 0:
        return [*silent, "env", "DEBIAN_FRONTEND=noninteractive"]
    if not sys.stdin.isatty():
        return None
    say("sudo may ask for your password now, to install them.")
    if subprocess.run([sudo, "-v"], env=environment(), check=False).returncode:
        return None
    return [sudo, "env", "DEBIAN_FRONTEND=noninteractive"]


def _apt(apt: list[str], packages: list[str]) -> None:
    """Install; where the package lists are absent or stale, fetch them and try again."""
    options = ["-o", "DPkg::Lock::Timeout=300", "-y", "--no-install-recommends"]
    install = [*apt, "install", *options, *packages]
    title = f"apt-get install {' '.join(packages)}"
    plan = subprocess.run(
        [*install, "--simulate"], env=environment(), capture_output=True, check=False
    )
    if plan.returncode == 0 and step(title, install).ok:
        return
    if not step("apt-get update", [*apt, "update"]).ok:
        raise fail("the package lists could not be fetched; is there a network?")
    if not step(title, install).ok:
        raise fail("apt-get could not install what is missing (its words are above)")
