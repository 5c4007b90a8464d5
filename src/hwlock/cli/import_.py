"""`hwlock import`: take files of the vendor that answer no request."""

from __future__ import annotations

import click

from hwlock.cli.carried import read_blocks
from hwlock.cli.files import read_raw
from hwlock.cli.options import json_option, pass_world, system_option
from hwlock.cli.words import say
from hwlock.cli.world import World
from hwlock.codec import armor, cose
from hwlock.codec.qr import MAX_PICTURE_BYTES
from hwlock.crypto.trust import PRODUCT_TYP, Product
from hwlock.enforce import renewing, revoking, trusting
from hwlock.errors import FormatError
from hwlock.exchange.renewal import RENEWAL_TYP
from hwlock.license.license import UnverifiedLicense
from hwlock.license.revocation import REVOCATION_TYP, UnverifiedList

__all__ = ["import_"]


@click.command("import", epilog="Example: hwlock import acme-cad.hwcrl")
@click.argument("files", type=click.Path(), nargs=-1, required=True, metavar="FILE...")
@system_option
@json_option
@pass_world
def import_(world: World, *, files: tuple[str, ...], system: bool) -> None:
    """Take product files, revocation lists and renewals, in whatever order they are named.

    Each is verified first. A list that is older than what this machine has seen is refused; a
    product file as well, and one that the file known here does not lead to. Of renewals, those
    for licenses of this machine are taken.
    """
    raws = [raw for path in files for raw in _blocks(path)]
    renewals = [raw for raw in raws if cose.parse(raw).header.typ == RENEWAL_TYP]
    products, lists = _sorted([raw for raw in raws if raw not in renewals])
    told: list[dict[str, object]] = []
    heard: list[dict[str, object]] = []
    lines = []
    for raw in products:
        product, is_new = trusting.accept(world.machine, raw, system=system)
        issued = product.issued_at
        heard.append({"product": product.id, "issued_at": issued.isoformat(), "new": is_new})
        said = say("product file of {product} of {day}", product=product.id, day=issued.date())
        lines.append(f"{said}: {_word(is_new)}")
    for one in lists:
        known, is_new = revoking.accept(world.machine, one.signed.raw, system=system)
        product_id = one.says.product_id
        told.append({"product": product_id, "number": known.number, "new": is_new})
        said = say("revocation list {number} of {product}", number=known.number, product=product_id)
        lines.append(f"{said}: {_word(is_new)}")
    renewed = [] if not renewals else renewing.accept_own(world.machine, renewals)
    ids = [UnverifiedLicense.parse(raw).says.id.hex() for raw, _ in renewed]
    lines += [say("renewed: license {license}", license=one) for one in ids]
    world.output.result({"lists": told, "products": heard, "renewed": ids}, lines)


def _blocks(path: str) -> tuple[bytes, ...]:
    """Return what a file holds: one of our files, or the renewals of many machines."""
    data = read_raw(path, max_bytes=MAX_PICTURE_BYTES)
    if data.count(b"-----BEGIN HWLOCK RESPONSE-----") > 1:
        return read_blocks((path,), "RESPONSE")
    return (armor.decode(data)[1],)


def _sorted(raws: list[bytes]) -> tuple[list[bytes], list[UnverifiedList]]:
    """Return the product files, then the lists, which a new root's issuer may have signed."""
    products, lists = [], []
    for raw in raws:
        typ = cose.parse(raw).header.typ
        if typ == PRODUCT_TYP:
            products.append(Product.parse(raw))
        elif typ == REVOCATION_TYP:
            lists.append(UnverifiedList.parse(raw))
        else:
            raise FormatError("HWL-IMPORT-KIND", stage="cose", typ=typ)
    products.sort(key=lambda one: (one.id, one.issued_at))
    lists.sort(key=lambda one: (one.says.product_id, one.says.number))
    return [one.raw for one in products], lists


def _word(is_new: bool) -> str:
    return say("taken") if is_new else say("known before: nothing has changed")
