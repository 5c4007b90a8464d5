"""`hwlock vendor seal`: encrypt a file that only licensed machines can open."""

from __future__ import annotations

import os

import click

from hwlock.cli.options import json_option, pass_world
from hwlock.cli.vendor.opening import open_desk
from hwlock.cli.world import World
from hwlock.errors import UsageError
from hwlock.issue import payloads

__all__ = ["seal"]


@click.command(epilog="Example: hwlock vendor seal model.bin --product acme-cad --key models")
@click.argument("file", type=click.Path())
@click.option("--product", required=True, metavar="ID", help="Whose file it is.")
@click.option(
    "--key",
    "name",
    default="content",
    show_default=True,
    metavar="NAME",
    help="The content key: what is sold by `entitlement add --opens NAME`.",
)
@click.option(
    "-o", "--output", type=click.Path(), metavar="FILE", help="Where to.  [default: FILE.hwsealed]"
)
@json_option
@pass_world
def seal(world: World, *, file: str, product: str, name: str, output: str | None) -> None:
    """Seal FILE: ship the result, and your program reads it by `grant.open(PATH)`.

    A license opens it where its entitlement was sold with this key's name, and where its
    hardware is. Python modules are sealed in the same way (`hwlock.enforce.importer`).
    """
    target = output or f"{file}.hwsealed"
    beside = f"{target}.{os.getpid()}.part"
    desk = open_desk(world)
    try:
        with open(file, "rb") as source, open(beside, "xb") as written:
            header = payloads.seal(desk, product, name, source, written)
        os.replace(beside, target)
    except OSError as exc:
        detail = exc.strerror or str(exc)
        raise UsageError("HWL-FILE-READ", path=exc.filename or file, detail=detail) from exc
    finally:
        if os.path.lexists(beside):
            os.unlink(beside)
    size = header.sealed_size
    world.output.result(
        {"product": product, "key": name, "file": target, "bytes": size},
        [
            f"sealed for {product} under the key {name}: {target} ({size} bytes)",
            f"  next: ship it; sell with: hwlock vendor entitlement add --opens {name}",
        ],
    )
