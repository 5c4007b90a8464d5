"""What stands behind a key: the licenses that an issuer signed, as shapes and as lines."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone

import click

from hwlock.cli.vendor.shapes import activation_shape, day
from hwlock.issue.records import ACTIVE, Activation

__all__ = ["MOMENT", "falling_lines", "issued_shape"]


class _Moment(click.ParamType[datetime]):
    """A day, or a moment in ISO 8601, understood as UTC where it names no zone."""

    name = "moment"

    def get_metavar(self, *_: object, **__: object) -> str:
        """Return how the help writes it."""
        return "DAY"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Return an aware UTC time in whole seconds."""
        if isinstance(value, datetime):
            return value
        try:
            found = datetime.fromisoformat(str(value))
            aware = found if found.tzinfo else found.replace(tzinfo=timezone.utc)
            moment = aware.astimezone(timezone.utc).replace(microsecond=0)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is no day like 2026-03-01", param, ctx)
        if moment.year < 1970:
            self.fail(f"{value!r} is before 1970", param, ctx)
        return moment


MOMENT = _Moment()


def issued_shape(product_id: str, activation: Activation) -> dict[str, object]:
    """Return the shape of a license that was issued, with its product and entitlement."""
    entitlement = activation.entitlement_id
    return {"product": product_id, "entitlement": entitlement, **activation_shape(activation)}


def falling_lines(issued: Iterable[tuple[str, Activation]]) -> list[str]:
    """Return what to do about licenses that fall with their issuer, a line each."""
    live = [one for _, one in issued if one.state == ACTIVE]
    if not live:
        return ["  no license that holds a seat falls with it"]
    return [
        f"  {len(live)} licenses that hold a seat fall with it; renew each:",
        *(
            f"    hwlock vendor renew {one.id.hex()} -o FILE"
            f"   ({one.entitlement_id}, of {day(one.issued_at)})"
            for one in live
        ),
    ]
