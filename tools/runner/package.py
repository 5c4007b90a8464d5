"""What is shipped: built from a clean copy, read, and installed where nothing else is.

The wheel is built from the sdist, so the sdist is proven complete. It is then installed in
a venv with no compiler on the PATH, and imported far from this tree. Built once more in another
folder, it has the same bytes.
"""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from typing import Any

from . import BASE, PYTHON, TOP, environment
from .steps import fail

__all__ = ["DIST", "IN_SDIST", "IN_WHEEL", "again", "build", "built", "check", "look_at"]

DIST = os.path.join(TOP, "build", "dist")
_LEFT_OUT = (".git", ".venv", ".cache", "build", "dist", "*.egg-info", "__pycache__", "*.so", "*.o")

# What a person who installs must find, and what must never travel.
IN_SDIST = (
    "LICENSE",
    "README.md",
    "CHANGELOG.md",
    "build_ext.py",
    "setup.py",
    "csrc/base_tables.py",
    "csrc/include/hwlock.h",
    "src/hwlock/locale/de/LC_MESSAGES/hwlock.po",
    "src/hwlock/locale/ja/LC_MESSAGES/hwlock.po",
)
IN_WHEEL = (
    "hwlock/py.typed",
    "hwlock/__init__.py",
    "hwlock/_native.abi3.so",
    "hwlock/locale/de/LC_MESSAGES/hwlock.po",
    "hwlock/locale/ja/LC_MESSAGES/hwlock.po",
)
# What the archive says of the time of its files, unless whoever builds says another.
_EPOCH = {"SOURCE_DATE_EPOCH": "1767225600"}
_NEVER = (".o", ".pyc", ".pem", ".key")

_TRY = """
import os, hwlock, hwlock.errors, hwlock._native
from importlib.metadata import version
assert version("hwlock") == hwlock.__version__, (version("hwlock"), hwlock.__version__)
assert os.path.realpath(hwlock.__file__).startswith(os.path.realpath(os.environ["EXPECTED"]))
"""


def build() -> str:
    """Build sdist and wheel into build/dist from a clean copy; return their names."""
    shutil.rmtree(DIST, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="hwlock-") as place:
        copy = os.path.join(place, "hwlock")
        shutil.copytree(TOP, copy, ignore=shutil.ignore_patterns(*_LEFT_OUT), symlinks=True)
        _run([PYTHON, "-m", "build", "--outdir", DIST, copy], cwd=place, env=_environment())
    sdist, wheel = built(DIST)
    _open(sdist, wheel)
    return f"{os.path.basename(sdist)}, {os.path.basename(wheel)}"


def check() -> str:
    """Install the wheel in a venv of its own, without a compiler, and use it elsewhere."""
    _, wheel = built(DIST)
    with tempfile.TemporaryDirectory(prefix="hwlock-") as place:
        home = os.path.join(place, "venv")
        _run([BASE, "-m", "venv", home], cwd=place)
        python = os.path.join(home, "bin", "python")
        env = {**environment(), "PATH": os.path.dirname(python), "CC": "false", "EXPECTED": home}
        _run([python, "-m", "pip", "install", "--only-binary", ":all:", wheel], cwd=place, env=env)
        _run([python, "-W", "error", "-c", _TRY], cwd=place, env=env)
        _run([os.path.join(home, "bin", "hwlock"), "--version"], cwd=place, env=env)
    return os.path.basename(wheel)


def again() -> str:
    """Build the wheel from the sdist in another folder; it must have the same bytes."""
    sdist, wheel = built(DIST)
    with tempfile.TemporaryDirectory(prefix="hwlock-another-") as place:
        with tarfile.open(sdist) as archive:
            archive.extractall(os.path.join(place, "deeper"), **_filter())
        (source,) = glob.glob(os.path.join(place, "deeper", "*"))
        command = [PYTHON, "-m", "build", "--wheel", "--outdir", place, source]
        _run(command, cwd=place, env=_environment())
        (second,) = glob.glob(os.path.join(place, "*.whl"))
        if _content(wheel) != _content(second):
            raise fail(f"two builds differ: {_differences(wheel, second)}")
    return os.path.basename(wheel)


def _environment() -> dict[str, str]:
    return _EPOCH | environment()


def _filter() -> dict[str, Any]:
    """Return what makes extracting safe, where this Python knows it."""
    return {"filter": "data"} if hasattr(tarfile, "data_filter") else {}


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _differences(one: str, other: str) -> str:
    """Return the names of the files in which two wheels differ."""
    with zipfile.ZipFile(one) as first, zipfile.ZipFile(other) as second:
        names = sorted({*first.namelist(), *second.namelist()})
        both = {*first.namelist()} & {*second.namelist()}
        found = [n for n in names if n not in both or first.read(n) != second.read(n)]
    return ", ".join(found) or "their order, times or modes"


def built(folder: str) -> tuple[str, str]:
    """Return the paths of the one sdist and the one wheel in `folder`."""
    sdists = glob.glob(os.path.join(folder, "*.tar.gz"))
    wheels = glob.glob(os.path.join(folder, "*.whl"))
    if len(sdists) != 1 or len(wheels) != 1:
        raise fail(f"expected one sdist and one wheel in {folder}, found {sdists + wheels}")
    return sdists[0], wheels[0]


def _open(sdist: str, wheel: str) -> None:
    with tarfile.open(sdist) as archive:
        sources = [name.partition("/")[2] for name in archive.getnames()]
    with zipfile.ZipFile(wheel) as archive:
        files = archive.namelist()
    look_at(sources, files, os.path.basename(wheel))


def look_at(sources: list[str], files: list[str], wheel: str) -> None:
    """Refuse an sdist of `sources` or a `wheel` of `files` that lacks or has what it must not."""
    lacking = [name for name in IN_SDIST if name not in sources]
    lacking += [name for name in IN_WHEEL if name not in files]
    if lacking:
        raise fail(f"missing in what is shipped: {', '.join(lacking)}")
    extra = [name for name in sources + files if name.endswith(_NEVER)]
    extra += [name for name in files if not name.startswith("hwlock")]
    if extra:
        raise fail(f"must not be shipped: {', '.join(extra)}")
    if "-cp310-abi3-" not in wheel:
        raise fail(f"one wheel must do for every Python from 3.10: {wheel}")


def _run(command: list[str], *, cwd: str, env: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        command,
        cwd=cwd,
        env=env or environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        raise fail(f"$ {' '.join(command)}\n{done.stdout.decode('utf-8', 'replace').rstrip()}")
