"""`hwlock files`: are a program's files those that its vendor shipped?"""

from __future__ import annotations

import click

from hwlock.cli.check import product_option
from hwlock.cli.files import read_raw
from hwlock.cli.options import json_option, pass_world
from hwlock.cli.output import finding_shape
from hwlock.cli.products import product_bytes
from hwlock.cli.words import plural, say
from hwlock.cli.world import World
from hwlock.codec import armor
from hwlock.crypto.trust import Product
from hwlock.enforce import integrity
from hwlock.license.manifest import MAX_BYTES

__all__ = ["files"]


@click.command(epilog="Example: hwlock files acme-cad.hwmanifest /opt/acme-cad")
@click.argument("manifest", type=click.Path())
@click.argument("folder", type=click.Path())
@product_option
@json_option
@pass_world
def files(world: World, *, manifest: str, folder: str, product: str | None) -> int:
    """Compare every file under FOLDER with the signed MANIFEST; exit status 1 where one differs."""
    trusted = Product.parse(
        armor.decode(product_bytes(world, product), expected_label="PRODUCT")[1]
    )
    report = integrity.verify(trusted, read_raw(manifest, max_bytes=MAX_BYTES), folder)
    good = not (report.changed or report.missing)
    said = say("as shipped") if good else say("not as shipped")
    checked = plural("{n} file of {name}", "{n} files of {name}", report.checked, name=trusted.name)
    world.output.result(
        {
            "product": report.product_id,
            "good": good,
            "checked": report.checked,
            "changed": list(report.changed),
            "missing": list(report.missing),
            "added": list(report.added),
            "excepted": list(report.excepted),
            "findings": [finding_shape(found) for found in report.findings],
        },
        [
            f"{said}: {checked}",
            *world.output.findings(report.findings),
        ],
    )
    return 0 if good else 1
