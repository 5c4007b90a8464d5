"""Make the guest's second disk: our wheel with all that it needs, as `pip install` leaves it."""

from __future__ import annotations

import glob
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from vm import CACHE, TOP, NotReady

__all__ = ["build", "disk", "ready", "sources"]

_EXTRAS = "fido2,usb"  # pyscard is no wheel: the image has it from Debian
_ALSO = ("pyusb>=1.2.1",)
_SOURCES = (
    *("src/hwlock", "csrc/include", "csrc/src", "csrc/hwlock.cdef.h", "csrc/hwlock.csrc.h"),
    *("csrc/base_tables.py", "build_ext.py", "setup.py", "pyproject.toml"),
    *("MANIFEST.in", "README.md", "LICENSE"),
)
_NOT_SOURCES = ("__pycache__",)
_DISK_MIB = 160


def sources() -> str:
    """Return a digest of all that the wheel is made of."""
    digest = hashlib.sha256()
    for path in sorted(_source_files()):
        with open(path, "rb") as file:
            content = hashlib.sha256(file.read()).hexdigest()
        digest.update(f"{os.path.relpath(path, TOP)} {content}\n".encode())
    return digest.hexdigest()


def _source_files() -> Iterator[str]:
    for name in _SOURCES:
        path = os.path.join(TOP, name)
        if os.path.isfile(path):
            yield path
        for folder, folders, names in os.walk(path):
            folders[:] = [each for each in folders if each not in _NOT_SOURCES]
            yield from (
                os.path.join(folder, each) for each in names if not each.endswith((".so", ".pyc"))
            )


def disk(digest: str) -> str:
    """Return the path of the disk with the wheel from sources of this digest."""
    return os.path.join(CACHE, f"payload-{digest[:16]}")


def ready(digest: str) -> bool:
    """Tell whether that disk is there."""
    return os.path.exists(disk(digest))


def build(digest: str, wheel: str, pip: list[str], python: str) -> None:
    """Install `wheel` by the command `pip` of this Python, for a guest with `python` ("3.11").

    Where the two differ, all that it needs must be there as wheels.
    """
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    pip = [*pip, "install"]
    if here != python:
        pip += ["--python-version", python, "--only-binary", ":all:"]
    os.makedirs(CACHE, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="hwlock-vm-") as place:
        packages = os.path.join(place, "packages")
        shutil.copytree(_dependencies(wheel, pip, python), packages)
        _run(*pip, "--no-deps", "--target", packages, wheel)
        made = os.path.join(place, "disk")
        _run("mke2fs", "-q", "-F", "-t", "ext4", "-O", "^has_journal", "-d", packages, made,
             f"{_DISK_MIB}M")  # fmt: skip
        _replace(made, disk(digest))


def _dependencies(wheel: str, pip: list[str], python: str) -> str:
    """Return a folder with what the wheel needs, kept as long as pyproject.toml does not change."""
    with open(os.path.join(TOP, "pyproject.toml"), "rb") as file:
        key = file.read() + repr((_EXTRAS, _ALSO, python, pip)).encode()
    kept = os.path.join(CACHE, f"packages-{hashlib.sha256(key).hexdigest()[:16]}")
    if not os.path.isdir(kept):
        with tempfile.TemporaryDirectory(prefix="hwlock-vm-") as place:
            packages = os.path.join(place, "packages")
            _run(*pip, "--target", packages, f"{wheel}[{_EXTRAS}]", *_ALSO)
            for ours in glob.glob(os.path.join(packages, "hwlock*")):
                shutil.rmtree(ours)
            _replace(packages, kept)
    return kept


def _replace(made: str, target: str) -> None:
    """Put what was made in its place, and remove others of its kind."""
    kind = os.path.basename(target).partition("-")[0]
    for old in glob.glob(os.path.join(CACHE, f"{kind}-*")):
        if os.path.isdir(old):
            shutil.rmtree(old)
        else:
            os.unlink(old)
    shutil.move(made, target + ".half")
    os.rename(target + ".half", target)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr).strip()[-4000:]
        raise NotReady(f"hwlock could not be put on a disk\n$ {' '.join(command)}\n{said}")
