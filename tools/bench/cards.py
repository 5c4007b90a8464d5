"""How long a card's answer takes, next to the bare command, and how soon a pull is noticed.

    python tools/bench/cards.py [--runs N] [--json]

Virtual cards in the real pcscd on this machine (`hwlock.testing.pcsc`). For each key: the
bare GENERAL AUTHENTICATE or INTERNAL AUTHENTICATE over one open connection, and `prove` of
hwlock over another: transaction, selection, signature and its verification. `opened` is
`prove` with a device that is opened anew, as a check of a license does it. The card computes
in this process too, so RSA is as slow as Python is.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable

from hwlock.crypto import sha2
from hwlock.devices import registry
from hwlock.devices.smartcard.apdu import Channel
from hwlock.devices.smartcard.pcsc import Context
from hwlock.devices.smartcard.piv_card import PivCard
from hwlock.evidence.card import CardRecord
from hwlock.evidence.claims import proof_message
from hwlock.testing.cards.yubikey import VirtualYubiKey
from hwlock.testing.pcsc import READERS, CardService

__all__ = ["main", "measure"]

Row = dict[str, "str | float | int"]
_URI = "piv:serial=1234567;slot=9e"


def measure(runs: int) -> list[Row]:
    """Return the rows; times are milliseconds, medians unless they say otherwise."""
    with CardService() as service:
        rows = [_answers(service, algorithm, runs) for algorithm in ("P-256", "Ed25519")]
        return [*rows, _removal(service, min(runs, 50))]


def _answers(service: CardService, algorithm: str, runs: int) -> Row:
    card = VirtualYubiKey()
    card.piv.put_key(0x9E, algorithm)
    service.insert(card)
    with registry.open_dongle(_URI) as device:
        record = device.enroll()
        prove = _timed(lambda: device.prove(record, os.urandom(32)), runs)
    opened = _timed(lambda: _opened(record), runs)
    context = Context()
    wire = context.connect(READERS[0])
    bare_card, key = PivCard.select(Channel(wire)), CardRecord.parse(record).key
    bare = _timed(lambda: bare_card.sign(0x9E, key, proof_message(os.urandom(32))), runs)
    wire.close()
    service.eject()
    return {"what": f"PIV, {algorithm}", "bare": bare, "prove": prove, "opened": opened}


def _opened(record: bytes) -> None:
    with registry.open_dongle(_URI) as device:
        device.prove(record, sha2.sha256(os.urandom(32)))


def _removal(service: CardService, runs: int) -> Row:
    """Return how long it takes from the pull to the end of `wait`."""
    times = []
    for _ in range(runs):
        inserted = service.insert(VirtualYubiKey())
        with registry.changes("piv") as changes:
            while changes.wait(0.5):
                pass  # the insertion is told in steps
            start = time.perf_counter()
            inserted.remove()
            if changes.wait(10):
                times.append((time.perf_counter() - start) * 1000)
    return {
        "what": "removal noticed",
        "median": round(statistics.median(times), 1),
        "worst": round(max(times), 1),
        "of": len(times),
    }


def _timed(work: Callable[[], object], runs: int) -> float:
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return round(statistics.median(times), 3)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = measure(options.runs)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    if options.json:
        print(json.dumps({"machine": machine, "rows": rows}))
        return 0
    print(machine)
    for row in rows:
        print("  ".join(f"{name} {value}" for name, value in row.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
