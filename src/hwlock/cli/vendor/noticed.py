"""What a desk's books say of a file that `hwlock inspect` shows."""

from __future__ import annotations

import os

from hwlock.cli.vendor.opening import open_desk, place
from hwlock.cli.world import World
from hwlock.errors import UntrustedError, UsageError
from hwlock.exchange.diagnostic import parse_diagnostic
from hwlock.exchange.request import REQUEST_TYP, UnverifiedRequest
from hwlock.issue import hearing
from hwlock.issue.folder import REGISTRY

__all__ = ["noticed"]


def noticed(world: World, typ: str, raw: bytes) -> list[str]:
    """Book and tell which licenses in a request or diagnostic file were returned; StoreError.

    Nothing where there is no desk, or where the request is not genuine.
    """
    try:
        if not os.path.exists(os.path.join(place(world), REGISTRY)):
            return []
    except UsageError:
        return []  # there is no place for a desk
    if typ == REQUEST_TYP:
        try:
            request = UnverifiedRequest.parse(raw).verify()
        except UntrustedError:
            return []  # `inspect` says so itself
        by, ids = "request", tuple(one.license_id for one in request.asks.held)
    else:
        by, ids = "diagnostic", tuple(one.license_id for one in parse_diagnostic(raw).licenses)
    if not ids:
        return []
    desk = open_desk(world)
    with desk.registry.writing() as books:
        found = hearing.notice(desk, books, ids, by=by)
    return [f"{one.message} [{one.code}]" for one in found]
