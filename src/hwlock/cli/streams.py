"""The three streams that a process is given: closed, full, or poor in characters.

1. A stream that the caller closed becomes one that holds nothing. Else the next file that is
   opened, a registry perhaps, would get its number, and what is printed would go into it.
2. What the encoding of a stream lacks is written as an escape; no output is worth a crash.
3. Output that cannot be delivered is an error, but a reader that went away has seen enough.
"""

from __future__ import annotations

import codecs
import os
import sys

from hwlock.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

    from hwlock.cli.output import Output

__all__ = ["deliver", "is_closed", "prepare"]

_ESCAPE = "hwlock-escape"
_PLAIN = {"→": "->", "…": "...", "─": "-"}  # what our own texts have beyond ASCII


def prepare() -> None:
    """Make standard input, output and error fit to be used."""
    codecs.register_error(_ESCAPE, _escaped)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - open for good
        elif mode == "w" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=_ESCAPE)


def deliver(output: Output, status: int) -> int:
    """Hand over what was printed; return `status`, or that of the error that this met."""
    try:
        output.out.flush()
    except BrokenPipeError:
        _drop(sys.stdout.fileno())
    except OSError as exc:
        _drop(sys.stdout.fileno())
        detail = exc.strerror or str(exc)
        output.as_json = False  # standard error is all that is left
        failed = output.failure(UsageError("HWL-FILE-WRITE", path="standard output", detail=detail))
        return status or failed
    return status


def is_closed(stream: TextIO) -> bool:
    """Tell whether `stream` stands for one that the caller had closed."""
    return stream.name == os.devnull


def _escaped(exc: UnicodeError) -> tuple[str, int]:
    assert isinstance(exc, UnicodeEncodeError)
    lacking = exc.object[exc.start : exc.end]
    return "".join(_PLAIN.get(char) or _escape(char) for char in lacking), exc.end


def _escape(char: str) -> str:
    """Return the character as JSON escapes it, so that an object stays one."""
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


def _drop(descriptor: int) -> None:
    """Let what is left in the buffer go nowhere: Python flushes once more when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
