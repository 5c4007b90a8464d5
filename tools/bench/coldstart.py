"""How long from the start of a process to a verdict, next to what Python itself takes.

    python tools/bench/coldstart.py [--runs N] [--json] [--only NAME]...

Each round starts every contender once, in turn, so that a slow moment of the machine falls on
all of them. The figures are wall-clock milliseconds of whole processes.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence

__all__ = ["Contender", "contenders", "main", "measure"]

# What a program would do by hand with the usual library: one Ed25519 signature, verified.
_BY_HAND = """
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
key, signature, message = map(bytes.fromhex, {values!r})
Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
"""


class Contender:
    """One process to time: its `name`, `argv`, and what its environment has besides ours."""

    def __init__(
        self, name: str, argv: Sequence[str], env: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.argv = list(argv)
        self.env = {**os.environ, **(env or {})}
        # As an installed package is: compiled once, not at each start.
        self.env.pop("PYTHONDONTWRITEBYTECODE", None)

    def run(self) -> float:
        """Run it once; return its wall-clock milliseconds; a failure ends the benchmark."""
        start = time.perf_counter()
        done = subprocess.run(self.argv, env=self.env, capture_output=True, check=False)
        elapsed = (time.perf_counter() - start) * 1000
        if done.returncode:
            words = (done.stderr or done.stdout).decode("utf-8", "replace")
            raise SystemExit(f"{self.name}: exit status {done.returncode}\n{words}")
        return elapsed


def contenders(folder: str) -> list[Contender]:
    """Return what is compared; files that it needs are made in `folder`."""
    by_hand = os.path.join(folder, "by_hand.py")
    with open(by_hand, "w", encoding="utf-8") as file:
        file.write(_BY_HAND.format(values=_signed()))
    return [
        Contender("python -c pass", [sys.executable, "-c", "pass"]),
        Contender("import hwlock", [sys.executable, "-c", "import hwlock"]),
        Contender("cryptography, by hand", [sys.executable, by_hand]),
    ]


def _signed() -> list[str]:
    """Return a fresh public key, signature and message, in hexadecimal."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private, message = Ed25519PrivateKey.generate(), b"a license of the usual size" * 20
    public = private.public_key().public_bytes_raw()
    return [public.hex(), private.sign(message).hex(), message.hex()]


def measure(chosen: Sequence[Contender], runs: int) -> dict[str, list[float]]:
    """Return milliseconds by name: `runs` rounds in turn, after one that warms the caches."""
    times: dict[str, list[float]] = {contender.name: [] for contender in chosen}
    for contender in chosen:
        contender.run()
    for _ in range(runs):
        for contender in chosen:
            times[contender.name].append(contender.run())
    return times


def _figures(times: Mapping[str, list[float]]) -> list[dict[str, float | str]]:
    """Return one row a contender; `over_ms` is the median beyond that of the first."""
    base = statistics.median(next(iter(times.values())))
    rows: list[dict[str, float | str]] = []
    for name, values in times.items():
        low, median, high = statistics.quantiles(values, n=4)
        figures = {
            "median_ms": median,
            "over_ms": median - base,
            "q1_ms": low,
            "q3_ms": high,
            "min_ms": min(values),
            "max_ms": max(values),
        }
        rows.append({"name": name, **{key: round(value, 2) for key, value in figures.items()}})
    return rows


def _machine() -> str:
    return (
        f"{platform.python_implementation()} {platform.python_version()}, "
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs, "
        f"load {os.getloadavg()[0]:.1f}"
    )


def _print(rows: Sequence[Mapping[str, float | str]], runs: int) -> None:
    print(f"{_machine()}; {runs} runs each, in turn; milliseconds\n")
    print(f"{'':28} {'median':>8} {'over':>8} {'q1':>8} {'q3':>8} {'min':>8} {'max':>8}")
    for row in rows:
        figures = " ".join(f"{value:8.1f}" for value in list(row.values())[1:])
        print(f"{row['name']:28} {figures}")


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="From the start of a process to a verdict.")
    parser.add_argument("--runs", type=int, default=30, help="rounds, at least 2 (30)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--only", action="append", metavar="NAME", help="this contender")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Measure, and print a table or an object; return an exit status."""
    options = _arguments(arguments)
    with tempfile.TemporaryDirectory(prefix="hwlock-") as folder:
        chosen = [
            contender
            for contender in contenders(folder)
            if not options.only or contender.name in options.only
        ]
        rows = _figures(measure(chosen, max(options.runs, 2)))
    if options.json:
        print(json.dumps({"machine": _machine(), "runs": options.runs, "results": rows}, indent=2))
    else:
        _print(rows, options.runs)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
