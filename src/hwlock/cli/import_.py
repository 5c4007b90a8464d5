"""`hwlock import`: take files of the vendor that answer no request."""

from __future__ import annotations

import click

from hwlock.cli.files import read_file
from hwlock.cli.options import json_option, pass_world, system_option
from hwlock.cli.world import World
from hwlock.codec import cose
from hwlock.enforce import revoking
from hwlock.errors import FormatError
from hwlock.license.revocation import REVOCATION_TYP, UnverifiedList

__all__ = ["import_"]


@click.command("import", epilog="Example: hwlock import acme-cad.hwcrl")
@click.argument("files", type=click.Path(), nargs=-1, required=True, metavar="FILE...")
@system_option
@json_option
@pass_world
def import_(world: World, *, files: tuple[str, ...], system: bool) -> None:
    """Take revocation lists of the vendor, in whatever order they are named.

    Each is verified first. A list that is older than what this machine has seen is refused.
    """
    lists = [_list(path) for path in files]
    lists.sort(key=lambda one: (one.says.product_id, one.says.number))
    told, lines = [], []
    for one in lists:
        known, is_new = revoking.accept(world.machine, one.signed.raw, system=system)
        product = one.says.product_id
        told.append({"product": product, "number": known.number, "new": is_new})
        word = "taken" if is_new else "known before: nothing has changed"
        lines.append(f"revocation list {known.number} of {product}: {word}")
    world.output.result({"lists": told}, lines)


def _list(path: str) -> UnverifiedList:
    raw = read_file(path)
    typ = cose.parse(raw).header.typ
    if typ != REVOCATION_TYP:
        raise FormatError("HWL-IMPORT-KIND", stage="cose", typ=typ)
    return UnverifiedList.parse(raw)
