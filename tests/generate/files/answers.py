"""Genuine responses that are not the answer here and now (stage answer)."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

g = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("genuine.py"))))


def cases() -> Iterator[tuple[str, dict[str, object]]]:
    """Yield answers to another request, and answers that come too late."""
    expiry = g.payload(g.RESPONSE)[4]
    for name, comment, given in (
        ("nonce", "to a request with another nonce", {"nonce": bytes(32).hex()}),
        ("request", "to other bytes with the same nonce", {"request": bytes(32).hex()}),
    ):
        yield name, g.case("response", comment, g.RESPONSE, "RESPONSE-OTHER", "answer", **given)
    yield (
        "late",
        g.case(
            "response",
            "in the second in which it expires",
            g.RESPONSE,
            "RESPONSE-EXPIRED",
            "answer",
            now=expiry,
        ),
    )
    yield "last", g.case("response", "in the last second", g.RESPONSE, now=expiry - 1)
