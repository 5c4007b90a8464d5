"""`hwlock code`: a file read out on the phone, group by group."""

from __future__ import annotations

import click

from hwlock.cli.files import read_raw, write_file, write_raw
from hwlock.cli.options import json_option, output_option, pass_world
from hwlock.cli.words import plural, written
from hwlock.cli.world import World
from hwlock.codec import armor, cose, typed_file
from hwlock.errors import FormatError, UsageError, spoken

__all__ = ["code"]

# the type of a file → its kind of block
_LABELS = {f"application/hwlock-{label.lower()}": label for label in armor.LABELS} | {
    "application/hwlock-renewal": "RESPONSE"
}

digits_option = click.option("--digits", is_flag=True, help="Digits only, for a telephone keypad.")


@click.group()
def code() -> None:
    """Files as codes to read out and to type, where no file and no picture can travel."""


@code.command(epilog="Example: hwlock code write my.hwreq --spoken")
@click.argument("file", type=click.Path())
@digits_option
@click.option("--spoken", is_flag=True, help="Spell it out (Alfa, Bravo, …), to be read aloud.")
@click.option("-o", "--output", type=click.Path(), default="-", metavar="FILE", help="Where to.")
@json_option
@pass_world
def write(world: World, *, file: str, digits: bool, spoken: bool, output: str) -> None:
    """Write FILE as lines of groups, each of which is checked when it is typed."""
    raw = armor.decode(read_raw(file))[1]
    if len(raw) > typed_file.MAX_BYTES:
        raise UsageError("HWL-FILE-LARGE", path=file, limit=typed_file.MAX_BYTES)
    text = typed_file.encode(raw, digits=digits)
    write_raw(output, (typed_file.spoken(text) if spoken else text).encode())
    if output == "-":
        return
    lines = len(text.splitlines())
    told = plural("code: {file} ({n} line)", "code: {file} ({n} lines)", lines, file=output)
    world.output.result({"file": output, "lines": lines}, [told])


@code.command(epilog="Example: hwlock code read typed.txt -o my.hwres")
@click.argument("text", type=click.Path(), default="-")
@digits_option
@output_option("the file")
@json_option
@pass_world
def read(world: World, *, text: str, digits: bool, output: str) -> None:
    """Make a file of the lines that were typed into TEXT (default: standard input).

    A typing error is named by its line and group, with what was probably meant.
    """
    raw = typed_file.decode(read_raw(text).decode("utf-8", "replace"), digits=digits)
    typ = cose.parse(raw).header.typ
    if typ not in _LABELS:
        raise FormatError("HWL-INSPECT-KIND", stage="cose", typ=typ)
    label = _LABELS[typ]
    size = write_file(output, raw, label)
    if output == "-":
        return
    shape = {"file": output, "kind": label.lower(), "bytes": size}
    world.output.result(shape, [f"{spoken('word', label.lower())}: {written(output, size)}"])
