"""Our core next to `cryptography` and, where it is installed, PyNaCl.

    python tools/bench/core.py [--runs N] [--json]

All are called from Python, as programs do, over the same bytes. Each round times every
contender once, in turn, so that a slow moment of the machine falls on all of them. Figures are
microseconds an operation: the fastest round, the median, and the middle half. On a machine that
has other work to do, the fastest is what to compare.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence

from cryptography.hazmat.backends.openssl import backend
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hwlock.crypto import ed25519, p256, sha2

MESSAGE = b"a license of the usual size: " * 10 + b"300 bytes!"
LONG_PARTS = 8
LONG = bytes(1 << 20)
MANY = 64


class Contender:
    """One operation: its `group`, `name`, what runs it, and how many of it a run is."""

    def __init__(self, group: str, name: str, run: Callable[[], object], count: int = 1) -> None:
        self.group = group
        self.name = name
        self.run = run
        self.count = count
        self.repeat = 1
        self.times: list[float] = []

    def calibrate(self, target_s: float) -> None:
        """Choose how often a round runs it, so that it takes about `target_s`."""
        self.run()
        start = time.perf_counter()
        self.run()
        self.repeat = max(1, round(target_s / (time.perf_counter() - start)))

    def round(self) -> None:
        """Time one round; note microseconds an operation."""
        run = self.run
        start = time.perf_counter()
        for _ in range(self.repeat):
            run()
        elapsed = time.perf_counter() - start
        self.times.append(elapsed * 1e6 / self.repeat / self.count)


def _ed25519() -> list[Contender]:
    signer = Ed25519PrivateKey.generate()
    raw, signature = signer.public_key().public_bytes_raw(), signer.sign(MESSAGE)
    key, peer = ed25519.PublicKey(raw), signer.public_key()
    prepared, pairs = key.prepare(), [(signature, MESSAGE)] * MANY
    embedded, read = prepared.to_bytes(), ed25519.PreparedKey.from_bytes
    group = "Ed25519, 300 bytes"
    shown = [
        Contender(
            group,
            "hwlock, key loaded and checked each time",
            lambda: ed25519.PublicKey(raw).verify(signature, MESSAGE),
        ),
        Contender(group, "hwlock, prepared", lambda: prepared.verify(signature, MESSAGE)),
        Contender(group, f"hwlock, {MANY} in a call", lambda: prepared.verify_many(pairs), MANY),
        Contender(group, "hwlock, to prepare a key", key.prepare),
        Contender(group, "hwlock, to read a prepared key", lambda: read(embedded, raw)),
        Contender(
            group,
            "cryptography, key loaded each time",
            lambda: Ed25519PublicKey.from_public_bytes(raw).verify(signature, MESSAGE),
        ),
        Contender(group, "cryptography, key kept", lambda: peer.verify(signature, MESSAGE)),
    ]
    try:
        from nacl.signing import VerifyKey
    except ImportError:
        return shown
    nacl = VerifyKey(raw)
    shown.append(Contender(group, "PyNaCl, key kept", lambda: nacl.verify(MESSAGE, signature)))
    return shown


def _p256() -> list[Contender]:
    signer = ec.generate_private_key(ec.SECP256R1())
    algorithm = ec.ECDSA(hashes.SHA256())
    der, peer = signer.sign(MESSAGE, algorithm), signer.public_key()
    numbers = peer.public_numbers()
    raw = numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
    signature, prepared = p256.signature_from_der(der), p256.PublicKey(raw).prepare()
    embedded, read = prepared.to_bytes(), p256.PreparedKey.from_bytes
    pairs, group = [(signature, MESSAGE)] * MANY, "P-256, 300 bytes"
    return [
        Contender(
            group,
            "hwlock, key loaded and checked each time",
            lambda: p256.PublicKey(raw).verify(signature, MESSAGE),
        ),
        Contender(group, "hwlock, prepared", lambda: prepared.verify(signature, MESSAGE)),
        Contender(group, f"hwlock, {MANY} in a call", lambda: prepared.verify_many(pairs), MANY),
        Contender(group, "hwlock, to prepare a key", lambda: p256.PublicKey(raw).prepare()),
        Contender(group, "hwlock, to read a prepared key", lambda: read(embedded, raw)),
        Contender(group, "cryptography, key kept", lambda: peer.verify(der, MESSAGE, algorithm)),
    ]


def _sha256() -> list[Contender]:
    parts = [LONG[i::LONG_PARTS] for i in range(LONG_PARTS)]
    many = Contender(
        "SHA-256, 1 MiB",
        f"hwlock, as {LONG_PARTS} messages in a call",
        lambda: sha2.sha256_many(parts),
    )
    return [
        many,
        *(
            Contender(group, name, lambda data=data, run=run: run(data))  # type: ignore[misc]
            for group, data in (("SHA-256, 300 bytes", MESSAGE), ("SHA-256, 1 MiB", LONG))
            for name, run in (
                ("hwlock", sha2.sha256),
                ("hashlib", lambda data: hashlib.sha256(data).digest()),
            )
        ),
    ]


def measure(contenders: Sequence[Contender], runs: int) -> None:
    """Time all, `runs` rounds in turn."""
    for contender in contenders:
        contender.calibrate(0.005)
    for _ in range(runs):
        for contender in contenders:
            contender.round()


def machine() -> dict[str, str]:
    """Return what the figures depend on."""
    versions = {"hwlock": "hwlock", "cryptography": "cryptography", "PyNaCl": "PyNaCl"}
    found = {"python": platform.python_version(), "openssl": backend.openssl_version_text()}
    for name, package in versions.items():
        try:
            found[name] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    return {"cpu": _cpu(), "system": platform.platform(), **found}


def _cpu() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [line.partition(":")[2].strip() for line in file if line.startswith("model na")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()


def rows(contenders: Sequence[Contender]) -> list[dict[str, object]]:
    """Return one row for each contender: microseconds, median and quartiles."""
    shown: list[dict[str, object]] = []
    for contender in contenders:
        low, median, high = statistics.quantiles(contender.times, n=4)
        shown.append(
            {
                "group": contender.group,
                "name": contender.name,
                "fastest_us": round(min(contender.times), 2),
                "median_us": round(median, 2),
                "quartiles_us": [round(low, 2), round(high, 2)],
            }
        )
    return shown


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=50, help="rounds, at least 2 (50)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(argv)
    contenders = [*_ed25519(), *_p256(), *_sha256()]
    measure(contenders, max(2, options.runs))
    told, found = machine(), rows(contenders)
    if options.json:
        print(json.dumps({"machine": told, "runs": options.runs, "results": found}, indent=2))
        return 0
    for name, value in told.items():
        print(f"{name:13} {value}")
    print(f"{'rounds':13} {options.runs}\n")
    print(f"{'microseconds an operation':58} {'fastest':>8} {'median':>8}  middle half")
    for row in found:
        quartiles = row["quartiles_us"]
        assert isinstance(quartiles, list)
        title = f"{row['group']}: {row['name']}"
        times = f"{row['fastest_us']:>8} {row['median_us']:>8}"
        print(f"{title:58} {times}  {quartiles[0]} to {quartiles[1]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
