"""Files that come and go as something else: pictures of QR codes, parts pasted from a phone.

A command that takes one of our files takes these too: a picture with QR codes, several of
them, the text of the parts, and a mix. A command that writes one shows it as QR codes by
`--qr FILE.png`, or `--qr -` in the terminal.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar, cast

import click

from hwlock.cli.files import MAX_BYTES, read_raw, write_file, write_raw
from hwlock.cli.words import say
from hwlock.codec import armor, parts, qr
from hwlock.errors import UsageError
from hwlock.record import Record

__all__ = ["Target", "carried_argument", "carried_options", "read_blocks", "read_carried"]

F = TypeVar("F", bound=Callable[..., object])


def carried_argument(name: str) -> Callable[[F], F]:
    """Add the argument `name`: one file, or the pictures or parts that make up one."""
    return click.argument(
        name, type=click.Path(), nargs=-1, required=True, metavar=f"{name.upper()}..."
    )


class Target(Record):
    """Where a file goes: as a file, as QR codes, or both; `-` is standard output."""

    output: str | None
    qr: str | None

    @property
    def is_stdout(self) -> bool:
        """Whether standard output holds the file, and nothing else may be printed there."""
        return "-" in (self.output, self.qr)

    @property
    def shape(self) -> dict[str, object]:
        """What --json says of it."""
        return {"file": self.output, "qr": self.qr}

    def __str__(self) -> str:
        if self.output and self.qr:
            return say("{file} and {picture}", file=self.output, picture=self.qr)
        return self.output or self.qr or ""

    def write(self, raw: bytes, label: str) -> int:
        """Write `raw`; return how many bytes the file has, without one the binary form."""
        size = len(raw) if self.output is None else write_file(self.output, raw, label)
        if self.qr == "-":
            write_raw("-", qr.terminal(raw, label).encode())
        elif self.qr is not None:
            write_raw(self.qr, qr.png(raw, label))
        return size


def carried_options(what: str) -> Callable[[F], F]:
    """Add -o/--output and --qr for the file `what`; the command gets both as `to`, a Target.

    UsageError, before anything is done, where it would be written nowhere or twice to stdout.
    """

    def add(command: F) -> F:
        @wraps(command)
        def targeted(*args: object, output: str | None, qr: str | None, **more: object) -> object:
            if output is None and qr is None:
                raise UsageError("HWL-FILE-NOWHERE")
            if output == "-" and qr == "-":
                raise UsageError("HWL-FILE-BOTH")
            return command(*args, to=Target(output=output, qr=qr), **more)

        as_codes = f"Show {what} as QR codes: a PNG file, or - for the terminal."
        to_file = f"Where to write {what}; - is stdout."
        path = click.Path()
        targeted = click.option("--qr", type=path, metavar="FILE", help=as_codes)(targeted)
        targeted = click.option("-o", "--output", type=path, metavar="FILE", help=to_file)(targeted)
        return cast(F, targeted)

    return add


def read_carried(paths: tuple[str, ...], label: str | None) -> bytes:
    """Return one of our files, armored or binary, however it came; FormatError, UsageError."""
    found = [read_raw(path, max_bytes=qr.MAX_PICTURE_BYTES) for path in paths]
    texts = [qr.read(data) if qr.is_picture(data) else _text(data) for data in found]
    if any(parts.found_in(text) for text in texts):
        return parts.assemble("\n".join(texts), expected_label=label)[1]
    if len(found) > 1:
        raise UsageError("HWL-FILE-SEVERAL", count=len(found))
    if len(found[0]) > MAX_BYTES:
        raise UsageError("HWL-FILE-LARGE", path=paths[0], limit=MAX_BYTES)
    return found[0]


def read_blocks(paths: tuple[str, ...], label: str) -> tuple[bytes, ...]:
    """Return the binary forms of the blocks in one file; else as `read_carried`, one; FormatError.

    A vendor puts the renewals of many machines into one file.
    """
    if len(paths) == 1:
        data = read_raw(paths[0], max_bytes=qr.MAX_PICTURE_BYTES)
        blocks = _blocks(data, label)
        if len(blocks) > 1:
            return tuple(armor.decode(one, expected_label=label)[1] for one in blocks)
    return (armor.decode(read_carried(paths, label), expected_label=label)[1],)


def _blocks(data: bytes, label: str) -> list[bytes]:
    """Return the pieces of a text, one a block, as they stand in it."""
    begin = f"-----BEGIN HWLOCK {label}-----".encode()
    _, *blocks = data.split(begin)
    return list(dict.fromkeys(begin + block for block in blocks))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
