"""Files named on the command line: armored or binary in, armored out, `-` for the pipes."""

from __future__ import annotations

import os
import sys

from hwlock.cli import streams
from hwlock.codec import armor
from hwlock.errors import UsageError

__all__ = ["MAX_BYTES", "read_file", "read_raw", "write_file", "write_raw"]

MAX_BYTES = 1 << 20  # a file of ours has a few KB; a mail around it may have much more


def read_raw(path: str, *, max_bytes: int = MAX_BYTES) -> bytes:
    """Return the bytes of `path`, or of standard input for `-`; UsageError."""
    try:
        if path == "-":
            data = sys.stdin.buffer.read(max_bytes + 1)
        else:
            with open(path, "rb") as file:
                data = file.read(max_bytes + 1)
    except OSError as exc:
        raise UsageError("HWL-FILE-READ", path=path, detail=exc.strerror or str(exc)) from exc
    if len(data) > max_bytes:
        raise UsageError("HWL-FILE-LARGE", path=path, limit=max_bytes)
    return data


def read_file(path: str, label: str | None = None) -> bytes:
    """Return the binary form of one of our files, read from armor or binary; FormatError.

    `label` is the kind of block that is wanted (REQUEST, RESPONSE, …), None for any.
    """
    _, data = armor.decode(read_raw(path), expected_label=label)
    return data


def write_raw(path: str, data: bytes) -> None:
    """Write `data` to `path`, complete or not at all, or to standard output for `-`.

    A link is followed. What is no plain file, such as a pipe or /dev/null, is written into:
    putting a file in its place would take it away from everybody else.
    """
    if path == "-":
        return _write_out(data)
    try:
        path = os.path.realpath(path)
        if os.path.exists(path) and not os.path.isfile(path):
            with open(path, "wb") as file:
                file.write(data)
        else:
            _replace(path, data)
    except OSError as exc:
        raise UsageError("HWL-FILE-WRITE", path=path, detail=exc.strerror or str(exc)) from exc


def _write_out(data: bytes) -> None:
    name = "standard output"
    if streams.is_closed(sys.stdout):
        raise UsageError("HWL-FILE-WRITE", path=name, detail="it is closed")
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise  # the edge of the program knows what that means
    except OSError as exc:
        raise UsageError("HWL-FILE-WRITE", path=name, detail=exc.strerror or str(exc)) from exc


def _replace(path: str, data: bytes) -> None:
    beside = f"{path}.{os.getpid()}.part"
    try:
        with open(beside, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError:
        if os.path.lexists(beside):
            os.unlink(beside)
        raise


def write_file(path: str, raw: bytes, label: str) -> int:
    """Write one of our files as an armored block; return how many bytes that took."""
    text = armor.encode(raw, label).encode()
    write_raw(path, text)
    return len(text)
