"""What the vendor's commands say, as JSON shapes (docs/json.md) and as tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from io import StringIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hwlock.cli.output import Output
from hwlock.cli.vendor.kinds import model_shape
from hwlock.crypto.keys import VerificationKey
from hwlock.crypto.trust import Product
from hwlock.issue.records import Activation, Entitlement, Used

__all__ = [
    "activation_shape",
    "day",
    "entitlement_shape",
    "moment",
    "product_shape",
    "table",
    "used_shape",
]

_PIPE_WIDTH = 200


def moment(when: datetime | None) -> str | None:
    """Return a time as JSON has it, None for never."""
    return None if when is None else when.isoformat()


def day(when: datetime | None, never: str = "never") -> str:
    """Return a time as a table has it."""
    return never if when is None else f"{when:%Y-%m-%d}"


def product_shape(product: Product) -> dict[str, object]:
    """Return the shape of a product; `roots` are the ids of its root keys in hex."""
    return {
        "id": product.id,
        "name": product.name,
        "vendor": product.vendor,
        "roots": [root.kid.hex() for root in product.roots],
        "added_at": moment(product.issued_at),
    }


def entitlement_shape(entitlement: Entitlement) -> dict[str, object]:
    """Return the shape of an entitlement, without its activation key."""
    return {
        "id": entitlement.id,
        "product": entitlement.product_id,
        "customer": entitlement.customer,
        "features": list(entitlement.features),
        "amend": list(entitlement.amend),
        "seats": entitlement.seats,
        "taken": entitlement.taken,
        "bind": entitlement.bind,
        "expires_at": moment(entitlement.expires_at),
        "losses": entitlement.losses,
        "loss_wait_days": entitlement.loss_wait_days,
        "transfers": entitlement.transfers,
        "transfer_wait_days": entitlement.transfer_wait_days,
        "on_reuse": entitlement.on_reuse,
        "opens": list(entitlement.opens),
        "state": entitlement.state,
        "added_at": moment(entitlement.added_at),
        **model_shape(entitlement.model, entitlement.trial_days),
    }


def used_shape(used: Used) -> dict[str, object]:
    """Return the shape of what a machine told of a counter."""
    return {
        "counter": used.counter,
        "total": used.total,
        "told_at": moment(used.told_at),
        "machine_key": VerificationKey(used.key).kid.hex(),
    }


def activation_shape(activation: Activation) -> dict[str, object]:
    """Return the shape of a license that was issued."""
    return {
        "id": activation.id.hex(),
        "state": activation.state,
        "assurance": activation.assurance,
        "software": activation.software,
        "note": activation.note,
        "issued_at": moment(activation.issued_at),
        "ended_at": moment(activation.ended_at),
        "replaced_by": _id(activation.replaced_by),
        "moved_to": _id(activation.moved_to),
    }


def _id(license_id: bytes | None) -> str | None:
    return None if license_id is None else license_id.hex()


def table(output: Output, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table, as wide as the terminal, or wide enough for a pipe."""
    drawn = Table(*columns, box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for row in rows:
        drawn.add_row(*map(Text, row))  # as text: a customer's name is no markup
    width = None if output.out.isatty() else _PIPE_WIDTH
    console = Console(file=StringIO(), width=width, color_system=None, highlight=False)
    with console.capture() as captured:
        console.print(drawn)
    return [line.rstrip() for line in captured.get().splitlines()]
