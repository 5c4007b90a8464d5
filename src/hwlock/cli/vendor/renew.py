"""`hwlock vendor renew`: newer licenses for machines that did not ask."""

from __future__ import annotations

import os

import click

from hwlock.cli.carried import Target, carried_options
from hwlock.cli.files import write_raw
from hwlock.cli.options import json_option, pass_world
from hwlock.cli.output import finding_shape
from hwlock.cli.vendor.opening import open_desk
from hwlock.cli.vendor.shapes import day, moment
from hwlock.cli.world import World
from hwlock.codec import armor
from hwlock.errors import UsageError
from hwlock.issue import renewing
from hwlock.issue.renewing import Renewed

__all__ = ["renew"]


@click.command(epilog="Example: hwlock vendor renew --entitlement E-7K3QX9M2 -o renewals.hwres")
@click.argument("license_id", metavar="[LICENSE]", required=False)
@click.option(
    "--entitlement",
    metavar="ID|KEY",
    help="All machines of an entitlement, by its id or its activation key.",
)
@carried_options("the renewal")
@json_option
@pass_world
def renew(world: World, *, license_id: str | None, entitlement: str | None, to: Target) -> None:
    """Give machines the present terms of their entitlement, without a request.

    LICENSE is an id from `hwlock vendor entitlement show`; --entitlement renews all of its
    licenses that hold a seat, into one file from which each machine takes its own, or, where
    -o is a folder, into one file each. A machine takes the file with `hwlock activate` or
    `hwlock import`, where a license of the same hardware and entitlement is live.
    """
    if (license_id is None) == (entitlement is None) or (entitlement and to.output is None):
        raise UsageError("HWL-VENDOR-RENEW")
    if entitlement is not None:
        return _all(world, entitlement, to)
    assert license_id is not None
    try:
        raw = bytes.fromhex(license_id)
    except ValueError as exc:
        raise UsageError("HWL-DESK-RENEW", license=license_id, why="that is no id") from exc
    renewed = renewing.push(open_desk(world), raw)
    size = to.write(renewed.file, "RESPONSE")
    if to.is_stdout:
        return None
    sold = renewed.entitlement
    world.output.result(
        {
            "license": renewed.activation.id.hex(),
            "renews": license_id.lower(),
            "entitlement": sold.id,
            "product": sold.product_id,
            "customer": sold.customer,
            "license_expires_at": moment(sold.expires_at),
            **to.shape,
            "bytes": size,
        },
        [
            f"renewal for {sold.customer}: {to} ({size} bytes)",
            f"  license   {renewed.activation.id.hex()}; ends {day(sold.expires_at)}",
            "  next: send it; on the machine: hwlock activate FILE",
        ],
    )
    return None


def _all(world: World, entitlement: str, to: Target) -> None:
    assert to.output is not None
    renewed, refused = renewing.push_all(open_desk(world), entitlement)
    written = _write(to.output, renewed) if renewed else []
    if to.is_stdout:
        return
    sold = renewed[0].entitlement if renewed else None
    world.output.result(
        {
            "entitlement": None if sold is None else sold.id,
            "renewals": [
                {"license": one.activation.id.hex(), "renews": one.renews.hex()} for one in renewed
            ],
            "files": written,
            "notes": [finding_shape(found) for found in refused],
        },
        [
            f"{len(renewed)} {'renewal' if len(renewed) == 1 else 'renewals'}: "
            f"{', '.join(written) or 'none'}",
            *world.output.findings(refused),
            "  next: send them; on each machine: hwlock activate FILE",
        ],
    )


def _write(output: str, renewed: tuple[Renewed, ...]) -> list[str]:
    """Write one file for all, or one each into a folder; return the paths."""
    texts = {one.renews.hex(): _block(one) for one in renewed}
    if not output.endswith(("/", os.sep)) and not os.path.isdir(output):
        write_raw(output, "\n".join(texts.values()).encode())
        return [output]
    try:
        os.makedirs(output, exist_ok=True)
    except OSError as exc:
        raise UsageError("HWL-FILE-WRITE", path=output, detail=exc.strerror or str(exc)) from exc
    paths = {os.path.join(output, f"renewal-{name}.hwres"): text for name, text in texts.items()}
    for path, text in paths.items():
        write_raw(path, text.encode())
    return list(paths)


def _block(one: Renewed) -> str:
    note = f" ({one.activation.note})" if one.activation.note else ""
    head = f"Renewal of license {one.renews.hex()}{note} for {one.entitlement.customer}\n"
    return head + armor.encode(one.file, "RESPONSE")
