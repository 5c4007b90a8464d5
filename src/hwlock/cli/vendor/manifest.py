"""`hwlock vendor manifest`: sign what the files of a program are."""

from __future__ import annotations

import click

from hwlock.cli.files import write_raw
from hwlock.cli.options import json_option, output_option, pass_world
from hwlock.cli.vendor.opening import open_desk
from hwlock.cli.world import World
from hwlock.issue import manifests

__all__ = ["manifest"]


@click.command(epilog="Example: hwlock vendor manifest build/ --product acme-cad -o app.hwmanifest")
@click.argument("folder", type=click.Path())
@click.option("--product", required=True, metavar="ID", help="Whose files they are.")
@click.option(
    "--except",
    "exceptions",
    multiple=True,
    metavar="PATTERN",
    help="Files that may change or come, such as 'logs/*'; * stands for anything.",
)
@output_option("the manifest")
@json_option
@pass_world
def manifest(
    world: World, *, folder: str, product: str, exceptions: tuple[str, ...], output: str
) -> None:
    """List and sign every file under FOLDER as it is now.

    Ship the result beside the program, which checks it with `hwlock.enforce.integrity`, or
    with `hwlock files`. The list can be read, and checked by sha256sum.
    """
    data, count = manifests.make(open_desk(world), product, folder, exceptions)
    write_raw(output, data)
    if output == "-":
        return
    world.output.result(
        {"product": product, "file": output, "files": count, "exceptions": list(exceptions)},
        [
            f"manifest of {product}: {output} ({count} files)",
            f"  next: ship it with the program; try: hwlock files {output} {folder}",
        ],
    )
