"""How long the TPM operations take, next to the bare round trips that they cannot avoid.

    python tools/bench/tpm2.py [--runs N] [--json]

Against swtpm on this machine, one connection, EK P-384 with a persistent handle. For each
operation: the commands it sends, the median of its time, and the median of the part that is
spent inside `exchange`, in the wire and the TPM. The difference is what hwlock itself costs.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timezone

from hwlock.devices.tpm2.attester import Tpm2Attester
from hwlock.devices.tpm2.channel import Channel
from hwlock.devices.tpm2.transport import Wire, connect
from hwlock.evidence.tpm2 import attestation, credential, ek_chain
from hwlock.testing.swtpm import SoftwareTpm

__all__ = ["main", "measure"]

Row = dict[str, "str | float | int"]


class TimedWire:
    """A wire that counts its exchanges and the time inside them."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.shared = wire.shared
        self.count = 0
        self.seconds = 0.0

    def exchange(self, command: bytes) -> bytes:
        """Pass the command on."""
        start = time.perf_counter()
        answer = self.wire.exchange(command)
        self.seconds += time.perf_counter() - start
        self.count += 1
        return answer

    def close(self) -> None:
        """Close the wire."""
        self.wire.close()


def measure(runs: int) -> list[Row]:
    """Return one row per operation: commands, total and wire milliseconds (medians)."""
    with tempfile.TemporaryDirectory() as folder, SoftwareTpm(folder) as swtpm:
        wire = TimedWire(connect(swtpm.uri))
        device = Tpm2Attester(swtpm.uri, Channel(wire))
        nonce, now = bytes(32), datetime.now(timezone.utc)
        enrollment = device.enroll()
        claims = device.claims(enrollment, nonce)
        said = attestation.verify(claims, nonce)

        def make() -> bytes:
            return credential.make(claims.ek_public, said.ak_name, nonce, entropy=os.urandom)

        def chain() -> object:
            assert claims.ek_certificate is not None
            return ek_chain.verify(
                claims.ek_certificate, claims.ek_public, trusted=swtpm.roots, at=now
            )

        sealed = make()
        operations: tuple[tuple[str, Callable[[], object]], ...] = (
            ("ReadClock (bare round trip)", device.clock),
            ("enroll", device.enroll),
            ("sign", lambda: device.sign(enrollment, b"message")),
            ("prove", lambda: device.prove(enrollment, nonce)),
            ("claims", lambda: device.claims(enrollment, nonce)),
            ("open_credential", lambda: device.open_credential(enrollment, sealed)),
            ("vendor: verify attestation", lambda: attestation.verify(claims, nonce)),
            ("vendor: verify EK chain", chain),
            ("vendor: make credential", make),
        )
        rows = [_row(name, call, wire, runs) for name, call in operations]
        device.close()
        return rows


def _row(name: str, call: Callable[[], object], wire: TimedWire, runs: int) -> Row:
    call()
    totals, inside = [], []
    before = wire.count
    for _ in range(runs):
        wire.seconds = 0.0
        start = time.perf_counter()
        call()
        totals.append((time.perf_counter() - start) * 1000)
        inside.append(wire.seconds * 1000)
    return {
        "operation": name,
        "commands": (wire.count - before) // runs,
        "total_ms": round(statistics.median(totals), 3),
        "wire_ms": round(statistics.median(inside), 3),
    }


def main(arguments: list[str] | None = None) -> int:
    """Measure and print a table, or JSON."""
    parser = argparse.ArgumentParser(description="Time the TPM operations against swtpm.")
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    rows = measure(chosen.runs)
    if chosen.json:
        print(json.dumps(rows))
        return 0
    print(f"{'operation':<30}{'commands':>9}{'total ms':>10}{'of it wire and TPM':>20}")
    for row in rows:
        print(
            f"{row['operation']:<30}{row['commands']:>9}{row['total_ms']:>10}{row['wire_ms']:>20}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
