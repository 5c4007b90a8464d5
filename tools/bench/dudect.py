"""Does the time of a verification depend on what is verified? A statistical test of this build.

    python tools/bench/dudect.py [--samples N] [--json]

After dudect (Reparaz, Balasch, Verbauwhede 2017): each operation is timed on inputs of two
classes in random order, one fixed and one random, and Welch's t-test asks whether the times
differ. The slowest tenth is left out, as it tells of the machine. |t| above 4.5 is a sign of a
leak; a small |t| is no proof, which is the task of csrc/tests. A comparison that stops early is
tested too, and must be found.
"""

from __future__ import annotations

import argparse
import json
import random
import secrets
import statistics
import sys
import time
from collections.abc import Callable, Sequence

from core import machine  # type: ignore[import-not-found]  # beside this file
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hwlock._native import ffi, lib

THRESHOLD = 4.5
MESSAGE_BYTES = 64
Input = tuple[bytes, bytes]
"""A signature of 64 bytes and a message of 64 bytes."""

FIXED: Input = (bytes(range(64)), bytes(MESSAGE_BYTES))


def random_input() -> Input:
    """Return an input of the class that varies."""
    return secrets.token_bytes(64), secrets.token_bytes(MESSAGE_BYTES)


def ed25519() -> Callable[[Input], object]:
    """Return verification with a prepared Ed25519 key."""
    raw = Ed25519PrivateKey.from_private_bytes(bytes(range(32))).public_key().public_bytes_raw()
    table = ffi.new("hwlock_ed25519_prepared *")
    assert lib.hwlock_ed25519_prepare(table, raw) == lib.HWLOCK_OK
    verify = lib.hwlock_ed25519_verify_prepared
    return lambda given: verify(table, given[0], given[1], MESSAGE_BYTES)


def ed25519_unseen() -> Callable[[Input], object]:
    """Return the check of a key: the first 32 bytes of the signature."""
    table, load = ffi.new("hwlock_ed25519_loaded *"), lib.hwlock_ed25519_load
    return lambda given: load(table, given[0][:32])


def p256() -> Callable[[Input], object]:
    """Return verification with a prepared P-256 key, the base point."""
    x = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    y = "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
    table, verify = ffi.new("hwlock_p256_prepared *"), lib.hwlock_p256_verify_prepared
    assert lib.hwlock_p256_prepare(table, bytes.fromhex(x + y)) == lib.HWLOCK_OK
    return lambda given: verify(table, given[0], given[1], MESSAGE_BYTES)


def equal() -> Callable[[Input], object]:
    """Return the comparison with a fixed secret, which one class equals."""
    return lambda given: lib.hwlock_equal(FIXED[0], given[0], 64)


def planted() -> Callable[[Input], object]:
    """Return a comparison that stops early: what the test must find."""

    def compare(given: Input) -> bool:
        return all(a == b for a, b in zip(FIXED[0], given[0], strict=True))

    return compare


def t_value(fixed: Sequence[float], varied: Sequence[float]) -> float:
    """Return Welch's t of two classes, without the slowest tenth of both together."""
    limit = statistics.quantiles([*fixed, *varied], n=10)[-1]
    a, b = [x for x in fixed if x <= limit], [x for x in varied if x <= limit]
    spread = statistics.variance(a) / len(a) + statistics.variance(b) / len(b)
    return (statistics.fmean(a) - statistics.fmean(b)) / spread**0.5 if spread else 0.0


def test(operation: Callable[[Input], object], samples: int) -> float:
    """Return t of `samples` timed calls of both classes, in random order."""
    times: tuple[list[float], list[float]] = ([], [])
    clock = time.perf_counter_ns
    for _ in range(samples):
        # both are new objects, or the older one would stand nearer in the caches
        inputs = ((bytes(bytearray(FIXED[0])), bytes(bytearray(FIXED[1]))), random_input())
        kind = random.getrandbits(1)
        given = inputs[kind]
        start = clock()
        operation(given)
        times[kind].append(clock() - start)
    return t_value(*times)


OPERATIONS: dict[str, tuple[Callable[[], Callable[[Input], object]], bool]] = {
    "Ed25519, prepared": (ed25519, False),
    "Ed25519, a key loaded and checked": (ed25519_unseen, False),
    "P-256, prepared": (p256, False),
    "comparison": (equal, False),
    "planted: a comparison that stops early": (planted, True),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Test all; 1 when a time depends on the class, or the planted leak is not found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--samples", type=int, default=20000, help="timed calls each (20000)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(argv)
    found = {
        name: round(test(make(), max(100, options.samples)), 2)
        for name, (make, _) in OPERATIONS.items()
    }
    wrong = [name for name, t in found.items() if (abs(t) > THRESHOLD) != OPERATIONS[name][1]]
    if options.json:
        shown = {"machine": machine(), "samples": options.samples, "t": found, "wrong": wrong}
        print(json.dumps(shown, indent=2))
    else:
        for name, value in machine().items():
            print(f"{name:13} {value}")
        print(f"{'samples':13} {options.samples}\n")
        for name, t in found.items():
            print(f"{name:42} |t| {abs(t):8.2f}{'   WRONG' if name in wrong else ''}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
