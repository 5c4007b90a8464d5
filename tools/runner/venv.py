"""Where the project's Python lives: `.venv` at the top, made once, brought up to date by content.

A stamp inside it says from what it was made: the folder it stands in (its scripts hold
absolute paths), the extras, and digests of all that the build reads.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator

from . import BASE, PYTHON, TOP, VENV, environment
from .steps import fail, say, step

__all__ = ["digest", "ensure"]

_STAMP = os.path.join(VENV, "hwlock-stamp.json")
_METADATA = ("pyproject.toml", "setup.py", "MANIFEST.in")
_SOURCES = (
    *("build_ext.py", "csrc/base_tables.py", "csrc/include", "csrc/src"),
    *("csrc/hwlock.cdef.h", "csrc/hwlock.csrc.h"),
)


def ensure(extras: frozenset[str]) -> None:
    """Make `.venv` hold hwlock, editable, with `extras`; nothing is done when nothing changed."""
    with _alone():
        found = _read_stamp()
        wanted = {
            "top": TOP,
            "metadata": digest(_METADATA),
            "sources": digest(_SOURCES),
        }
        if found.get("top") != TOP or not _alive():
            found = {}
            _create()
        have = frozenset(str(found.get("extras", "")).split())
        if found.get("metadata") != wanted["metadata"] or not extras <= have:
            _install(extras | have)
        elif found.get("sources") != wanted["sources"]:
            _rebuild(have)
        else:
            return
        _write_stamp({**wanted, "extras": " ".join(sorted(extras | have))})


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Let one runner at a time change `.venv`."""
    cache = os.path.join(TOP, ".cache")
    try:
        os.makedirs(cache, exist_ok=True)
        lock = open(os.path.join(cache, "setup.lock"), "w")  # noqa: SIM115  (closed below)
    except OSError as exc:
        raise fail(f"cannot write in {TOP}: {exc.strerror}; use a copy that is yours") from exc
    with lock:
        with contextlib.suppress(ImportError):  # no fcntl on Windows: no lock there
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _alive() -> bool:
    """Tell whether the venv's Python still starts: the one below it may be gone."""
    if not os.path.exists(PYTHON):
        return False
    probe = subprocess.run([PYTHON, "-c", ""], env=environment(), capture_output=True, check=False)
    return probe.returncode == 0


def _create() -> None:
    if os.path.isdir(VENV):
        say("  .venv was made elsewhere or is broken: making it anew")
        shutil.rmtree(VENV, ignore_errors=True)
    if not step("make .venv", [BASE, "-m", "venv", VENV]).ok:
        raise fail("no virtual environment could be made")


def _install(extras: frozenset[str]) -> None:
    target = f"{TOP}[{','.join(sorted(extras))}]" if extras else TOP
    title = "build the core, install hwlock and what it needs"
    if extras:
        title += f" ({', '.join(sorted(extras))})"
    if not step(title, [PYTHON, "-m", "pip", "install", "-e", target]).ok:
        raise fail("hwlock could not be installed into .venv (the words of pip are above)")


def _rebuild(extras: frozenset[str]) -> None:
    command = [PYTHON, "-m", "pip", "install", "-e", TOP, "--no-deps"]
    if "dev" in extras:  # setuptools and cffi are here: no need to fetch them again
        command.append("--no-build-isolation")
    if not step("the core has changed: build it again", command).ok:
        raise fail("the native core could not be built (the words of the compiler are above)")


def digest(paths: tuple[str, ...]) -> str:
    """Return a digest of the names and contents of `paths`, folders with all below them."""
    digest = hashlib.sha256()
    for path in _files(paths):
        with open(os.path.join(TOP, path), "rb") as file:
            content = file.read()
        digest.update(f"{path}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _files(paths: tuple[str, ...]) -> Iterator[str]:
    for path in paths:
        full = os.path.join(TOP, path)
        if os.path.isfile(full):
            yield path
        for folder, folders, names in os.walk(full):
            folders.sort()
            for name in sorted(names):
                yield os.path.relpath(os.path.join(folder, name), TOP)


def _read_stamp() -> dict[str, str]:
    try:
        with open(_STAMP, encoding="utf-8") as file:
            stamp = json.load(file)
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def _write_stamp(stamp: dict[str, str]) -> None:
    with open(_STAMP, "w", encoding="utf-8") as file:
        json.dump(stamp, file, indent=1)
